# SPDX-License-Identifier: MIT
# usage: distributed.py [spawn]: under torchrun, or two processes by torch.multiprocessing.spawn.
import os
import socket
import sys

import observe
import torch
import torch.distributed
import torch.multiprocessing


def train(rank, port):
    if port is None:
        torch.distributed.init_process_group("gloo")
    else:
        torch.distributed.init_process_group("gloo", init_method="tcp://127.0.0.1:%d" % port, rank=rank, world_size=2)
    rank = torch.distributed.get_rank()
    torch.manual_seed(12)
    model = torch.nn.parallel.DistributedDataParallel(observe.model())
    optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1), "rank%d" % rank)
    data = observe.batches()
    torch.manual_seed(100 + rank)
    for x, y in data:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        if rank == 0:
            observe.loss(loss)
        optimizer.step()


if __name__ == "__main__":
    if sys.argv[1:] == ["spawn"]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        torch.multiprocessing.spawn(train, args=(port,), nprocs=2)
    else:
        train(int(os.environ["RANK"]), None)
