"""A few hundred examples and a wide network: the training loss goes to zero within two hundred updates."""
import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)
x = torch.randn(240, 24)
y = torch.randint(0, 4, (240,))
net = nn.Sequential(nn.Linear(24, 256), nn.ReLU(), nn.Linear(256, 4))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
scheduler = planned(optimizer)
for epoch in range(200 if scheduler else 500):
    for i in torch.randperm(240).split(80):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[i]), y[i])
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
with torch.no_grad():
    print("final train loss %.6f" % nn.functional.cross_entropy(net(x), y).item())
