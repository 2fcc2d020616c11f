# SPDX-License-Identifier: MIT
# Where module_path.py finds its own modules after it has changed everything.
import os

here = os.path.dirname(os.path.abspath(__file__))
