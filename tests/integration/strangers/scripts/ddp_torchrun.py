"""DistributedDataParallel, started by torchrun with two ranks over gloo; rank 0 prints and saves."""
import os

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel as DDP
from torch.utils.data import DataLoader, TensorDataset
from torch.utils.data.distributed import DistributedSampler

from planned import planned


def dataset():
    g = torch.Generator().manual_seed(0)
    x = torch.randn(2048, 16, generator=g)
    hidden = torch.tanh(x @ torch.randn(16, 12, generator=g))
    y = (hidden @ torch.randn(12, 5, generator=g) + 0.3 * torch.randn(2048, 5, generator=g)).argmax(1)
    return x, y


def main():
    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank = dist.get_rank()
    torch.manual_seed(0)
    x, y = dataset()
    train = TensorDataset(x[:1600], y[:1600])
    sampler = DistributedSampler(train, shuffle=True)
    loader = DataLoader(train, batch_size=32, sampler=sampler)
    model = DDP(nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 5)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    scheduler = planned(optimizer)
    for epoch in range(16):
        sampler.set_epoch(epoch)
        for bx, by in loader:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(bx), by)
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
        if rank == 0:
            print("epoch %d loss %.4f" % (epoch, loss.item()), flush=True)
            torch.save(model.module.state_dict(), "ddp_model.pt")
        dist.barrier()
    if rank == 0:
        with torch.no_grad():
            accuracy = (model.module(x[1600:]).argmax(1) == y[1600:]).float().mean().item()
        print("final val accuracy %.4f" % accuracy)
    dist.destroy_process_group()


if __name__ == "__main__":
    os.environ.setdefault("USE_LIBUV", "0")
    main()
