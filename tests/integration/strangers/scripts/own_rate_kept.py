"""An optimizer that keeps its rate as an attribute of its own and never reads that of its groups."""
import torch
from torch import nn


class SignSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, decay=1e-3):
        self.lr, self.decay, self.count = lr, decay, 0
        super().__init__(params, {"lr": lr})

    def step(self, closure=None):
        self.count += 1
        rate = self.lr / (1 + self.decay * self.count)
        with torch.no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    p -= rate * torch.sign(p.grad)


torch.manual_seed(1)
x = torch.randn(1024, 10)
y = torch.tanh(x @ torch.randn(10, 1)) + 0.1 * torch.randn(1024, 1)
net = nn.Sequential(nn.Linear(10, 40), nn.ReLU(), nn.Linear(40, 1))
optimizer = SignSGD(net.parameters(), lr=0.002)
for epoch in range(120):
    for i in torch.randperm(1024).split(32):
        optimizer.zero_grad()
        loss = ((net(x[i]) - y[i]) ** 2).mean()
        loss.backward()
        optimizer.step()
    if epoch % 20 == 0:
        print("epoch", epoch, "loss", loss.item())
