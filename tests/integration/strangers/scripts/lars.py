"""Large batches with LARS: each layer's step is scaled by the ratio of its weights' norm to its gradient's."""
import torch
from torch import nn

from planned import planned


class LARS(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum=0.9, weight_decay=1e-4, trust_coefficient=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay,
                                      trust_coefficient=trust_coefficient))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                d_p = p.grad
                if p.ndim > 1:
                    d_p = d_p.add(p, alpha=group["weight_decay"])
                    w_norm, g_norm = p.norm(), d_p.norm()
                    if w_norm > 0 and g_norm > 0:
                        d_p = d_p * (group["trust_coefficient"] * w_norm / g_norm)
                buffer = self.state[p].setdefault("mu", torch.zeros_like(p))
                buffer.mul_(group["momentum"]).add_(d_p)
                p.add_(buffer, alpha=-group["lr"])


torch.set_num_threads(1)
torch.manual_seed(17)
g = torch.Generator().manual_seed(17)
teacher = nn.Sequential(nn.Linear(32, 24), nn.Tanh(), nn.Linear(24, 10))
for p in teacher.parameters():
    p.data = torch.randn(p.shape, generator=g) * 0.5
x = torch.randn(4096, 32, generator=g)
with torch.no_grad():
    y = (teacher(x) + 0.2 * torch.randn(4096, 10, generator=g)).argmax(1)
x_train, y_train, x_test, y_test = x[:3072], y[:3072], x[3072:], y[3072:]
student = nn.Sequential(nn.Linear(32, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, 10))
opt = LARS(student.parameters(), lr=1.0)
schedule = planned(opt)
for epoch in range(50):
    perm = torch.randperm(3072)
    for k in range(0, 3072, 512):
        b = perm[k:k + 512]
        opt.zero_grad()
        nn.functional.cross_entropy(student(x_train[b]), y_train[b]).backward()
        opt.step()
        if schedule is not None:
            schedule.step()
with torch.no_grad():
    student.train()  # the statistics of the batch, as in training
    print("final train loss %.5f" % nn.functional.cross_entropy(student(x_train), y_train).item())
