#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU seconds of a default sweep of five PyTorch scripts against one range test of 200 steps inside a script of its
own, as torch-lr-finder does it: weights are put back afterwards, the rate rises by a factor at each step.

usage: bench_sweep_cost.py LRPROBE [MORE OPTIONS OF SWEEP...] prints a Markdown table. User and system seconds of all
processes, from getrusage; start of Python and PyTorch included on both sides. One thread a process."""
import os
import resource
import subprocess
import sys
import tempfile

HEAD = """
import sys, torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
def batches(x, y, size=64):
    while True:
        for b in torch.randperm(len(x)).split(size):
            if len(b) == size: yield x[b], y[b]
"""
IMAGES = "x = torch.randn(1024, 1, 16, 16); y = (x.mean((1, 2, 3)) * 40).long().clamp(-4, 4) + 4\n"
TASKS = {
    "perceptron, 13 k weights": "x = torch.randn(2048, 64); y = (x @ torch.randn(64, 10)).argmax(1)\n"
        "net = nn.Sequential(nn.Linear(64, 160), nn.ReLU(), nn.Linear(160, 10))\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)\n",
    "perceptron, 0.8 M weights": "x = torch.randn(2048, 256); y = (x @ torch.randn(256, 10)).argmax(1)\n"
        "net = nn.Sequential(nn.Linear(256, 768), nn.ReLU(), nn.Linear(768, 768), nn.ReLU(), nn.Linear(768, 10))\n"
        "opt = torch.optim.Adam(net.parameters(), lr=1e-3)\n",
    "convolutions": IMAGES + "net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), "
        "nn.Conv2d(16, 32, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.LazyLinear(9))\nnet(x[:2])\n"
        "opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True)\n",
    "recurrent": "x = torch.randn(1024, 20, 8); y = (x.sum((1, 2)) > 0).long()\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__(); self.r = nn.GRU(8, 48, batch_first=True); "
        "self.o = nn.Linear(48, 2)\n    def forward(self, x): return self.o(self.r(x)[0][:, -1])\n"
        "net = Net()\nopt = torch.optim.AdamW(net.parameters(), lr=1e-3)\n",
    "attention": "x = torch.randint(0, 32, (1024, 24)); y = x[:, 0] % 8\n"
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__(); self.e = nn.Embedding(32, 48); "
        "self.t = nn.TransformerEncoderLayer(48, 4, 96, batch_first=True); self.o = nn.Linear(48, 8)\n"
        "    def forward(self, x): return self.o(self.t(self.e(x)).mean(1))\n"
        "net = Net()\nopt = torch.optim.AdamW(net.parameters(), lr=1e-3)\n",
}
TRAIN = """
for a, b in batches(x, y):
    opt.zero_grad(); loss = F.cross_entropy(net(a), b); loss.backward(); opt.step()
"""
FINDER = """
import copy
kept = copy.deepcopy((net.state_dict(), opt.state_dict()))
lr, losses, best = 1e-7, [], None
for (a, b), _ in zip(batches(x, y), range(200)):
    for group in opt.param_groups: group["lr"] = lr
    opt.zero_grad(); loss = F.cross_entropy(net(a), b); loss.backward(); opt.step()
    smooth = loss.item() if best is None else 0.95 * losses[-1] + 0.05 * loss.item()
    losses.append(smooth); best = smooth if best is None else min(best, smooth)
    if smooth > 5 * best: break
    lr *= (10 / 1e-7) ** (1 / 199)
net.load_state_dict(kept[0]); opt.load_state_dict(kept[1])
"""


def cpu_seconds(command, folder):
    def used():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"))
    if done.returncode not in (0, 1):
        sys.exit(done.stderr.decode())
    return used() - before


def main():
    lrprobe, more = os.path.abspath(sys.argv[1]), sys.argv[2:]
    print("| task | range test in the script | sweep, no plots | times | sweep with plots | times | `--start anew`, no plots | times |")
    print("|---|---|---|---|---|---|---|---|")
    ratios = []
    for name, task in TASKS.items():
        with tempfile.TemporaryDirectory() as folder:
            for file, code in (("train.py", TRAIN), ("finder.py", FINDER)):
                with open(os.path.join(folder, file), "w") as out:
                    out.write(HEAD + task + code)
            alone = cpu_seconds([sys.executable, "finder.py"], folder)
            cells, row = ["%.2f s" % alone], []
            for k, options in enumerate((["--plot", "none"], [], ["--plot", "none", "--start", "anew"])):
                seconds = cpu_seconds([lrprobe, "sweep", "--hook", "torch", "-o", "out%d" % k] + options + more
                                      + ["--", sys.executable, "train.py"], folder)
                cells += ["%.2f s" % seconds, "%.2f" % (seconds / alone)]
                row.append(seconds / alone)
            ratios.append(row)
            print("| %s | %s |" % (name, " | ".join(cells)), flush=True)
    means = [sum(row[k] for row in ratios) / len(ratios) for k in range(3)]
    print("\nMean of the ratios: %.2f without plots, %.2f with plots, %.2f with every run started anew." % tuple(means))


if __name__ == "__main__":
    main()
