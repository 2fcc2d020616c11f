# SPDX-License-Identifier: MIT
# Uses the client itself: under the hook, without it, and without lrprobe.
import lrprobe
import observe
import torch

torch.manual_seed(lrprobe.seed(18))
model = observe.model()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
probe = lrprobe.torch(optimizer)
for x, y in observe.batches(30):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
    probe.report(loss)
