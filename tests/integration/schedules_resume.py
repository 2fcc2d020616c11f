#!/usr/bin/env python3
"""The PyTorch code of `lrprobe schedule --code pytorch` in other people's trainings: parameter groups, optimizers of
every kind, checkpoints that are loaded in any order, runs that are longer than planned.

usage: schedules_resume.py LRPROBE
Skips (exit 77) without PyTorch.
"""
import csv
import io
import itertools
import json
import os
import subprocess
import sys
import tempfile
import unittest
import warnings

try:
    import torch
except ImportError:
    print("skipped: PyTorch is not installed")
    sys.exit(77)

warnings.simplefilter("ignore")
LRPROBE = sys.argv.pop(1)
STEPS = 40
SPECS = ["onecycle:max_lr=0.5", "clr:base_lr=0.01,max_lr=0.3,step_size=9", "cosine:max_lr=0.1,warmup=5",
         "wsd:max_lr=0.1,warmup=4", "exponential:lr=0.1,gamma=0.97"]


def run(*words):
    return subprocess.run([LRPROBE, "schedule", *words], stdout=subprocess.PIPE, universal_newlines=True,
                          check=True).stdout


def printed(spec, *more):
    """The functions of the printed code."""
    space = {}
    exec(compile(run(spec, "--code", "pytorch", *more), "printed", "exec"), space)
    return space


def expected(spec, *more):
    return [(float(r["lr"]), float(r["momentum"]) if r["momentum"] else None)
            for r in csv.DictReader(io.StringIO(run(spec, "--csv", *more)))]


def parameters(n):
    return [torch.nn.Parameter(torch.zeros(3)) for _ in range(n)]


def update(optimizer):
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = torch.ones_like(p)
    optimizer.step()


def momentum_of(group):
    return group["betas"][0] if "betas" in group else group.get("momentum")


def seen(optimizer):
    return [(float(group["lr"]), momentum_of(group)) for group in optimizer.param_groups]


def follow(optimizer, scheduler, first, last):
    rows = []
    for _ in range(first, last):
        rows.append(seen(optimizer))
        update(optimizer)
        scheduler.step()
    return rows


def two_groups(lr=0.2):
    a, b = parameters(2)
    return torch.optim.SGD([{"params": [a], "lr": lr / 100}, {"params": [b]}], lr=lr, momentum=0.9)


class Groups(unittest.TestCase):
    def test_each_group_keeps_its_ratio(self):
        for spec in SPECS:
            course = expected(spec, "--steps", str(STEPS))
            optimizer = two_groups()
            rows = follow(optimizer, printed(spec, "--steps", str(STEPS))["make_scheduler"](optimizer), 0, STEPS)
            for k, ((rate, _), row) in enumerate(zip(course, rows)):
                self.assertAlmostEqual(row[1][0], rate, delta=1e-12, msg="%s step %d" % (spec, k))
                self.assertAlmostEqual(row[0][0], rate / 100, delta=1e-12, msg="%s step %d" % (spec, k))

    def test_layer_wise_decay(self):
        layers = parameters(6)
        own = [3e-4 * 0.65 ** depth for depth in range(6)]
        optimizer = torch.optim.AdamW([{"params": [p], "lr": lr} for p, lr in zip(layers, own)])
        scheduler = printed("onecycle:max_lr=0.01,cycle_momentum=0", "--steps", "9")["make_scheduler"](optimizer)
        for (rate, _), row in zip(expected("onecycle:max_lr=0.01", "--steps", "9"),
                                  follow(optimizer, scheduler, 0, 9)):
            for depth in range(6):
                self.assertAlmostEqual(row[depth][0], rate * 0.65 ** depth, delta=1e-12)

    def test_a_group_that_is_frozen_by_its_rate_stays_frozen(self):
        a, b = parameters(2)
        optimizer = torch.optim.SGD([{"params": [a], "lr": 0.0}, {"params": [b], "lr": 0.1}], lr=0.1)
        rows = follow(optimizer, printed("constant:lr=0.3", "--steps", "3")["make_scheduler"](optimizer), 0, 3)
        self.assertEqual([[rate for rate, _ in row] for row in rows], [[0, 0.3]] * 3)

    def test_a_group_that_comes_later_gets_its_ratio(self):
        a, b = parameters(2)
        optimizer = torch.optim.SGD([a], lr=0.2)
        scheduler = printed("constant:lr=0.6", "--steps", "9")["make_scheduler"](optimizer)
        follow(optimizer, scheduler, 0, 3)
        optimizer.add_param_group({"params": [b], "lr": 0.02})
        update(optimizer)
        scheduler.step()
        self.assertAlmostEqual(optimizer.param_groups[0]["lr"], 0.6)
        self.assertAlmostEqual(optimizer.param_groups[1]["lr"], 0.06)

    def test_groups_of_a_schedule_by_losses(self):
        for spec in ("plateau:lr=0.3", "plateau_torch:lr=0.3,patience=2,factor=0.5"):
            optimizer = two_groups()
            scheduler = printed(spec, "--steps", "100")["make_scheduler"](optimizer)
            for _ in range(60):
                update(optimizer)
                scheduler.step(1.0)
            slow, fast = [rate for rate, _ in seen(optimizer)]
            self.assertAlmostEqual(slow, fast / 100)
            self.assertLess(fast, 0.3)


class Optimizers(unittest.TestCase):
    MAKERS = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.1), "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
        "RMSprop with momentum": lambda p: torch.optim.RMSprop(p, lr=0.1, momentum=0.9),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.1), "AdamW": lambda p: torch.optim.AdamW(p, lr=0.1, amsgrad=True),
        "Adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1), "Adadelta": lambda p: torch.optim.Adadelta(p, lr=0.1),
        "Adamax": lambda p: torch.optim.Adamax(p, lr=0.1), "NAdam": lambda p: torch.optim.NAdam(p, lr=0.1),
        "RAdam": lambda p: torch.optim.RAdam(p, lr=0.1), "ASGD": lambda p: torch.optim.ASGD(p, lr=0.1),
        "Rprop": lambda p: torch.optim.Rprop(p, lr=0.1)}

    def test_the_code_runs_with_each_and_only_a_momentum_that_is_on_cycles(self):
        for spec in SPECS[:2]:
            course = expected(spec, "--steps", str(STEPS))
            make_scheduler = printed(spec, "--steps", str(STEPS))["make_scheduler"]
            for name, make in self.MAKERS.items():
                optimizer = make(parameters(1))
                own = momentum_of(optimizer.param_groups[0])
                rows = follow(optimizer, make_scheduler(optimizer), 0, STEPS)
                for (rate, momentum), row in zip(course, rows):
                    self.assertAlmostEqual(row[0][0], rate, delta=1e-12, msg=name)
                    if own:
                        self.assertAlmostEqual(row[0][1], momentum, delta=1e-12, msg=name)
                    else:
                        self.assertEqual(row[0][1], own, msg=name)

    def test_what_was_swept_without_momentum_leaves_the_momentum_alone(self):
        for swept in ("none", None):
            with tempfile.TemporaryDirectory() as place:
                path = os.path.join(place, "bounds.json")
                with open(path, "w") as file:
                    json.dump({"schema": "lrprobe.bounds/1", "outcome": "ok", "metric": "loss",
                               "one_cycle": {"max_lr": 0.3, "initial_lr": 0.01, "final_lr": 1e-6, "momentum_low": 0.85,
                                             "momentum_high": 0.95},
                               "clr": {"base_lr": 0.01, "max_lr": 0.3, "step_size": 10},
                               "conditions": {"momentum": {"name": swept}}}, file)
                for name in ("onecycle", "clr", "triangular", "triangular2", "exp_range"):
                    text = run(name, "--from", path, "--steps", "40", "--code", "pytorch")
                    self.assertNotIn("momentum_", text)
                    space = {}
                    exec(compile(text, "printed", "exec"), space)
                    for maker in ("SGD", "momentum", "Adam", "RMSprop"):
                        optimizer = self.MAKERS[maker](parameters(1))
                        own = momentum_of(optimizer.param_groups[0])
                        rows = follow(optimizer, space["make_scheduler"](optimizer), 0, 40)
                        self.assertEqual({row[0][1] for row in rows}, {own})

    def test_a_rate_that_is_a_tensor_stays_one(self):
        optimizer = torch.optim.SGD(parameters(1), lr=0.1)
        rate = optimizer.param_groups[0]["lr"] = torch.tensor(0.1, dtype=torch.float64)
        scheduler = printed("exponential:lr=0.4,gamma=0.5", "--steps", "9")["make_scheduler"](optimizer)
        scheduler.load_state_dict({"last_epoch": 2})
        self.assertAlmostEqual(float(optimizer.param_groups[0]["lr"]), 0.1)
        self.assertAlmostEqual(optimizer.param_groups[0]["initial_lr"], 0.1)
        if torch.is_tensor(optimizer.param_groups[0]["lr"]) and not torch.__version__.startswith("1."):
            self.assertIs(optimizer.param_groups[0]["lr"], rate)


class Resumed(unittest.TestCase):
    def through_a_file(self, state):
        file = io.BytesIO()
        torch.save(state, file)
        file.seek(0)
        return torch.load(file)

    def orders(self, spec, value=None):
        """Trained for a third, saved, and continued in a new optimizer: what is loaded when, in each order."""
        cut = STEPS // 3
        words = (spec, "--steps", str(STEPS))
        step = {"value": value} if value is not None else {}

        def course(optimizer, scheduler, first, last):
            rows = []
            for k in range(first, last):
                rows.append(seen(optimizer))
                update(optimizer)
                scheduler.step(**step)
            return rows

        optimizer = two_groups()
        whole = course(optimizer, printed(*words)["make_scheduler"](optimizer), 0, STEPS)
        optimizer = two_groups()
        scheduler = printed(*words)["make_scheduler"](optimizer)
        course(optimizer, scheduler, 0, cut)
        saved = self.through_a_file({"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()})
        for order in itertools.permutations(("make", "optimizer", "scheduler")):
            if order.index("scheduler") < order.index("make"):
                continue
            optimizer = two_groups(lr=7.0)
            make_scheduler = printed(*words)["make_scheduler"]
            for what in order:
                if what == "make":
                    scheduler = make_scheduler(optimizer)
                elif what == "optimizer":
                    optimizer.load_state_dict(saved["optimizer"])
                else:
                    scheduler.load_state_dict(saved["scheduler"])
            rows = course(optimizer, scheduler, cut, STEPS)
            for k, (a, b) in enumerate(zip(whole[cut:], rows)):
                for (rate, momentum), (other, other_momentum) in zip(a, b):
                    self.assertAlmostEqual(rate, other, delta=1e-12, msg="%s %s step %d" % (spec, order, cut + k))
                    self.assertAlmostEqual(momentum, other_momentum, delta=1e-12)

    def test_the_order_of_loading_does_not_matter(self):
        for spec in SPECS:
            self.orders(spec)

    def test_nor_where_the_loss_decides(self):
        self.orders("plateau_torch:lr=0.3,patience=2,factor=0.5", 1.0)
        self.orders("plateau:lr=0.3,patience=4,factor=0.5", 1.0)

    def test_a_run_without_a_saved_scheduler_continues_at_its_step(self):
        for spec in SPECS:
            words = (spec, "--steps", str(STEPS))
            optimizer = two_groups()
            whole = follow(optimizer, printed(*words)["make_scheduler"](optimizer), 0, STEPS)
            optimizer = two_groups()
            scheduler = printed(*words)["make_scheduler"](optimizer, last_epoch=12)
            self.assertEqual(whole[13:], follow(optimizer, scheduler, 13, STEPS))

    def test_a_state_of_another_scheduler_is_taken(self):
        optimizer = two_groups()
        other = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=[0.01, 1.0], total_steps=STEPS)
        for _ in range(11):
            update(optimizer)
            other.step()
        state = other.state_dict()
        scheduler = printed(SPECS[0], "--steps", str(STEPS))["make_scheduler"](optimizer)
        scheduler.load_state_dict(state)
        rate, _ = expected(SPECS[0], "--steps", str(STEPS))[11]
        self.assertAlmostEqual(optimizer.param_groups[1]["lr"], rate, delta=1e-12)
        self.assertAlmostEqual(optimizer.param_groups[0]["lr"], rate / 100, delta=1e-12)

    def test_after_the_end_the_last_rate_stays(self):
        for spec in SPECS:
            optimizer = two_groups()
            scheduler = printed(spec, "--steps", str(STEPS))["make_scheduler"](optimizer)
            rows = follow(optimizer, scheduler, 0, STEPS + 25)
            last = expected(spec, "--steps", str(STEPS))[-1][0]
            for row in rows[STEPS - 1:]:
                self.assertAlmostEqual(row[1][0], last, delta=1e-12, msg=spec)
            self.assertAlmostEqual(scheduler.get_last_lr()[1], last, delta=1e-12)


if __name__ == "__main__":
    unittest.main()
