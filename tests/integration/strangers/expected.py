# SPDX-License-Identifier: MIT
"""Where base_lr and max_lr may lie, and how much of the possible is missed, by the trainings of oracle.py.

The intervals follow from complete trainings at constant rates alone. With progress(rate) the share of the way from the
untrained score to the best one:
- max_lr: from the lowest rate whose progress is 90 %, to twice the first rate above the best one where it is below 50 %
  (a sweep passes a rate in a few steps, so it can go higher than a training that stays there);
- base_lr: from a third of the lowest rate whose progress is 5 %, to a quarter of a decade (a grid of half decades knows no
  better) above the highest rate whose progress is 90 %."""
import csv
import math
import os

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle")


class Oracle:
    def __init__(self, script):
        self.script = script
        scores = {}
        with open(os.path.join(FOLDER, script.name + ".csv"), newline="") as file:
            for row in csv.DictReader(file):
                scores.setdefault((row["kind"], float(row["rate"])), []).append(self.rank(float(row["score"])))
        means = {key: sum(values) / len(values) for key, values in scores.items()}
        self.start = means.pop(("constant", 1e-12))
        self.constant = {rate: mean for (kind, rate), mean in means.items() if kind == "constant"}
        self.best_rate = max(self.constant, key=self.constant.get)
        self.best = max(means.values())

    def rank(self, score):
        """Higher is better; a training that failed is the worst."""
        if not math.isfinite(score):
            return -math.inf
        return score if self.script.higher else -score

    def progress(self, rate):
        return (self.constant[rate] - self.start) / (self.constant[self.best_rate] - self.start)

    def intervals(self):
        """(low, high) of base_lr and of max_lr."""
        rates = sorted(self.constant)
        good = [rate for rate in rates if self.progress(rate) >= 0.9]
        learns = [rate for rate in rates if self.progress(rate) >= 0.05]
        fails = [rate for rate in rates if rate > self.best_rate and self.progress(rate) < 0.5]
        lowest = min(learns) / 3 if min(learns) > rates[0] else 0.0  # below the grid, too
        return (lowest, max(good) * 10 ** 0.25), (min(good), 2 * min(fails, default=rates[-1]))

    def regret(self, scores):
        """Share of what the best of the grid (one-cycle ones included) reaches that a training with these scores misses:
        of the score itself for accuracies, of the way from the untrained score for losses and returns."""
        mean = sum(map(self.rank, scores)) / len(scores)
        if self.script.score.endswith(("accuracy", "dice")):
            return 1 - max(mean, 0.0) / self.best
        return (self.best - mean) / (self.best - self.start)
