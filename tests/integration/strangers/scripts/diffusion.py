"""Noise prediction (DDPM) on points in the plane, with an average of the weights."""
import math

import torch
from torch import nn

from planned import planned


class Denoiser(nn.Module):
    def __init__(self, width=96):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2 + 16, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU(),
                                 nn.Linear(width, 2))

    def forward(self, x, t):
        f = torch.exp(-math.log(1000) * torch.arange(8) / 8)
        arguments = 100 * t[:, None] * f[None]
        return self.net(torch.cat([x, torch.sin(arguments), torch.cos(arguments)], 1))


class EMA:
    def __init__(self, model, decay=0.99):
        self.decay = decay
        self.shadow = {k: v.clone() for k, v in model.state_dict().items()}

    def update(self, model):
        for k, v in model.state_dict().items():
            self.shadow[k].mul_(self.decay).add_(v, alpha=1 - self.decay)


def moons(n):
    a = math.pi * torch.rand(n)
    upper = torch.rand(n) < 0.5
    x = torch.where(upper, torch.cos(a), 1 - torch.cos(a)) - 0.5
    y = torch.where(upper, torch.sin(a), 0.5 - torch.sin(a)) - 0.25
    return torch.stack([x, y], 1) * 1.5 + 0.03 * torch.randn(n, 2)


def loss_of(model, n, alphas):
    k = torch.randint(0, len(alphas), (n,))
    a = alphas[k][:, None]
    noise = torch.randn(n, 2)
    return nn.functional.mse_loss(model(a.sqrt() * moons(n) + (1 - a).sqrt() * noise, k / len(alphas)), noise)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    alphas = torch.cumprod(1 - torch.linspace(1e-4, 0.08, 100), 0)
    model = Denoiser()
    ema = EMA(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = planned(optimizer)
    for step in range(600):
        loss = loss_of(model, 128, alphas)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
        ema.update(model)
        if step % 100 == 0:
            print(f"[{step:5d}] mse {loss.item():.4f}")
    model.load_state_dict(ema.shadow)
    with torch.no_grad():
        print("final val loss %.5f" % loss_of(model, 8192, alphas).item())


if __name__ == "__main__":
    main()
