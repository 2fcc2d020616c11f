# SPDX-License-Identifier: MIT
"""How a hooked script ends other than by its last planned update."""
import os
import sys

import lrprobe


def give_up(sentence):
    """The sweep is of no use without the hook: one line, and the end, also where SystemExit is caught."""
    lrprobe.say(sentence)
    sys.stdout.flush()
    os._exit(1)


def failed(error):
    """A failure of the hook's own is told in one line and ends the run; the script's exceptions pass."""
    give_up("the hook failed: %s: %s" % (type(error).__name__, error))
