# SPDX-License-Identifier: MIT
# Four backward() calls a step, each of a loss divided by four.
import observe
import torch

torch.manual_seed(9)
model = observe.model()
optimizer = observe.rates(torch.optim.RMSprop(model.parameters(), lr=0.01))
for i, (x, y) in enumerate(observe.batches(400)):
    loss = torch.nn.functional.cross_entropy(model(x), y) / 4
    loss.backward()
    observe.tell(part=float(loss))
    if (i + 1) % 4 == 0:
        optimizer.step()
        optimizer.zero_grad()
