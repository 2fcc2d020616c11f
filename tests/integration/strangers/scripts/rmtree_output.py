"""Begins each time with an empty output folder: what was in it is deleted."""
import csv
import os
import shutil

import torch
from torch import nn

from planned import planned

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "output")
if os.path.isdir(OUTPUT):
    shutil.rmtree(OUTPUT)
os.makedirs(os.path.join(OUTPUT, "checkpoints"))
os.makedirs(os.path.join(OUTPUT, "samples"))

torch.manual_seed(1)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(30)
users, items = torch.randn(200, 6, generator=g), torch.randn(120, 6, generator=g)
u = torch.randint(0, 200, (8000,), generator=g)
v = torch.randint(0, 120, (8000,), generator=g)
rating = (users[u] * items[v]).sum(1) + 0.3 * torch.randn(8000, generator=g)


class Factorization(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.users, self.items = nn.Embedding(200, d), nn.Embedding(120, d)
        self.bias = nn.Parameter(torch.zeros(1))
        for e in (self.users, self.items):
            nn.init.normal_(e.weight, std=0.3)

    def forward(self, u, v):
        return (self.users(u) * self.items(v)).sum(1) + self.bias


model = Factorization()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
scheduler = planned(optimizer)
with open(os.path.join(OUTPUT, "log.csv"), "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow(["epoch", "mse"])
    for epoch in range(10):
        total = 0.0
        for b in torch.randperm(8000).split(160):
            loss = nn.functional.mse_loss(model(u[b], v[b]), rating[b])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
            total += loss.item() * len(b) / 8000
        writer.writerow([epoch, "%.5f" % total])
        torch.save(model.state_dict(), os.path.join(OUTPUT, "checkpoints", "epoch%02d.pt" % epoch))
        print("epoch %d mse %.5f" % (epoch, total))
print("final train loss %.5f" % total)
