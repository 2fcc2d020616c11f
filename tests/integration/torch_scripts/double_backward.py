# SPDX-License-Identifier: MIT
# retain_graph, a gradient penalty by autograd.grad, and activation checkpointing (a backward pass inside another).
import observe
import torch
from torch.utils.checkpoint import checkpoint

torch.manual_seed(15)
model = observe.model()
optimizer = observe.rates(torch.optim.NAdam(model.parameters(), lr=0.01))


def mean_loss(x, y):
    return torch.nn.functional.cross_entropy(model(x), y)


for x, y in observe.batches():
    x.requires_grad_()
    loss = checkpoint(mean_loss, x, y, **({"use_reentrant": True} if torch.__version__ >= "2" else {}))
    slope, = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    penalty = 0.1 * (slope.norm(dim=1) - 1).pow(2).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    torch.autograd.backward([penalty], [torch.tensor(0.5)])
    observe.tell(part=float(loss))
    observe.tell(part=float(penalty) * 0.5)
    optimizer.step()
