# SPDX-License-Identifier: MIT
"""What every trainer's record must be: trainer_record.py PLAN RECORD..."""
import csv
import math
import sys


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def fault(plan, record, whole):
    if not record or len(record) > len(plan) or (whole and len(record) != len(plan)):
        return "%d rows, planned were %d" % (len(record), len(plan))
    for k, (row, planned) in enumerate(zip(record, plan)):
        if int(row["step"]) != k or float(row["lr"]) != float(planned["lr"]):
            return "row %d has step %s and lr %s, not %s" % (k, row["step"], row["lr"], planned["lr"])
    loss = [float(row["loss"]) for row in record]
    tenth = max(len(loss) // 10, 1)
    first = sum(loss[:tenth]) / tenth
    if not math.isfinite(first):
        return "the first losses are %g" % first
    if whole:
        best = min(sum(loss[k:k + tenth]) / tenth for k in range(len(loss) - tenth))
        if not best < 0.7 * first:
            return "the loss does not fall: %g, at best %g" % (first, best)
        if loss[-1] < 2 * first:
            return "the loss does not rise at the end: %g, %g" % (first, loss[-1])
    return None


def main():
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    paths = [word for word in sys.argv[1:] if not word.startswith("--")]
    plan = rows(paths[0])
    for path in paths[1:]:
        found = fault(plan, rows(path), "--whole" in options)
        if found:
            sys.exit("%s: %s" % (path, found))


if __name__ == "__main__":
    main()
