"""Driven by a configuration file; each run gets the next free folder runs/expN, with the configuration, a log, the
weights, and a link to the newest."""
import os
import time

import torch
from torch import nn

from planned import planned

DEFAULT = """\
# written on the first start
seed: 0
data:
  n: 2000
  noise: 0.25
model:
  width: 64
  depth: 2
optimizer:
  name: SGD
  lr: 0.05
  momentum: 0.9
  weight_decay: 0.0001
train:
  epochs: 16
  batch_size: 50
"""


def read(path):
    config, section = {}, None
    with open(path) as file:
        for line in file:
            text = line.split("#")[0].rstrip()
            if not text:
                continue
            key, value = [part.strip() for part in text.split(":", 1)]
            if not value:
                section = config.setdefault(key, {})
                continue
            for kind in (int, float):
                try:
                    value = kind(value)
                    break
                except ValueError:
                    pass
            (section if text.startswith(" ") else config)[key] = value
    return config


def next_folder(root="runs"):
    os.makedirs(root, exist_ok=True)
    k = 1
    while os.path.exists(os.path.join(root, "exp%d" % k)):
        k += 1
    folder = os.path.join(root, "exp%d" % k)
    os.makedirs(folder)
    link = os.path.join(root, "latest")
    if os.path.islink(link):
        os.unlink(link)
    os.symlink("exp%d" % k, link)
    return folder


def main():
    if not os.path.exists("config.yaml"):
        with open("config.yaml", "w") as file:
            file.write(DEFAULT)
    config = read("config.yaml")
    torch.manual_seed(config["seed"])
    torch.set_num_threads(1)
    folder = next_folder()
    with open(os.path.join(folder, "config.yaml"), "w") as file:
        file.write(open("config.yaml").read())
    x = torch.rand(config["data"]["n"], 3) * 4 - 2
    r = x.norm(dim=1)
    y = ((torch.sin(3 * r) > 0).long() + 2 * (x[:, 0] + config["data"]["noise"] * torch.randn(len(x)) > 0).long())
    layers, width = [nn.Linear(3, config["model"]["width"]), nn.ReLU()], config["model"]["width"]
    for _ in range(config["model"]["depth"]):
        layers += [nn.Linear(width, width), nn.ReLU()]
    model = nn.Sequential(*layers, nn.Linear(width, 4))
    options = dict(config["optimizer"])
    optimizer = getattr(torch.optim, options.pop("name"))(model.parameters(), **options)
    scheduler = planned(optimizer)
    log = open(os.path.join(folder, "log.txt"), "a")
    for epoch in range(config["train"]["epochs"]):
        for batch in torch.randperm(len(x)).split(config["train"]["batch_size"]):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
            if scheduler:
                scheduler.step()
        log.write("%s epoch %d loss %.5f\n" % (time.strftime("%H:%M:%S"), epoch, loss.item()))
        log.flush()
        torch.save(model.state_dict(), os.path.join(folder, "weights.pt"))
    with torch.no_grad():
        print("final train loss %.5f" % nn.functional.cross_entropy(model(x), y).item())


if __name__ == "__main__":
    main()
