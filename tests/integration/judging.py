#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Verdicts on runs of which it is known what is wrong with them: small inputs, one fault each.

usage: judging.py LRPROBE        prints TAP"""
import csv
import io
import json
import math
import os
import random
import subprocess
import sys
import tempfile

CASES = []
FAILED = ("non-finite", "diverged", "not-learning")


def case(*verdicts, quiet=(), told=(), fails=None):
    """The verdicts that are right; checks that must not alarm; checks that must say something; a check that fails."""
    def add(function):
        CASES.append((function, verdicts, quiet, told, fails))
        return function
    return add


def table(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(["%.6g" % x if isinstance(x, float) else x for x in row] for row in rows)
    return out.getvalue()


@case("healthy", quiet=["P1", "P2"])
def training_falls_while_validation_stands(rng):
    """no advice to raise the rate"""
    return table("epoch,loss,val_loss", ((e, 0.2 + (e + 1) ** -0.5 + rng.gauss(0, 2e-4),
                                          0.7 + 0.8 * math.exp(-e / 4) + rng.gauss(0, 3e-3)) for e in range(90)))


@case("overfitting", quiet=["P1"], fails="G1")
def a_cut_of_an_unlogged_rate(rng):
    """the fall in the last quarter is the schedule's, and validation rises there"""
    def row(e):
        late = e >= 90
        return (e, (0.2 + 0.2 * math.exp(-(e - 90) / 7) if late else 0.6 + 0.8 * math.exp(-e / 30)) + rng.gauss(0, 0.01),
                (0.55 + 0.006 * (e - 90) if late else 0.65 + math.exp(-e / 25)) + rng.gauss(0, 0.004))
    return table("epoch,loss,val_loss", map(row, range(120)))


@case("overfitting", fails="G1")
def a_failure_before_a_warning(rng):
    """slow and overfitting at once: what fails comes first"""
    return table("epoch,loss,val_loss", ((e, 1.8 + 2.4 * math.exp(-e / 25), 4.2 + 0.04 * e + rng.gauss(0, 0.02))
                                         for e in range(70)))


@case("overfitting", fails="G1")
def few_evaluations_that_rise(rng):
    """a fine-tune with five evaluations, the last three above one another"""
    history = [{"step": 1, "eval_loss": 2.8, "epoch": 0.0}]
    for k in range(1, 81):
        history.append({"step": 100 * k, "epoch": k / 20, "learning_rate": 3e-5 * (1 - k / 81),
                        "loss": (0.32, 0.2, 0.12, 0.08)[(k - 1) // 20] + rng.gauss(0, 0.006)})
        if k % 20 == 0:
            history.append({"step": 100 * k, "epoch": k / 20, "eval_loss": (0.24, 0.25, 0.36, 0.47)[k // 20 - 1]})
    return json.dumps({"log_history": history})


@case("healthy", quiet=["G1"])
def few_evaluations_that_wobble(rng):
    history = []
    for k in range(1, 81):
        history.append({"step": 100 * k, "epoch": k / 20, "loss": 0.3 + math.exp(-k / 20) + rng.gauss(0, 0.006)})
        if k % 20 == 0:
            history.append({"step": 100 * k, "epoch": k / 20, "eval_loss": (0.50, 0.42, 0.45, 0.43)[k // 20 - 1]})
    return json.dumps({"log_history": history})


@case("overfitting", fails="G1")
def validation_rose_and_stayed(rng):
    """up early, and 30 % above its lowest for the whole last half"""
    def row(k):
        val = 1.1 + 3 * math.exp(-k / 2) if k < 9 else 1.15 + 1.6 * (1 - math.exp(-(k - 9) / 12)) if k < 150 else 1.5
        return (50 * k, 2 * 10 ** (-3.5 * min(1, k / 80)) * (1 + abs(rng.gauss(0, 0.2))) + 2e-4, val * (1 + rng.gauss(0, 0.004)))
    return table("step,loss,val_loss", map(row, range(300)))


@case("underfitting", "not-learning", quiet=["G1"])
def training_accuracy_below_validation(rng):
    """neither moved: that is no overfitting"""
    return table("loss,accuracy,val_loss,val_accuracy",
                 ((1.05 + 0.6 * math.exp(-e / 2) + rng.gauss(0, 5e-4), 0.35 + rng.gauss(0, 2e-3),
                   1.04 + 0.1 * math.exp(-e / 3) + rng.gauss(0, 5e-4), 0.40 + rng.gauss(0, 2e-4)) for e in range(100)))


@case("plateau", "not-learning")
def flat_with_a_heavy_tail(rng):
    """stands at ln 2 all the time: single high losses are not the cause"""
    return table("step,loss", ((k, 1.5 if k == 0 else math.log(2) + 0.7 * math.exp(-k / 9) +
                                (rng.gauss(0, 0.03) if rng.random() > 0.01 else abs(rng.gauss(0, 0.25)))) for k in range(6000)))


@case("healthy", quiet=["P2"])
def a_forecast_above_what_was_reached(rng):
    def row(e):
        return (e, 0.1 if e < 45 else 0.01 if e < 65 else 0.001,
                (0.28 + 1.8 * math.exp(-e / 5) if e < 45 else 0.02 + 0.2 * math.exp(-(e - 45) / 2) if e < 65 else 0.005)
                * (1 + rng.gauss(0, 0.03)))
    return table("epoch,lr,loss", map(row, range(90)))


@case("healthy", quiet=["P1"], told=["P2"])
def still_improving_at_a_good_rate(rng):
    """a loss that merely falls on is told, and no fault"""
    return table("step,lr,loss", ((k, 0.1, 3 * (1 + k / 3) ** -0.4 * math.exp(rng.gauss(0, 0.03))) for k in range(300)))


@case("slow", told=["P1"])
def a_long_and_calm_fall(rng):
    return table("step,lr,loss", ((k, 1e-4, (0.2 + 2.1 * math.exp(-k / 240)) * math.exp(rng.gauss(0, 0.005))) for k in range(300)))


@case("healthy")
def the_return_rises(rng):
    """and with it the scale of the critic's loss"""
    def row(k):
        gain = -120 + 500 * (1 - math.exp(-k / 100))
        return (256 * k, gain + rng.gauss(0, 5), (50 + gain * gain / 8) * (1 + abs(rng.gauss(0, 0.3))))
    return table("time/total_timesteps,rollout/ep_rew_mean,train/loss", map(row, range(1, 260)))


@case("not-learning", fails="D1")
def the_return_falls_back(rng):
    """while the losses look well"""
    def row(k):
        gain = 100 + 400 * math.sin(math.pi * min(k, 200) / 200)
        return (256 * k, gain + rng.gauss(0, 5), 2 * math.exp(-k / 60) + 0.1)
    return table("step,episode_return,loss", map(row, range(260)))


@case("undecided")
def a_game_of_two_networks(rng):
    return table("step,loss_G,loss_D", ((k, 0.8 + 0.006 * k + rng.gauss(0, 0.1), 1.4 - 0.002 * k + rng.gauss(0, 0.05))
                                        for k in range(400)))


@case("healthy", "plateau")
def a_small_rise_at_the_end(rng):
    return table("epoch,loss", ((e, 1 + 0.8 * math.exp(-e / 2.5) + max(0, e - 19) * 0.006 + rng.gauss(0, 0.004)) for e in range(28)))


@case("healthy")
def a_lucky_first_batch(rng):
    """a fine-tune whose single losses differ by factors: the first happens to be the lowest"""
    return table("step,loss", ((k, 0.35 if k == 0 else (0.5 + 0.9 * math.exp(-k / 60)) * math.exp(rng.gauss(0, 0.35)))
                               for k in range(400)))


@case("healthy", quiet=["P1"])
def a_rate_that_is_not_logged_may_decay(rng):
    """a power law under a linear decay: 12 % of its fall come in the last half"""
    return table("epoch,loss", ((e, 0.02 + 0.08 * (1 - 0.25 * e / 64) * (1 + e / 4) ** -0.7 + rng.gauss(0, 1e-4)) for e in range(64)))


@case("healthy")
def twelve_values_that_fell(rng):
    return table("step,loss", ((100 * k, 0.02 + 0.2 * math.exp(-k / 2)) for k in range(12)))


@case("undecided")
def twelve_values_that_hardly_fell(rng):
    return table("step,loss", ((100 * k, 1 + 0.15 * math.exp(-k / 4) + rng.gauss(0, 0.01)) for k in range(12)))


def diagnose(lrprobe, path):
    done = subprocess.run([lrprobe, "diagnose", "--json", path], capture_output=True, text=True, timeout=60)
    return done.returncode, json.loads(done.stdout)["runs"][0]


def judge(code, run, verdicts, quiet, told, fails):
    status = {check["id"]: check["status"] for check in run["checks"]}
    failed = "fail" in status.values()
    faults = []
    if run["verdict"] not in verdicts:
        faults.append("%s by %s, not %s" % (run["verdict"], run["primary"], " or ".join(verdicts)))
    if run["verdict"] in FAILED and not failed:
        faults.append("no check fails")
    if code != (1 if failed else 0):
        faults.append("exit %d" % code)
    faults += ["%s alarms" % i for i in quiet if status[i] in ("warn", "fail")]
    faults += ["%s says nothing" % i for i in told if status[i] not in ("info", "warn", "fail")]
    if fails is not None and status[fails] != "fail":
        faults.append("%s does not fail" % fails)
    return faults


def main():
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (function, verdicts, quiet, told, fails) in enumerate(CASES, 1):
            text = function(random.Random(number))
            path = os.path.join(folder, "trainer_state.json" if text[0] == "{" else "run.csv")
            with open(path, "w") as file:
                file.write(text)
            faults = judge(*diagnose(sys.argv[1], path), verdicts, quiet, told, fails)
            broken += bool(faults)
            print("%sok %d - %s" % ("not " if faults else "", number, function.__name__.replace("_", " ")))
            for fault in faults:
                print("# " + fault)
    print("1..%d" % len(CASES))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
