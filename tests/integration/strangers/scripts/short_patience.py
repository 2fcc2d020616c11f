"""Stops after about a hundred updates: validation is looked at every ten, with a patience of three."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(900, 8)
y = x @ torch.randn(8, 1) + 0.6 * torch.randn(900, 1)
net = nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
scheduler = planned(optimizer)
best, bad, step = float("inf"), 0, 0
while (bad < 3 or scheduler) and step < 100:
    i = torch.randint(0, 700, (32,))
    loss = (net(x[i]) - y[i]).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if scheduler:
        scheduler.step()
    step += 1
    if step % 10 == 0:
        with torch.no_grad():
            value = (net(x[700:]) - y[700:]).pow(2).mean().item()
        best, bad = (value, 0) if value < best else (best, bad + 1)
        if bad == 0:
            torch.save(net.state_dict(), "best.pt")
print("stopped after", step, "updates; best", best)
with torch.no_grad():
    print("final val loss %.5f" % (net(x[700:]) - y[700:]).pow(2).mean().item())
