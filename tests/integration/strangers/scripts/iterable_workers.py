"""A stream of examples (IterableDataset) that two workers read from shards; steps are counted, not epochs."""
import itertools
import math

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from planned import planned


class Stream(IterableDataset):
    """Windows of noisy waves; the target is the next three values."""

    def __init__(self, length=20, ahead=3):
        self.length, self.ahead = length, ahead

    def __iter__(self):
        info = get_worker_info()
        shard, shards = (info.id, info.num_workers) if info else (0, 1)
        g = torch.Generator().manual_seed(torch.initial_seed() % 2 ** 31)
        for k in itertools.count(shard, shards):
            frequency = 0.2 + 0.8 * torch.rand(1, generator=g).item()
            phase = 2 * math.pi * torch.rand(1, generator=g).item()
            t = torch.arange(self.length + self.ahead, dtype=torch.float32)
            wave = torch.sin(frequency * t + phase) + 0.05 * torch.randn(len(t), generator=g)
            yield wave[:self.length], wave[self.length:]


def main(max_steps=500):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = planned(optimizer)
    loader = DataLoader(Stream(), batch_size=32, num_workers=2)
    tail = []
    for step, (x, y) in enumerate(loader):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        if step % 100 == 0:
            print(f"{step=} loss={loss.item():.4f}")
        if step >= max_steps - 100:
            tail.append(loss.item())
        if step + 1 == max_steps:
            break
    print(f"final train loss {sum(tail) / len(tail):.5f}")


if __name__ == "__main__":
    main()
