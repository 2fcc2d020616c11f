# SPDX-License-Identifier: MIT
"""How a hooked script ends other than by its last planned update: what can be said of it is said as the last line.

A loss that is not finite and that a script ends at is often one that it never back-propagates: where it ends by an
exception, by sys.exit or with its main module, the variables there still hold it.
"""
import atexit
import functools
import math
import os
import sys
import time

import lrprobe
from lrprobe_losses import SKIPPED_LOSSES

_SILENT_SECONDS = 45  # without a row, then many forward passes are worth a line
_SEEN_PASSES = 20  # a script that ends after so many and without a row has trained in a way that is not seen
_WITH_OPTIMIZER = 2000  # losses without any step where there is an optimizer: a long accumulation is no fault


def give_up(sentence):
    """The sweep is of no use without the hook: one line, and the end, also where SystemExit is caught."""
    lrprobe.say(sentence)
    sys.stdout.flush()
    os._exit(1)


def leave_early():
    """A script that has made its last planned update ends behind what it has registered at atexit: Python would go on
    to free all that torch has set up, for a third of the time of a repeat. To be called before anything else is
    registered there, since what comes first is run last. Other ends, with a status to be seen, are left to Python."""
    atexit.register(_leave_if_finished)


def _leave_if_finished():
    probe = lrprobe._first_probe
    if probe is not None and probe.finished:
        lrprobe._leave_now()


def failed(error):
    """A failure of the hook's own is reported in one line and ends the run; the script's exceptions pass."""
    if isinstance(error, lrprobe.ProtocolError):
        give_up(str(error))
    give_up("the hook failed: %s: %s" % (type(error).__name__, error))


class Endings:
    def __init__(self, torch, updates):
        self.torch = torch
        self.updates = updates
        self.how = ""
        self.many_since = None  # when the first many forward passes without a row were seen
        updates.losses.on_limit = self.many_losses
        updates.sights.on_passes = self.many_passes
        self.patch_exit()
        atexit.register(self.at_exit)

    def patch_exit(self):
        leave, report = sys.exit, sys.excepthook

        @functools.wraps(leave)
        def exit(*arguments):
            status = arguments[0] if arguments else 0
            self.how = " (exit status %d)" % status if isinstance(status, int) and status else ""
            self.look_at_callers(sys._getframe(1))
            leave(*arguments)

        @functools.wraps(report)
        def excepthook(kind, error, trace):
            self.how = " (%s)" % ": ".join(filter(None, (kind.__name__, str(error)[:200])))
            frames = trace
            while frames is not None:
                self.look_at(frames.tb_frame.f_locals)
                frames = frames.tb_next
            report(kind, error, trace)

        sys.exit, sys.excepthook = exit, excepthook

    def look_at_callers(self, frame):
        while frame is not None:
            self.look_at(frame.f_locals)
            frame = frame.f_back

    def at_exit(self):
        self.look_at(sys.modules["__main__"].__dict__)
        probe = self.updates.probe
        if (probe is None or probe.step == 0) and self.updates.sights.passes >= _SEEN_PASSES and not self.updates.off:
            self.say_unseen()
        if not self.is_recording():
            return
        if math.isfinite(self.updates.last_loss):
            lrprobe.say("the script ended by itself after %d of %d updates%s" % (probe.step, probe.steps, self.how))
        else:
            lrprobe.say("the script's loss was %s after %d updates, at a rate of %.3g, and it ended by itself%s"
                        % (_name(self.updates.last_loss), probe.step - 1, probe._rates[probe.step - 1], self.how))

    def many_passes(self):
        """A trainer that is silent too long is ended by the one who started it, who shows the last line of this kind."""
        now = time.monotonic()
        if self.many_since is None:
            self.many_since = now
        if now - self.many_since > _SILENT_SECONDS:
            self.updates.sights.on_passes = None
            self.say_unseen()

    def say_unseen(self):
        lrprobe.say("%d forward passes, but no update that the hook sees (loss.backward() and an optimizer's step()); put "
                    "lrprobe.py into the script (lrprobe client python)" % self.updates.sights.passes)

    def is_recording(self):
        probe = self.updates.probe
        return (probe is not None and not self.updates.off and probe.step > 0 and not probe.finished
                and (probe._file or 0) >= 0)

    def look_at(self, variables):
        """Records a loss that is not finite and that no backward() has shown."""
        if not self.is_recording() or not math.isfinite(self.updates.last_loss):
            return
        for name, value in list(variables.items()):
            value = self.loss_of(name, value)
            if value is not None:
                self.updates.last_loss = value
                try:
                    self.updates.probe.report(value)
                except SystemExit:  # it was the last planned one
                    pass
                return

    def loss_of(self, name, value):
        """A scalar of the graph that is not finite, or a NaN that calls itself a loss; else None."""
        if isinstance(value, float):
            return value if value != value and "loss" in name.lower() else None
        if type(value) is self.torch.Tensor and value.grad_fn is not None and value.numel() == 1:
            value = float(value.detach())
            return None if math.isfinite(value) else value
        return None

    def many_losses(self):
        """So many losses were back-propagated since the last step of any optimizer."""
        updates, losses = self.updates, self.updates.losses
        n = len(losses.window)
        if updates.off:
            losses.limit = math.inf
        elif updates.probe is None or updates.probe.step == 0:
            if not updates.alive() or n >= _WITH_OPTIMIZER:
                give_up("%d losses were back-propagated, and no torch.optim.Optimizer has made an update: the hook cannot "
                        "see this script's updates; put lrprobe.py into it (lrprobe client python)" % n)
            losses.limit = _WITH_OPTIMIZER
        else:
            last = [float(value) for value in losses.window[-SKIPPED_LOSSES:]]
            if any(math.isfinite(value) for value in last):
                losses.limit = 2 * n
                return
            self.end_without_updates(last[-1], "its loss has been %s %d times in a row" % (_name(last[-1]), len(last)))

    def end_without_updates(self, loss, seen):
        """The script goes on, but without updates: the loss is recorded at the rate that was next."""
        probe = self.updates.probe
        step, rate = probe.step, probe.lr
        self.updates.last_loss = loss
        probe.report(loss)
        probe.stop("the script makes no updates any more after %d, at a rate of %.3g: %s" % (step, rate, seen))


def _name(loss):
    return "NaN" if loss != loss else "infinite"
