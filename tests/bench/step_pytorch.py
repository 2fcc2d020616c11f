#!/usr/bin/env python3
"""Processor time of a training step in PyTorch on one thread: the models, batches and data of bench_models.

usage: step_pytorch.py MODEL BATCH momentum|adam|sgd [SECONDS]   microseconds, the median of rounds
       step_pytorch.py --table BENCH_MODELS                      both in turns, as a table
Batches are gathered by random index from one tensor: no data loader is timed.
"""
import statistics
import subprocess
import sys
import time

ROWS, ROUNDS = 6000, 3
TABLE = {"mlp:256,128": (16, 32, 128, 512), "cnn:16,32": (16, 32, 128, 512),
         "transformer:layers=2,heads=4,width=64,context=64": (16, 32, 128, 512)}


def mlp(torch):
    nn = torch.nn
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn(torch):
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1),
                         nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 7 * 7, 10))


def transformer(torch, vocabulary=40, layers=2, heads=4, width=64, context=64):
    nn = torch.nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.hidden = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
            self.register_buffer("mask", torch.full((context, context), float("-inf")).triu(1))

        def forward(self, x):
            batch = len(x)
            q, k, v = (part.view(batch, context, heads, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).split(width, 2))
            weights = torch.softmax(q @ k.transpose(2, 3) / (width // heads) ** 0.5 + self.mask, 3)
            x = x + self.out((weights @ v).transpose(1, 2).reshape(batch, context, width))
            return x + self.hidden(self.norm2(x))

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.characters, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
            self.norm, self.outputs = nn.LayerNorm(width), nn.Linear(width, vocabulary)

        def forward(self, x):
            x = self.characters(x) + self.places.weight
            return self.outputs(self.norm(self.blocks(x))).flatten(0, 1)

    return Model()


def measure(name, batch, optimizer_name, seconds):
    import torch
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # else its time for the perceptron grows tenfold when the loss comes near 0
    torch.manual_seed(1)
    kind = name.split(":")[0]
    model = {"mlp": mlp, "cnn": cnn, "transformer": transformer}[kind](torch)
    if kind == "transformer":
        inputs, targets = torch.randint(0, 40, (ROWS, 64)), torch.randint(0, 40, (ROWS, 64))
    else:
        targets = torch.arange(ROWS) % 10
        inputs = torch.randn(ROWS, 1, 28, 28) + torch.randn(10, 1, 28, 28)[targets]
    loss_function = torch.nn.CrossEntropyLoss()
    if optimizer_name == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9 if optimizer_name == "momentum" else 0)
    steps, times, begin = 8 if batch < 64 else 2, [], time.process_time()
    while len(times) < 6 or time.process_time() - begin < seconds:
        start = time.process_time()
        for _ in range(steps):
            rows = torch.randint(0, ROWS, (batch,))
            optimizer.zero_grad()
            loss = loss_function(model(inputs[rows]), targets[rows].flatten())
            loss.backward()
            optimizer.step()
            loss.item()
        times.append((time.process_time() - start) / steps)
    return 1e6 * statistics.median(times[1:])


def table(bench):
    print("| model | batch | optimizer | lrprobe, us | PyTorch, us | times as fast |\n|---|---|---|---|---|---|")
    for model, batches in TABLE.items():
        for batch in batches:
            for optimizer in ("sgd", "momentum", "adam"):
                ours, theirs = [], []
                for _ in range(ROUNDS):
                    for program, times in (([bench], ours), ([sys.executable, __file__], theirs)):
                        out = subprocess.run(program + [model, str(batch), optimizer, "1"], capture_output=True, text=True, check=True)
                        times.append(float(out.stdout))
                print("| %s | %d | %s | %.0f | %.0f | %.2f |" % (
                    model, batch, optimizer, statistics.median(ours), statistics.median(theirs),
                    statistics.median(b / a for a, b in zip(ours, theirs))), flush=True)


if sys.argv[1] == "--table":
    table(sys.argv[2])
else:
    print("%.1f" % measure(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]) if len(sys.argv) > 4 else 2))
