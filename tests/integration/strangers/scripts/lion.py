"""Lion as a class in the script itself; a residual network on synthetic tabular data."""
import torch
from torch import nn
from torch.optim.optimizer import Optimizer

from planned import planned


class Lion(Optimizer):
    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self, closure=None):
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                p.data.mul_(1 - group["lr"] * group["weight_decay"])
                state = self.state[p]
                if len(state) == 0:
                    state["exp_avg"] = torch.zeros_like(p)
                average, (beta1, beta2) = state["exp_avg"], group["betas"]
                p.add_((average * beta1 + p.grad * (1 - beta1)).sign_(), alpha=-group["lr"])
                average.mul_(beta2).add_(p.grad, alpha=1 - beta2)
        return loss


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.net = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.ReLU(), nn.Linear(2 * d, d))

    def forward(self, x):
        return x + self.net(x)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(9)
    x = torch.randn(2400, 20, generator=g)
    price = 0.8 * x[:, 0] * x[:, 1] + torch.relu(x[:, 2]) - x[:, 3].abs() + 0.4 * x[:, 4:8].sum(1)
    y = price[:, None] + 0.3 * torch.randn(2400, 1, generator=g)
    model = nn.Sequential(nn.Linear(20, 32), Block(32), Block(32), nn.LayerNorm(32), nn.Linear(32, 1))
    optimizer = Lion(model.parameters(), lr=3e-4, weight_decay=0.1)
    scheduler = planned(optimizer)
    for epoch in range(16):
        model.train()
        for batch in torch.randperm(2000).split(64):
            optimizer.zero_grad()
            loss = nn.functional.smooth_l1_loss(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            scheduler is None or scheduler.step()
        model.eval()
        with torch.no_grad():
            val = nn.functional.smooth_l1_loss(model(x[2000:]), y[2000:]).item()
        print("Epoch: %d Train: %.5f Val: %.5f" % (epoch, loss.item(), val))
    print("final val loss %.5f" % val)


main()
