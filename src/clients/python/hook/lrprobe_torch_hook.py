# SPDX-License-Identifier: MIT
"""lrprobe's hook for PyTorch scripts that know nothing of lrprobe (`lrprobe sweep --hook torch -- python train.py`).

sitecustomize.py beside this file loads it at the start of Python; once the script has imported torch, some places of
torch are wrapped:

- Optimizer.__init__, so that the `step` of each optimizer's class is wrapped once: right before an update the plan's
  rate is put into all parameter groups in their ratios, after it the script's own rates are put back. Schedulers run
  as always, and have no say. (lrprobe_updates.py)
- torch.autograd.backward (Tensor.backward calls it): the scalars back-propagated since the last step of any optimizer,
  or since the optimizer's zero_grad, are the objective whose gradient an update uses. Their sum is the recorded loss.
  What runs inside a backward pass (checkpointing) does not count. With a closure: what its first call propagates.
  Where an update has seen none of these: the scalars whose gradients in its parameters came by torch.autograd.grad.
  (lrprobe_losses.py)
- GradScaler: losses are recorded unscaled. An update that it skips is no row if the loss is finite (it is finding its
  scale), and is one if it is not, or after 32 skipped in a row: a run that has diverged must not go silent.
- torch.manual_seed, random.seed, numpy.random.seed: a script that sets a fixed seed would make all repeats equal, and
  the intervals between them falsely narrow. The repeat's seed is mixed into the script's own (lrprobe.seed). Without
  a seed of the script all three are seeded when torch is imported. torch.Generator and numpy's Generators keep
  their seeds: they make splits more often than weights.

It ends the script with SystemExit after the last planned step, as lrprobe.py says. What it cannot do: gradients
that come from elsewhere, updates without a torch.optim.Optimizer, Python started with -I, -E or -S or with a PYTHONPATH
that was set anew. Where a script uses lrprobe.py itself, the hook stands back.
"""
import functools
import importlib.util
import sys

import lrprobe
from lrprobe_endings import Endings, failed, give_up, leave_early
from lrprobe_losses import Losses
from lrprobe_updates import Updates, parameters_of
from lrprobe_watch import Watch


def install():
    """Waits for the import of torch."""
    leave_early()
    if "torch" in sys.modules:
        _patch(sys.modules["torch"])
    else:
        sys.meta_path.insert(0, _TorchFinder())


class _TorchFinder:
    """Lets the others find torch, and patches it when its own code has run."""

    def __init__(self):
        self.busy = False

    def find_spec(self, name, path=None, target=None):
        if name != "torch" or self.busy:
            return None
        self.busy = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self.busy = False
        execute = getattr(getattr(spec, "loader", None), "exec_module", None)
        if execute is None:
            return spec

        def exec_module(module):
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
                _patch(module)

        spec.loader.exec_module = exec_module
        return spec


def _patch(torch):
    try:
        _Hook(torch).patch()
    except Exception as error:
        give_up("the hook does not fit this PyTorch (%s): %s: %s"
                % (getattr(torch, "__version__", "?"), type(error).__name__, error))


def _guarded(action, *arguments):
    """A call of the hook's own: what it raises is not the script's."""
    try:
        return action(*arguments)
    except Exception as error:
        failed(error)


class _Hook:
    """The places in torch that are wrapped."""

    def __init__(self, torch):
        self.torch = torch
        self.losses = Losses(torch)
        self.updates = Updates(torch, self.losses)
        Watch(torch, self.updates, Endings(torch, self.updates))

    def patch(self):
        torch = self.torch
        self.patch_optimizer(torch.optim.Optimizer)
        self.patch_backward()
        self.patch_grad()
        for owner, parameters in ((torch.optim.Optimizer, parameters_of), (torch.nn.Module, torch.nn.Module.parameters)):
            owner.zero_grad = self.forget_on_zero_grad(owner.zero_grad, parameters)
        for scaler in self.scaler_classes():
            scaler.__init__ = self.scaler_init(scaler.__init__)
        if self.updates.wants_norm:
            self.patch_clipping()
        self.patch_seeds()

    def patch_optimizer(self, base):
        original = base.__init__

        @functools.wraps(original)
        def __init__(optimizer, *arguments, **keywords):
            original(optimizer, *arguments, **keywords)
            self.updates.meet(optimizer)

        base.__init__ = __init__
        restore = base.__setstate__

        @functools.wraps(restore)
        def __setstate__(optimizer, state):  # from another process: __init__ was not called in this one
            restore(optimizer, state)
            self.updates.meet(optimizer)

        base.__setstate__ = __setstate__

    def forget_on_zero_grad(self, original, parameters):
        @functools.wraps(original)
        def zero_grad(owner, *arguments, **keywords):
            if self.losses.window:  # else there is nothing to forget
                _guarded(lambda: self.losses.forget(parameters(owner), self.updates.alive()))
            return original(owner, *arguments, **keywords)

        return zero_grad

    def patch_backward(self):
        original = self.torch.autograd.backward
        updates, losses = self.updates, self.losses

        @functools.wraps(original)
        def backward(tensors, grad_tensors=None, *arguments, **keywords):
            outermost = losses.depth == 0 and not updates.muted and not updates.off
            if outermost:
                losses.propagating = tensors, grad_tensors
            losses.depth += 1
            try:
                result = original(tensors, grad_tensors, *arguments, **keywords)
            finally:
                losses.depth -= 1
            if outermost:
                try:
                    if losses.propagating is not None:
                        losses.take_begun()
                    if updates.late is not None:  # steps were made within the pass
                        updates.write_late()
                except Exception as error:
                    failed(error)
            return result

        self.torch.autograd.backward = backward

    def patch_grad(self):
        original = self.torch.autograd.grad
        updates, losses = self.updates, self.losses

        @functools.wraps(original)
        def grad(outputs, inputs, *arguments, **keywords):
            result = original(outputs, inputs, *arguments, **keywords)
            if losses.depth == 0 and not updates.muted and not updates.off:
                create_graph = arguments[2] if len(arguments) > 2 else keywords.get("create_graph", False)
                _guarded(losses.take_grad, outputs, inputs, create_graph, updates.optimized())
            return result

        self.torch.autograd.grad = grad

    def scaler_classes(self):
        classes = []
        for module in (getattr(self.torch, "amp", None), self.torch.cuda.amp):
            scaler = getattr(module, "GradScaler", None)
            if scaler is not None and not any(issubclass(scaler, other) for other in classes):
                classes.append(scaler)
        return classes

    def scaler_init(self, original):
        """Subclasses have their own scale() and step(): the class of each scaler is wrapped when it is made."""

        @functools.wraps(original)
        def __init__(scaler, *arguments, **keywords):
            original(scaler, *arguments, **keywords)
            kind = type(scaler)
            if not hasattr(kind.scale, "_lrprobe"):
                kind.scale = self.scale_of(kind.scale)
            if not hasattr(kind.step, "_lrprobe"):
                kind.step = self.step_of_scaler(kind.step)

        return __init__

    def scale_of(self, original):
        @functools.wraps(original)
        def scale(scaler, outputs, *arguments, **keywords):
            result = original(scaler, outputs, *arguments, **keywords)
            if not self.updates.off and scaler.is_enabled():
                _guarded(self.losses.remember_scaled, scaler, outputs, result)
            return result

        scale._lrprobe = True
        return scale

    def step_of_scaler(self, original):
        updates = self.updates

        @functools.wraps(original)
        def step(scaler, optimizer, *arguments, **keywords):
            known = updates.known_of(optimizer) if isinstance(optimizer, self.torch.optim.Optimizer) else None
            before = None if known is None else known.steps
            result = original(scaler, optimizer, *arguments, **keywords)
            if known is not None and known.steps == before and not updates.off:
                known.steps += 1
                _guarded(updates.take_skipped, known, optimizer)
            return result

        step._lrprobe = True
        return step

    def patch_clipping(self):
        utils = self.torch.nn.utils
        original = utils.clip_grad_norm_

        @functools.wraps(original)
        def clip_grad_norm_(*arguments, **keywords):
            norm = original(*arguments, **keywords)
            self.updates.clipped_norm = norm
            return norm

        utils.clip_grad_norm_ = clip_grad_norm_
        utils.clip_grad.clip_grad_norm_ = clip_grad_norm_

    def patch_seeds(self):
        import random

        torch = self.torch
        lrprobe.seed_everything(0)
        random.seed = self.mixed_seed("random.seed", random.seed)
        torch.manual_seed = torch.random.manual_seed = self.mixed_seed("torch.manual_seed", torch.manual_seed)
        if "numpy" in sys.modules:
            numpy_random = sys.modules["numpy"].random
            numpy_random.seed = self.mixed_seed("numpy.random.seed", numpy_random.seed)

    def mixed_seed(self, name, original):
        seeded = self.updates.seeded

        @functools.wraps(original)
        def seed(*arguments, **keywords):
            own = arguments[0] if arguments else None
            # PyTorch's own calls, in workers of a DataLoader, come from seeds that are mixed already
            if type(own) is int and not sys._getframe(1).f_globals.get("__name__", "").startswith("torch."):
                arguments = (lrprobe.seed(own),) + arguments[1:]
                if name not in seeded:
                    seeded.append(name)
            return original(*arguments, **keywords)

        return seed
