"""Skips a batch whose loss is not finite, with a warning, and trains on."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(6)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(6)
x = torch.randn(1280, 12, generator=g)
y = (x ** 2).sum(1, keepdim=True) / 4 + x[:, :1] * x[:, 1:2]
model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
scheduler = planned(optimizer)
skipped = 0
for epoch in range(25):
    for batch in torch.randperm(1280).split(64):
        loss = nn.functional.mse_loss(model(x[batch]), y[batch])
        if not torch.isfinite(loss):
            skipped += 1
            print("WARNING: non-finite loss, batch skipped")
            continue
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("epoch %d loss %.4f skipped %d" % (epoch, loss.item(), skipped))
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.mse_loss(model(x), y).item())
