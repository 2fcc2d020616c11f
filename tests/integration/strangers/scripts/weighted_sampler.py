"""Rare classes drawn as often as the others (WeightedRandomSampler); balanced accuracy is what counts."""
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

from planned import planned

torch.manual_seed(100)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(100)
counts = [1500, 300, 80, 30]
centres = torch.randn(4, 3, 14, generator=g)
xs, ys = [], []
for k, n in enumerate(counts):
    xs.append(centres[k][torch.randint(0, 3, (n,), generator=g)] + 0.9 * torch.randn(n, 14, generator=g))
    ys.append(torch.full((n,), k))
x, y = torch.cat(xs), torch.cat(ys)
test_y = torch.arange(4).repeat(200)
test_x = centres[test_y, torch.randint(0, 3, (800,), generator=g)] + 0.9 * torch.randn(800, 14, generator=g)
weights = 1.0 / torch.bincount(y).float()
sampler = WeightedRandomSampler(weights[y], num_samples=len(y), replacement=True)
loader = DataLoader(TensorDataset(x, y), batch_size=50, sampler=sampler)
model = nn.Sequential(nn.Linear(14, 50), nn.ELU(), nn.Dropout(0.2), nn.Linear(50, 50), nn.ELU(), nn.Linear(50, 4))
optimizer = torch.optim.Adagrad(model.parameters(), lr=0.01)
scheduler = planned(optimizer)
for epoch in range(12):
    model.train()
    for bx, by in loader:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(bx), by)
        loss.backward()
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
    model.eval()
    with torch.no_grad():
        right = (model(test_x).argmax(1) == test_y).float().mean().item()
    print("epoch %d loss %.3f balanced accuracy %.3f" % (epoch, loss.item(), right))
print("final val accuracy %.4f" % right)
