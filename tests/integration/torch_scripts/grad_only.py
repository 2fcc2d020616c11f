# SPDX-License-Identifier: MIT
# Gradients by torch.autograd.grad only, and a penalty whose gradient in the inputs is no loss.
import observe
import torch

torch.manual_seed(8)
model = observe.model()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
for x, y in observe.batches(1000):
    x.requires_grad_()
    slope, = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    loss = torch.nn.functional.cross_entropy(model(x), y) + 0.01 * slope.pow(2).sum()
    observe.loss(loss)
    for p, gradient in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()), allow_unused=True)):
        p.grad = gradient
    optimizer.step()
