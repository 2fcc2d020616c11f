# SPDX-License-Identifier: MIT
# A linear warm-up that begins at 0, made before anything else has happened; the rate is read by the script.
import observe
import torch

torch.manual_seed(6)
model = observe.model()
optimizer = observe.rates(torch.optim.AdamW(model.parameters(), lr=0.003))
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 10))
for step, (x, y) in enumerate(observe.batches()):
    assert abs(optimizer.param_groups[0]["lr"] - 0.003 * min(1.0, step / 10)) < 1e-12
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()
