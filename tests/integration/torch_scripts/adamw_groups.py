# SPDX-License-Identifier: MIT
# A slow backbone, a fast head, a frozen group, and one that is added later.
import observe
import torch

torch.manual_seed(14)
model = observe.model()
extra = torch.nn.Parameter(torch.zeros(3))
groups = [{"params": model[0].parameters(), "lr": 1e-5}, {"params": model[2].weight, "lr": 1e-3},
          {"params": model[2].bias, "lr": 0.0}]
optimizer = observe.rates(torch.optim.AdamW(groups, lr=1.0))
bias = model[2].bias.clone()
for step, (x, y) in enumerate(observe.batches()):
    if step == 4:
        optimizer.add_param_group({"params": extra, "lr": 5e-4})
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x) + extra, y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
    assert torch.equal(bias, model[2].bias), "the frozen group was trained"
