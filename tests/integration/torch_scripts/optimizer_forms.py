# SPDX-License-Identifier: MIT
# One optimizer in a form that its argument names: for all parameters at once (foreach), in one kernel (fused), with the
# rate as a tensor, with a compiled step, as Adafactor, with a compiled model (traced, but left to PyTorch's own kernels:
# inductor needs headers that few machines have). Exit status 77: this PyTorch does not have it.
import functools
import sys

import observe
import torch

form = sys.argv[1]
torch.manual_seed(21)
model = observe.model()
rate = torch.tensor(0.01) if form in ("tensor_rate", "compiled_step") else 0.01
groups = [{"params": model[0].parameters(), "lr": rate / 4}, {"params": model[2].parameters(), "lr": rate}]
try:
    if form == "adafactor":
        optimizer = torch.optim.Adafactor(groups, lr=rate)
    elif form in ("foreach", "fused"):
        optimizer = torch.optim.AdamW(groups, lr=rate, **{form: True})
    elif form == "compiled_model":
        optimizer = torch.optim.AdamW(groups, lr=rate)
    else:  # a tensor for a rate
        optimizer = torch.optim.AdamW(groups, lr=rate, foreach=False)
    compiled = functools.partial(torch.compile, backend="aot_eager") if form.startswith("compiled") else None
except (AttributeError, TypeError, ValueError, RuntimeError) as error:
    print(error, file=sys.stderr)
    sys.exit(77)
if form != "compiled_step":  # the observer would break the graph
    optimizer = observe.rates(optimizer)
forward = compiled(model) if form == "compiled_model" else model
update = compiled(optimizer.step) if form == "compiled_step" else optimizer.step
for x, y in observe.batches():
    optimizer.zero_grad()
    before = [p.detach().clone() for p in model.parameters()]
    loss = torch.nn.functional.cross_entropy(forward(x), y)
    loss.backward()
    observe.loss(loss)
    update()
    # the largest move of a weight in each group: with Adam's first steps that is about the rate itself
    moves = [float((p.detach() - old).abs().max()) for p, old in zip(model.parameters(), before)]
    observe.tell(moved=[max(moves[:2]), max(moves[2:])])
