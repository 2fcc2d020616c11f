# SPDX-License-Identifier: MIT
"""The series that the oracles and the unit tests (tests/unit/test_series.h) both make."""
import numpy as np


def uniform(seed, n):
    """n numbers in [0, 1) of the linear congruential generator of the C standard's example."""
    state, out = seed, np.empty(n)
    for i in range(n):
        state = (1103515245 * state + 12345) % 2**31
        out[i] = state / 2**31
    return out


def red(seed, n, a):
    """y[t] = a y[t-1] + u[t] - 0.5 with y[-1] = 0."""
    u, out, last = uniform(seed, n), np.empty(n), 0.0
    for i in range(n):
        last = a * last + (u[i] - 0.5)
        out[i] = last
    return out
