#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_probability.c, by scipy."""
from scipy.stats import binomtest, norm

for z in (-30.0, -8.5, -3.0, -0.1, 0.0, 1.0, 6.0):
    print("cdf", z, "%.17g" % norm.cdf(z), "two-sided %.17g" % (2 * norm.sf(abs(z))))
for p in (1e-300, 1e-20, 1e-9, 0.001, 0.07, 0.0751, 0.3, 0.5, 0.9, 0.975, 0.999999):
    print("quantile", p, "%.17g" % norm.ppf(p))
for k, n, level in ((0, 10, 0.95), (10, 10, 0.95), (3, 10, 0.9), (1, 1, 0.5), (97, 1000, 0.99), (500000, 1000000, 0.95)):
    interval = binomtest(k, n).proportion_ci(level, method="wilson")
    print("wilson", k, n, level, "%.15g %.15g" % (interval.low, interval.high))
