#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the scripts reach with rates that nobody had to find: complete trainings at constant rates, half a decade apart
over five decades, and under one-cycle schedules around the best of them; with two seeds where it matters.

usage: oracle.py [NAME...]   makes oracle/NAME.csv (kind, rate, seed, score); without names: those that are missing

Nothing of lrprobe is used here. The rate is that of the fastest parameter group, others keep their ratio to it. The
trainings are children forked after the import of torch, since that import costs more than most of them."""
import csv
import math
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import time

import table
import workplace

FOLDER = os.path.join(workplace.HERE, "oracle")
SEEDS = (1, 2)
SCHEDULE = '''
import torch
reference = []
def make_scheduler(optimizer):
    own = [group["lr"] for group in optimizer.param_groups]
    reference.append(max(own))  # of the first optimizer
    rates = [%(rate)r * lr / reference[0] for lr in own]
    for group, rate in zip(optimizer.param_groups, rates):
        group["lr"] = group["initial_lr"] = rate
    if %(kind)r == "onecycle":
        return torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rates, total_steps=%(steps)d, cycle_momentum=False)
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
'''


def shift_seeds(seed):
    """The script's own seeds, moved; those that DataLoader gives its workers are made from them."""
    import random

    import numpy
    import torch
    def moved(original):
        return lambda own=None: original(own + 7919 * seed if isinstance(own, int) else own)

    for owner, name in ((torch, "manual_seed"), (random, "seed"), (numpy.random, "seed")):
        original = getattr(owner, name)
        setattr(owner, name, moved(original))
        original(seed)


def score_in(text, script):
    """The last "final ... X" of what was printed; nan where there is none (the training failed)."""
    found = re.findall(r"final %s (\S+)" % re.escape(script.score), text)
    try:
        return float(found[-1]) if found else math.nan
    except ValueError:
        return math.nan


def in_a_fork(place, script, arguments, seed, output):
    child = os.fork()
    if child == 0:
        try:
            os.chdir(place.folder)
            os.environ["HOME"] = place.home
            file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            shift_seeds(seed)
            sys.argv = [script.file] + arguments
            sys.path.insert(0, place.folder)
            runpy.run_path(script.file, run_name="__main__")
        except BaseException as error:
            print("ended by %r" % error)
        sys.stdout.flush()
        os._exit(0)
    deadline = time.monotonic() + 120
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, 9)
        time.sleep(0.01)


def train(script, place, schedule_text, seed):
    """The score of one complete training under the schedule of that text."""
    path, output = place.folder + "_schedule.py", place.folder + "_output"
    with open(path, "w") as file:
        file.write(schedule_text)
    folder = tempfile.mkdtemp(dir=os.path.dirname(place.folder))
    copy = object.__new__(workplace.Workplace)  # each training begins with the files that the user has
    copy.script, copy.folder, copy.home = script, os.path.join(folder, "work"), os.path.join(folder, "home")
    shutil.copytree(place.folder, copy.folder, symlinks=True)
    shutil.copytree(place.home, copy.home, symlinks=True)
    arguments = list(script.arguments) + ["--schedule", path]
    try:
        if script.name.startswith("ddp"):
            text = copy.run(copy.command(arguments)).stdout.decode()
        else:
            in_a_fork(copy, script, arguments, seed, output)
            with open(output, errors="replace") as file:
                text = file.read()
    except subprocess.TimeoutExpired:
        text = ""
    shutil.rmtree(folder)
    return score_in(text, script)


def seeds_of(script):
    return SEEDS[:1] if script.name.startswith("ddp") else SEEDS


def ranking(script, score):
    """Higher is better; a failed training is the worst."""
    if not math.isfinite(score):
        return -math.inf
    return score if script.higher else -score


def make(script):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        place = workplace.Workplace(script, folder)

        def measure(kind, rate, seeds):
            """The sum of their rankings."""
            total = 0.0
            for seed in seeds:
                score = train(script, place, SCHEDULE % {"rate": rate, "kind": kind, "steps": script.updates}, seed)
                rows.append((kind, "%.3g" % rate, seed, "%.6g" % score))
                total += ranking(script, score)
            return total

        first, others = seeds_of(script)[:1], seeds_of(script)[1:]
        measure("constant", 1e-12, first)  # the start
        found = {rate: measure("constant", rate, first) for rate in (10 ** (script.centre + k / 2) for k in range(-5, 6))}
        top = sorted(found, key=found.get)[-4:]
        both = {rate: found[rate] + measure("constant", rate, others) for rate in top}
        best = max(both, key=both.get)
        for k in (-1, 0, 1, 2):
            measure("onecycle", best * 10 ** (k / 2), first + others)
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, script.name + ".csv"), "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("kind", "rate", "seed", "score"))
        writer.writerows(rows)


def main():
    import torch
    torch.set_num_threads(1)
    wanted = sys.argv[1:]
    for script in table.SCRIPTS:
        if script.centre is None or (wanted and script.name not in wanted):
            continue
        if not wanted and os.path.exists(os.path.join(FOLDER, script.name + ".csv")):
            continue
        began = time.monotonic()
        make(script)
        print("%s: %.0f s" % (script.name, time.monotonic() - began), flush=True)


if __name__ == "__main__":
    main()
