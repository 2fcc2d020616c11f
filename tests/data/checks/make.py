#!/usr/bin/env python3
"""Makes the run records of this folder: for each check, runs that make it fire and runs that it must leave alone.

usage: tests/data/checks/make.py [ID...]        (needs numpy)

A file <id>/fires-*.csv must be warned about or failed (told, for a check that never alarms), told-*.csv must be info,
quiet-*.csv must pass, skips-*.csv cannot be assessed; expected.txt has what is said of each. Other files of a folder are runs that one of them is compared with. "# key: value" lines carry
what the command line would: classes, one_batch, bounds (base_lr max_lr [suggested_lr diverged_lr]), baseline, siblings,
zero_input; "# argues: VERDICT" is the verdict that the finding must argue for.
"""
import os
import sys
import zlib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = {}


def case(name):
    def add(function):
        CASES.setdefault(name, []).append(function)
        return function

    return add


def number(value):
    return "" if value is None or (isinstance(value, str) and not value) else f"{value:.5g}"


class Folder:
    """One check's folder; random numbers are seeded by the file's name, so that files do not depend on one another."""

    def __init__(self, check):
        self.check = check
        self.path = os.path.join(HERE, check)
        os.makedirs(self.path, exist_ok=True)

    def random(self, name):
        return np.random.default_rng(zlib.crc32(f"{self.check}/{name}".encode()))

    def save(self, name, columns, **meta):
        lengths = {len(values) for values in columns.values()}
        assert len(lengths) == 1, (name, lengths)
        with open(os.path.join(self.path, name + ".csv"), "w", newline="\n") as file:
            for key, value in meta.items():
                file.write(f"# {key}: {value}\n")
            file.write(",".join(columns) + "\n")
            for row in zip(*columns.values()):
                file.write(",".join(number(value) for value in row) + "\n")


def fall(n, first=2.3, last=0.2, share=0.2):
    """An exponential fall over n values; share of the run in which it falls to 1/e."""
    return last + (first - last) * np.exp(-np.arange(n) / (share * n))


def noisy(random, loss, noise=0.02):
    return loss * np.exp(noise * random.standard_normal(len(loss)))


def run(random, n=120, noise=0.02, **how):
    return {"step": np.arange(n), "loss": noisy(random, fall(n, **how), noise)}


def constant(n, value):
    return np.full(n, value)


def epochs(random, n=60, noise=0.02, gap=1.1, **how):
    loss = fall(n, **how)
    return {"epoch": np.arange(n), "loss": noisy(random, loss, noise), "val_loss": noisy(random, gap * loss, noise)}


# ---- the log -------------------------------------------------------------------------------------


@case("L1")
def l1(folder):
    whole = run(folder.random("fires-resumed"), 160)
    order = np.concatenate([np.arange(110), np.arange(60, 160)])
    folder.save("fires-resumed", {key: values[order] for key, values in whole.items()})
    folder.save("fires-repeated", {key: np.repeat(values, 2) for key, values in whole.items()})
    folder.save("fires-joined", whole, **{"stitch.backward": 1, "stitch.first_backward": 60, "stitch.dropped": 50})
    kept = np.concatenate([np.arange(70), np.arange(110, 160)])
    folder.save("told-gap", {key: values[kept] for key, values in whole.items()})
    folder.save("quiet-steady", whole)
    folder.save("quiet-joined", whole, **{"stitch.backward": 0, "stitch.duplicates": 0})


@case("L2")
def l2(folder):
    columns = run(folder.random("fires-nan"))
    columns["loss"][80:90] = columns["loss"][79] * 1.8 ** np.arange(1, 11)
    columns["loss"][90:] = np.nan
    columns["lr"] = constant(120, 0.3)
    folder.save("fires-nan", columns, argues="non-finite")
    columns = run(folder.random("fires-validation"))
    columns["val_loss"] = [value * 1.1 if k % 10 == 9 else None for k, value in enumerate(columns["loss"])]
    columns["val_loss"][59] = np.inf
    folder.save("fires-validation", columns, argues="non-finite")
    columns = run(folder.random("told-gradient"))
    columns["grad_norm"] = constant(120, 1.5)
    columns["grad_norm"][[3, 50]] = np.inf
    folder.save("told-gradient", columns)
    folder.save("quiet-finite", run(folder.random("quiet-finite")))


@case("L3")
def l3(folder):
    steps = np.arange(40)
    folder.save("fires-constant", {"step": steps, "loss": constant(40, 0.6931)}, argues="not-learning")
    folder.save("fires-zero", {"step": steps, "loss": constant(40, 0.0)}, argues="not-learning")
    folder.save("quiet-changes", run(folder.random("quiet-changes"), 40))
    almost = constant(40, 0.6931)
    almost[17] = 0.6932
    folder.save("quiet-almost", {"step": steps, "loss": almost})


@case("L4")
def l4(folder):
    folder.save("fires-short", run(folder.random("fires-short"), 12))
    columns = run(folder.random("fires-cut"), 60)
    columns["loss"][9:] = np.nan
    folder.save("fires-cut", columns)
    folder.save("quiet-enough", run(folder.random("quiet-enough"), 20))


# ---- the start -----------------------------------------------------------------------------------


@case("S1")
def s1(folder):
    folder.save("fires-confident", run(folder.random("fires-confident"), first=3.6), classes=10)
    folder.save("fires-sum", run(folder.random("fires-sum"), first=22.6), classes=100)
    folder.save("told-low", run(folder.random("told-low"), first=0.9), classes=10)
    folder.save("quiet-guessing", run(folder.random("quiet-guessing")), classes=10)


@case("S2")
def s2(folder):
    random = folder.random("fires-loss")
    folder.save("fires-loss", {"step": np.arange(120), "loss": noisy(random, constant(120, np.log(10)), 0.003),
                               "lr": constant(120, 0.1)}, classes=10, argues="not-learning")
    random = folder.random("fires-accuracy")
    accuracy = 0.1 + 0.005 * random.standard_normal(40)
    folder.save("fires-accuracy", {"epoch": np.arange(40), "loss": noisy(random, fall(40, last=1.8)),
                                   "val_accuracy": accuracy}, classes=10, val_size=1000, argues="not-learning")
    folder.save("fires-few", {"epoch": np.arange(40), "loss": noisy(random, fall(40)),
                              "val_accuracy": constant(40, 0.6)}, classes=2, val_size=20)
    random = folder.random("quiet-learns")
    folder.save("quiet-learns", {"epoch": np.arange(40), "loss": noisy(random, fall(40)),
                                 "val_accuracy": 0.9 - 0.8 * np.exp(-np.arange(40) / 8)}, classes=10)
    folder.save("quiet-percent", {"epoch": np.arange(40), "loss": noisy(random, fall(40)),
                                  "val_accuracy": 100 * (0.9 - 0.8 * np.exp(-np.arange(40) / 8))}, classes=100)
    folder.save("quiet-loss", run(folder.random("quiet-loss")), classes=10)


@case("S3")
def s3(folder):
    random = folder.random("fires-stick")
    loss = fall(600, first=3.2, last=2.0, share=0.4)
    loss[:6] += 7 * np.exp(-np.arange(6) / 1.2)
    folder.save("fires-stick", {"step": np.arange(600), "loss": noisy(random, loss, 0.01)})
    folder.save("quiet-even", run(folder.random("quiet-even"), 600))


@case("S4")
def s4(folder):
    loss = fall(200)
    loss[1:40] += 8 * np.exp(-((np.arange(39) - 6) / 15) ** 2)
    columns = {"step": np.arange(200), "loss": noisy(folder.random("fires-stays"), loss), "lr": constant(200, 0.5)}
    folder.save("fires-stays", columns)
    loss = fall(400)
    loss[1:18] += 3.5 * np.exp(-((np.arange(17) - 6) / 3) ** 2)
    folder.save("told-returns", {"step": np.arange(400), "loss": noisy(folder.random("fires-returns"), loss)})
    folder.save("quiet-calm", run(folder.random("quiet-calm"), 200))
    columns = run(folder.random("quiet-spike"), 200)
    columns["loss"][4] = 9
    folder.save("quiet-spike", columns)
    folder.save("quiet-noisy", run(folder.random("quiet-noisy"), 200, noise=0.4))


@case("S5")
def s5(folder):
    def one(name, last, accuracy=None, **meta):
        columns = run(folder.random(name), 120, last=last, share=0.08)
        columns["step"] = 10 * columns["step"]
        if accuracy is not None:
            columns["accuracy"] = accuracy + (0.1 - accuracy) * np.exp(-np.arange(120) / 10)
        folder.save(name, columns, one_batch=1, **meta)

    one("fires-stuck", 0.3, argues="not-learning")
    one("fires-error", 0.5, accuracy=0.8, argues="not-learning")
    one("told-smoothed", 0.4, accuracy=1.0)
    one("quiet-learnt", 0.001)
    one("quiet-right", 0.001, accuracy=1.0)


@case("S6")
def s6(folder):
    folder.save("with-zeros", run(folder.random("with-zeros"), 150, last=1.2, noise=0.05))
    folder.save("fires-blind", run(folder.random("fires-blind"), 150, last=1.2, noise=0.05), zero_input="with-zeros.csv",
                argues="not-learning")
    folder.save("fires-worse", run(folder.random("fires-worse"), 150, last=1.5, noise=0.05), zero_input="with-zeros.csv")
    folder.save("quiet-sees", run(folder.random("quiet-sees"), 150, last=0.4, noise=0.05), zero_input="with-zeros.csv")


# ---- divergence ----------------------------------------------------------------------------------


@case("D1")
def d1(folder):
    n = 120
    time = np.arange(n)
    loss = fall(n, share=0.1) + np.where(time > 60, 0.05 * (time - 60), 0)
    folder.save("fires-diverged", {"step": time, "loss": noisy(folder.random("fires-diverged"), loss)}, argues="diverged")
    folder.save("fires-never", {"step": time, "loss": noisy(folder.random("fires-never"), constant(n, 2.3), 0.01)},
                argues="not-learning")
    folder.save("quiet-falls", run(folder.random("quiet-falls")))


@case("D3")
def d3(folder):
    n = 120
    time = np.arange(n)
    loss = fall(n, share=0.1) + np.where(time > 70, 0.015 * (time - 70), 0)
    folder.save("fires-rises", {"step": time, "loss": noisy(folder.random("fires-rises"), loss, 0.01)}, argues="oscillating")
    loss = fall(n, share=0.1) + np.where(time > 70, 0.04 * (time - 70), 0)
    folder.save("fires-far", {"step": time, "loss": noisy(folder.random("fires-far"), loss, 0.01)}, argues="diverged")
    # 27 epochs of a curve whose end is 5 % of its fall above its best
    time = np.arange(27)
    loss = 1 + 0.83 * np.exp(-time / 2.5) + 0.007 * np.clip(time - 18, 0, None)
    folder.save("quiet-few", {"epoch": time, "loss": loss + 0.004 * folder.random("quiet-few").standard_normal(27)})
    folder.save("quiet-falls", run(folder.random("quiet-falls")))
    folder.save("quiet-noisy", run(folder.random("quiet-noisy"), noise=0.2))


@case("D4")
def d4(folder):
    n = 200
    time = np.arange(n)
    loss = fall(n, share=0.1) + np.where(time >= 120, 0.8, 0)
    folder.save("fires-jumps", {"step": time, "loss": noisy(folder.random("fires-jumps"), loss, 0.01)}, argues="oscillating")
    # above its first value in the middle, and a third of the fall lost at the end
    loss = fall(n, share=0.1) + np.where(time >= 80, 0.7, 0) + 9 * np.exp(-((time - 90) / 8) ** 2)
    folder.save("fires-undone", {"step": time, "loss": noisy(folder.random("fires-undone"), loss, 0.01)}, argues="diverged")
    folder.save("quiet-falls", run(folder.random("quiet-falls"), n))


@case("D5")
def d5(folder):
    columns = run(folder.random("fires-runs-up"), 120)
    columns["loss"][80:100] = columns["loss"][79] * 1.4 ** np.arange(1, 21)
    columns["loss"][100:] = np.nan
    folder.save("fires-runs-up", columns)
    folder.save("quiet-finite", run(folder.random("quiet-finite")))


# ---- oscillation ---------------------------------------------------------------------------------


@case("O1")
def o1(folder):
    n = 200
    columns = run(folder.random("fires-alternates"), n, noise=0.01)
    columns["loss"] *= 1 + 0.15 * (-1.0) ** np.arange(n)
    folder.save("fires-alternates", columns)
    folder.save("quiet-noisy", run(folder.random("quiet-noisy"), n, noise=0.1))
    # the edge of stability: the loss falls smoothly while the gradient turns round
    for name, cosine in (("told-gradient-turns", -0.9), ("quiet-gradients-of-batches", -0.2)):
        random = folder.random(name)
        columns = run(random, n, noise=0.01)
        columns["lr"] = np.full(n, 0.5)
        columns["grad_cosine"] = [""] + list(cosine + 0.05 * random.standard_normal(n - 1))
        columns["sharpness"] = [4.4 if k % 50 == 0 else "" for k in range(n)]
        folder.save(name, columns)


@case("O4")
def o4(folder):
    n = 200
    random = folder.random("fires-rattles")
    folder.save("fires-rattles", {"epoch": np.arange(n), "loss": fall(n, last=1, share=0.03)
                                  + 0.06 * random.standard_normal(n)})
    random = folder.random("fires-shaken")
    folder.save("fires-shaken", {"epoch": np.arange(n), "loss": fall(n, last=1, share=0.03)
                                 * np.exp(0.25 * random.standard_normal(n))}, argues="oscillating")
    folder.save("quiet-calm", run(folder.random("quiet-calm"), n))


@case("O5")
def o5(folder):
    n = 60
    random = folder.random("fires-flaps")
    rise = 0.8 - 0.7 * np.exp(-np.arange(n) / 8)
    columns = epochs(random, n)
    columns["accuracy"] = np.clip(rise + 0.08 * (-1.0) ** np.arange(n), 0, 1)
    folder.save("fires-flaps", columns)
    columns = epochs(folder.random("quiet-rises"), n)
    columns["accuracy"] = rise
    folder.save("quiet-rises", columns)


@case("O6")
def o6(folder):
    n = 200
    random = folder.random("fires-grows")
    noise = 0.01 * np.exp(np.arange(n) / 50)
    folder.save("fires-grows", {"step": np.arange(n), "loss": fall(n, last=0.8, share=0.1) + noise * random.standard_normal(n)})
    folder.save("quiet-steady", run(folder.random("quiet-steady"), n))


# ---- progress ------------------------------------------------------------------------------------


@case("P1")
def p1(folder):
    columns = run(folder.random("fires-slow"), 120, share=1.0, noise=0.003)
    columns["lr"] = constant(120, 1e-3)
    folder.save("fires-slow", columns, argues="slow")
    columns = run(folder.random("quiet-done"), 120, share=0.1)
    columns["lr"] = constant(120, 1e-2)
    folder.save("quiet-done", columns)


@case("P4")
def p4(folder):
    columns = run(folder.random("fires-high"), 120, last=1.4, share=0.03, noise=0.003)
    columns["lr"] = constant(120, 0.3)
    folder.save("fires-high", columns, argues="plateau")
    folder.save("quiet-low", run(folder.random("quiet-low"), 120, share=0.03))


# ---- the rate ------------------------------------------------------------------------------------


@case("R1")
def r1(folder):
    def norms(name, ratio, estimated=False, last=2.2, **meta):
        random = folder.random(name)
        columns = run(random, 120, last=last, noise=0.01)
        columns["weight_norm"] = noisy(random, constant(120, 20), 0.01)
        columns["lr"] = constant(120, 0.1)
        update = noisy(random, 20 * constant(120, ratio), 0.3)
        columns["grad_norm" if estimated else "update_norm"] = update / 0.1 if estimated else update
        folder.save(name, columns, **meta)

    norms("fires-large", 0.3)
    norms("fires-small", 1e-6, argues="slow")
    norms("fires-estimated", 0.05, estimated=True, optimizer="sgd")
    norms("told-learnt", 0.05, last=0.2)
    norms("quiet-usual", 2e-3)
    norms("quiet-estimated", 2e-3, estimated=True, optimizer="momentum")


@case("R2")
def r2(folder):
    n = 160
    steps = np.arange(n)
    random = folder.random("fires-zero")
    folder.save("fires-zero", {"step": steps, "loss": noisy(random, constant(n, 1.5), 0.05), "lr": constant(n, 0)},
                argues="not-learning")
    columns = run(folder.random("fires-part"), n)
    columns["lr"] = np.where(steps < 110, 0.1, 0)
    folder.save("fires-part", columns, argues="slow")
    gone = 40
    loss = np.where(steps < gone, 2.3 - 0.03 * steps, 2.3 - 0.03 * gone)
    rate = np.where(steps < gone, 0.05 * (1 + np.cos(np.pi * steps / gone)), 1e-5)
    folder.save("fires-early", {"step": steps, "loss": noisy(folder.random("fires-early"), loss, 0.005), "lr": rate},
                argues="slow")
    columns = run(folder.random("quiet-cosine"), n)
    columns["lr"] = 0.05 * (1 + np.cos(np.pi * steps / n))
    folder.save("quiet-cosine", columns)
    columns = run(folder.random("quiet-steps"), n)
    columns["lr"] = 0.1 * 0.1 ** (steps // 40)
    folder.save("quiet-steps", columns)
    columns = run(folder.random("quiet-burn-in"), n)
    columns["lr"] = np.round(1e-3 * np.minimum(1, (steps + 1) / 150) ** 4, 6)
    folder.save("quiet-burn-in", columns)


@case("R3")
def r3(folder):
    def at(name, rate, last, noise=0.02, n=100, **meta):
        columns = run(folder.random(name), n, last=last, noise=noise)
        columns["lr"] = constant(n, rate) if np.isscalar(rate) else rate
        folder.save(name, columns, **meta)

    bounds = "0.002 0.2 0.06 0.5"
    up_and_down = 0.15 * (1 - np.abs(np.linspace(-1, 1, 100)))
    at("fires-diverged", 0.8, 0.5, bounds=bounds)
    at("fires-above", 0.3, 1.0, bounds=bounds)
    at("fires-below", 0.001, 1.5, bounds=bounds, argues="slow")
    at("fires-far", 0.004, 0.9, bounds=bounds, argues="slow")
    at("fires-peak", 2 * up_and_down, 1.2, bounds=bounds)
    at("told-harmless", 0.3, 0.2, noise=0.005, bounds=bounds)
    at("quiet-within", 0.05, 0.2, bounds=bounds)
    at("quiet-peak", up_and_down, 0.2, bounds=bounds)
    # a family: the same task at other rates
    at("with-low", 0.001, 1.4)
    at("with-good", 0.03, 0.2)
    at("with-good-2", 0.03, 0.21)
    at("with-good-3", 0.03, 0.19)
    at("with-stuck", 0.03, 0.6)
    family = "with-low.csv with-good.csv with-good-2.csv with-good-3.csv with-stuck.csv"
    at("fires-high", 0.3, 0.5, siblings=family, argues="plateau")
    at("fires-low", 0.003, 0.9, siblings=family, argues="slow")
    at("quiet-best", 0.03, 0.2, siblings=family)
    at("quiet-seed", 0.03, 0.6, siblings=family)
    at("quiet-near", 0.06, 0.21, siblings=family)


@case("R4")
def r4(folder):
    n = 200
    steps = np.arange(n)

    def start(name, norm, loss, rate):
        random = folder.random(name)
        folder.save(name, {"step": steps, "loss": noisy(random, loss), "lr": rate,
                           "grad_norm": noisy(random, norm, 0.1)})

    steep = 0.5 + 30 * np.exp(-steps / 4)
    blown = fall(n)
    blown[1:20] += 4 * np.exp(-((np.arange(19) - 5) / 4) ** 2)
    warm = 0.1 * np.minimum((steps + 1) / 20, 1)
    start("fires-norm", steep, fall(n), constant(n, 0.1))
    start("fires-loss", constant(n, 1), blown, constant(n, 0.1))
    start("quiet-warm", steep, fall(n), warm)
    start("quiet-calm", 1 + np.exp(-steps / 10), fall(n), constant(n, 0.1))


@case("R5")
def r5(folder):
    n = 100

    def clip(name, norm, clipped=None, **meta):
        random = folder.random(name)
        columns = run(random, n)
        columns["grad_norm"] = noisy(random, constant(n, norm), 0.3)
        if clipped is not None:
            columns["clipped"] = (random.random(n) < clipped).astype(int)
        folder.save(name, columns, **meta)

    clip("fires-flag", 3, clipped=0.8)
    clip("fires-norm", 3, clip_norm=1)
    clip("quiet-flag", 3, clipped=0.2)
    clip("quiet-norm", 0.4, clip_norm=1)


# ---- generalisation ------------------------------------------------------------------------------


@case("G1")
def g1(folder):
    time = np.arange(60)

    def rising(name, slope, accuracy=None, **meta):
        columns = epochs(folder.random(name), last=0.05)
        columns["val_loss"] = noisy(folder.random(name), 0.8 + 1.6 * np.exp(-time / 6) + slope * np.maximum(time - 15, 0))
        if accuracy is not None:
            columns["val_accuracy"] = accuracy
        folder.save(name, columns, **meta)

    rising("fires-rises", 0.02, argues="overfitting")
    rising("fires-gently", 0.004, argues="overfitting")
    rising("fires-confident", 0.02, accuracy=0.9 - 0.5 * np.exp(-time / 8), argues="overfitting")
    folder.save("quiet-follows", epochs(folder.random("quiet-follows")))
    folder.save("quiet-noisy", epochs(folder.random("quiet-noisy"), noise=0.15))
    both = epochs(folder.random("quiet-both"))
    growth = 1 + 0.03 * np.maximum(time - 30, 0)
    both["loss"], both["val_loss"] = both["loss"] * growth, both["val_loss"] * growth
    folder.save("quiet-both", both)
    one = epochs(folder.random("quiet-single"))
    one["val_loss"][30] *= 3
    folder.save("quiet-single", one)


@case("G2")
def g2(folder):
    time = np.arange(60)

    def accuracies(name, train, val, **meta):
        columns = epochs(folder.random(name))
        for key, last in (("accuracy", train), ("val_accuracy", val)):
            columns[key] = last - (last - 0.1) * np.exp(-time / 6) + 0.002 * folder.random(name + key).standard_normal(60)
        folder.save(name, columns, **meta)

    accuracies("fires-target", 0.82, 0.81, target_accuracy=0.95, argues="underfitting")
    accuracies("fires-low", 0.45, 0.44, argues="underfitting")
    columns = epochs(folder.random("fires-loss"), last=0.8, gap=1.05)
    folder.save("fires-loss", columns, target_loss=0.3, argues="underfitting")
    accuracies("told-variance", 0.99, 0.8)
    accuracies("quiet-reached", 0.96, 0.94, target_accuracy=0.95)
    accuracies("quiet-unknown", 0.75, 0.73)
    accuracies("quiet-dropout", 0.45, 0.75)


@case("G3")
def g3(folder):
    folder.save("fires-leak", epochs(folder.random("fires-leak"), gap=0.5), dropout=0, augmentation="none")
    folder.save("told-unknown", epochs(folder.random("told-unknown"), gap=0.5))
    folder.save("quiet-dropout", epochs(folder.random("quiet-dropout"), gap=0.5), dropout=0.5)
    folder.save("quiet-above", epochs(folder.random("quiet-above"), gap=1.1), dropout=0)
    # falls so fast that half an epoch explains it
    columns = epochs(folder.random("quiet-delay"), n=30, noise=0.01, first=10, last=0.0001, share=0.06)
    columns["val_loss"] = noisy(folder.random("quiet-delay-2"), columns["loss"] * np.exp(-0.5 / 1.8), 0.01)
    folder.save("quiet-delay", columns, dropout=0)


@case("G4")
def g4(folder):
    time = np.arange(60)
    columns = epochs(folder.random("fires-unrelated"))
    columns["val_accuracy"] = 0.5 + 0.05 * folder.random("fires-unrelated-2").standard_normal(60)
    folder.save("fires-unrelated", columns)
    columns = epochs(folder.random("fires-confident"), last=0.05)
    columns["val_loss"] = 0.8 + 1.6 * np.exp(-time / 6) + 0.02 * np.maximum(time - 15, 0)
    columns["val_accuracy"] = 0.9 - 0.5 * np.exp(-time / 8)
    folder.save("fires-confident", columns)
    columns = epochs(folder.random("quiet-agree"))
    columns["val_accuracy"] = 1 - 0.35 * columns["val_loss"]
    folder.save("quiet-agree", columns)
    columns = run(folder.random("quiet-training"))
    columns["accuracy"] = 1 - 0.35 * columns["loss"]
    folder.save("quiet-training", columns)


@case("G5")
def g5(folder):
    time = np.arange(60)

    def accuracy(name, val, train=None, **meta):
        columns = epochs(folder.random(name))
        del columns["val_loss"]
        columns["val_accuracy"] = val + 0.004 * folder.random(name + "-2").standard_normal(60)
        if train is not None:
            columns["accuracy"] = train
        folder.save(name, columns, **meta)

    accuracy("fires-guessing", constant(60, 0.5), classes=2, argues="not-learning")
    accuracy("fires-majority", constant(60, 0.9), baseline_accuracy=0.91, argues="not-learning")
    accuracy("fires-by-heart", constant(60, 0.62), train=0.99 - 0.5 * np.exp(-time / 8), argues="overfitting")
    accuracy("quiet-follows", 0.9 - 0.7 * np.exp(-time / 8), classes=10)
    accuracy("quiet-saturated", constant(60, 0.985), train=constant(60, 0.99), classes=10)


# ---- gradients -----------------------------------------------------------------------------------


@case("A1")
def a1(folder):
    n = 120

    def norms(name, norm, loss, **meta):
        random = folder.random(name)
        folder.save(name, {"step": np.arange(n), "loss": noisy(random, loss, 0.01), "lr": constant(n, 0.1),
                           "grad_norm": noisy(random, norm, 0.2)}, **meta)

    high = np.where(np.arange(n) < 20, 2.3 - 0.02 * np.arange(n), 1.9)
    norms("fires-zero", constant(n, 0), constant(n, 2.3), argues="not-learning")
    norms("fires-tiny", constant(n, 1e-9), constant(n, 2.3), argues="not-learning")
    norms("fires-vanishes", np.where(np.arange(n) < 40, 1, 1e-6), high, argues="not-learning")
    norms("told-log", constant(n, 0), fall(n))
    norms("quiet-usual", 2 * fall(n), fall(n))
    norms("quiet-converged", np.exp(-np.arange(n) / 5), fall(n, last=1e-4))


@case("A2")
def a2(folder):
    n = 120
    columns = run(folder.random("fires-explodes"), n)
    columns["grad_norm"] = noisy(folder.random("fires-explodes-2"), 1.6 ** np.maximum(np.arange(n) - 80, 0), 0.02)
    columns["lr"] = constant(n, 0.1)
    folder.save("fires-explodes", columns)
    columns = run(folder.random("fires-dead"), n, last=2.28)
    columns["dead_fraction"] = 0.85 - 0.7 * np.exp(-np.arange(n) / 10)
    columns["lr"] = constant(n, 0.5)
    folder.save("fires-dead", columns, argues="not-learning")
    columns = run(folder.random("fires-half"), n)
    columns["dead_fraction"] = constant(n, 0.6)
    folder.save("fires-half", columns)
    columns = run(folder.random("quiet-usual"), n)
    columns["grad_norm"] = noisy(folder.random("quiet-usual-2"), constant(n, 1), 0.5)
    columns["dead_fraction"] = constant(n, 0.1)
    folder.save("quiet-usual", columns)


# ---- baseline ------------------------------------------------------------------------------------


@case("C1")
def c1(folder):
    folder.save("with-good", run(folder.random("with-good"), 150), lr=0.1)

    def against(name, n=150, **how):
        meta = {"argues": how.pop("argues")} if "argues" in how else {}
        folder.save(name, run(folder.random(name), n, **how), baseline="with-good.csv", **meta)

    against("fires-worse", last=0.27, argues="slow")
    against("fires-double", last=0.6, argues="slow")
    against("fires-little", last=2.0, argues="slow")
    against("quiet-same", last=0.2)
    against("quiet-better", last=0.1)
    against("quiet-shorter", n=100, share=0.3)


@case("D2")
def d2(folder):
    for name, rise in (("fires-climbs", 0.9), ("fires-creeps", 0.5)):
        r = folder.random(name)
        loss = fall(200, share=0.08) + rise * np.clip(np.arange(200) - 120, 0, None) / 80
        folder.save(name, dict(step=range(200), loss=noisy(r, loss)), argues="oscillating")
    folder.save("quiet-falls", run(folder.random("quiet-falls")))
    r = folder.random("quiet-rate-rises")
    loss = fall(200, share=0.08) + 0.9 * np.clip(np.arange(200) - 120, 0, None) / 80
    lr = np.where(np.arange(200) < 120, 0.001, 0.001 * 1.05 ** (np.arange(200) - 120))
    folder.save("quiet-rate-rises", dict(step=range(200), lr=lr, loss=noisy(r, loss)))


def spiky(random, n, spikes, height):
    loss = noisy(random, fall(n, share=0.1), 0.05)
    for at in spikes:
        loss[at] *= height
    return dict(step=range(n), loss=loss)


@case("K1")
def k1(folder):
    r = folder.random("fires-many")
    folder.save("fires-many", spiky(r, 900, range(100, 900, 60), 4), argues="spikes")
    r = folder.random("told-one")
    folder.save("told-one", spiky(r, 900, [500], 6))
    r = folder.random("quiet-noise")
    folder.save("quiet-noise", spiky(r, 900, [], 1))


@case("K2")
def k2(folder):
    r = folder.random("fires-never-back")
    loss = noisy(r, fall(1200, share=0.05), 0.02)
    loss[600] *= 8
    loss[601:] *= 1.4
    folder.save("fires-never-back", dict(step=range(1200), loss=loss), argues="spikes")
    r = folder.random("told-back-at-once")
    folder.save("told-back-at-once", spiky(r, 1200, [600], 8))
    r = folder.random("quiet-none")
    folder.save("quiet-none", spiky(r, 1200, [], 1))


@case("O2")
def o2(folder):
    for name, period in (("fires-period-25", 25), ("fires-period-9", 9)):
        r = folder.random(name)
        loss = fall(600, share=0.1) * (1 + 0.12 * np.sin(2 * np.pi * np.arange(600) / period))
        folder.save(name, dict(step=range(600), loss=noisy(r, loss, 0.04)), argues="oscillating")
    r = folder.random("quiet-noise")
    folder.save("quiet-noise", dict(step=range(600), loss=noisy(r, fall(600, share=0.1), 0.08)))
    r = folder.random("told-dies-away")
    swing = 0.3 * np.exp(-np.arange(600) / 200) * np.sin(2 * np.pi * np.arange(600) / 25)
    folder.save("told-dies-away", dict(step=range(600), loss=noisy(r, fall(600, share=0.1) * (1 + swing), 0.005)))


@case("O3")
def o3(folder):
    r = folder.random("fires-same-order")
    order = np.exp(0.15 * r.standard_normal(40))
    loss = fall(800, share=0.1) * np.tile(order, 20)
    folder.save("fires-same-order", dict(step=range(800), loss=noisy(r, loss, 0.05)))
    r = folder.random("fires-epoch-column")
    loss = fall(600, share=0.1) * np.tile(np.exp(0.15 * r.standard_normal(20)), 30)
    folder.save("fires-epoch-column", dict(step=range(600), epoch=np.arange(600) // 20, loss=noisy(r, loss, 0.05)))
    r = folder.random("quiet-shuffled")
    folder.save("quiet-shuffled", dict(step=range(800), loss=noisy(r, fall(800, share=0.1), 0.15)))


@case("P2")
def p2(folder):
    r = folder.random("fires-power-law")
    loss = 3 * (1 + np.arange(300) / 3) ** -0.4
    folder.save("fires-power-law", dict(step=range(300), loss=noisy(r, loss, 0.01)))
    folder.save("quiet-done", run(folder.random("quiet-done"), n=300, share=0.05))
    # a curve that ends below what a decay fitted to all of it says; validation that stands still
    steps = np.arange(80)
    loss = np.where(steps < 40, 0.3 + 1.9 * np.exp(-steps / 4), np.where(steps < 60, 0.02, 0.006))
    folder.save("quiet-above", dict(epoch=steps, loss=noisy(folder.random("quiet-above"), loss, 0.03)))
    loss = 3 * (1 + np.arange(300) / 3) ** -0.4
    folder.save("quiet-validation-stands", dict(step=range(300), loss=noisy(folder.random("stands"), loss, 0.01),
                                                val_loss=noisy(folder.random("val"), np.maximum(loss, 0.7), 0.01)))


@case("P3")
def p3(folder):
    folder.save("fires-flat", run(folder.random("fires-flat"), n=300, noise=0.01, share=0.05))
    folder.save("quiet-falls", run(folder.random("quiet-falls"), n=300, noise=0.01, share=1))


@case("P5")
def p5(folder):
    r = folder.random("fires-validation-best-early")
    n = 80
    val = fall(n, share=0.015, last=0.9) + 0.01 * np.arange(n)
    folder.save("fires-validation-best-early",
                dict(epoch=range(n), loss=noisy(r, fall(n)), val_loss=noisy(r, val, 0.01)))
    folder.save("quiet-best-late", epochs(folder.random("quiet-best-late")))

# ---- branches of evidence and advice --------------------------------------------------------------
# What else a check can say: each sentence stands in an expected.txt. skips-*.csv: why nothing can be said.


def at_rate(columns, rate):
    columns["lr"] = constant(len(columns["loss"]), rate) if np.isscalar(rate) else rate
    return columns


@case("D1")
def d1_rates(folder):
    n = 120
    time = np.arange(n)
    loss = fall(n, share=0.1) + np.where(time > 60, 0.05 * (time - 60), 0)
    folder.save("fires-diverged-rate", at_rate(dict(step=time, loss=noisy(folder.random("rate"), loss)),
                                               np.linspace(0.2, 0.6, n)), argues="diverged")
    level = noisy(folder.random("level"), constant(n, 2.3), 0.01)
    folder.save("fires-never-rate", at_rate(dict(step=time, loss=level), 0.001), argues="not-learning")
    up = np.concatenate([[2.3], noisy(folder.random("up"), constant(n - 1, 2.45), 0.002)])
    folder.save("fires-went-up", at_rate(dict(step=time, loss=up), 0.4), argues="not-learning")
    smooth = noisy(folder.random("smooth"), np.linspace(2.3, 2.21, n), 0.0003)
    folder.save("fires-smooth", at_rate(dict(step=time, loss=smooth), 1e-5), argues="slow")
    stands = noisy(folder.random("stands"), 2.21 + 0.09 * np.exp(-time / 4), 0.0003)
    folder.save("fires-stands", at_rate(dict(step=time, loss=stands), 0.1), argues="plateau")
    wild = noisy(folder.random("wild"), constant(200, 2.3), 0.1)
    wild[0] = 2.75
    folder.save("fires-noise", at_rate(dict(step=range(200), loss=wild), 0.01), argues="not-learning")
    folder.save("fires-epochs", dict(epoch=range(1, 31), loss=noisy(folder.random("epochs"), constant(30, 0.9), 0.004)),
                argues="plateau")
    # rows of epochs from 1 on, at ln 2: the first one shows that nothing had been learned before it either
    folder.save("fires-guessing", dict(epoch=range(1, 31), loss=noisy(folder.random("guessing"), constant(30, 0.6931), 0.001)),
                argues="not-learning")
    # a fall of a tenth that ends where guessing among 100 classes does
    folder.save("fires-chance", at_rate(dict(epoch=range(40), loss=noisy(folder.random("chance"), fall(40, first=4.9, last=4.4), 0.003)),
                                        1), argues="not-learning")
    folder.save("quiet-chance", at_rate(dict(epoch=range(40), loss=noisy(folder.random("beaten"), fall(40, first=4.9, last=3.9), 0.003)),
                                        0.1))
    # means of epochs that jump by a factor: the weights do
    wild = 6 * np.exp(0.8 * folder.random("epochs-jump").standard_normal(24))
    wild[0] = 10
    folder.save("fires-epochs-jump", at_rate(dict(epoch=range(24), loss=wild), 10), argues="oscillating")
    # so much noise of single batches that a twentieth of the loss could be hidden in it
    wild = noisy(folder.random("hidden"), constant(60, 2.3), 0.25)
    wild[0] = 3
    folder.save("fires-hidden", dict(step=range(60), loss=wild), argues="undecided")
    # the first batch of a fine-tune was a lucky one
    lucky = noisy(folder.random("lucky"), fall(200, first=0.5, last=0.3), 0.1)
    lucky[0] = 0.31
    folder.save("quiet-lucky-first", dict(step=range(200), loss=lucky))
    # far below all others, while the validation beside it says that nothing rose
    lucky[0] = 0.02
    folder.save("quiet-lucky-far", dict(step=range(200), loss=lucky,
                                        val_loss=noisy(folder.random("lucky far"), fall(200, first=0.6, last=0.45), 0.05)))
    cool_down = noisy(folder.random("midway"), np.linspace(3.3, 3.2, 70), 0.02)
    cool_down[4] = 3.75
    folder.save("skips-midway", dict(step=range(14050, 17550, 50), loss=cool_down))
    negative = noisy(folder.random("negative"), fall(n), 0.01)[::-1] - 3
    folder.save("fires-negative", dict(step=time, loss=negative), argues="diverged")


@case("P1")
def p1_more(folder):
    bounds = "0.002 0.2 0.06 0.5"

    def slow(name, rate=None, last=0.2, **meta):
        columns = run(folder.random(name), 120, share=1.0, noise=0.003, last=last)
        folder.save(name, columns if rate is None else at_rate(columns, rate), **meta)

    slow("fires-bounds", 0.01, bounds=bounds, argues="slow")
    slow("quiet-at-suggested", 0.05, bounds=bounds)
    slow("fires-recipes", 1e-5, argues="slow", optimizer="momentum")
    # a power law: little of its fall comes late, yet 7 % of the loss
    loss = 2 * (1 + np.arange(120) / 2.0) ** -0.25
    folder.save("fires-by-gain", at_rate(dict(step=range(120), loss=noisy(folder.random("gain"), loss, 0.001)), 0.01))
    # the same with noise as at a good rate; with a validation loss that gains, and one that stands
    for name, noise, val in (("quiet-noisy", 0.012, None), ("fires-validation", 0.0085, 1.1 * loss),
                             ("quiet-validation-stands", 0.001, np.maximum(loss, loss[70]))):
        columns = at_rate(dict(step=range(120), loss=noisy(folder.random(name), loss, noise)), 0.01)
        if val is not None:
            columns["val_loss"] = noisy(folder.random("val"), val, 0.001)
        folder.save(name, columns)
    # what a plain log of a good run looks like: the fall goes on, by 2 % of the loss
    loss = 2 + 2 * (1 + np.arange(120)) ** -0.5
    folder.save("quiet-goes-on", at_rate(dict(step=range(120), loss=noisy(folder.random("on"), loss, 0.0002)), 0.01))
    cut = np.where(np.arange(120) < 96, 1 + fall(120, share=0.3), 0.5)
    folder.save("told-cut", dict(step=range(120), loss=noisy(folder.random("cut"), cut, 0.005)))
    slow("fires-no-rate", argues="slow")
    columns = run(folder.random("unsteady"), 400, share=1.0, noise=0.003)
    columns["loss"] *= 1 + 0.1 * (-1.0) ** np.arange(400)
    folder.save("fires-unsteady", at_rate(columns, 0.01))
    slow("skips-decays", np.linspace(0.1, 0.02, 120))
    slow("skips-rises", 0.01 * (1 + np.clip(np.arange(120) - 60, 0, None) / 20))
    slow("fires-half-decayed", np.linspace(0.1, 0.055, 120), argues="slow")
    late = fall(120, share=0.05) - np.where(np.arange(120) > 100, 0.006 * (np.arange(120) - 100), 0)
    folder.save("told-may-decay", dict(step=range(120), loss=noisy(folder.random("late"), late, 0.002)))
    folder.save("skips-never-fell", dict(step=range(120), loss=noisy(folder.random("never"), fall(120)[::-1], 0.01)))


@case("P4")
def p4_more(folder):
    def high(name, columns, **meta):
        folder.save(name, columns, **meta)

    high("fires-no-rate", run(folder.random("no-rate"), 120, last=1.4, share=0.03, noise=0.003), argues="plateau")
    high("skips-noise", run(folder.random("noise"), 120, last=1.6, share=0.03, noise=0.2))
    columns = run(folder.random("negative"), 120, last=-0.4, share=0.03, noise=0.003)
    high("skips-negative", columns)
    dip = fall(120, share=0.03, last=1.0) + np.where(np.arange(120) > 60, 0.5, 0)
    high("quiet-dip", dict(step=range(120), loss=noisy(folder.random("dip"), dip, 0.003)))
    high("skips-epochs", dict(epoch=range(1, 61), loss=fall(60, last=1.4, share=0.03)))
    high("skips-flat", dict(step=range(120), loss=noisy(folder.random("flat"), constant(120, 2.3), 0.003)))
    # a floor, and noise that is less than the 6 % of the fall that came after the first fifth
    steps = np.arange(300)
    loss = 1.1 + 0.15 * np.exp(-steps / 150) + 1.4 * np.exp(-steps / 4) + 0.05 * folder.random("quiet-floor").standard_normal(300)
    high("quiet-floor", dict(step=10 * steps, lr=0.02 * (1 - steps / 300), loss=loss))
    high("quiet-slow", run(folder.random("slow"), 120, last=1.2, share=0.3, noise=0.003))


@case("L2")
def l2_more(folder):
    n = 120
    columns = at_rate(run(folder.random("clip"), n), 0.3)
    columns["grad_norm"] = noisy(folder.random("norm"), constant(n, 1.5), 0.1)
    columns["loss"][90:] = np.inf
    folder.save("fires-clip", columns, argues="non-finite")
    columns = run(folder.random("first"), n)
    columns["loss"][:] = np.nan
    folder.save("fires-at-once", columns, argues="non-finite")
    columns = run(folder.random("some"), n)
    columns["loss"][[50, 70]] = np.nan
    columns["loss"][30] = -0.1
    folder.save("fires-some", columns, argues="non-finite")


@case("L3")
def l3_more(folder):
    folder.save("fires-no-rate", at_rate(dict(step=np.arange(40), loss=constant(40, 0.6931)), 0.0), argues="not-learning")


@case("O1")
def o1_more(folder):
    turns = fall(200) * (1 + 0.15 * (-1.0) ** np.arange(200))
    folder.save("fires-rate", at_rate(dict(step=range(200), loss=noisy(folder.random("rate"), turns, 0.01)), 0.2),
                argues="oscillating")
    pattern = np.array([1.2, 0.8, 1.25, 0.75, 1.0])
    folder.save("told-odd", dict(step=range(200), loss=noisy(folder.random("odd"), fall(200) * np.tile(pattern, 40), 0.01)))


@case("K3")
def k3(folder):
    def validated(name, spikes, height=5, **meta):
        columns = epochs(folder.random(name), 150)
        for at in spikes:
            columns["val_loss"][at] *= height
        folder.save(name, columns, **meta)

    validated("fires-many", (22, 51, 77, 93, 113, 128, 140), argues="spikes")
    validated("told-two", (77, 113))
    validated("quiet-small", (22, 51, 77, 93, 113, 128, 140), height=1.6)
    validated("quiet-calm", ())


@case("O2")
def o2_more(folder):
    # four values an epoch, means since it began
    r = folder.random("told-epochs")
    epoch = np.arange(200) // 5
    offset = np.tile([-0.009, -0.02, -0.008, -0.002, 0], 40)
    loss = 0.105 + 0.3 * np.exp(-2 * epoch) + 0.03 * np.exp(-epoch / 6) + offset + 0.0004 * r.standard_normal(200)
    folder.save("told-epochs", dict(epoch=epoch, loss=loss))
    pattern = np.tile([1.3, 0.9, 1.0, 0.8], 150)
    folder.save("told-pattern", dict(step=range(600), loss=noisy(folder.random("pattern"), fall(600, share=0.1) * pattern, 0.01)))
    swing = 1 + 0.12 * np.sin(2 * np.pi * np.arange(600) / 60)
    columns = dict(step=range(600), loss=noisy(folder.random("cycle"), fall(600, share=0.1) * swing, 0.04))
    folder.save("told-cycle", at_rate(columns, 0.1 * 4 ** np.sin(2 * np.pi * np.arange(600) / 60)))


@case("O4")
def o4_more(folder):
    n = 200
    r = folder.random("rate")
    wander = 0.09 * r.standard_normal(n)
    columns = dict(epoch=range(n), loss=(fall(n, share=0.02, last=0.4) * np.exp(wander)), val_loss=fall(n, share=0.02, last=0.5))
    folder.save("fires-rate", at_rate(columns, 0.3), argues="oscillating")


@case("C1")
def c1_more(folder):
    def good(name, last=0.2, rate=0.1, n=150, val=None, noise=0.02):
        columns = at_rate(run(folder.random(name), n, last=last, noise=noise), rate)
        if val is not None:
            columns["val_loss"] = noisy(folder.random(name + "v"), fall(n, last=val), 0.02)
        return columns

    folder.save("with-val", good("with-val", val=0.3))
    folder.save("fires-rate", good("rate", last=0.6, rate=0.5), baseline="with-val.csv", argues="slow")
    folder.save("fires-val", good("val", val=0.9), baseline="with-val.csv", argues="slow")
    folder.save("with-flat", dict(step=range(150), loss=noisy(folder.random("flat"), np.linspace(2.0, 2.3, 150), 0.01)))
    folder.save("skips-flat", good("own"), baseline="with-flat.csv")
    for k, last in enumerate((0.15, 0.2, 0.25)):
        folder.save(f"with-seed-{k}", good(f"seed{k}", last=last))
    folder.save("with-other", good("other", last=0.9, rate=0.3))
    seeds = "with-seed-0.csv with-seed-1.csv with-seed-2.csv with-other.csv"
    folder.save("quiet-seeds", good("seeds", last=0.27), baseline="with-val.csv", siblings=seeds)
    folder.save("fires-beyond-seeds", good("beyond", last=0.38), baseline="with-val.csv", siblings=seeds, argues="slow")


@case("R3")
def r3_more(folder):
    n = 100

    def at(name, rate, last, **meta):
        folder.save(name, at_rate(run(folder.random(name), n, last=last), rate), **meta)

    family = "with-good.csv with-good-2.csv with-good-3.csv"
    columns = at_rate(run(folder.random("infinite"), n), 1.0)
    columns["loss"][40:] = np.inf
    folder.save("fires-infinite", columns, siblings=family)
    at("skips-changes", np.linspace(0.3, 0.1, n), 0.2, siblings=family)
    at("skips-same-rate", 0.03, 0.2, siblings=family)
    at("skips-zero", 0.0, 2.2, siblings=family)
    at("fires-no-suggestion", 0.3, 1.0, bounds="0.002 0.2 nan 0.5")
    at("fires-only-diverged", 0.8, 1.0, bounds="0.002 nan nan 0.5")
    at("told-constant", 0.15, 0.2, bounds="0.002 0.2 0.02 0.5")


@case("R5")
def r5_more(folder):
    n = 100
    before = noisy(folder.random("before"), constant(n, 4.0), 0.2)
    folder.save("fires-before", at_rate(dict(step=range(n), loss=fall(n), grad_norm=before), 0.3), clip_norm=1)
    after = np.minimum(before, 1.0)
    folder.save("fires-after", at_rate(dict(step=range(n), loss=fall(n), grad_norm=after), 0.3), clip_norm=1)


@case("S2")
def s2_more(folder):
    def guesses(name, size, **meta):
        r = folder.random(name)
        columns = dict(step=range(60), loss=noisy(r, constant(60, 2.31), 0.05), accuracy=r.binomial(size, 0.11, 60) / size)
        folder.save(name, at_rate(columns, 0.2), classes=10, **meta)

    guesses("fires-batches", 64, batch_size=64)
    folder.save("quiet-batches", dict(step=range(60), loss=fall(60), accuracy=np.linspace(0.1, 0.5, 60)), classes=10,
                batch_size=64)


@case("S4")
def s4_more(folder):
    n = 200
    loss = fall(n)
    loss[2:20] *= np.interp(range(18), [0, 2, 10, 17], [1.5, 4, 4, 1.2])
    folder.save("fires-rate", at_rate(dict(step=range(n), loss=noisy(folder.random("rate"), loss, 0.01)), 0.3))
    folder.save("skips-short", run(folder.random("short"), 99))
    loss = np.concatenate([[2.3], 40 * np.exp(-np.arange(n - 1) / 80) + 2.25])
    folder.save("fires-blows-up", dict(step=range(n), loss=noisy(folder.random("blows-up"), loss, 0.01)))


@case("S5")
def s5_more(folder):
    folder.save("skips-short", run(folder.random("short"), 400, last=0.5), one_batch=1)


@case("A2")
def a2_more(folder):
    n = 120
    norm = noisy(folder.random("stays"), np.where(np.arange(n) < 60, 1.0, 1.0), 0.02)
    norm[60:75] *= 1.6 ** np.arange(1, 16)
    norm[75:] *= 1.6**15
    folder.save("fires-stays", at_rate(dict(step=range(n), loss=fall(n), grad_norm=norm), np.linspace(0.3, 0.1, n)))
    folder.save("quiet-dead", dict(step=range(n), loss=fall(n), dead_fraction=constant(n, 0.1)))


@case("K1")
def k1_more(folder):
    n = 600
    columns = run(folder.random("single"), n, noise=0.02)
    columns["loss"][400] *= 60
    folder.save("fires-huge", columns)
    columns = run(folder.random("wide"), n, noise=0.02, share=0.01)
    for at in (100, 250, 300, 420, 520):
        columns["loss"][at:at + 3] *= [1.3, 2.5, 1.4]
    folder.save("fires-wide", columns, argues="spikes")
    rises = at_rate(run(folder.random("rises"), n, noise=0.01, share=0.01), np.where(np.arange(n) < 300, 0.1, 0.3))
    rises["loss"][300:303] *= 1.5
    folder.save("quiet-rate-rises", rises)
    # single batches on a floor, with a tail on one side
    r = folder.random("told-tail")
    tail = np.where(r.random(4000) < 0.012, r.exponential(0.015, 4000), 0)
    loss = 0.128 + 2.4 * np.exp(-np.arange(4000) / 100) + np.abs(0.003 * r.standard_normal(4000)) + tail
    folder.save("told-tail", dict(step=range(4000), loss=loss))
    # twice back to the first loss, and learned again
    since = np.concatenate([np.arange(220), np.arange(230), np.arange(350)])
    loss = np.maximum(3e-4, 2.3 * 10 ** (-3.9 * np.minimum(1, since / 60)))
    loss[0] = 4.7
    folder.save("fires-collapses", dict(step=range(800), loss=noisy(folder.random("collapses"), loss, 0.15)), argues="spikes")
    # means since the epoch began; the step counts epochs, and some epochs begin with hard batches
    r = folder.random("told-means")
    step, loss = [], []
    for epoch in range(25):
        values = 2.6 + 6 * np.exp(-epoch / 5) + 0.45 * r.standard_normal(55)
        values[:2] += 2.5 if epoch in (16, 20, 23) else 0
        step += [epoch] * 55
        loss += list(np.cumsum(values) / np.arange(1, 56))
    folder.save("quiet-means", dict(step=step, loss=loss))


@case("K2")
def k2_more(folder):
    n = 1200
    columns = run(folder.random("norm"), n, noise=0.01, share=0.05)
    columns["loss"][600:900] *= 1 + 2 * np.linspace(1, 0, 300)
    columns["grad_norm"] = noisy(folder.random("grad"), constant(n, 1.0), 0.05)
    columns["grad_norm"][595] = 9
    folder.save("fires-slowly-back", columns, argues="spikes")


@case("O5")
def o5_more(folder):
    turns = 0.7 + 0.1 * np.cumsum([(-1) ** (k // 2) for k in range(40)])
    turns[[7, 23]] = np.nan
    folder.save("fires-gaps", dict(epoch=range(40), loss=fall(40), val_loss=fall(40), accuracy=turns))


@case("D5")
def d5_more(folder):
    n = 100
    columns = run(folder.random("norm"), n)
    columns["loss"][80:] = np.nan
    columns["grad_norm"] = constant(n, 1.0)
    columns["grad_norm"][60:80] = 1.3 ** np.arange(20)
    folder.save("fires-norm", columns)
    sudden = run(folder.random("sudden"), n)
    sudden["loss"][80:] = np.nan
    folder.save("quiet-sudden", sudden)


@case("D2")
def d2_more(folder):
    n = 200
    columns = run(folder.random("rate"), n, share=0.1, noise=0.01)
    columns["loss"][170:] += np.linspace(0, 0.5, 30)
    folder.save("quiet-step-of-rate", at_rate(columns, np.where(np.arange(n) < 180, 0.1, 0.3)))
    r = np.random.default_rng(58)  # a draw in which the line rises clearly, but within the noise of its points
    loss = fall(100, first=2.7, last=0.6, share=0.1) + 0.045 * r.standard_normal(100)
    loss[85:] += np.linspace(0, 0.13, 15)
    folder.save("quiet-within-noise", dict(step=range(100), loss=loss))
    columns = run(folder.random("far"), n, share=0.1, noise=0.01)
    columns["loss"][165:] += np.linspace(0, 1.5, 35)
    folder.save("fires-far", columns, argues="diverged")


@case("D4")
def d4_more(folder):
    n = 200
    loss = fall(n, share=0.1) + np.where((np.arange(n) >= 80) & (np.arange(n) < 130), 2.5, 0)
    folder.save("fires-comes-back", dict(step=range(n), loss=noisy(folder.random("back"), loss, 0.01)), argues="spikes")
    wobble = fall(n, share=0.5) + np.where((np.arange(n) >= 80) & (np.arange(n) < 110), 0.4, 0)
    folder.save("told-wobble", dict(step=range(n), loss=noisy(folder.random("wobble"), wobble, 0.01)))


@case("G1")
def g1_more(folder):
    columns = epochs(folder.random("accuracy"), 60)
    columns["val_loss"] = noisy(folder.random("accuracy-val"), fall(60, last=0.4, share=0.1) + np.linspace(0, 0.5, 60), 0.01)
    columns["val_accuracy"] = np.concatenate([np.linspace(0.3, 0.8, 20), np.linspace(0.8, 0.7, 40)])
    folder.save("fires-accuracy-falls", columns, argues="overfitting")


@case("P5")
def p5_more(folder):
    loss = fall(200, share=0.01, last=0.5) + 0.004 * np.arange(200)
    folder.save("fires-training", dict(step=range(200), loss=noisy(folder.random("training"), loss, 0.01)))
    noise = fall(200, share=0.01, last=0.5)
    folder.save("quiet-noise", dict(step=range(200), loss=noisy(folder.random("noise"), noise, 0.1)))


@case("L4")
def l4_more(folder):
    columns = epochs(folder.random("rows"), 30)
    del columns["epoch"]
    folder.save("quiet-rows", columns)


@case("L1")
def l1_more(folder):
    columns = run(folder.random("tens"), 60)
    columns["step"] = 10 * columns["step"]
    folder.save("quiet-tens", columns)


@case("L2")
def l2_both(folder):
    folder.save("quiet-both", epochs(folder.random("both"), 30))


@case("P3")
def p3_more(folder):
    folder.save("skips-never-fell", dict(step=range(200), loss=noisy(folder.random("never"), fall(200)[::-1], 0.01)))


@case("O4")
def o4_long(folder):
    n = 1000
    r = folder.random("wanders")
    wander = np.zeros(n)
    for k in range(1, n):
        wander[k] = 0.8 * wander[k - 1] + 0.12 * r.standard_normal()
    folder.save("fires-wanders", dict(step=range(n), loss=fall(n, share=0.02, last=0.4) * np.exp(wander)), argues="oscillating")
    folder.save("skips-batches", dict(step=range(n), loss=noisy(folder.random("batches"), fall(n, share=0.02, last=0.4), 0.5)))


@case("R3")
def r3_spread(folder):
    n = 100

    def at(name, rate, last, **meta):
        folder.save(name, at_rate(run(folder.random(name), n, last=last), rate), **meta)

    for k, last in enumerate((0.1, 0.2, 0.5)):
        at(f"with-spread-{k}", 0.03, last)
    spread = "with-spread-0.csv with-spread-1.csv with-spread-2.csv"
    at("quiet-within-seeds", 0.1, 0.4, siblings=spread)
    at("fires-beyond-seeds", 0.1, 0.7, siblings=spread, argues="plateau")


def main(names):
    for name, functions in CASES.items():
        if not names or name in names:
            for function in functions:
                function(Folder(name))


if __name__ == "__main__":
    main(sys.argv[1:])
