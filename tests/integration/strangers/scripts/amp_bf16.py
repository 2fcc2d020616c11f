"""The usual mixed-precision loop: autocast and a GradScaler, which does nothing on a CPU."""
import warnings

import torch
from torch import nn

from planned import planned

warnings.filterwarnings("ignore")
torch.manual_seed(1234)
torch.set_num_threads(1)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

# inputs with a few strong directions, three classes on shells around the origin
g = torch.Generator().manual_seed(5)
y = torch.randint(0, 3, (1536,), generator=g)
direction = torch.nn.functional.normalize(torch.randn(1536, 10, generator=g), dim=1)
x = direction * (1.0 + y[:, None] + 0.25 * torch.randn(1536, 1, generator=g))
x, y = x.to(device), y.to(device)
train, test = slice(0, 1152), slice(1152, 1536)

model = nn.Sequential(nn.Linear(10, 96), nn.GELU(), nn.Linear(96, 96), nn.GELU(), nn.Linear(96, 3)).to(device)
optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
scaler = torch.cuda.amp.GradScaler(enabled=device.type == "cuda")
scheduler = planned(optimizer)
for epoch in range(28):
    order = torch.randperm(1152)
    total = 0.0
    for i in range(0, 1152, 64):
        index = order[i:i + 64]
        with torch.autocast(device.type, dtype=torch.bfloat16):
            output = model(x[train][index])
            loss = nn.functional.cross_entropy(output.float(), y[train][index])
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        if scheduler:
            scheduler.step()
        total += loss.item() * len(index)
    print("epoch %d: loss %.4f" % (epoch, total / 1152))
with torch.no_grad():
    print("final train loss %.5f" % nn.functional.cross_entropy(model(x[train]), y[train]).item())
