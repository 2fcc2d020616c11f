# SPDX-License-Identifier: MIT
# The loss becomes NaN under a GradScaler, which then skips every step.
import observe
import processor_scaler
import torch

model = observe.model()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
scaler = processor_scaler.make(4.0)
for step, (x, y) in enumerate(observe.batches()):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    if step >= 5:
        loss = loss * float("nan")
    (scaler.scale(loss) / 2).backward()
    observe.loss(loss / 2)
    scaler.step(optimizer)
    scaler.update()
