"""Two parameter groups at 1 : 50: the first layer sees large inputs and has the small rate."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(44)
x = torch.randn(1600, 12, generator=g)
y = torch.tanh(x @ torch.randn(12, 8, generator=g) / 3) @ torch.randn(8, 1, generator=g)
x = 8 * x
first, rest = nn.Linear(12, 64), nn.Sequential(nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
with torch.no_grad():
    first.weight.div_(8)
base = 0.05
optimizer = torch.optim.SGD([{"params": first.parameters(), "lr": base / 50}, {"params": rest.parameters()}], lr=base,
                            momentum=0.9)
scheduler = planned(optimizer)
for epoch in range(25):
    for batch in torch.randperm(1600).split(64):
        loss = nn.functional.mse_loss(rest(first(x[batch])), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("epoch %d mse %.5f" % (epoch, loss.item()))
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.mse_loss(rest(first(x)), y).item())
