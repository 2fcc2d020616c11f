#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_spectrum.c: a transform by numpy, a line in red
noise by scipy's periodogram, statsmodels' Yule-Walker and numpy's least squares."""
import numpy as np
from scipy.signal import periodogram
from statsmodels.regression.linear_model import yule_walker

from series import red

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
