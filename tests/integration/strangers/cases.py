#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Situations that people have reported of learning-rate finders and their logs, made anew: what is right, and what the
program answers. Those that need a training script are in table.py.

usage: cases.py LRPROBE [--results FILE]   prints TAP"""
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import namedtuple

Case = namedtuple("Case", "number kind right before function")
CASES = []


def case(number, kind, right, before):
    def keep(function):
        CASES.append(Case(number, kind, right, before, function))
        return function
    return keep


class Bench:
    """A folder and the program in it."""

    def __init__(self, lrprobe, folder):
        self.lrprobe, self.folder = os.path.abspath(lrprobe), folder

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)
        return name

    def run(self, *words):
        done = subprocess.run([self.lrprobe] + list(words), cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300,
                              env=dict(os.environ, LC_ALL="C.UTF-8", OPENBLAS_NUM_THREADS="1"))
        return done.returncode, done.stdout.decode(errors="replace")

    def bounds(self, *words):
        """Of logs: (bounds as JSON, {} where there are none; what was said)."""
        code, text = self.run("bounds", "--plot", "none", *words)
        done = subprocess.run([self.lrprobe, "bounds", "--json"] + list(words), cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        try:
            return json.loads(done.stdout.decode()), text
        except ValueError:
            return {}, text

    def sweep(self, *words):
        code, text = self.run("sweep", "--plot", "none", "-o", "out", *words)
        path = os.path.join(self.folder, "out", "bounds.json")
        if not os.path.exists(path):
            return {}, text
        with open(path) as file:
            return json.load(file), text


def value(bounds, name, inner="value"):
    return (bounds.get(name) or {}).get(inner)


def brief(bounds, text):
    """The answer in a few words."""
    if value(bounds, "max_lr") is not None:
        base = value(bounds, "base_lr")
        return "base_lr %s, max_lr %.2g" % ("none" if base is None else "%.2g" % base, value(bounds, "max_lr"))
    if bounds:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        found = [k for k, line in enumerate(lines) if line.startswith("outcome")]
        return ": ".join([lines[found[0]].split(None, 1)[1]] + lines[found[0] + 1:][:1]) if found else bounds["outcome"]
    return first_words(text)


def first_words(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:200] if lines else "nothing"


def near(x, wanted, factor):
    return x is not None and wanted / factor <= x <= wanted * factor


def loss_at(x, rng, noise=0.01):
    """A sweep that starts to learn near 10^-2.7 and stops near 10^-0.6; x is log10 of the rate."""
    fall = 1.4 / (1 + math.exp((x + 1.8) / 0.3))
    return 0.25 + fall + 0.04 * math.exp(min((x + 0.45) / 0.15, 12.0)) + noise * rng.gauss(0, 1)


def curve(seed, n=150, low=-6.0, high=0.5):
    rng = random.Random(seed)
    xs = [low + (high - low) * k / (n - 1) for k in range(n)]
    return [(10 ** x, loss_at(x, rng)) for x in xs]


def table(header, rows):
    return header + "\n" + "".join(",".join("%.8g" % cell if isinstance(cell, float) else str(cell) for cell in row) + "\n"
                                   for row in rows)


def whole(bench):
    """Bounds of the plain curve: what the same curve in other clothes must give."""
    bench.write("plain.csv", table("step,lr,loss", [(k, lr, loss) for k, (lr, loss) in enumerate(curve(1))]))
    return bench.bounds("plain.csv")[0]


def same(bounds, wanted):
    return all(near(value(bounds, name), value(wanted, name), 1.02) for name in ("base_lr", "max_lr"))


@case("range-test 03", "a loss that stays flat, then explodes",
      "no learning seen up to the rise; never \"even the lowest rate is too high\"",
      "the lowest rate is too high, sweep lower rates")
def flat_then_explodes(bench):
    for seed in (1, 2, 3):
        rng = random.Random(seed)
        rates = [10 ** (-6 + 5 * k / 119) for k in range(120)]
        bench.write("%d.csv" % seed, table("step,lr,loss", [
            (k, lr, 1.1 + 0.05 * rng.gauss(0, 1) + max(0.0, 2.2 * math.log10(lr / 0.012))) for k, lr in enumerate(rates)]))
    bounds, text = bench.bounds("1.csv", "2.csv", "3.csv")
    return brief(bounds, text), bool(bounds) and "lowest rate is too high" not in text and value(bounds, "max_lr") is None


TRAINER = '''import math, random, sys
rate, steps, rng = float(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
truth = random.Random(3)
truth = [truth.gauss(0, 1) for _ in range(12)]
weights = [0.0] * 12
for step in range(steps):
    gradient, loss = [0.0] * 12, 0.0
    for _ in range(16):
        x = [rng.gauss(0, 1) for _ in range(12)]
        error = sum((w - t) * a for w, t, a in zip(weights, truth, x)) + 0.2 * rng.gauss(0, 1)
        loss += error * error / 400
        gradient = [g + 2 * error * a / 16 for g, a in zip(gradient, x)]
    print(%s, flush=True)
    if not loss < 1e30:
        break
    weights = [w - rate * g for w, g in zip(weights, gradient)]
'''


@case("range-test 07", "decimal commas with a pattern", "\"0,69314\" read as 0.69314, or refused with the line",
      "read as 0: diverged-at-start")
def decimal_comma(bench):
    answers = []
    for name, form in (("comma.py", '("epoch %d error %.5f" % (step, loss)).replace(".", ",")'),
                       ("point.py", '"epoch %d error %.5f" % (step, loss)')):
        bench.write(name, TRAINER % form)
        answers.append(bench.sweep("--mode", "fresh", "--lr-min", "1e-4", "--lr-max", "3", "--loss-pattern", "error {loss}",
                                   "-o", name + ".out", "--", sys.executable, name, "{lr}", "{steps}", "{seed}"))
    path = os.path.join(bench.folder, "comma.py.out", "bounds.json")
    found = []
    for name in ("comma.py", "point.py"):
        path = os.path.join(bench.folder, name + ".out", "bounds.json")
        with open(path) as file:
            found.append(json.load(file))
    good = near(value(found[0], "max_lr"), value(found[1], "max_lr") or math.nan, 1.02)
    return brief(found[0], answers[0][1]), good or re.search(r"\d,\d", answers[0][1]) is not None


@case("range-test 09", "scores: Dice, return, accuracy", "higher is better: bounds near 10^-2.7 and 10^-0.6",
      "the lowest rate is too high")
def score_instead_of_loss(bench):
    answers = []
    for metric in ("dice", "episode_reward", "acc"):
        bench.write(metric + ".csv", table("lr," + metric, [(lr, 1 - loss / 2) for lr, loss in curve(2)]))
        answers.append(bench.bounds(metric + ".csv", "--metric", metric))
    good = all(near(value(bounds, "max_lr"), 0.25, 3) and near(value(bounds, "base_lr"), 0.003, 3) for bounds, _ in answers)
    return "; ".join(brief(*answer) for answer in answers), good


@case("range-test 12", "alternating rows of one step", "the bounds of the joined rows", "too-short, take more steps")
def alternating_rows(bench):
    wanted = whole(bench)
    rows = []
    for k, (lr, loss) in enumerate(curve(1)):
        rows += [("", lr, k, ""), (0, "", k, loss)]
    bench.write("metrics.csv", table("epoch,lr-SGD,step,train_loss_step", rows))
    bounds, text = bench.bounds("metrics.csv")
    return brief(bounds, text), same(bounds, wanted)


@case("range-test 13", "names of the rate's column: lr-NAdam, lr-Adafactor-1, optimizer/lr, lr-AdamW/pg1",
      "read, or asked for; of two groups it is said which one was taken", "not read; the first group taken silently")
def rate_columns(bench):
    wanted, answers, good = whole(bench), [], True
    for k, column in enumerate(("lr-NAdam", "lr-Adafactor-1", "optimizer/lr", "lr-SGD/pg1", "group0/lr")):
        bench.write("%d.csv" % k, table("step,%s,train_loss" % column,
                                        [(k, lr, loss) for k, (lr, loss) in enumerate(curve(1))]))
        bounds, text = bench.bounds("%d.csv" % k)
        answers.append("%s: %s" % (column, brief(bounds, text)))
        good = good and (same(bounds, wanted) or ("--map" in text and column in text))
    bench.write("groups.csv", table("step,lr-AdamW/pg1,lr-AdamW/pg2,train_loss",
                                    [(k, lr / 30, lr, loss) for k, (lr, loss) in enumerate(curve(1))]))
    bounds, text = bench.bounds("groups.csv")
    answers.append("two groups: " + brief(bounds, text))
    return "; ".join(answers), good and "pg" in text and (same(bounds, wanted) or not bounds)


@case("range-test 14", "rates given as their logarithms", "refused with the reason, or taken as such",
      "the lowest rate is too high")
def logarithms(bench):
    wanted = whole(bench)
    bench.write("log.csv", table("lr,loss", [(math.log10(lr), loss) for lr, loss in curve(1)]))
    bounds, text = bench.bounds("log.csv")
    return brief(bounds, text), same(bounds, wanted) or re.search(r"logarithm|log10", text) is not None


@case("range-test 18", "the range of the one rate", "ends below the rates whose runs diverged",
      "reaches beyond the divergence, above max_lr")
def one_rate(bench):
    bench.write("t.py", TRAINER % '"step %d loss %.5f" % (step, loss)')
    bounds, text = bench.sweep("--mode", "fresh", "--lr-min", "1e-4", "--lr-max", "3", "--loss-pattern", "loss {loss}",
                               "--", sys.executable, "t.py", "{lr}", "{steps}", "{seed}")
    high, diverged = value(bounds, "suggested_lr", "high"), (bounds.get("evidence") or {}).get("diverged_lr")
    answer = "%s, one rate up to %s, diverged at %s" % (brief(bounds, text), high, diverged)
    return answer, high is not None and diverged is not None and high < diverged


def finished(rng):
    """Finished runs, three a rate, in any order: (rate, seed, final loss)."""
    rows = []
    for k in range(17):
        rate = 10 ** (-5 + 5 * k / 16)
        for seed in range(3):
            final = 0.2 + 1.2 / (1 + (rate / 8e-4) ** 1.2) + 0.02 * rng.random() + (4.0 if rate > 0.15 else 0.0)
            rows.append((rate, seed, final))
    rng.shuffle(rows)
    return rows


@case("range-test 21", "a table of finished runs in any order", "best near 0.05, diverged from 0.2 on, or a way on",
      "read as one sweep: diverged-at-start")
def table_of_runs(bench):
    rows = finished(random.Random(4))
    bench.write("runs.csv", table("Name,seed,lr,val_loss", [("r%d" % k, s, lr, y) for k, (lr, s, y) in enumerate(rows)]))
    bench.write("returns.csv", table("lr,seed,episode_reward", [(lr, s, 1 - y / 2) for lr, s, y in rows]))
    answers = [bench.bounds("runs.csv"), bench.bounds("returns.csv", "--metric", "episode_reward")]
    good = all(near(value(bounds, "suggested_lr"), 0.03, 5) and value(bounds, "max_lr") < 0.25 for bounds, _ in answers
               if value(bounds, "max_lr") is not None) and any(value(bounds, "max_lr") for bounds, _ in answers)
    return "; ".join(brief(*answer) for answer in answers), good


@case("range-test 23", "two runs as two columns of one file", "both are taken, or it is said which one was left out",
      "the second dropped without a word")
def two_columns(bench):
    bench.write("export.csv", table('"lr","calm-sun-1 - train/loss","old-moon-2 - train/loss"',
                                    [(a[0], a[1], b[1]) for a, b in zip(curve(1), curve(2))]))
    bounds, text = bench.bounds("export.csv")
    return brief(bounds, text), bounds.get("repeats") == 2 or "old-moon-2" in text


@case("everyday 02", "advice after a decayed rate", "starts from the peak of the schedule", "starts from the last rate")
def decayed_rate(bench):
    rng, history = random.Random(5), []
    for step in range(10, 1010, 10):
        rate = 4e-5 * (step / 100 if step <= 100 else (1010 - step) / 910)
        history.append({"step": step, "epoch": step / 500, "learning_rate": rate, "loss": 0.69 + 0.01 * rng.gauss(0, 1)})
    bench.write("trainer_state.json", json.dumps({"global_step": 1000, "max_steps": 1000, "log_history": history}))
    code, text = bench.run("diagnose", "--plot", "none", "--fail-on", "never", "trainer_state.json")
    rates = [float(x) for x in re.findall(r"learning rates? (?:of |from |to )?(\d[\d.]*e?-?\d*)", text)]
    advice = [line.strip() for line in text.splitlines() if "learning rate" in line]
    return (advice or [first_words(text)])[0], bool(rates) and max(rates) > 4e-5 and min(rates) >= 4e-6


@case("everyday 04", "one noisy repeat among three", "base_lr 0.0025 is in its interval: a repeat that falls by chance is no evidence",
      "falls from the first step on, swept down to 1e-9")
def noisy_repeat(bench):
    found = []
    for number in range(12):
        for repeat in range(3):
            rng, rows = random.Random(100 * number + repeat), []
            for k in range(340):
                x = -5.5 + 5.7 * k / 339
                drift = 1 + 0.4 * max(0.0, 1 - k / 60) if repeat == 1 else 1.0
                rows.append((k, 10 ** x, 10 * loss_at(x, rng, 0.0) * math.exp(0.27 * rng.gauss(0, 1)) * drift))
            bench.write("%d.csv" % repeat, table("step,lr,loss", rows))
        bounds, text = bench.bounds("0.csv", "1.csv", "2.csv")
        found.append([value(bounds, "base_lr", key) or math.nan for key in ("value", "low", "high")])
    values = sorted(x for x, _, _ in found)
    good = all(low <= 0.0025 <= high for _, low, high in found) and near(values[6], 0.0025, 2)
    return "base_lr %.2g .. %.2g, median %.2g, in 12 sets of three" % (values[0], values[-1], values[6]), good


@case("everyday 05", "runs at a rate that is far too low", "none is judged diverged", "10 of 30 judged diverged")
def too_low(bench):
    for seed in range(1, 9):
        bench.run("train", "--data", "glyphs", "--model", "mlp:32", "--schedule", "constant:lr=1e-6", "--steps", "300",
                  "--seed", str(seed), "-o", "low/%d" % seed, "--quiet", "--plot", "none")
    code, text = bench.run("diagnose", "low", "--json", "--fail-on", "never")
    verdicts = re.findall(r'"verdict": ?"([a-z-]+)"', text)
    return ", ".join(sorted(verdicts)), len(verdicts) == 8 and "diverged" not in verdicts


@case("everyday 08", "logs of DCGAN and XGBoost", "read", "not read")
def gan_and_trees(bench):
    rng = random.Random(6)
    bench.write("gan.log", "".join("[%d/20][%d/391]\tLoss_D: %.4f\tLoss_G: %.4f\tD(x): %.4f\tD(G(z)): %.4f / %.4f\n" % (
        k // 8, 50 * (k % 8), 0.6 + 0.2 * rng.random(), 3 + rng.random(), 0.8, 0.2, 0.1) for k in range(160)))
    bench.write("trees.log", "".join("[%d]\ttrain-rmse:%.5f\teval-rmse:%.5f\n" % (k, 2 * 0.97 ** k + 0.3, 2 * 0.97 ** k + 0.4)
                                     for k in range(120)))
    codes = [bench.run("diagnose", "--plot", "none", "--fail-on", "never", name) for name in ("gan.log", "trees.log")]
    return "; ".join(first_words(text) for _, text in codes), all(code in (0, 1) for code, _ in codes)


@case("everyday 09", "an export with two runs and their extremes", "two runs, or a sentence on the second", "one run")
def export_of_two(bench):
    rng = random.Random(7)
    rows = []
    for k in range(300):
        a, b = 2.4 * math.exp(-k / 80) + 0.3 + 0.02 * rng.gauss(0, 1), 2.3 + 0.02 * rng.gauss(0, 1)
        rows.append((k, a, a, a, b, b, b))
    names = ["calm-sun-1 - train/loss", "old-moon-2 - train/loss"]
    bench.write("export.csv", table(",".join(['"Step"'] + ['"%s%s"' % (n, s) for n in names for s in ("", "__MIN", "__MAX")]),
                                    rows))
    code, text = bench.run("diagnose", "--plot", "none", "--fail-on", "never", "export.csv")
    return first_words(text), "old-moon-2" in text


TABLES = (
    ("missing.csv", "id,age,fare,class,survived,\n", lambda k, rng: "%d,%s,%.2f,%s,%d,\n" % (
        9000 + k, "" if k % 6 == 0 else "%.1f" % (20 + k % 50), 10 + k % 90, ("first", "second", "third")[k % 3], k % 3 == 0)),
    ("comma.csv", "size;rooms;price\n", lambda k, rng: ("%.2f;%d;%.1f\n" % (40 + k % 60, k % 5, 3.5 * (k % 60) + 20))
     .replace(".", ",")),
)


@case("everyday 11", "tables as people have them", "trained, with what was done to the columns said; or a way on",
      "refused at the first cell")
def tables(bench):
    answers, good = [], True
    for (name, header, row), target in zip(TABLES, ("survived", "price")):
        bench.write(name, header + "".join(row(k, None) for k in range(300)))
        code, text = bench.run("train", "--data", name, "--target", target, "--model", "mlp:16", "--schedule",
                               "constant:lr=0.01", "--steps", "60", "--plot", "none", "-o", name + ".out")
        answers.append("%s: %s" % (name, "trained" if code in (0, 1) else first_words(text)))
        good = good and (code in (0, 1) or "--drop" in text)
    return "; ".join(answers), good


def main():
    words = sys.argv[1:]
    broken = 0
    for number, one in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                answer, good = one.function(Bench(words[0], folder))
            except (OSError, ValueError, TypeError, KeyError, subprocess.TimeoutExpired) as error:
                answer, good = "%s: %s" % (type(error).__name__, error), False
        broken += not good
        print("%s %d - %s, %s" % ("ok" if good else "not ok", number, one.number, one.kind))
        if not good:
            print("# " + answer)
        if "--results" in words:
            with open(words[words.index("--results") + 1], "a") as file:
                file.write(json.dumps({"number": one.number, "kind": one.kind, "right": one.right, "before": one.before,
                                       "today": answer, "good": bool(good)}) + "\n")
    print("1..%d" % len(CASES))
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
