"""A physics-like fit by L-BFGS: the closure clears gradients, evaluates and back-propagates."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(4)
torch.set_num_threads(1)
t = torch.linspace(0, 1, 200)[:, None]
observed = torch.exp(-2 * t) * torch.cos(12 * t) + 0.02 * torch.randn(200, 1, generator=torch.Generator().manual_seed(0))
model = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.1, max_iter=1, history_size=10)
scheduler = planned(optimizer)
for step in range(600):
    def closure():
        optimizer.zero_grad()
        loss = ((model(t) - observed) ** 2).mean()
        loss.backward()
        return loss
    loss = optimizer.step(closure)
    if scheduler:
        scheduler.step()
    if step % 50 == 0:
        print(step, float(loss))
with torch.no_grad():
    print("final train loss %.6g" % ((model(t) - observed) ** 2).mean().item())
