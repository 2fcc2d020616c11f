#!/usr/bin/env python3
"""Seconds that pandas.read_csv takes for a file, without the start of Python and the import.

usage: read_pandas.py FILE
"""
import sys
import time

import pandas

start = time.perf_counter()
table = pandas.read_csv(sys.argv[1])
print("%.4f" % (time.perf_counter() - start))
