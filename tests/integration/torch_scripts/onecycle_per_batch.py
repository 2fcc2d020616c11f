# SPDX-License-Identifier: MIT
# The scheduler is stepped per batch, with rates and momenta of its own for each group.
import observe
import torch

torch.manual_seed(5)
model = observe.model()
groups = [{"params": model[0].parameters()}, {"params": model[2].parameters()}]
optimizer = observe.rates(torch.optim.SGD(groups, lr=0.1, momentum=0.9))
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[0.2, 0.8], total_steps=100)
for x, y in observe.batches(100):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
    scheduler.step()
