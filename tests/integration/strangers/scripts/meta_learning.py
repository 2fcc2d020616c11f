"""MAML on sine waves: an inner step by torch.autograd.grad on functional weights, an outer Adam over tasks."""
import math

import torch

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)


def weights():
    shapes = [(1, 40), (40,), (40, 40), (40,), (40, 1), (1,)]
    return [(torch.randn(s) * (2 / s[0]) ** 0.5 if len(s) == 2 else torch.zeros(s)).requires_grad_() for s in shapes]


def net(w, x):
    x = torch.relu(x @ w[0] + w[1])
    x = torch.relu(x @ w[2] + w[3])
    return x @ w[4] + w[5]


def task():
    amplitude, phase = 0.5 + 2 * torch.rand(1), math.pi * torch.rand(1)
    x = torch.rand(20, 1) * 6 - 3
    return x, amplitude * torch.sin(x + phase)


def adapted_loss(w, inner_lr=0.02):
    x, y = task()
    support = ((net(w, x[:10]) - y[:10]) ** 2).mean()
    fast = [p - inner_lr * g for p, g in zip(w, torch.autograd.grad(support, w, create_graph=True))]
    return ((net(fast, x[10:]) - y[10:]) ** 2).mean()


meta = weights()
outer = torch.optim.Adam(meta, lr=1e-3)
scheduler = planned(outer)
recent = []
for iteration in range(400):
    loss = sum(adapted_loss(meta) for _ in range(4)) / 4
    outer.zero_grad()
    loss.backward()
    outer.step()
    if scheduler:
        scheduler.step()
    recent.append(loss.item())
    if iteration % 50 == 0:
        print("meta-iteration", iteration, "query loss", round(recent[-1], 4))
print("final train loss %.5f" % (sum(recent[-80:]) / 80))
