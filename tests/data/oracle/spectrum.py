#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_spectrum.c: Fisher's p in exact fractions, a transform by numpy, a line
in red noise by scipy's periodogram, statsmodels' Yule-Walker and numpy's least squares."""
from fractions import Fraction
from math import comb

import numpy as np
from scipy.signal import periodogram
from statsmodels.regression.linear_model import yule_walker

from series import red


def fisher_p(g, m):
    total, j = Fraction(0), 1
    while j <= m and j * g < 1:
        total += (-1) ** (j - 1) * comb(m, j) * (1 - j * g) ** (m - 1)
        j += 1
    return float(total)


for g, m in ((Fraction(1, 4), 10), (Fraction(1, 2), 10), (Fraction(1, 8), 60), (Fraction(1, 5), 60),
             (Fraction(1, 64), 500), (Fraction(1, 40), 500), (Fraction(1, 1000), 20000)):
    print("fisher", float(g), m, "%.15g" % fisher_p(g, m))

power = np.abs(np.fft.rfft(red(7, 90, 0.5), 100)) ** 2
print("power", *("%d: %.12g" % (k, power[k]) for k in (0, 1, 17, 50)))

n, period = 1000, 12.5
noise = red(9, n, 0.6)
t = np.arange(n)
y = noise + 0.3 * np.sin(2 * np.pi * t / period)
print("coefficient", yule_walker(noise, 1)[0][0])
x = np.column_stack([np.cos(2 * np.pi * t / period), np.sin(2 * np.pi * t / period), np.ones(n)])
print("amplitude", np.hypot(*np.linalg.lstsq(x, y, rcond=None)[0][:2]))
f, p = periodogram(y, window="hann", detrend="constant")
k = n / period
print("share", p[int(k) - 1:int(k) + 2].sum() / p[1:].sum())
