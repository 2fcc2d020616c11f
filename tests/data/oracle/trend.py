#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_trend.c, by scipy and statsmodels."""
import numpy as np
from scipy.stats import kendalltau, norm, rankdata, theilslopes
from statsmodels.tsa.stattools import acf

from series import red


def case(seed, n, a, slope, rounding):
    """Red noise on a line; rounding > 0 makes ties."""
    y = red(seed, n, a) + slope * np.arange(n)
    return np.round(y / rounding) * rounding if rounding > 0 else y


def hamed_rao(y, lags):
    """Hamed and Rao (1998), equations 4, 5 and 10, at the significant lags."""
    n, at = len(y), np.arange(len(y))
    s = sum(np.sign(y[j] - y[i]) for i in range(n) for j in range(i + 1, n))
    t = np.unique(y, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - np.sum(t * (t - 1) * (2 * t + 5))) / 18
    r = acf(rankdata(y - theilslopes(y, at)[0] * at), nlags=n - 1, fft=False)
    ratio = 1 + 2 / (n * (n - 1) * (n - 2)) * sum(
        (n - k) * (n - k - 1) * (n - k - 2) * r[k]
        for k in range(1, (lags or n - 1) + 1) if abs(r[k]) > norm.ppf(0.975) / np.sqrt(n))
    z = (s - np.sign(s)) / np.sqrt(variance * ratio)
    return s, variance, ratio, z, 2 * norm.sf(abs(z))


def modelled(y):
    """The ratio of LRP_TREND_MODEL: see src/stats/trend.h."""
    n, at = len(y), np.arange(len(y))
    r = acf(rankdata(y - theilslopes(y, at)[0] * at), nlags=2, fft=False)
    if not r[1] > norm.ppf(0.95) / np.sqrt(n):
        return 1.0
    first, second = (min(0.97, (n * q + 2) / (n - 4)) for q in r[1:])
    phi = max(first, (n * r[2] + 2) / (n - 4) / first) if r[2] > norm.ppf(0.95) / np.sqrt(n) else first
    k = np.arange(1.0, n)
    rho = first * min(phi, 0.97) ** (k - 1)
    return 1 + 2 / (n * (n - 1.0) * (n - 2)) * np.sum((n - k) * (n - k - 1) * (n - k - 2) * rho)


for seed, n, a, slope, rounding in ((1, 12, 0.0, 0.0, 0), (2, 50, 0.5, -0.02, 0), (3, 100, 0.7, 0.004, 0),
                                    (4, 80, 0.3, -0.001, 0.25), (5, 200, 0.9, 0.0, 0.1), (6, 60, -0.6, 0.01, 0)):
    y = case(seed, n, a, slope, rounding)
    print(seed, n, a, slope, rounding)
    for name, x in (("even", np.arange(n, dtype=float)), ("uneven", np.floor(np.arange(n) ** 1.5 / 3))):
        for level in (0.9, 0.99):
            print("  theil-sen", name, level, "%.15g, %.15g, %.15g, %.15g" % (
                lambda r: (r.slope, r.low_slope, r.high_slope, r.intercept))(theilslopes(y, x, level, method="joint")))
    for lags in (0, 3):
        print("  mann-kendall", lags, "%g, %.15g, %.15g, %.15g, %.15g" % hamed_rao(y, lags))
    print("  modelled ratio %.15g" % modelled(y))
    tau = kendalltau(np.arange(n), y, method="asymptotic")
    print("  check: kendalltau p %.6g" % tau.pvalue)
