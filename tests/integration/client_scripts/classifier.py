# SPDX-License-Identifier: MIT
"""usage: classifier.py client|plain mlp|cnn sgd|adam [STEPS]: the same training with the client's lines and without them.
The scripts of torch_client.py and of torch_sweep.py; data from $MNIST where it is set, else made up."""
import gzip
import os
import struct
import sys

import torch
from torch import nn

how, kind, optimizer_name = sys.argv[1:4]
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 10**6
if how == "client":
    import lrprobe


def read_idx(path, items):
    """The first items of an IDX file of bytes."""
    with gzip.open(path) as file:
        dimensions = struct.unpack(">4B", file.read(4))[3]
        shape = struct.unpack(">%dI" % dimensions, file.read(4 * dimensions))
        size = 1
        for extent in shape[1:]:
            size *= extent
        data = bytearray(file.read(items * size))
    return torch.frombuffer(data, dtype=torch.uint8).view(items, *shape[1:])


def load():
    if os.environ.get("MNIST"):
        x = read_idx(os.path.join(os.environ["MNIST"], "train-images-idx3-ubyte.gz"), 20000).float() / 255
        return x.unsqueeze(1), read_idx(os.path.join(os.environ["MNIST"], "train-labels-idx1-ubyte.gz"), 20000).long()
    generator = torch.Generator().manual_seed(1)
    y = torch.randint(10, (1000,), generator=generator)
    shapes = torch.rand(10, 1, 28, 28, generator=generator)
    return shapes[y] + 0.5 * torch.randn(1000, 1, 28, 28, generator=generator), y


x, y = load()
torch.manual_seed(lrprobe.seed(0) if how == "client" else 0)
if kind == "mlp":
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    for layer in model[1::2]:  # the same model as mlp:128,64 of lrprobe: weights by He et al. and by Glorot and Bengio
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        nn.init.zeros_(layer.bias)
    nn.init.xavier_uniform_(model[-1].weight)
else:
    model = nn.Sequential(nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU(), nn.Flatten(),
                          nn.Linear(400, 10))
if optimizer_name == "sgd":
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
else:
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
if how == "client":
    probe = lrprobe.torch(optimizer)
for _ in range(steps):
    rows = torch.randint(len(x), (64,))
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
    loss.backward()
    optimizer.step()
    if how == "client":
        probe.report(loss)
