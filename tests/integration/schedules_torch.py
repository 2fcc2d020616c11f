#!/usr/bin/env python3
"""The values of `lrprobe schedule --csv` against PyTorch's own schedulers, step by step, momentum too.

usage: schedules_torch.py LRPROBE
Skips (exit 77) without PyTorch.
"""
import csv
import io
import os
import random
import subprocess
import sys
import tempfile
import warnings

try:
    import torch
    from torch.optim import lr_scheduler as S
except ImportError:
    print("skipped: PyTorch is not installed")
    sys.exit(77)

warnings.simplefilter("ignore")
RELATIVE = 1e-7
LRPROBE = sys.argv[1]
random.seed(20261125)
failures = compared = 0


def optimizer(lr):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr, momentum=0.5)


def ours(spec, steps, *more):
    done = subprocess.run([LRPROBE, "schedule", spec, "--steps", str(steps), "--csv", *more],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    if done.returncode != 0:
        sys.exit("%s: %s" % (spec, done.stderr))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    return [(float(r["lr"]), float(r["momentum"]) if r["momentum"] else None) for r in rows]


def theirs(sgd, scheduler, steps, losses=None):
    out = []
    for k in range(steps):
        group = sgd.param_groups[0]
        out.append((group["lr"], group["momentum"]))
        sgd.step()
        if losses is not None:
            scheduler.step(losses[k])
        elif k + 1 < steps:
            scheduler.step()
    return out


def near(a, b, scale):
    # the schedulers that multiply from step to step lose the digits of values far below the first
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b)) + 1e-13 * scale


def compare(spec, steps, expected, *more):
    global failures, compared
    got = ours(spec, steps, *more)
    scale = max(lr for lr, _ in expected)
    if len(got) != steps:
        print("not ok: %s has %d of %d steps" % (spec, len(got), steps))
        failures += 1
        return
    for k, ((lr, momentum), (their_lr, their_momentum)) in enumerate(zip(got, expected)):
        compared += 1
        same = near(lr, their_lr, scale) and (momentum is None or near(momentum, their_momentum, 1))
        if momentum is None and their_momentum != 0.5:
            same = False  # PyTorch's cycles, ours does not
        if not same:
            print("not ok: %s of %d steps at step %d: %r, PyTorch %r" % (spec, steps, k, got[k], expected[k]))
            failures += 1
            return


def check(spec, steps, make, lr, first_phase=1):
    """make(optimizer, steps) gives PyTorch's scheduler; alone and behind a warm-up. A one-cycle whose
    first phase has no step does not begin with the rate that PyTorch's warm-up takes for its first."""
    sgd = optimizer(lr)
    compare(spec, steps, theirs(sgd, make(sgd, steps), steps))
    for warmup in (1, 7):
        if warmup >= steps or first_phase * (steps - warmup) < 1:
            continue
        sgd = optimizer(lr)
        after = make(sgd, steps - warmup)
        rise = S.LinearLR(sgd, start_factor=1 / (warmup + 1), total_iters=warmup)
        both = S.SequentialLR(sgd, [rise, after], [warmup])
        compare("%s,warmup=%d" % (spec, warmup), steps, theirs(sgd, both, steps))


def rate():
    return 10 ** random.uniform(-4, 0.5)


def random_cases():
    for steps in (2, 3, 10, 57, 100, 999, 3000):
        lr = rate()
        size = random.randint(1, steps)
        gamma = random.uniform(0.2, 0.9)
        check("constant:lr=%r" % lr, steps, lambda o, n: S.ConstantLR(o, factor=1.0), lr)
        check("step:lr=%r,step_size=%d,gamma=%r" % (lr, size, gamma), steps,
              lambda o, n: S.StepLR(o, size, gamma), lr)
        check("step:lr=%r,step_size=%d" % (lr, size), steps, lambda o, n: S.StepLR(o, size), lr)
        marks = [random.randint(1, 2 * steps) for _ in range(random.randint(1, 6))]
        check("multistep:lr=%r,gamma=%r,milestones=%s" % (lr, gamma, "/".join(map(str, marks))), steps,
              lambda o, n: S.MultiStepLR(o, marks, gamma), lr)
        small = 1 - 10 ** random.uniform(-4, -2)
        check("exponential:lr=%r,gamma=%r" % (lr, small), steps, lambda o, n: S.ExponentialLR(o, small), lr)
        power = random.uniform(0.5, 3)
        check("polynomial:lr=%r" % lr, steps, lambda o, n: S.PolynomialLR(o, total_iters=n), lr)
        check("polynomial:lr=%r,power=%r,total_iters=%d" % (lr, power, size), steps,
              lambda o, n: S.PolynomialLR(o, total_iters=size, power=power), lr)
        low = lr * random.uniform(0, 0.5)
        check("cosine:max_lr=%r" % lr, steps, lambda o, n: S.CosineAnnealingLR(o, n), lr)
        check("cosine:max_lr=%r,min_lr=%r" % (lr, low), steps, lambda o, n: S.CosineAnnealingLR(o, n, low), lr)
        half = max(2, steps // 3)  # it rises again
        check("cosine:max_lr=%r,min_lr=%r,t_max=%d" % (lr, low, half), steps,
              lambda o, n: S.CosineAnnealingLR(o, half, low), lr)
        for mult in (1, 2, 3):
            first = max(1, steps // random.randint(2, 12))
            check("sgdr:max_lr=%r,min_lr=%r,t_0=%d,t_mult=%d" % (lr, low, first, mult), steps,
                  lambda o, n: S.CosineAnnealingWarmRestarts(o, first, mult, low), lr)
        down = random.randint(1, steps)
        for mode in ("triangular", "triangular2", "exp_range"):
            more = ",gamma=%r" % small if mode == "exp_range" else ""
            extra = {"gamma": small} if mode == "exp_range" else {}
            check("%s:base_lr=%r,max_lr=%r,step_size=%d%s" % (mode, low, lr, size, more), steps,
                  lambda o, n: S.CyclicLR(o, low, lr, size, mode=mode, **extra), low)
            check("%s:base_lr=%r,max_lr=%r,step_size=%d,step_size_down=%d,momentum_low=0.7,momentum_high=0.95%s"
                  % (mode, low, lr, size, down, more), steps,
                  lambda o, n: S.CyclicLR(o, low, lr, size, down, mode=mode, base_momentum=0.7, max_momentum=0.95,
                                          **extra), low)
            check("%s:base_lr=%r,max_lr=%r,step_size=%d,cycle_momentum=0%s" % (mode, low, lr, size, more), steps,
                  lambda o, n: S.CyclicLR(o, low, lr, size, mode=mode, cycle_momentum=False, **extra), low)
        check("triangular:base_lr=%r,max_lr=%r" % (low, lr), steps, lambda o, n: S.CyclicLR(o, low, lr), low)
        one_cycle(steps, lr)


def one_cycle(steps, lr):
    for three in (False, True):
        for anneal in ("cos", "linear"):
            share = random.uniform(0.05, 0.49)
            spec = "onecycle:max_lr=%r,pct_start=%r,anneal=%s,three_phase=%d" % (lr, share, anneal, three)
            check(spec, steps, lambda o, n: S.OneCycleLR(o, lr, n, pct_start=share, anneal_strategy=anneal,
                                                         three_phase=three), lr, share)
            spec += ",initial_lr=%r,final_lr=%r,momentum_low=0.8,momentum_high=0.99" % (lr / 10, lr / 1000)
            check(spec, steps, lambda o, n: S.OneCycleLR(
                o, lr, n, pct_start=share, anneal_strategy=anneal, three_phase=three, div_factor=10,
                final_div_factor=100, base_momentum=0.8, max_momentum=0.99), lr, share)
    check("onecycle:max_lr=%r,cycle_momentum=0" % lr, steps,
          lambda o, n: S.OneCycleLR(o, lr, n, cycle_momentum=False), lr, 0.3)


def plateau_cases(folder):
    path = os.path.join(folder, "losses.csv")
    for k in range(60):
        steps = random.randint(20, 400)
        offset = random.choice((0.3, 0, -5))
        losses = [offset + 2 / (1 + i / 10) + random.gauss(0, 0.05) for i in range(steps)]
        if k % 5 == 0:
            losses[steps // 2] = float(random.choice(("nan", "inf", "-inf")))
        with open(path, "w") as file:
            file.write("loss\n" + "".join("%r\n" % x for x in losses))
        keys = {"factor": random.choice((0.1, 0.5)), "patience": random.randint(0, 12),
                "threshold": random.choice((1e-4, 1e-2)), "threshold_mode": random.choice(("rel", "abs")),
                "cooldown": random.randint(0, 5), "min_lr": random.choice((0, 1e-3)), "eps": 1e-8}
        mode = random.choice(("min", "max"))
        sgd = optimizer(0.1)
        scheduler = S.ReduceLROnPlateau(sgd, mode=mode, **keys)
        spec = "plateau_torch:lr=0.1,mode=%s,%s" % (mode, ",".join("%s=%s" % item for item in keys.items()))
        compare(spec, steps, theirs(sgd, scheduler, steps, losses), "--losses", path)
    # the defaults
    losses = [1 / (1 + i / 7) + random.gauss(0, 0.02) for i in range(300)]
    with open(path, "w") as file:
        file.write("loss\n" + "".join("%r\n" % x for x in losses))
    sgd = optimizer(0.1)
    compare("plateau_torch:lr=0.1", 300, theirs(sgd, S.ReduceLROnPlateau(sgd), 300, losses), "--losses", path)
    # the mean of an epoch, handed over at its end
    sgd = optimizer(0.1)
    scheduler = S.ReduceLROnPlateau(sgd, patience=2)
    expected = []
    for k in range(300):
        expected.append((sgd.param_groups[0]["lr"], 0.5))
        if (k + 1) % 10 == 0:
            scheduler.step(sum(losses[k - 9:k + 1]) / 10)
    compare("plateau_torch:lr=0.1,patience=2", 300, expected, "--losses", path, "--steps-per-epoch", "10")


random_cases()
with tempfile.TemporaryDirectory() as place:
    plateau_cases(place)
print("%d steps compared, %d schedules differ" % (compared, failures))
sys.exit(1 if failures > 0 or compared < 10000 else 0)
