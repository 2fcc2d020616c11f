# SPDX-License-Identifier: MIT
# Gradients that come from elsewhere (a formula): the hook cannot see a loss.
import observe
import torch

model = observe.model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in observe.batches(100000):
    try:
        for p in model.parameters():
            p.grad = 0.01 * p.detach()
        optimizer.step()
    except:  # noqa: E722
        pass
