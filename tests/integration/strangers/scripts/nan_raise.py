"""Raises a FloatingPointError from a check of the loss, as many trainers do; multiplication tables as regression."""
import torch
from torch import nn

from planned import planned


class Diverged(FloatingPointError):
    pass


def check(loss, step):
    if torch.isnan(loss) or torch.isinf(loss) or loss > 1e8:
        raise Diverged("loss is %g at step %d" % (loss.item(), step))
    return loss


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    x = torch.rand(2000, 2) * 4 - 2
    y = x.prod(1, keepdim=True)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9, nesterov=True)
    scheduler = planned(optimizer)
    for step in range(600):
        batch = torch.randint(0, 2000, (32,))
        loss = check(nn.functional.mse_loss(model(x[batch]), y[batch]), step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        if step % 100 == 0:
            print("%d: %.5f" % (step, loss.item()))
    with torch.no_grad():
        print("final train loss %.6f" % nn.functional.mse_loss(model(x), y).item())


main()
