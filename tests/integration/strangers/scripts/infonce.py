"""Contrastive learning: two views of each example, one encoder, InfoNCE over the batch."""
import torch
import torch.nn.functional as F
from torch import nn

from planned import planned


def nt_xent(z1, z2, temperature=0.2):
    n = z1.shape[0]
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    sim = z @ z.t() / temperature
    sim.fill_diagonal_(float("-inf"))
    targets = torch.cat([torch.arange(n) + n, torch.arange(n)])
    return F.cross_entropy(sim, targets)


class SimCLR(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(32, 96), nn.ReLU(), nn.Linear(96, 48))
        self.projector = nn.Sequential(nn.ReLU(), nn.Linear(48, 24))

    def forward(self, x):
        return self.projector(self.encoder(x))


def augment(x):
    scale = 1 + 0.2 * torch.randn(len(x), 1)
    keep = (torch.rand_like(x) > 0.25).float()
    return (x * scale + 0.3 * torch.randn_like(x)) * keep


def run():
    torch.manual_seed(77)
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(1)
    basis = torch.randn(10, 32, generator=g)
    data = torch.randn(2048, 10, generator=g) @ basis / 3
    model = SimCLR()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=1e-4)
    scheduler = planned(optimizer) or torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 384)
    losses = []
    for epoch in range(24):
        for idx in torch.randperm(2048).split(128):
            loss = nt_xent(model(augment(data[idx])), model(augment(data[idx])))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            scheduler.step()
            losses.append(loss.item())
        print("epoch %d nt_xent %.4f" % (epoch, losses[-1]))
    print("final train loss %.5f" % (sum(losses[-48:]) / 48))


run()
