"""Continues from checkpoints/last.pt where there is one; the file is replaced every 50 updates and at the end.

usage: resume_last.py [--updates N]"""
import os
import sys

import torch
from torch import nn

from planned import planned

CHECKPOINT = os.path.join("checkpoints", "last.pt")
MORE = int(sys.argv[sys.argv.index("--updates") + 1]) if "--updates" in sys.argv else 400

torch.manual_seed(5)
torch.set_num_threads(1)
g = torch.Generator().manual_seed(6)
mixing = torch.randn(8, 40, generator=g)
x = torch.tanh(torch.randn(3000, 8, generator=g) @ mixing) + 0.1 * torch.randn(3000, 40, generator=g)

model = nn.Sequential(nn.Linear(40, 64), nn.Tanh(), nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 64), nn.Tanh(),
                      nn.Linear(64, 40))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
done = 0
if os.path.isfile(CHECKPOINT):
    saved = torch.load(CHECKPOINT)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    done = saved["done"]
    print("continuing after %d updates" % done)
scheduler = planned(optimizer)


def save():
    os.makedirs("checkpoints", exist_ok=True)
    temporary = CHECKPOINT + ".tmp"
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "done": done}, temporary)
    os.replace(temporary, CHECKPOINT)


for k in range(MORE):
    batch = x[torch.randint(0, len(x), (64,))]
    loss = nn.functional.mse_loss(model(batch), batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if scheduler:
        scheduler.step()
    done += 1
    if done % 50 == 0 and "--schedule" not in sys.argv:
        save()
        print("%5d  %.5f" % (done, loss.item()), flush=True)
if "--schedule" not in sys.argv:
    save()
with torch.no_grad():
    print("final train loss %.6f" % nn.functional.mse_loss(model(x), x).item())
