"""Regression with an EarlyStopping helper: best.pt is kept, and training stops when validation is no better."""
import torch
import torch.nn as nn

from planned import planned


class EarlyStopping:
    def __init__(self, patience=5, min_delta=1e-3, path="best.pt"):
        self.patience, self.min_delta, self.path = patience, min_delta, path
        self.best, self.counter, self.early_stop = float("inf"), 0, False

    def __call__(self, val_loss, model):
        if val_loss < self.best - self.min_delta:
            self.best, self.counter = val_loss, 0
            torch.save(model.state_dict(), self.path)
        else:
            self.counter += 1
            print(f"EarlyStopping counter: {self.counter} out of {self.patience}")
            self.early_stop = self.counter >= self.patience


def friedman(n, seed):
    g = torch.Generator().manual_seed(seed)
    x = torch.rand(n, 10, generator=g)
    y = 10 * torch.sin(3.14159 * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    return x, ((y + torch.randn(n, generator=g)) / 5 - 2.9)[:, None]


torch.set_num_threads(1)
torch.manual_seed(3)
x, y = friedman(1500, 0)
vx, vy = friedman(500, 1)
net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
sched = planned(opt)
stopper = EarlyStopping(patience=5 if sched is None else 1000)
for epoch in range(24 if sched else 400):
    net.train()
    for idx in torch.randperm(1500).split(60):
        loss = nn.functional.mse_loss(net(x[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        if sched:
            sched.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(vx), vy).item()
    print(f"Epoch {epoch:3d} train {loss.item():.5f} val {val:.5f}")
    stopper(val, net)
    if stopper.early_stop:
        print("Early stopping")
        break
print(f"final val loss {val:.5f}")
