"""An optimizer with one fused update over all tensors (torch._foreach), and a train step that does everything at once."""
import torch
from torch import nn

from planned import planned


class ForeachAdamW(torch.optim.Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, betas=betas, eps=eps, weight_decay=weight_decay))
        self.t = 0

    @torch.no_grad()
    def step(self, closure=None):
        self.t += 1
        for group in self.param_groups:
            ps = [p for p in group["params"] if p.grad is not None]
            gs = [p.grad for p in ps]
            if "m" not in self.state[ps[0]]:
                for p in ps:
                    self.state[p].update(m=torch.zeros_like(p), v=torch.zeros_like(p))
            ms, vs = [self.state[p]["m"] for p in ps], [self.state[p]["v"] for p in ps]
            b1, b2 = group["betas"]
            torch._foreach_mul_(ps, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_mul_(ms, b1)
            torch._foreach_add_(ms, gs, alpha=1 - b1)
            torch._foreach_mul_(vs, b2)
            torch._foreach_addcmul_(vs, gs, gs, 1 - b2)
            denominators = torch._foreach_sqrt(vs)
            torch._foreach_div_(denominators, (1 - b2 ** self.t) ** 0.5)
            torch._foreach_add_(denominators, group["eps"])
            torch._foreach_addcdiv_(ps, ms, denominators, -group["lr"] / (1 - b1 ** self.t))


class Step:
    """loss = step(batch): forward, backward, update, gradients cleared."""

    def __init__(self, model, optimizer, scheduler):
        self.model, self.optimizer, self.scheduler = model, optimizer, scheduler

    def __call__(self, x, y):
        loss = nn.functional.cross_entropy(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if self.scheduler:
            self.scheduler.step()
        return loss.detach()


torch.manual_seed(8)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(8)
bits = torch.randint(0, 2, (4000, 10), generator=g)
label = (bits[:, 0] + bits[:, 1] + bits[:, 2]) % 2 + 2 * ((bits[:, 3] & bits[:, 4]) | bits[:, 5])
x = 2.0 * bits - 1 + 0.3 * torch.randn(4000, 10, generator=g)
model = nn.Sequential(nn.Linear(10, 80), nn.SiLU(), nn.Linear(80, 80), nn.SiLU(), nn.Linear(80, 4))
optimizer = ForeachAdamW(model.parameters())
step = Step(model, optimizer, planned(optimizer))
for k in range(500):
    b = torch.randint(0, 4000, (64,))
    loss = step(x[b], label[b])
    if k % 100 == 0:
        print(f"{k:4d} {loss:.4f}")
with torch.no_grad():
    print("final train loss %.6f" % nn.functional.cross_entropy(model(x), label).item())
