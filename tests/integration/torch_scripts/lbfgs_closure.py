# SPDX-License-Identifier: MIT
# Closures that are called several times a step; the first call's loss is that before the update.
import observe
import torch

torch.manual_seed(3)
model = observe.model()
optimizer = observe.rates(torch.optim.LBFGS(model.parameters(), lr=0.5, max_iter=4))
for x, y in observe.batches():
    calls = []

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y) + 1e-3 * sum(p.pow(2).sum() for p in model.parameters())
        loss.backward()
        if not calls:
            observe.loss(loss)
        calls.append(loss)
        return loss

    optimizer.step(closure)
    assert len(calls) > 1
