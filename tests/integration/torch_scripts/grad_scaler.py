# SPDX-License-Identifier: MIT
# GradScaler. At the start its scale is too high, and it skips steps.
import observe
import processor_scaler
import torch

torch.manual_seed(4)
model = observe.model()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
scaler = processor_scaler.make(2.0 ** 126)
for step, (x, y) in enumerate(observe.batches()):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y) * 64
    before = [p.clone() for p in model.parameters()]
    if step % 2 == 1 and step > 12:
        (scaler.scale(loss) / 4).backward()  # not the tensor that the scaler gave
        loss = loss / 4
    else:
        scaler.scale(loss).backward()
    finite = all(torch.isfinite(p.grad).all() for p in model.parameters())
    if finite:
        observe.loss(loss)
    else:
        observe.tell(skipped=step)
    scaler.step(optimizer)
    scaler.update()
    if not finite:
        assert all(torch.equal(a, b) for a, b in zip(before, model.parameters()))
