#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_autocorrelation.c, by statsmodels."""
from statsmodels.tsa.stattools import acf

from series import red

for n, a in ((50, 0.0), (500, 0.7), (1000, -0.4)):
    r = acf(red(7, n, a), nlags=49, fft=False)
    print(n, a, *("%d: %.15g" % (lag, r[lag]) for lag in (1, 2, 10, 49)))
