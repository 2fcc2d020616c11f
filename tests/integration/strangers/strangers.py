#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sweeps of other people's training scripts (table.py), none of which knows of lrprobe: right bounds or the right reason,
no file of the user changed, no process left, and trainings by the generated code that end near the best possible.

usage: strangers.py LRPROBE [--quick] [--results FILE] [NAME...]   prints TAP

--results: one JSON object a script is appended to FILE."""
import json
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

import expected
import oracle
import table
import workplace

WORST_REGRET = 0.10
MARK = "STRANGERS_PLACE"


class Tap:
    def __init__(self):
        self.number = self.broken = self.faults = 0
        self.known = None  # a fault of this script that is known

    def check(self, name, good, detail=""):
        self.number += 1
        print("%s %d - %s%s" % ("ok" if good else "not ok", self.number, name,
                                " # TODO " + self.known if self.known and not good else ""))
        if not good:
            self.broken += 1
            self.faults += self.known is None
            for line in str(detail).splitlines()[-25:]:
                print("# " + line)
        sys.stdout.flush()

    def finish(self):
        print("1..%d" % self.number)
        return 1 if self.faults else 0


class Sweep:
    """One sweep of a script: what it printed, what bounds.json has, what became of the user's files."""

    def __init__(self, lrprobe, script, folder):
        self.script, self.lrprobe = script, os.path.abspath(lrprobe)
        self.place = workplace.Workplace(script, folder)
        self.output = os.path.join(folder, "out")
        options = list(script.options)
        if "--mode" not in options:
            options = ["--hook", "torch"] + options
        if script.updates:
            options += ["--steps-planned", str(script.updates)]
        command = [self.lrprobe, "sweep", "--plot", "none", "-o", self.output] + options + ["--"] + self.place.command()
        environment = dict(self.place.environment(), **{MARK: folder})
        before = self.place.fingerprint()
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.monotonic()
        done = subprocess.run(command, cwd=self.place.folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = time.monotonic() - started
        self.cpu = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
        self.code, self.text = done.returncode, done.stdout.decode(errors="replace")
        self.left = processes_with(MARK + "=" + folder)
        self.changes = workplace.changes(before, self.place.fingerprint())
        self.bounds = {}
        if os.path.exists(os.path.join(self.output, "bounds.json")):
            with open(os.path.join(self.output, "bounds.json")) as file:
                self.bounds = json.load(file)

    def outcome(self):
        return self.bounds.get("outcome", "exit %d" % self.code)

    def value(self, name, inner="value"):
        return (self.bounds.get(name) or {}).get(inner)

    def generated(self, schedule):
        """The code of that schedule for a complete training."""
        done = subprocess.run([self.lrprobe, "schedule", schedule, "--from", os.path.join(self.output, "bounds.json"),
                               "--steps", str(self.script.updates), "--code", "pytorch"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        return done.stdout.decode()

    def trained(self, schedule):
        return [oracle.train(self.script, self.place, schedule, seed) for seed in oracle.seeds_of(self.script)]


def processes_with(mark, patience=3.0):
    """Processes whose environment has the mark; those that are ending get a moment."""
    deadline = time.monotonic() + patience
    while True:
        found = []
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % number, "rb") as file:
                    if mark.encode() in file.read().split(b"\0"):
                        found.append(int(number))
            except OSError:
                pass
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def momentum_of(code, optimizer):
    """Of an optimizer without momentum, after the code has made its scheduler."""
    import torch
    made = getattr(torch.optim, optimizer)([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    space = {}
    exec(code, space)
    space["make_scheduler"](made)
    return made.param_groups[0]["momentum"]


def inside(value, interval):
    return value is not None and interval[0] <= value <= interval[1]


def judge(tap, sweep):
    """The checks of one sweep; what the report says of it."""
    broken = tap.broken
    script, name = sweep.script, sweep.script.name
    tap.known = table.KNOWN.get(name)
    result = {"name": name, "style": script.style, "kind": script.kind, "outcome": sweep.outcome(),
              "reason": sweep.bounds.get("reason"), "base_lr": sweep.bounds.get("base_lr"),
              "max_lr": sweep.bounds.get("max_lr"), "exit": sweep.code, "cpu": sweep.cpu, "seconds": sweep.seconds,
              "changes": sweep.changes, "repeats": sweep.bounds.get("repeats")}
    known = expected.Oracle(script) if script.centre is not None else None
    refused = sweep.outcome() != "ok" or sweep.value("max_lr") is None
    if script.kind == "bounds" or (script.kind == "either" and not refused and known):
        tap.check(name + ": ends with bounds", not refused and sweep.code == 0, sweep.text)
        base, top = known.intervals()
        result["expected"] = {"base_lr": base, "max_lr": top}
        if script.kind == "bounds":
            tap.check("%s: base_lr %s within %.2g .. %.2g" % ((name, sweep.value("base_lr")) + base),
                      inside(sweep.value("base_lr"), base), sweep.text)
            tap.check("%s: max_lr %s within %.2g .. %.2g" % ((name, sweep.value("max_lr")) + top),
                      inside(sweep.value("max_lr"), top), sweep.text)
        if not refused:
            code = sweep.generated("onecycle")
            if name in table.NO_MOMENTUM:
                tap.check(name + ": the code turns no momentum on", momentum_of(code, table.NO_MOMENTUM[name]) == 0, code)
            result["scores"] = sweep.trained(code)
            result["regret"] = known.regret(result["scores"])
            constant = oracle.SCHEDULE % {"kind": "constant", "rate": sweep.value("suggested_lr"), "steps": script.updates}
            result["regret_one_rate"] = known.regret(sweep.trained(constant))
            tap.check("%s: regret %.3f of the generated code" % (name, result["regret"]),
                      result["regret"] <= WORST_REGRET, "%s\nscores %s, best %g" % (code, result["scores"], known.best))
            if sweep.bounds.get("clr"):
                code = sweep.generated("clr")
                score = oracle.train(script, sweep.place, code, 1)
                tap.check(name + ": the code of a cyclical schedule runs", not math.isnan(score), code)
    else:
        explained = script.says and re.search(script.says, sweep.text)
        tap.check(name + ": ends without a fault", sweep.code in (0, 1) or (explained and sweep.code == 4), sweep.text)
    if script.says:
        tap.check("%s: says %s" % (name, script.says), re.search(script.says, sweep.text), sweep.text)
    if script.never:
        tap.check("%s: never says %s" % (name, script.never), not re.search(script.never, sweep.text), sweep.text)
    tap.check(name + ": no file of the user is changed", not sweep.changes, "\n".join(sweep.changes))
    tap.check(name + ": no process is left", not sweep.left, sweep.left)
    said = [line for line in sweep.text.splitlines() if line.strip()]
    result["said"] = said[:40]
    result["good"] = tap.broken == broken
    return result


def main():
    words = sys.argv[1:]
    lrprobe = words.pop(0)
    results = None
    if "--results" in words:
        place = words.index("--results")
        results = words[place + 1]
        del words[place:place + 2]
    wanted = [word for word in words if word != "--quick"] or (table.QUICK if "--quick" in words else None)
    try:
        import torch
    except ImportError:
        print("1..0 # SKIP torch cannot be imported")
        return
    torch.set_num_threads(1)
    tap, base_lrs = Tap(), {}
    for script in table.SCRIPTS:
        if wanted is None or script.name in wanted:
            with tempfile.TemporaryDirectory() as folder:
                result = judge(tap, Sweep(lrprobe, script, folder))
            base_lrs[script.name] = (result["base_lr"] or {}).get("value")
            if results:
                with open(results, "a") as file:
                    file.write(json.dumps(result) + "\n")
    tap.known = None
    if {"partial_window", "partial_window_right"} <= base_lrs.keys():
        short, right = base_lrs["partial_window"], base_lrs["partial_window_right"]
        tap.check("partial_window: base_lr is not moved by the shorter window: %s, %s" % (short, right),
                  short and right and 1 / 1.5 <= short / right <= 1.5)
    sys.exit(tap.finish())


if __name__ == "__main__":
    main()
