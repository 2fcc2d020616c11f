#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs that are copies of one process: they differ as new processes would, keep their output and files apart, end when
they are to end, and what cannot be copied is started anew.

usage: copied_runs.py LRPROBE [NAME...]; exit status 77 where torch cannot be imported."""
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

LRPROBE = os.path.abspath(sys.argv.pop(1))
# Prints where it was begun: PIECE is put in before torch is imported, MIDDLE before the model is made, LAST before training.
SCRIPT = """
import os, sys, time
FIRST = os.getpid()
%(piece)s
import torch, torch.nn as nn
torch.manual_seed(0)
X = torch.randn(256, 12)
Y = (X @ torch.randn(12, 3)).argmax(1)
%(middle)s
net = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
%(last)s
print("copied" if FIRST != os.getpid() else "started", os.environ["LRPROBE_SEED"], flush=True)
while True:
    for batch in torch.randperm(len(X)).split(32):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[batch]), Y[batch])
        loss.backward()
        opt.step()
    %(epoch)s
"""


class Sweep:
    def __init__(self, place, piece="", middle="", last="", epoch="pass", words=None, more=(), hook=True, script=None):
        self.place = place
        with open(os.path.join(place, "train.py"), "w") as file:
            file.write(script or SCRIPT % {"piece": piece, "middle": middle, "last": last, "epoch": epoch})
        self.out = os.path.join(place, "out")
        self.command = [LRPROBE, "sweep", "--lr-min", "1e-3", "--lr-max", "1", "--steps", "40", "--repeats", "3",
                        "--plot", "none", "-o", "out"] + (["--hook", "torch"] if hook else []) + list(more)
        self.command += ["--"] + (words or [sys.executable, "train.py"])

    def run(self):
        done = subprocess.run(self.command, cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
        self.status, self.err = done.returncode, done.stderr.decode()
        self.runs, self.printed, self.losses = [], [], []
        if os.path.exists(os.path.join(self.out, "sweep.json")):
            with open(os.path.join(self.out, "sweep.json")) as file:
                self.runs = json.load(file)["runs"]
        for run in self.runs:
            with open(os.path.join(self.out, run["file"])) as file:
                rows = [line.strip().split(",") for line in file if not line.startswith("#")]
            self.losses.append([float(row[rows[0].index("loss")]) for row in rows[1:]])
            with open(os.path.join(self.out, "logs", run["file"][5:8] + ".out")) as file:
                self.printed.append(file.read().split("\n")[0])
        return self


class CopiedRuns(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        os.environ["LRPROBE_TEST_MARK"] = self.place.name

    def tearDown(self):
        self.assertEqual(self.processes(), [])
        self.place.cleanup()

    def processes(self):
        """Those that a sweep of this test has left."""
        found, mark = [], ("LRPROBE_TEST_MARK=" + self.place.name).encode()
        for _ in range(50):
            found = []
            for path in glob.glob("/proc/[0-9]*/environ"):
                try:
                    with open(path, "rb") as file:
                        if mark in file.read().split(b"\0") and path != "/proc/%d/environ" % os.getpid():
                            found.append(path)
                except OSError:
                    pass
            if not found:
                break
            time.sleep(0.1)
        return found

    def complete(self, how, **keywords):
        sweep = Sweep(self.place.name, **keywords).run()
        self.assertIn(sweep.status, (0, 1), sweep.err)
        self.assertEqual([len(losses) for losses in sweep.losses], [run["rows"] for run in sweep.runs])
        self.assertEqual([run["rows"] for run in sweep.runs], [40, 40, 40], sweep.err)
        self.assertEqual(sweep.printed, ["%s %d" % (how, run["seed"]) for run in sweep.runs], sweep.err)
        first = [losses[0] for losses in sweep.losses]
        self.assertEqual(len(set(first)), 3, "runs that begin alike: %r" % first)
        self.assertNotIn("the same to the last digit", sweep.err)
        return sweep

    def test_copies(self):
        """What a script wants done at its end is done; freeing all that torch has set up, a third of a repeat, is not."""
        sweep = self.complete("copied", piece="import atexit; atexit.register(print, 'at exit')\nclass Kept:\n"
                                              "    def __del__(self): print('freed')\nkept = Kept()")
        for run in sweep.runs:
            with open(os.path.join(sweep.out, "logs", run["file"][5:8] + ".out")) as file:
                self.assertEqual(file.read().splitlines()[1:], ["at exit"])

    def test_several_at_a_time(self):
        self.complete("copied", more=["--jobs", "3"])

    def test_anew_on_request(self):
        self.complete("started", more=["--start", "anew"])

    def test_client(self):
        self.complete("copied", hook=False, piece="import lrprobe",
                      last="probe = lrprobe.torch(opt); plain = opt.step\n"
                           "def step(): plain(); probe.report(loss)\nopt.step = step")

    def test_through_a_shell(self):
        self.complete("copied", words=["sh", "-c", '"$@"; true', "sh", sys.executable, "train.py"])

    def test_started_by_a_program_that_closes_descriptors(self):
        launcher = "import subprocess, sys; sys.exit(subprocess.run([sys.executable, 'train.py']).returncode)"
        self.complete("started", words=[sys.executable, "-c", launcher])

    def test_ranks_and_threads_are_started_anew(self):
        self.complete("started", piece="os.environ['RANK'] = '0'")

    def test_threads_are_started_anew(self):
        self.complete("started", piece="import threading; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()")

    def test_threads_of_openmp(self):
        """Their pool is in use before the copies are made, and after."""
        big = "big = torch.randn(1200, 1200)\nfor _ in range(3): big = (big @ big).tanh_()"
        self.complete("copied", middle="torch.set_num_threads(2)\n" + big, last=big + "\nassert torch.get_num_threads() == 2")

    def test_workers_of_a_loader(self):
        self.complete("copied", last="from torch.utils.data import DataLoader, TensorDataset\n"
                                     "loader = DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True, num_workers=1)\n"
                                     "next(iter(loader))")

    def test_files_are_kept_apart(self):
        """What the template has written is seen by all; what a copy has written is its own."""
        for way in ("overlay", "redirect"):
            with self.subTest(way), tempfile.TemporaryDirectory(dir=self.place.name) as place:
                with open(os.path.join(place, "count.txt"), "w") as file:
                    file.write("1")
                sweep = Sweep(place, middle="os.makedirs('made')\nopen('made/x', 'w').write('7')",
                              last="n = int(open('count.txt').read()) + int(open('made/x').read())\n"
                                   "open('made/x', 'w').write('9'); open('count.txt', 'w').write('5')\nos.remove('train.py')\n"
                                   "assert n == 8, n", more=["--files", way]).run()
                self.assertEqual([run["rows"] for run in sweep.runs], [40, 40, 40], sweep.err)
                self.assertTrue(all(line.startswith("copied") for line in sweep.printed), sweep.printed)
                with open(os.path.join(place, "count.txt")) as file:
                    self.assertEqual(file.read(), "1")
                self.assertEqual(sorted(os.listdir(place)), ["count.txt", "out", "train.py"])

    def test_copies_that_fail_are_started_anew(self):
        self.complete("started", last="if FIRST != os.getpid(): os._exit(5)")

    def test_copies_that_hang_are_started_anew(self):
        self.complete("started", last="if FIRST != os.getpid(): time.sleep(600)", more=["--start-limit", "15"])

    def test_chance_before_the_copies(self):
        """No chance is left after the point: the copies are the same, and the others are started anew."""
        script = """
import os, random, lrprobe
FIRST = os.getpid()
x = random.Random(lrprobe.seed(0)).random() + 3
probe = lrprobe.Probe(lr=0.1)
print("copied" if FIRST != os.getpid() else "started", os.environ["LRPROBE_SEED"], flush=True)
while not probe.finished:
    loss = x * x
    x -= probe.lr * x
    probe.report(loss)
"""
        sweep = Sweep(self.place.name, script=script, hook=False).run()
        self.assertEqual([line.split()[0] for line in sweep.printed], ["copied", "started", "started"], sweep.err)
        self.assertEqual(len({losses[0] for losses in sweep.losses}), 3)

    def test_script_that_fails(self):
        sweep = Sweep(self.place.name, middle="raise ValueError('no data')").run()
        self.assertEqual(sweep.status, 4)
        self.assertIn("ValueError: no data", sweep.err)

    def test_killed(self):
        sweep = Sweep(self.place.name, epoch="time.sleep(0.5)")
        process = subprocess.Popen(sweep.command, cwd=self.place.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.time() + 100
        while time.time() < deadline and not glob.glob(os.path.join(sweep.out, "runs", "000.csv")):
            time.sleep(0.1)
        while time.time() < deadline and os.path.getsize(os.path.join(sweep.out, "runs", "000.csv")) == 0:
            time.sleep(0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def test_interrupted(self):
        sweep = Sweep(self.place.name, epoch="time.sleep(0.5)")
        process = subprocess.Popen(sweep.command, cwd=self.place.name, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        report = os.path.join(sweep.out, "runs", "000.csv")
        deadline = time.time() + 100
        while time.time() < deadline and not (os.path.exists(report) and os.path.getsize(report) > 0):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=60), 130)


if __name__ == "__main__":
    if subprocess.run([sys.executable, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode != 0:
        sys.exit(77)
    unittest.main(verbosity=1)
