# SPDX-License-Identifier: MIT
# A step before the training, which keeps a scheduler from warning; and an optimizer that is never used.
import observe
import torch

torch.manual_seed(17)
model = observe.model()
unused = torch.optim.SGD(observe.model(6, 64).parameters(), lr=5.0)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
optimizer.zero_grad()
optimizer.step()
observe.rates(optimizer)
for step, (x, y) in enumerate(observe.batches(100000)):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.tell(late=float(loss))
    optimizer.step()
