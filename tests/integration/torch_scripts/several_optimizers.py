# SPDX-License-Identifier: MIT
# Two optimizers step after one backward(); the second one's model is larger.
import observe
import torch

torch.manual_seed(1)
encoder, head = torch.nn.Linear(6, 4), observe.model(4, 16)
first = observe.rates(torch.optim.SGD(encoder.parameters(), lr=0.02), "small")
second = observe.rates(torch.optim.Adam(head.parameters(), lr=0.01), "large")
for x, y in observe.batches():
    loss = torch.nn.functional.cross_entropy(head(encoder(x)), y)
    loss.backward()
    observe.loss(loss)
    first.step()
    first.zero_grad()
    second.step()
    second.zero_grad()
