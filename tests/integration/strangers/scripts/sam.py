"""Sharpness-aware minimization as its best-known implementation has it: first_step, second_step, two backward passes."""
import torch
from torch import nn

from planned import planned


class SAM(torch.optim.Optimizer):
    def __init__(self, params, base_optimizer, rho=0.05, **kwargs):
        defaults = dict(rho=rho, **kwargs)
        super().__init__(params, defaults)
        self.base_optimizer = base_optimizer(self.param_groups, **kwargs)
        self.param_groups = self.base_optimizer.param_groups
        self.defaults.update(self.base_optimizer.defaults)

    @torch.no_grad()
    def first_step(self, zero_grad=False):
        norm = torch.stack([p.grad.norm(2) for group in self.param_groups for p in group["params"]
                            if p.grad is not None]).norm(2)
        for group in self.param_groups:
            scale = group["rho"] / (norm + 1e-12)
            for p in group["params"]:
                if p.grad is None:
                    continue
                self.state[p]["old_p"] = p.data.clone()
                p.add_(p.grad * scale.to(p))
        if zero_grad:
            self.zero_grad()

    @torch.no_grad()
    def second_step(self, zero_grad=False):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.data = self.state[p]["old_p"]
        self.base_optimizer.step()
        if zero_grad:
            self.zero_grad()


torch.set_num_threads(1)
torch.manual_seed(21)
g = torch.Generator().manual_seed(3)
prototypes = torch.randn(10, 1, 8, 8, generator=g)
y = torch.randint(0, 10, (2000,), generator=g)
x = prototypes[y] + 2.0 * torch.randn(2000, 1, 8, 8, generator=g)
model = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                      nn.Linear(256, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = SAM(model.parameters(), torch.optim.SGD, lr=0.05, momentum=0.9)
scheduler = planned(optimizer.base_optimizer)
for epoch in range(14):
    model.train()
    for batch in torch.randperm(1600).split(64):
        loss = nn.functional.cross_entropy(model(x[batch]), y[batch], label_smoothing=0.05)
        loss.backward()
        optimizer.first_step(zero_grad=True)
        nn.functional.cross_entropy(model(x[batch]), y[batch], label_smoothing=0.05).backward()
        optimizer.second_step(zero_grad=True)
        if scheduler:
            scheduler.step()
    model.eval()
    with torch.no_grad():
        accuracy = (model(x[1600:]).argmax(1) == y[1600:]).float().mean().item()
    print("epoch %2d  train loss %.4f  val accuracy %.4f" % (epoch, loss.item(), accuracy))
print("final val accuracy %.4f" % accuracy)
