"""Detection-like: several losses in a dict; the program ends itself when their sum is not finite."""
import math
import sys

import torch
from torch import nn

from planned import planned

torch.manual_seed(9)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(9)
x = torch.randn(2048, 16, generator=g)
boxes = x @ torch.randn(16, 4, generator=g)
kinds = (torch.tanh(x @ torch.randn(16, 8, generator=g)) @ torch.randn(8, 4, generator=g)).argmax(1)
backbone = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
classify, locate = nn.Linear(64, 4), nn.Linear(64, 4)
parameters = [p for part in (backbone, classify, locate) for p in part.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.9)
scheduler = planned(optimizer)
for epoch in range(15):
    for batch in torch.randperm(2048).split(64):
        h = backbone(x[batch])
        loss_dict = {"loss_classifier": nn.functional.cross_entropy(classify(h), kinds[batch]),
                     "loss_box_reg": nn.functional.mse_loss(locate(h), boxes[batch])}
        losses = sum(loss_dict.values())
        if not math.isfinite(losses.item()):
            print("Loss is {}, stopping training".format(losses.item()))
            sys.exit(1)
        optimizer.zero_grad()
        losses.backward()
        optimizer.step()
        if scheduler:
            scheduler.step()
    print("Epoch: [{}] loss: {:.4f}".format(epoch, losses.item()))
with torch.no_grad():
    h = backbone(x)
    print("final train loss %.5f" % (nn.functional.cross_entropy(classify(h), kinds)
                                     + nn.functional.mse_loss(locate(h), boxes)).item())
