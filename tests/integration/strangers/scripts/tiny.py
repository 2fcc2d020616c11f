"""A very small data set: six batches, five epochs, thirty updates in all."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
x = torch.randn(180, 8)
y = (x[:, :2].sum(1) + 0.3 * torch.randn(180) > 0).long()
model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
scheduler = planned(optimizer)
for epoch in range(5):
    for b in torch.randperm(180).split(30):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[b]), y[b])
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.cross_entropy(model(x), y).item())
