# SPDX-License-Identifier: MIT
# An optimizer of the script's own, and a copy of it that does the work.
import copy

import observe
import torch


class SignDescent(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                before = p.clone()
                p.add_(p.grad.sign(), alpha=-group["lr"])
                moved = (before - p).abs().max()
        observe.tell(rates=[group["lr"] for group in self.param_groups], of="main")
        observe.tell(moved=float(moved))


torch.manual_seed(13)
model = observe.model().double()
optimizer = copy.deepcopy(SignDescent(model.parameters(), lr=0.25))
for group, own in zip(optimizer.param_groups, [list(model.parameters())]):
    group["params"] = own
for x, y in observe.batches():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x.double()), y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
