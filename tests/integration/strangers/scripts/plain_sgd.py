"""SGD without momentum, as in a first lesson."""
import torch
import torch.nn as nn

from planned import planned

torch.manual_seed(10)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(10)
x = torch.randn(1600, 20, generator=g)
y = (torch.relu(x @ torch.randn(20, 16, generator=g)) @ torch.randn(16, 5, generator=g)
     + 0.8 * torch.randn(1600, 5, generator=g)).argmax(1)
net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 5))
loss_function = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scheduler = planned(optimizer)
for epoch in range(24):
    for batch in torch.randperm(1600).split(64):
        prediction = net(x[batch])
        loss = loss_function(prediction, y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    print("final train loss %.5f" % loss_function(net(x), y).item())
