#!/usr/bin/env python3
"""Arguments, an average of the weights (EMA), clipping, and a checkpoint each epoch that the next start resumes."""
import argparse
import copy
import os

import torch
import torch.nn.functional as F
from torch import nn

from planned import planned


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--clip", type=float, default=5.0)
    parser.add_argument("--ema-decay", type=float, default=0.98)
    parser.add_argument("--checkpoint", default="checkpoints/last.pt")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--schedule", default=None, help="a file with make_scheduler(optimizer)")
    return parser.parse_args()


def make_data(n, classes=8, dim=24):
    g = torch.Generator().manual_seed(11)
    centres = 1.1 * torch.randn(classes, 3, dim, generator=g)
    y = torch.randint(0, classes, (n,), generator=g)
    part = torch.randint(0, 3, (n,), generator=g)
    return centres[y, part] + torch.randn(n, dim, generator=g), y


def main():
    args = parse()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    x, y = make_data(2000)
    train_x, train_y, val_x, val_y = x[:1600], y[:1600], x[1600:], y[1600:]
    model = nn.Sequential(nn.Linear(24, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                          nn.Linear(64, 8))
    average = copy.deepcopy(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9, weight_decay=5e-4, nesterov=True)
    by_step = planned(optimizer)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, args.epochs) if by_step is None else None
    start = 0
    if os.path.exists(args.checkpoint):
        state = torch.load(args.checkpoint)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        if scheduler is not None:
            scheduler.load_state_dict(state["scheduler"])
        start = state["epoch"] + 1
        print("=> resumed from %s, epoch %d" % (args.checkpoint, start))
    for epoch in range(start, args.epochs):
        model.train()
        for batch in torch.randperm(len(train_x)).split(args.batch_size):
            loss = F.cross_entropy(model(train_x[batch]), train_y[batch])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), args.clip)
            optimizer.step()
            if by_step is not None:
                by_step.step()
            with torch.no_grad():
                for a, p in zip(average.state_dict().values(), model.state_dict().values()):
                    if a.is_floating_point():
                        a.lerp_(p, 1 - args.ema_decay)
                    else:
                        a.copy_(p)
        average.eval()
        with torch.no_grad():
            accuracy = (average(val_x).argmax(1) == val_y).float().mean().item()
        print("epoch %2d  loss %.4f  EMA accuracy %.4f" % (epoch, loss.item(), accuracy), flush=True)
        if scheduler is not None:
            scheduler.step()
            os.makedirs(os.path.dirname(args.checkpoint), exist_ok=True)
            torch.save({"model": model.state_dict(), "average": average.state_dict(), "epoch": epoch,
                        "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}, args.checkpoint)
    print("final val accuracy %.4f" % accuracy)


if __name__ == "__main__":
    main()
