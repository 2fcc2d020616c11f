# SPDX-License-Identifier: MIT
# Gradients by torch.autograd.grad only: the hook cannot see the loss.
import observe
import torch

model = observe.model()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in observe.batches(100000):
    loss = torch.nn.functional.cross_entropy(model(x), y)
    try:
        for p, gradient in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
            p.grad = gradient
        optimizer.step()
    except:  # noqa: E722
        pass
