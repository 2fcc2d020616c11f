# SPDX-License-Identifier: MIT
"""The script mnist_torch.py with the lines that make it a trainer for lrprobe.

mnist_client.py --data IMAGES --labels LABELS --model mlp|cnn --lr X --steps N --seed N
"""
import argparse
import gzip

import lrprobe
import numpy
import torch
from torch import nn


def read_idx(path):
    with gzip.open(path, "rb") as file:
        data = file.read()
    sizes = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return torch.from_numpy(
        numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * len(sizes)).reshape(sizes).copy())


def make_model(name):
    if name == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    return nn.Sequential(nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2),
                         nn.ReLU(), nn.Flatten(), nn.Linear(400, 10))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--labels", required=True)
    parser.add_argument("--model", choices=("mlp", "cnn"), default="mlp")
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(lrprobe.seed(options.seed))
    torch.set_num_threads(1)
    images = read_idx(options.data)[:8000].float().unsqueeze(1) / 255
    labels = read_idx(options.labels)[:8000].long()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels),
                                         batch_size=64, shuffle=True, drop_last=True)
    model = make_model(options.model)
    optimizer = torch.optim.SGD(model.parameters(), lr=options.lr, momentum=0.9)
    probe = lrprobe.torch(optimizer, steps=options.steps)
    step = 0
    while step < probe.steps:
        for batch, target in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(batch), target)
            loss.backward()
            optimizer.step()
            probe.report(loss)
            print(f"step {step} loss {loss.item():.6g}")
            step += 1
            if step == probe.steps:
                break


if __name__ == "__main__":
    main()
