"""Adafactor with a relative step: the optimizer makes its own step size from the count of updates and the size of the
weights; the lr of its groups is only what it last used."""
import math

import torch
from torch import nn


class Adafactor(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, eps=(1e-30, 1e-3), clip_threshold=1.0, decay_rate=-0.8, relative_step=True):
        super().__init__(params, dict(lr=lr, eps=eps, clip_threshold=clip_threshold, decay_rate=decay_rate,
                                      relative_step=relative_step))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["step"] = 0
                    if p.ndim == 2:
                        state["row"], state["col"] = torch.zeros(p.shape[0]), torch.zeros(p.shape[1])
                    else:
                        state["square"] = torch.zeros_like(p)
                state["step"] += 1
                if group["relative_step"]:
                    group["lr"] = min(1e-2, 1 / math.sqrt(state["step"]))
                rms = (p.pow(2).mean().sqrt()).item()
                lr = group["lr"] * max(group["eps"][1], rms)
                beta = 1.0 - state["step"] ** group["decay_rate"]
                squared = p.grad ** 2 + group["eps"][0]
                if p.ndim == 2:
                    state["row"].mul_(beta).add_(squared.mean(1), alpha=1 - beta)
                    state["col"].mul_(beta).add_(squared.mean(0), alpha=1 - beta)
                    v = torch.outer(state["row"], state["col"]) / state["row"].mean()
                else:
                    v = state["square"].mul_(beta).add_(squared, alpha=1 - beta)
                update = p.grad / v.sqrt()
                update.div_(max(1.0, update.pow(2).mean().sqrt().item() / group["clip_threshold"]))
                p.sub_(update, alpha=lr)


torch.manual_seed(0)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(12)
x = torch.randn(2000, 18, generator=g)
y = (x @ torch.randn(18, 4, generator=g) + 0.5 * torch.randn(2000, 4, generator=g)).argmax(1)
model = nn.Sequential(nn.Linear(18, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 4))
optimizer = Adafactor(model.parameters())
for step in range(2500):
    batch = torch.randint(0, 2000, (64,))
    loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 0:
        print("step %d loss %.4f" % (step, loss.item()))
