"""Fine-tuning in two phases: the head alone with a frozen body, then everything with another optimizer."""
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.head = nn.Linear(64, 6)

    def forward(self, x):
        return self.head(self.body(x))


def data():
    g = torch.Generator().manual_seed(8)
    centres = torch.randn(6, 16, generator=g)
    y = torch.randint(0, 6, (1600,), generator=g)
    return centres[y] + 0.9 * torch.randn(1600, 16, generator=g), y


def train(model, optimizer, updates, x, y):
    for k in range(updates):
        batch = torch.randint(0, len(x), (64,))
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
        loss.backward()
        optimizer.step()
    print("after %d updates: loss %.4f" % (updates, loss.item()))


x, y = data()
model = Net()
for p in model.body.parameters():
    p.requires_grad_(False)
train(model, torch.optim.Adam(model.head.parameters(), lr=1e-2), 80, x, y)
for p in model.body.parameters():
    p.requires_grad_(True)
train(model, torch.optim.Adam([{"params": model.body.parameters(), "lr": 1e-4},
                               {"params": model.head.parameters(), "lr": 1e-3}]), 1500, x, y)
