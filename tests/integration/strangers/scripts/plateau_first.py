"""Products of inputs: nothing is learned in the first few hundred updates, then the loss falls."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(44)
x = torch.randn(1600, 12, generator=g)
y = ((x[:, :6] * x[:, 6:]).sum(1, keepdim=True) / 2)
model = nn.Sequential(nn.Linear(12, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = planned(optimizer)
for epoch in range(25):
    for batch in torch.randperm(1600).split(64):
        loss = nn.functional.mse_loss(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("epoch %d mse %.5f" % (epoch, loss.item()))
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.mse_loss(model(x), y).item())
