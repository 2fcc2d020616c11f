# SPDX-License-Identifier: MIT
# The script assigns the rate itself before each step, as nanoGPT does; one group without weight decay.
import math

import observe
import torch

torch.manual_seed(7)
model = observe.model()
groups = [{"params": [p for p in model.parameters() if p.dim() > 1], "weight_decay": 0.1},
          {"params": [p for p in model.parameters() if p.dim() <= 1], "weight_decay": 0.0}]
optimizer = observe.rates(torch.optim.AdamW(groups, lr=6e-4, betas=(0.9, 0.95)))
for step, (x, y) in enumerate(observe.batches()):
    rate = 6e-4 * step / 20 if step < 20 else 3e-4 * (1 + math.cos(math.pi * step / 200))
    for group in optimizer.param_groups:
        group["lr"] = rate
    for micro in range(2):
        loss = torch.nn.functional.cross_entropy(model(x[micro::2]), y[micro::2]) / 2
        loss.backward()
        observe.tell(part=float(loss))
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
