"""Two processes by torch.multiprocessing.spawn, gradients averaged by DistributedDataParallel."""
import os
import socket

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch import nn

from planned import planned


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def worker(rank, world_size, port):
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = "127.0.0.1", str(port)
    os.environ["USE_LIBUV"] = "0"
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=world_size)
    torch.manual_seed(0)
    x = torch.rand(1600, 2) * 6 - 3
    y = (torch.sin(2 * x[:, :1]) + torch.cos(x[:, 1:]) * x[:, :1] / 2) + 0.05 * torch.randn(1600, 1)
    model = nn.parallel.DistributedDataParallel(
        nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1)))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    scheduler = planned(optimizer)
    torch.manual_seed(100 + rank)
    for step in range(400):
        index = torch.randint(0, 1600, (32,))
        loss = nn.functional.mse_loss(model(x[index]), y[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        if rank == 0 and step % 50 == 0:
            print("step %d | loss %.5f" % (step, loss.item()), flush=True)
    if rank == 0:
        with torch.no_grad():
            print("final train loss %.6f" % nn.functional.mse_loss(model.module(x), y).item(), flush=True)
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    mp.spawn(worker, args=(2, free_port()), nprocs=2, join=True)
