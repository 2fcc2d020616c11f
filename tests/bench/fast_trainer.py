#!/usr/bin/env python3
"""fast_trainer.c in Python: steps that cost next to nothing, through the Python client. usage: fast_trainer.py STEPS"""
import sys

import lrprobe


def main():
    probe = lrprobe.Probe(lr=1e-6)
    w = 1.0
    for _ in range(int(sys.argv[1])):
        loss = 0.5 * w * w
        w -= probe.lr * w
        probe.report(loss)
    print(w)


if __name__ == "__main__":
    main()
