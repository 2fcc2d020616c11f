#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The hook for unmodified PyTorch scripts: scripts in many styles (torch_scripts/) run under it with a plan. Each tells
the rates that its optimizers' own code saw and the losses it computed; they must be the plan's and the report's.

usage: torch_hook.py [NAME...]; exit status 77 where torch cannot be imported."""
import json
import math
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "torch_scripts")
CLIENT = os.path.join(HERE, "..", "..", "src", "clients", "python")
STEPS = 24
RATES = [1e-4 * 3000 ** (k / (STEPS - 1.0)) for k in range(STEPS)]


class Run:
    """What one run of a command left behind."""

    def __init__(self, command, seed=1, hook=True, sweep=True, record=None, steps=STEPS, extra=None, timeout=120):
        with tempfile.TemporaryDirectory() as folder:
            plan, report, observed = (os.path.join(folder, name) for name in ("plan.csv", "report.csv", "observed"))
            with open(plan, "w") as file:
                file.write("step,lr\n" + "".join("%d,%r\n" % (k, rate) for k, rate in enumerate(RATES[:steps])))
            open(report, "w").close()
            environment = {name: value for name, value in os.environ.items() if not name.startswith("LRPROBE")}
            environment.update(OBSERVED=observed, OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
            environment["PYTHONPATH"] = CLIENT
            if sweep:
                environment.update(LRPROBE_PLAN=plan, LRPROBE_REPORT=report, LRPROBE_SEED=str(seed),
                                   LRPROBE_STEPS=str(steps))
            if hook:
                environment["LRPROBE_HOOK"] = "torch"
                environment["PYTHONPATH"] = os.path.join(CLIENT, "hook") + os.pathsep + CLIENT
            if record:
                environment["LRPROBE_RECORD"] = record
            environment["USE_LIBUV"] = "0"  # Debian builds PyTorch without it
            environment.update(extra or {})
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=folder,
                                  timeout=timeout)
            self.status, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()
            self.told = []
            if os.path.exists(observed):
                with open(observed) as file:
                    self.told = [json.loads(line) for line in file]
            with open(report) as file:
                lines = file.read().splitlines()
        self.comments = [line for line in lines if line.startswith("#")]
        table = [line.split(",") for line in lines if not line.startswith("#")]
        self.names = table[0] if table else []
        self.rows = [[float(cell) if cell else None for cell in row] for row in table[1:]]

    def column(self, name):
        return [row[self.names.index(name)] for row in self.rows]

    def all(self, key, of=None):
        return [line[key] for line in self.told if key in line and (of is None or line.get("of") == of)]

    def notes(self):
        return [line[len("# note: "):] for line in self.comments if line.startswith("# note: ")]


def script(name, *arguments):
    return [sys.executable, os.path.join(SCRIPTS, name + ".py")] + list(arguments)


class Hook(unittest.TestCase):
    def close(self, got, wanted, tolerance=1e-12):
        self.assertEqual(len(got), len(wanted))
        for k, (a, b) in enumerate(zip(got, wanted)):
            same = (math.isnan(a) and math.isnan(b)) or abs(a - b) <= tolerance * abs(b)
            self.assertTrue(same, "%d: %r, wanted %r" % (k, a, b))

    def whole(self, run, ratios=(1.0,), of="main", losses="loss", seeded=True):
        """All rows, the plan's rates in the report and in the optimizer, the script's losses; a quiet end."""
        self.assertEqual(run.err, "")
        self.assertEqual(run.status, 0)
        self.assertEqual(run.column("step"), list(range(STEPS)))
        self.close(run.column("lr"), RATES)
        seen = run.all("rates", of)
        self.assertEqual(len(seen), STEPS)
        for k, rates in enumerate(seen):
            self.close(rates, [RATES[k] * ratio for ratio in ratios])
        if losses is not None:
            self.close(run.column("loss"), run.all(losses))
        self.assertEqual(any("seed" in note for note in run.notes()), seeded)

    def parts(self, run, n):
        """Losses that came in n parts."""
        parts = run.all("part")
        self.close(run.column("loss"), [sum(parts[i:i + n]) for i in range(0, len(parts), n)])

    def test_plain_loop(self):
        run = Run(script("plain_loop"))
        self.whole(run)
        self.assertEqual(run.names, ["step", "lr", "loss"])
        self.assertIn("# optimizer: SGD", run.comments)
        self.assertIn("# seed: 1", run.comments)

    def test_main_argparse(self):
        run = Run(script("main_argparse", "--epochs", "3"))
        self.whole(run, seeded=False)  # it seeds before it imports torch, which seeds again

    def test_module_run_as_main(self):
        command = [sys.executable, "-m", "plain_loop"]
        run = Run(command, extra={"PYTHONPATH": os.pathsep.join([os.path.join(CLIENT, "hook"), CLIENT, SCRIPTS])})
        self.whole(run)

    def test_runpy_in_a_child_of_a_shell(self):
        code = "import runpy, sys; sys.path.insert(0, %r); runpy.run_path(%r)" % (SCRIPTS, SCRIPTS + "/plain_loop.py")
        outer = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', %r]))" % code
        self.whole(Run(["sh", "-c", 'cd / && "$@"', "sh", sys.executable, "-c", outer]))

    def test_several_optimizers(self):
        run = Run(script("several_optimizers"))
        self.whole(run, of="large")
        small = run.all("rates", "small")
        self.close([rates[0] for rates in small], [2 * rate for rate in RATES])
        self.assertIn("of 2 optimizers the one with the most parameters is recorded, Adam with 131", run.notes()[0])
        self.assertIn("SGD with 28", run.notes()[0])

    def test_gan(self):
        run = Run(script("gan"))
        self.whole(run, of="generator")
        self.close([rates[0] for rates in run.all("rates", "discriminator")],
                   [4 * RATES[k // 2] for k in range(2 * STEPS)])

    def test_lbfgs_closure(self):
        self.whole(Run(script("lbfgs_closure")))

    def test_grad_scaler(self):
        run = Run(script("grad_scaler"), record="grad_norm")
        self.whole(run)
        self.assertGreater(len(run.all("skipped")), 0)
        self.assertTrue(all(0 < norm < 1e4 for norm in run.column("grad_norm")))

    def test_scaler_diverges(self):
        run = Run(script("scaler_diverges"))
        self.assertEqual((run.status, run.err), (0, ""))
        self.close(run.column("loss"), run.all("loss"))
        self.assertTrue(all(math.isnan(loss) for loss in run.column("loss")[5:]))
        self.close(run.column("lr"), RATES)

    def test_onecycle_per_batch(self):
        self.whole(Run(script("onecycle_per_batch")), ratios=(0.25, 1.0))

    def test_warmup_from_zero(self):
        self.whole(Run(script("warmup_from_zero")))

    def test_manual_schedule(self):
        run = Run(script("manual_schedule"), record="grad_norm")
        self.whole(run, ratios=(1.0, 1.0), losses=None)
        self.parts(run, 2)
        # before clipping, which in this script brings it to 1 at most
        self.assertGreater(max(run.column("grad_norm")), 1.0)

    def test_loader_workers_fork(self):
        self.whole(Run(script("loader_workers", "fork")))

    def test_loader_workers_spawn(self):
        self.whole(Run(script("loader_workers", "spawn")))

    def test_accumulation(self):
        run = Run(script("accumulation"))
        self.whole(run, losses=None)
        self.parts(run, 4)

    def test_swallow(self):
        run = Run(script("swallow"))
        self.assertEqual(run.err, "")
        self.assertEqual(run.status, 0)
        self.assertEqual(run.out, "something went wrong, going on\n")
        self.assertEqual(run.column("step"), list(range(STEPS)))
        # one update more than planned is the price of the caught exception
        self.close([rates[0] for rates in run.all("rates")][:STEPS], RATES)

    def test_module_path(self):
        self.whole(Run(script("module_path")))

    def test_torchrun(self):
        run = Run([sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2",
                   "--redirects=1", "--tee=1", "--log_dir=logs"]  # its defaults are broken on Python 3.11
                  + script("distributed")[1:])
        if "build without libuv" in run.err:  # Debian's 2.6; its torchrun starts nothing at all, hook or not
            self.skipTest("this PyTorch cannot run torchrun: it was built without libuv")
        self.assertEqual(run.status, 0, run.err)
        self.close(run.column("lr"), RATES)
        self.close(run.column("loss"), run.all("loss"))
        for rank in ("rank0", "rank1"):
            self.close([rates[0] for rates in run.all("rates", rank)], RATES)

    def test_spawned_ranks(self):
        run = Run(script("distributed", "spawn"))
        self.assertEqual(run.status, 0, run.err)
        self.close(run.column("loss"), run.all("loss"))
        for rank in ("rank0", "rank1"):
            self.close([rates[0] for rates in run.all("rates", rank)], RATES)
        self.assertIn("one of 2 processes: loss and batch size are those of rank 0, all follow the plan", run.notes())

    def test_custom_optimizer(self):
        run = Run(script("custom_optimizer"))
        self.whole(run)
        self.close(run.all("moved"), RATES, 1e-9)

    def test_adamw_groups(self):
        run = Run(script("adamw_groups"))
        self.assertEqual((run.status, run.err), (0, ""))
        for k, rates in enumerate(run.all("rates")):
            ratios = (0.01, 1.0, 0.0) + ((0.5,) if k >= 4 else ())
            self.close(rates, [RATES[k] * ratio for ratio in ratios])
        self.close(run.column("loss"), run.all("loss"))

    def form(self, name, moves=True):
        """optimizer_forms.py: the rates in their ratio, and the weights of the first steps moved by just as much."""
        run = Run(script("optimizer_forms", name), timeout=600)
        if run.status == 77:
            self.skipTest("PyTorch %s: %s" % (torch.__version__, run.err.strip()[:100]))
        # a compiled step makes PyTorch say that its profiler is left out
        said = [line for line in run.err.splitlines() if "Profiler function" not in line]
        self.assertEqual((run.status, said), (0, []))
        self.assertEqual(run.column("step"), list(range(STEPS)))
        self.close(run.column("lr"), RATES)
        self.close(run.column("loss"), run.all("loss"))
        if moves:  # Adam's first update has the rate's size, whatever the gradient
            self.close(run.all("moved")[0], [RATES[0] / 4, RATES[0]], 0.02)
            for moved, planned in zip(run.all("moved"), RATES):  # later ones have its order of magnitude
                self.assertTrue(0.1 < moved[1] / planned < 5, "%r, planned %r" % (moved, planned))
        return run

    def test_optimizer_forms(self):
        for name in ("foreach", "fused", "tensor_rate", "compiled_step", "compiled_model"):
            with self.subTest(name):
                self.form(name)
        with self.subTest("adafactor"):  # its step is relative to the size of the weights
            run = self.form("adafactor", moves=False)
            for rates, planned in zip(run.all("rates"), RATES):
                self.close(rates, [planned / 4, planned], 1e-6)

    def test_double_backward(self):
        run = Run(script("double_backward"))
        self.whole(run, losses=None)
        self.parts(run, 2)

    def test_sharpness_aware(self):
        self.whole(Run(script("sharpness_aware")))

    def test_grad_only(self):
        self.whole(Run(script("grad_only")))

    def test_unseen_loss(self):
        run = Run(script("unseen_loss"))
        self.assertEqual(run.status, 1)
        self.assertEqual(run.err.count("\n"), 1)
        self.assertIn("lrprobe: 10 updates were made, none of them after a loss.backward()", run.err)
        self.assertEqual(run.rows, [])

    def test_quiet_scheduler(self):
        run = Run(script("quiet_scheduler"))
        self.assertEqual((run.status, run.err), (0, ""))
        self.close([rates[0] for rates in run.all("rates")][-STEPS:], RATES)
        self.close(run.column("loss"), run.all("late")[-STEPS:])

    def test_own_client(self):
        with_both, with_client = Run(script("own_client")), Run(script("own_client"), hook=False)
        alone = Run(script("own_client"), hook=False, sweep=False)
        for run in (with_both, with_client):
            self.assertEqual((run.status, run.err), (0, ""))
            self.assertIn("# client: lrprobe.py", run.comments)
            self.close([rates[0] for rates in run.all("rates")], RATES)
            self.close(run.column("loss"), run.all("loss"))
        self.assertEqual((alone.status, alone.err, alone.rows), (0, "", []))
        self.assertEqual([rates[0] for rates in alone.all("rates")], [0.1] * 30)

    def test_seeds(self):
        runs = [Run(script("plain_loop"), seed=seed) for seed in (5, 5, 6)]
        losses = [run.column("loss") for run in runs]
        self.assertEqual(losses[0], losses[1])
        self.assertNotEqual(losses[0], losses[2])

    def test_without_lrprobe(self):
        """The hook's folder in PYTHONPATH, but no plan: the script runs as it would have."""
        run, plain = (Run(script("plain_loop"), hook=hook, sweep=False) for hook in (True, False))
        self.assertEqual((run.status, run.err, run.rows), (0, "", []))
        self.assertEqual(run.told, plain.told)
        self.assertEqual(len(run.all("loss")), 100)

    def test_shadowed_sitecustomize(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "sitecustomize.py"), "w") as file:
                file.write("print('the user has one too, ' + __name__)\n")
            path = os.pathsep.join([os.path.join(CLIENT, "hook"), CLIENT, folder])
            run = Run(script("plain_loop"), extra={"PYTHONPATH": path})
        self.whole(run)
        self.assertEqual(run.out, "the user has one too, sitecustomize\n")

    def test_broken_plan(self):
        run = Run(script("swallow"), extra={"LRPROBE_PLAN": "/nowhere/plan.csv"})
        self.assertEqual(run.status, 1)
        self.assertIn("cannot read the plan /nowhere/plan.csv", run.err)
        self.assertEqual(run.err.count("\n"), 1)


if __name__ == "__main__":
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit(77)
    unittest.main(verbosity=1)
