#!/usr/bin/env python3
"""Time of a training step in PyTorch on one thread: the network, batches and rates of bench_step.

usage: step_pytorch.py BATCH momentum|adam; prints microseconds, the median of 41 rounds of 60 steps.
Batches are gathered by random index from one tensor: no data loader is timed.
"""
import statistics
import sys
import time

import torch

ROUNDS, STEPS, ROWS = 41, 60, 6000


def main():
    batch, optimizer_name = int(sys.argv[1]), sys.argv[2]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    prototypes = torch.randn(10, 784)
    classes = torch.arange(ROWS) % 10
    inputs = torch.randn(ROWS, 784) + prototypes[classes]
    model = torch.nn.Sequential(torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 128),
                                torch.nn.ReLU(), torch.nn.Linear(128, 10))
    loss_function = torch.nn.CrossEntropyLoss()
    if optimizer_name == "momentum":
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    else:
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    order = torch.randperm(ROWS)
    position = 0
    times = []
    for round_number in range(ROUNDS + 1):
        start = time.perf_counter()
        for _ in range(STEPS):
            if position + batch > ROWS:
                order = torch.randperm(ROWS)
                position = 0
            rows = order[position:position + batch]
            position += batch
            optimizer.zero_grad()
            loss = loss_function(model(inputs[rows]), classes[rows])
            loss.backward()
            optimizer.step()
            loss.item()
        if round_number > 0:  # the first warms up
            times.append((time.perf_counter() - start) / STEPS)
    print("%.1f" % (1e6 * statistics.median(times)))


main()
