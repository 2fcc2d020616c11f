"""Stochastic weight averaging in the last third, with PyTorch's own tools."""
import torch
from torch import nn
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset

from planned import planned

torch.set_num_threads(1)
torch.manual_seed(31)
g = torch.Generator().manual_seed(31)
angle = torch.rand(2400, generator=g) * 12
label = torch.randint(0, 3, (2400,), generator=g)
radius = angle / 12 + 0.02 * torch.randn(2400, generator=g)
turn = angle + label * 2.0944
points = torch.stack([radius * torch.cos(turn), radius * torch.sin(turn)], 1)
train_loader = DataLoader(TensorDataset(points[:1920], label[:1920]), batch_size=64, shuffle=True)
model = nn.Sequential(nn.Linear(2, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 64), nn.BatchNorm1d(64),
                      nn.ReLU(), nn.Linear(64, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
by_step = planned(optimizer)
swa_model = AveragedModel(model)
scheduler = None if by_step else torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=25)
swa_scheduler = None if by_step else SWALR(optimizer, swa_lr=0.05)
for epoch in range(25):
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        if by_step:
            by_step.step()
    if epoch >= 18:
        swa_model.update_parameters(model)
        if swa_scheduler:
            swa_scheduler.step()
    elif scheduler:
        scheduler.step()
    print("epoch", epoch, "loss", loss.item())
update_bn(train_loader, swa_model)
swa_model.eval()
with torch.no_grad():
    print("final val accuracy %.4f" % (swa_model(points[1920:]).argmax(1) == label[1920:]).float().mean().item())
