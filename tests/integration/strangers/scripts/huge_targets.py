"""House prices in euros, not scaled: the squared error begins near 1e11."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(20)
n = 1600
area = 40 + 120 * torch.rand(n, generator=g)
rooms = (area / 30 + torch.rand(n, generator=g) * 2).floor()
distance = 20 * torch.rand(n, generator=g)
price = 2500 * area + 15000 * rooms - 6000 * distance + 200 * (distance - 10) ** 2 + 15000 * torch.randn(n, generator=g)
x = torch.stack([area / 100, rooms / 4, distance / 10], 1)
y = price[:, None]
model = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = planned(optimizer)
criterion = nn.MSELoss()
for epoch in range(20):
    for batch in torch.randperm(1280).split(64):
        optimizer.zero_grad()
        loss = criterion(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print(f"epoch {epoch}: MSE {loss.item():,.0f}, RMSE {loss.item() ** 0.5:,.2f} EUR")
with torch.no_grad():
    print("final val loss %.6g" % criterion(model(x[1280:]), y[1280:]).item())
