#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_changepoint.c: all partitions of a short series one by one, t by scipy.
Series as in tests/data/oracle/series.py."""
import itertools
import numpy as np
from scipy.stats import ttest_ind


def red(seed, n, a):
    state, last, out = seed, 0.0, []
    for _ in range(n):
        state = (1103515245 * state + 12345) % 0x80000000
        last = a * last + (state / 0x80000000 - 0.5)
        out.append(last)
    return np.array(out)


def partitions(y, penalty, least):
    n = len(y)
    best = (np.inf, ())
    for count in range(n // least):
        for cut in itertools.combinations(range(least, n - least + 1), count):
            edges = (0,) + cut + (n,)
            parts = [y[a:b] for a, b in zip(edges, edges[1:])]
            if min(map(len, parts)) < least:
                continue
            best = min(best, (sum(((p - p.mean()) ** 2).sum() for p in parts) + penalty * count, cut))
    return best


for seed, steps, least in ((11, ((9, 0.5),), 3), (12, ((6, 0.8), (13, -1.2)), 3),
                           (13, (), 3), (14, ((4, 1.0), (12, 0.7), (18, -2.0)), 4)):
    y = red(seed, 24, 0)
    for place, size in steps:
        y[place:] += size
    total, cut = partitions(y, 3 * 0.25 ** 2 * np.log(24), least)
    print(seed, "changes", cut, "cost %.15g" % total)
    t = [(abs(ttest_ind(y[k:], y[:k])[0]), k) for k in range(least, 24 - least + 1)]
    k = max(t)[1]
    print("   split", k, "t %.15g shift %.15g" % (ttest_ind(y[k:], y[:k])[0], y[k:].mean() - y[:k].mean()))
