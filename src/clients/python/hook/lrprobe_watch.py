# SPDX-License-Identifier: MIT
"""A script that goes on without updates and without backward(), such as one that leaves batches out whose loss is NaN.

Nothing is watched while updates are made: a thread looks now and then whether there were any, and only where there were
none for long are the network's forward passes looked at.
"""
import functools
import math
import threading
import time

import lrprobe

_TICK = 0.5  # seconds
_SILENCE = 3.0  # seconds without an update, and so many times the longest pause before:
_PAUSES = 10
PASSES = 50  # forward passes in a row with outputs that are not finite


class Watch:
    def __init__(self, torch, updates, endings):
        self.torch = torch
        self.updates = updates
        self.endings = endings
        self.original = None  # of Module.__call__ while passes are looked at
        self.bad = self.passes = 0
        self.said = False
        updates.on_first_row = self.start

    def start(self):
        threading.Thread(target=self.run, name="lrprobe", daemon=True).start()

    def run(self):
        updates, since, longest, last = self.updates, time.monotonic(), 0.0, -1
        while not updates.off and not updates.probe.finished:
            time.sleep(_TICK)
            now = time.monotonic()
            if updates.made_updates != last:
                if last >= 0:
                    longest = max(longest, now - since)
                last, since = updates.made_updates, now
                self.look_away()
            elif now - since > max(_SILENCE, _PAUSES * longest) and self.original is None:
                self.look()
        self.look_away()

    def look(self):
        Module = self.torch.nn.Module
        self.bad = self.passes = 0
        original = self.original = Module.__call__

        @functools.wraps(original)
        def __call__(module, *arguments, **keywords):
            if Module.__call__ is not __call__ or not module.training or not self.torch.is_grad_enabled():
                return original(module, *arguments, **keywords)
            Module.__call__ = original  # what runs inside is no pass of its own
            try:
                result = original(module, *arguments, **keywords)
            finally:
                if self.original is original:
                    Module.__call__ = __call__
            if any(True for _ in module.parameters()):  # a network, not a loss
                self.see(result)
            return result

        Module.__call__ = __call__

    def look_away(self):
        if self.original is not None:
            self.torch.nn.Module.__call__, self.original = self.original, None

    def see(self, result):
        self.passes += 1
        self.bad = 0 if self.is_finite(result) else self.bad + 1
        if self.bad >= PASSES:
            self.look_away()
            self.endings.end_without_updates(math.nan, "its network's outputs have been NaN or infinite %d times in a row"
                                             % self.bad)
        elif self.passes >= max(PASSES, 2 * self.updates.probe.step) and not self.said:
            self.said = True  # for the one who ends a trainer that is silent too long
            lrprobe.say("the script has made %d forward passes since its update %d, at a rate of %.3g, and no further update"
                        % (self.passes, self.updates.probe.step, self.updates.probe.lr))

    def is_finite(self, result):
        if isinstance(result, self.torch.Tensor):
            return bool(self.torch.isfinite(result.detach()).all())
        parts = result.values() if isinstance(result, dict) else result if isinstance(result, (tuple, list)) else ()
        return all(self.is_finite(part) for part in parts)
