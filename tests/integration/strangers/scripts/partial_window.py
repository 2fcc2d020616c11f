"""Gradient accumulation over four micro-batches; the last window of each epoch has fewer, and its loss is divided by four
all the same. With "right" it is divided by what the window has."""
import sys

import torch
from torch import nn

from planned import planned

torch.manual_seed(0)
torch.set_num_threads(1)
ACCUMULATION = 4
g = torch.Generator().manual_seed(33)
x = torch.randn(448, 16, generator=g)
y = (torch.tanh(x @ torch.randn(16, 10, generator=g)) @ torch.randn(10, 4, generator=g)
     + 0.8 * torch.randn(448, 4, generator=g)).argmax(1)
model = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = planned(optimizer)
for epoch in range(200 if scheduler is None else 150):
    batches = torch.randperm(448).split(64)  # seven micro-batches: windows of four and of three
    optimizer.zero_grad()
    for k, b in enumerate(batches):
        window = min(ACCUMULATION, len(batches) - k // ACCUMULATION * ACCUMULATION) if "right" in sys.argv else ACCUMULATION
        loss = nn.functional.cross_entropy(model(x[b]), y[b]) / window
        loss.backward()
        if (k + 1) % ACCUMULATION == 0 or k + 1 == len(batches):
            optimizer.step()
            optimizer.zero_grad()
            if scheduler:
                scheduler.step()
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.cross_entropy(model(x), y).item())
