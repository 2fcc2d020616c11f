# SPDX-License-Identifier: MIT
# An optimizer around another (SAM): two backward passes an update, the gradient of the second one is used.
import observe
import torch


class SAM(torch.optim.Optimizer):
    def __init__(self, params, base, rho=0.05, **keywords):
        super().__init__(params, dict(rho=rho, **keywords))
        self.base_optimizer = base(self.param_groups, **keywords)
        self.param_groups = self.base_optimizer.param_groups

    @torch.no_grad()
    def first_step(self):
        for group in self.param_groups:
            for p in group["params"]:
                self.state[p]["moved"] = group["rho"] * p.grad / (p.grad.norm() + 1e-12)
                p.add_(self.state[p]["moved"])
        self.zero_grad()

    @torch.no_grad()
    def second_step(self):
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(self.state[p]["moved"])
        self.base_optimizer.step()
        self.zero_grad()


torch.manual_seed(16)
model = observe.model()
optimizer = SAM(model.parameters(), torch.optim.SGD, lr=0.1, momentum=0.9)
observe.rates(optimizer.base_optimizer)
for x, y in observe.batches():
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.first_step()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.loss(loss)
    optimizer.second_step()
