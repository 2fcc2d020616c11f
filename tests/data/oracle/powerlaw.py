#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers in tests/unit/test_powerlaw.c, by scipy's least_squares with bounds from many starts."""
import numpy as np
from scipy.optimize import least_squares

from series import red


def power(q, t):
    return q[0] + q[1] * (t + q[3]) ** -q[2]


def exponential(q, t):
    return q[0] + q[1] * np.exp(-t / q[2])


def fit(name, curve, t, y, lower, upper, starts):
    def residuals(q):
        return curve(q, t) - y
    results = [least_squares(residuals, s, bounds=(lower, upper), x_scale="jac", xtol=1e-15,
                             ftol=1e-15, gtol=1e-15, max_nfev=20000) for s in starts]
    q = min(results, key=lambda r: r.cost)
    n, k = len(y), len(lower)
    rss = 2 * q.cost
    print(name, *("%.10g" % v for v in q.x), "deviation %.10g" % np.sqrt(rss / (n - k)),
          "r2 %.10g" % (1 - rss / ((y - y.mean()) ** 2).sum()), "at 200: %.10g" % curve(q.x, 200.0))


inf = np.inf
t = np.arange(1, 101.0)
for c, a, b, t0, noise in ((1, 3, 0.5, 5, 0.02), (2, 40, 1.2, 10, 0.02), (0.5, 2, 0.3, 1, 0.01)):
    y = c + a * (t + t0) ** -b + noise * red(7, 100, 0.0)
    fit("power", power, t, y, [0, 0, 0.05, 0], [y[-10:].max(), inf, 3, inf],
        [(0.5 * c, s, e, 1.0) for s in (1, 10) for e in (0.2, 0.7, 2)])
y = 0.5 + 2 * np.exp(-t / 15) + 0.03 * red(7, 100, 0.0)
fit("exponential", exponential, t, y, [0, 0, 0.1], [y[-10:].max(), inf, 10000],
    [(0.2, 1.0, s) for s in (3, 30)])
