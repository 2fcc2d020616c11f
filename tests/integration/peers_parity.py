#!/usr/bin/env python3
"""The peers' suggestions of `lrprobe bounds` against the restated rules, on random sweeps.

usage: peers_parity.py LRPROBE RULES.py
Skips (exit 77) without numpy or without the rules, which are not part of the project.
"""
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

SWEEPS = 500
SEED = 20261124

try:
    import numpy as np
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(77)
if len(sys.argv) < 3 or not os.path.exists(sys.argv[2]):
    print("skipped: the rules are not here")
    sys.exit(77)
spec = importlib.util.spec_from_file_location("rules", sys.argv[2])
rules = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rules)

NAMES = {"fastai_valley": "fastai.valley", "fastai_slide": "fastai.slide", "fastai_steep": "fastai.steep",
         "fastai_minimum": "fastai.minimum", "lightning": "lightning (>=2.5.3)", "torch_lr_finder": "torch_lr_finder"}


def sweep(random):
    n = int(random.integers(30, 260))
    low = 10 ** random.uniform(-8, -4)
    lr = low * (10 ** random.uniform(2, 8)) ** (np.arange(n) / (n - 1))
    x = np.arange(n) / n
    start, fall = random.uniform(0.5, 4), random.uniform(0.1, 1)
    loss = start - start * fall / (1 + np.exp(-(x - random.uniform(0.3, 0.6)) / random.uniform(0.02, 0.1)))
    loss += 0.02 * np.exp(np.minimum((x - random.uniform(0.7, 0.95)) / random.uniform(0.01, 0.05), 60))
    loss += random.uniform(0, 0.2) * random.normal(size=n)
    kind = random.integers(0, 4)
    if kind == 1:
        loss[int(n * random.uniform(0.6, 0.98)):] = np.nan
    if kind == 2:
        loss[int(n * random.uniform(0.6, 0.98)):] = np.inf
    if kind == 3:
        loss[int(random.integers(0, n))] = np.nan
    return lr, loss


random = np.random.default_rng(SEED)
compared = wrong = 0
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "sweep.csv")
    for k in range(SWEEPS):
        lr, loss = sweep(random)
        with open(path, "w") as file:
            file.write("lr,loss\n" + "".join("%r,%r\n" % (float(a), float(b)) for a, b in zip(lr, loss)))
        done = subprocess.run([sys.argv[1], "bounds", path, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode not in (0, 1):
            print("sweep", k, "exit", done.returncode, done.stderr.decode())
            wrong += 1
            continue
        ours = json.loads(done.stdout)["peers"]
        theirs, _ = rules.all_suggestions(lr, loss, "raw", len(lr))
        for name, rule in NAMES.items():
            want, got = theirs[rule][0], ours[name]
            compared += 1
            same = (got is None) == (want is None or not np.isfinite(want))
            if same and got is not None:
                same = abs(got - want) <= 2e-6 * want
            if not same:
                wrong += 1
                if wrong < 12:
                    print("sweep %d %s: %s, wanted %s" % (k, name, got, want))
print("%d suggestions compared, %d differ (seed %d)" % (compared, wrong, SEED))
sys.exit(1 if wrong or compared < 500 * len(NAMES) else 0)
