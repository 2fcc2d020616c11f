# SPDX-License-Identifier: MIT
"""A plain PyTorch script under lrprobe sweep --mode fresh: its max_lr agrees with that of the range
test of the built-in trainer on the same network and data, within a factor of 3.

fresh_torch.py LRPROBE TRAINER
"""
import json
import os
import subprocess
import sys
import tempfile

SKIP = 77
FACTOR = 3
NAMES = ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def data_files():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data")
    folder = os.path.join(os.environ.get("LRPROBE_DATA", root), "datasets", "mnist")
    return [os.path.abspath(os.path.join(folder, name)) for name in NAMES]


def sweep(program, *words):
    done = subprocess.run([program, "sweep", "--json", "--quiet", *words], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit("lrprobe: exit %d: %s" % (done.returncode, done.stderr))
    return json.loads(done.stdout)


def check(what, condition, bounds):
    rate = bounds["max_lr"]
    print("%s - %s: %s, max_lr %s, %s to %s" % ("ok" if condition else "not ok", what, bounds["outcome"],
                                                rate["value"], rate["low"], rate["high"]))
    return 0 if condition else 1


def main():
    program, trainer = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    images, labels = data_files()
    try:
        import torch  # noqa: F401
    except ImportError:
        print("python3-torch is not installed")
        sys.exit(SKIP)
    if not os.path.exists(images):
        print("the shared data are not there")
        sys.exit(SKIP)
    os.chdir(tempfile.mkdtemp(prefix="lrprobe-test-"))
    command = [sys.executable, trainer, "--data", images, "--labels", labels, "--lr", "{lr}", "--steps",
               "{steps}", "--seed", "{seed}", "--model"]
    fresh = ["--mode", "fresh", "--jobs", "2", "--steps", "60", "--lr-max", "3"]
    bad = 0
    inline = sweep(program, "-o", "inline", "--data", images, "--labels", labels, "--model", "mlp:64",
                   "--optimizer", "momentum", "--batch-size", "64")
    want = inline["max_lr"]["value"]
    bad += check("built-in trainer, inline", inline["outcome"] == "ok", inline)
    mlp = sweep(program, "-o", "mlp", *fresh, "--repeats", "2", "--lr-min", "1e-3", "--rates", "8",
                "--loss-pattern", "step {step} loss {loss}", "--", *command, "mlp")
    got = mlp["max_lr"]["value"]
    bad += check("MLP, its loss by a pattern: within a factor of %d" % FACTOR,
                 mlp["outcome"] == "ok" and want / FACTOR <= got <= want * FACTOR, mlp)
    # no pattern: what it prints is read as a log
    cnn = sweep(program, "-o", "cnn", *fresh, "--repeats", "1", "--lr-min", "5e-3", "--rates", "7", "--",
                *command, "cnn")
    bad += check("CNN, its output read as a log", cnn["outcome"] == "ok" and
                 0.02 <= cnn["max_lr"]["value"] <= 0.5, cnn)
    with open(os.path.join("cnn", "runs", "000.csv"), encoding="utf-8") as file:
        rows = [line for line in file if line[0].isdigit()]
    bad += check("60 rows in its record", len(rows) == 60, cnn)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
