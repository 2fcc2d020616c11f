"""Saves memory: each parameter has its own optimizer, whose step is taken in the backward pass as soon as the gradient of
that parameter is there."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(2)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(1)
x = torch.randn(1800, 15, generator=g)
y = torch.stack([x[:, :5].pow(2).sum(1), x[:, 5:10].pow(2).sum(1), x[:, 10:].pow(2).sum(1)], 1).argmax(1)
model = nn.Sequential(nn.Linear(15, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(),
                      nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
optimizers = {p: torch.optim.SGD([p], lr=0.05, momentum=0.9) for p in model.parameters()}
schedulers = [s for s in map(planned, optimizers.values()) if s is not None]
accumulators = []  # must be kept alive


def hook_of(optimizer):
    def hook(*ignored):
        optimizer.step()
        optimizer.zero_grad()
    return hook


for p, optimizer in optimizers.items():
    if hasattr(p, "register_post_accumulate_grad_hook"):  # PyTorch 2.1 on
        p.register_post_accumulate_grad_hook(hook_of(optimizer))
    else:
        accumulator = p.expand_as(p).grad_fn.next_functions[0][0]
        accumulator.register_hook(hook_of(optimizer))
        accumulators.append(accumulator)

for step in range(600):
    batch = torch.randint(0, 1400, (64,))
    loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
    loss.backward()
    for scheduler in schedulers:
        scheduler.step()
    if step % 100 == 0:
        print("step", step, "loss", round(loss.item(), 4))
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.cross_entropy(model(x[:1400]), y[:1400]).item())
