#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The client's PyTorch helper: rates that the optimizers' own code sees, in every order of the calls around it; and the
client and the hook write the same run record. Exit status 77 where torch cannot be imported."""
import os
import sys
import tempfile
import unittest

from torch_hook import CLIENT, HERE, RATES, SCRIPTS, STEPS, Run

HEAD = """
import sys; sys.path.insert(0, %r)
import lrprobe, observe, torch
torch.manual_seed(lrprobe.seed(3))
model = observe.model()
""" % SCRIPTS
LOOP = """
for x, y in observe.batches(500):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.loss(loss)
"""


class TorchClient(unittest.TestCase):
    def close(self, got, wanted, tolerance=1e-12):
        self.assertEqual(len(got), len(wanted))
        for k, (a, b) in enumerate(zip(got, wanted)):
            self.assertTrue(abs(a - b) <= tolerance * abs(b), "%d: %r, wanted %r" % (k, a, b))

    def run_code(self, code, ratios=(1.0,), of="main", last=True, **options):
        run = Run([sys.executable, "-c", HEAD + code], hook=False, **options)
        self.assertEqual((run.status, run.err), (0, ""))
        self.assertEqual(run.column("step"), list(range(STEPS)))
        self.close(run.column("lr"), RATES)
        seen = run.all("rates", of)
        self.assertEqual(len(seen), STEPS if last else STEPS - 1)
        for k, rates in enumerate(seen):
            self.close(rates, [RATES[k] * ratio for ratio in ratios])
        return run

    def test_after_the_step(self):
        run = self.run_code("optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))\n"
                            "probe = lrprobe.torch(optimizer)" + LOOP + "    optimizer.step()\n    probe.report(loss)\n")
        self.close(run.column("loss"), run.all("loss"))
        self.assertIn("# optimizer: SGD", run.comments)

    def test_before_the_step(self):
        for place in ("    probe.report(loss)\n    optimizer.step()\n",):
            run = self.run_code("optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))\n"
                                "probe = lrprobe.torch(optimizer)" + LOOP + place, last=False)
            self.close(run.column("loss"), run.all("loss"))

    def test_schedulers(self):
        """Made before and after the client, stepped per batch; nothing is said about the order of calls."""
        before = ("scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[0.1, 0.4], total_steps=500)\n"
                  "second = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)\n")
        for code in (before + "probe = lrprobe.torch(optimizer)", "probe = lrprobe.torch(optimizer)\n" + before):
            ratios = (0.25, 1.0) if code.startswith("scheduler") else (1.0, 1.0)
            run = self.run_code("groups = [{'params': model[0].parameters()}, {'params': model[2].parameters()}]\n"
                                "optimizer = observe.rates(torch.optim.SGD(groups, lr=0.1, momentum=0.9))\n" + code + LOOP
                                + "    optimizer.step()\n    probe.report(loss)\n    scheduler.step()\n    second.step()\n",
                                ratios=ratios)
            self.close(run.column("loss"), run.all("loss"))

    def test_several_optimizers_and_groups(self):
        run = self.run_code("""
groups = [{"params": model[0].weight, "lr": 1e-5}, {"params": model[0].bias, "lr": 0.0}]
first = observe.rates(torch.optim.AdamW(groups, lr=1e-3), "first")
optimizer = observe.rates(torch.optim.SGD(model[2].parameters(), lr=1e-4))
probe = lrprobe.torch(first, optimizer)
""" + LOOP + "    first.step()\n    optimizer.step()\n    probe.report(loss)\n", ratios=(10.0,))
        self.close([rates[0] for rates in run.all("rates", "first")], RATES)
        self.assertEqual({rates[1] for rates in run.all("rates", "first")}, {0.0})

    def test_accumulation_and_validation(self):
        run = self.run_code("""
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
probe = lrprobe.torch(optimizer, validate=lambda: 0.5, validate_every=10)
for i, (x, y) in enumerate(observe.batches(500)):
    loss = torch.nn.functional.cross_entropy(model(x), y)
    (loss / 4).backward()
    observe.loss(loss)
    probe.accumulate(loss)
    if i % 4 == 3:
        optimizer.step()
        optimizer.zero_grad()
        probe.report()
""")
        parts = run.all("loss")
        self.close(run.column("loss"), [sum(parts[i:i + 4]) / 4 for i in range(0, len(parts), 4)])
        measured = [k for k, value in enumerate(run.column("val_loss")) if value is not None]
        self.assertEqual(measured, [9, 19, STEPS - 1])

    def test_skipped_steps(self):
        """A GradScaler skips the first update, or several: each is a row, and no rate is one row late."""
        for first, scale in ((float("inf"), 4.0), (1.0, 2.0 ** 126)):
            self.skips(first, scale)

    def skips(self, first, scale):
        run = Run([sys.executable, "-c", HEAD + """
import processor_scaler
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
probe = lrprobe.torch(optimizer)
scaler = processor_scaler.make(float(sys.argv[2]))
for k, (x, y) in enumerate(observe.batches(500)):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y) * 64
    if k == 0:
        loss = loss * float(sys.argv[1])
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    observe.tell(row=k)
    probe.report(loss)
""", repr(first), repr(scale)], hook=False)
        self.assertEqual((run.status, run.err), (0, ""))
        updates = [i for i, line in enumerate(run.told) if "rates" in line]
        self.assertLess(len(updates), STEPS)
        for i in updates:
            self.close(run.told[i]["rates"], [RATES[run.told[i + 1]["row"]]])

    def test_rates_in_tensors_and_momentum(self):
        """A rate that is a tensor is filled in place; momentum and betas follow the plan."""
        with tempfile.TemporaryDirectory() as folder:
            plan = os.path.join(folder, "plan.csv")
            with open(plan, "w") as file:
                file.write("step,lr,momentum\n" + "".join("%d,%r,%r\n" % (k, rate, 0.5 + k / 100.0)
                                                          for k, rate in enumerate(RATES)))
            self.run_code("""
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
adam = torch.optim.Adam([torch.nn.Parameter(torch.zeros(2))], lr=0.2)
adam._optimizer_step_code = lambda: observe.tell(betas=adam.param_groups[0]["betas"])
rate = torch.tensor(0.1, dtype=torch.float64)
optimizer.param_groups[0]["lr"] = rate
real_step = type(optimizer).step
def step_with_number(self):
    assert self.param_groups[0]["lr"] is rate
    self.param_groups[0]["lr"] = float(rate)
    observe.tell(momentum=self.param_groups[0]["momentum"])
    real_step(self)
    self.param_groups[0]["lr"] = rate
optimizer.step = step_with_number.__get__(optimizer)
probe = lrprobe.torch(optimizer, adam)
""" + LOOP + "    adam.step(); optimizer.step()\n    probe.report(loss)\n", extra={"LRPROBE_PLAN": plan})
            run = self.run_code("""
optimizer = observe.rates(torch.optim.Adam(model.parameters(), lr=0.1))
observed = optimizer._optimizer_step_code
def code():
    observed()
    observe.tell(betas=optimizer.param_groups[0]["betas"])
optimizer._optimizer_step_code = code
probe = lrprobe.torch(optimizer)
""" + LOOP + "    optimizer.step()\n    probe.report(loss)\n", extra={"LRPROBE_PLAN": plan})
            self.assertEqual(run.all("betas"), [[0.5 + k / 100.0, 0.999] for k in range(STEPS)])
            self.assertEqual(run.column("momentum"), [0.5 + k / 100.0 for k in range(STEPS)])

    def test_several_updates_a_report(self):
        run = Run([sys.executable, "-c", HEAD + "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
                   "probe = lrprobe.torch(optimizer)" + LOOP + "    optimizer.step(); optimizer.step()\n"
                   "    probe.report(loss)\n"], hook=False)
        self.assertEqual(run.status, 0)
        self.assertEqual(run.err, "lrprobe: 2 updates were made between two reports: lrprobe's plan counts reports\n")
        self.assertEqual(run.notes(), ["2 updates were made between two reports: lrprobe's plan counts reports"])

    def test_client_and_hook_agree(self):
        script = os.path.join(HERE, "client_scripts", "classifier.py")
        for kind, optimizer, seed in (("mlp", "sgd", 1), ("cnn", "adam", 2)):
            runs = [Run([sys.executable, script, how, kind, optimizer], seed=seed, hook=how == "plain")
                    for how in ("client", "plain")]
            for run in runs:
                self.assertEqual((run.status, run.err), (0, ""))
            for name in ("step", "lr", "loss"):
                self.assertEqual(runs[0].column(name), runs[1].column(name))
            self.assertEqual(len(runs[0].rows), STEPS)


if __name__ == "__main__":
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit(77)
    assert os.path.isdir(CLIENT)
    unittest.main(verbosity=1)
