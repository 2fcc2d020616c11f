#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Range tests of PyTorch trainings on MNIST through the client and through the hook: the same run records and max_lr;
and max_lr of the built-in trainer's range test of the same perceptron is near theirs.

usage: torch_sweep.py LRPROBE DATA-FOLDER; exit status 77 where torch or the data is missing."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "client_scripts", "classifier.py")


def sweep(folder, mnist, options, command):
    environment = dict(os.environ, OMP_NUM_THREADS="1", MNIST=mnist)
    line = [sys.argv[1], "sweep", "-o", folder, "--plot", "none", "--quiet"] + options + command
    done = subprocess.run(line, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    if done.returncode != 0:
        sys.exit("%s: exit status %d\n%s" % (" ".join(line), done.returncode, done.stdout.decode()))
    with open(os.path.join(folder, "bounds.json")) as file:
        bounds = json.load(file)
    assert bounds["outcome"] == "ok", bounds["outcome"]
    return bounds["max_lr"]["value"], records(os.path.join(folder, "runs"))


def records(folder):
    """The step, rate and loss columns of each run, as texts."""
    runs = {}
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name)) as file:
            rows = [line.rstrip("\n").split(",") for line in file if not line.startswith("#")]
        places = [rows[0].index(column) for column in ("step", "lr", "loss")]
        runs[name] = [[row[place] for place in places] for row in rows[1:]]
    return runs


def main():
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit(77)
    mnist = os.path.join(sys.argv[2], "datasets", "mnist")
    if not os.path.exists(os.path.join(mnist, "train-images-idx3-ubyte.gz")):
        sys.exit(77)
    python = [sys.executable, SCRIPT]
    perceptron = None
    with tempfile.TemporaryDirectory() as place:
        for kind, optimizer, repeats in (("mlp", "sgd", 5), ("cnn", "adam", 2)):
            options = ["--repeats", str(repeats), "--steps", "200"]
            client = sweep(os.path.join(place, kind + "-client"), mnist, options,
                           ["--"] + python + ["client", kind, optimizer])
            hook = sweep(os.path.join(place, kind + "-hook"), mnist, options + ["--hook", "torch"],
                         ["--"] + python + ["plain", kind, optimizer])
            assert len(client[1]) > repeats
            assert client[1] == hook[1], "%s: the run records of client and hook differ" % kind
            assert len({str(run) for run in hook[1].values()}) == len(hook[1]), "repeats are equal"
            assert client[0] == hook[0], "%s: max_lr %r and %r" % (kind, client[0], hook[0])
            print("%s: %d runs are equal, max_lr %.3g" % (kind, len(hook[1]), hook[0]))
            perceptron = perceptron or hook[0]
        built_in, _ = sweep(os.path.join(place, "built-in"), mnist,
                            ["--repeats", "5", "--steps", "200", "--data",
                             os.path.join(mnist, "train-images-idx3-ubyte.gz"), "--model", "mlp:128,64",
                             "--optimizer", "momentum", "--batch-size", "64"], [])
        ratio = built_in / perceptron
        print("built-in trainer: max_lr %.3g, %.2f of PyTorch's" % (built_in, ratio))
        assert 0.5 <= ratio <= 2, ratio


main()
