#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_ranks.c, by scipy."""
from scipy.stats import mannwhitneyu, rankdata, spearmanr, tiecorrect

x = [2.5, 1, 4, 4, 3.25, -7, 4, 1, 9, 0.5, 11, 2.75]
y = [1, 2, 3, 3, 0, -2, 5, 2.5, 7, 3, 6, 0.25]
print("ranks", rankdata(x), "ties", (1 - tiecorrect(rankdata(x))) * (len(x) ** 3 - len(x)))
print("spearman %.15g" % spearmanr(x, y)[0])
a = [1.5, 2.25, 3, 3, 0.5, 4, 2, 1, 3.5]
b = [2.5, 3, 3.75, 5, 4, 6, 2.75, 3.25, 4.5, 5.5, 3]
for left, right in ((a, b), (b, a), (x, y), (a, a)):
    two = mannwhitneyu(left, right, method="asymptotic")
    less = mannwhitneyu(left, right, method="asymptotic", alternative="less")
    print("mann-whitney u %.15g p %.15g less %.15g" % (two.statistic, two.pvalue, less.pvalue))
