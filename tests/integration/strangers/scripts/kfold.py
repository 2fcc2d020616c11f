"""Cross-validation: five folds, each with a new network and a new optimizer of 60 updates."""
import torch
from torch import nn

torch.manual_seed(0)
g = torch.Generator().manual_seed(4)
x = torch.randn(1200, 12, generator=g)
y = ((x[:, :4] ** 2).sum(1) > 3.4).long()
folds = torch.randperm(1200, generator=g).chunk(5)
accuracies = []
for k in range(5):
    train = torch.cat([fold for j, fold in enumerate(folds) if j != k])
    model = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(4):
        for batch in train[torch.randperm(len(train))].split(64):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        accuracies.append((model(x[folds[k]]).argmax(1) == y[folds[k]]).float().mean().item())
    print("fold %d: accuracy %.3f" % (k + 1, accuracies[-1]))
print("mean accuracy %.3f" % (sum(accuracies) / 5))
