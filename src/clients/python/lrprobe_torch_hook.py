# SPDX-License-Identifier: MIT
"""lrprobe's hook for PyTorch scripts that know nothing of lrprobe (`lrprobe sweep --hook torch -- python train.py`).

hook/sitecustomize.py loads this at the start of Python; once the script has imported torch, four places of torch are
wrapped:

- Optimizer.__init__, so that the `step` of each optimizer's class is wrapped once: right before an update the plan's
  rate is put into all parameter groups in their ratios, after it the script's own rates are put back. Schedulers run
  as always, and have no say.
- torch.autograd.backward (Tensor.backward calls it): the scalars back-propagated since the last step of any optimizer,
  or since the optimizer's zero_grad, are the objective whose gradient an update uses. Their sum is the recorded loss.
  What runs inside a backward pass (checkpointing) does not count. With a closure: what its first call propagates.
- GradScaler: losses are recorded unscaled. An update that it skips is no row if the loss is finite (it is finding its
  scale), and is one if it is not, or after 32 skipped in a row: a run that has diverged must not go silent.
- torch.manual_seed, random.seed, numpy.random.seed: a script that sets a fixed seed would make all repeats equal, and
  the intervals between them falsely narrow. The repeat's seed is mixed into the script's own (lrprobe.seed). Without
  a seed of the script all three are seeded when torch is imported. torch.Generator and numpy's Generators keep
  their seeds: they make splits more often than weights.

One row for each update of the recorded optimizer: of those that exist at the first update, the one with the most
trainable parameters, the first made where they are equal. All others follow the plan by the same factor.
With LRPROBE_RECORD=grad_norm the norm of its gradient is recorded too: before clipping by torch's clip_grad_norm_,
else as the update uses it.

It ends the script with SystemExit after the last planned step, as lrprobe.py says. What it cannot do: losses whose
gradient comes by torch.autograd.grad, updates without a torch.optim.Optimizer, Python started with -I, -E or -S or
with a PYTHONPATH that was set anew. Where a script uses lrprobe.py itself, the hook stands back.
"""
import functools
import importlib.util
import math
import os
import sys
import weakref

import lrprobe

_NO_LOSS_STEPS = 10  # updates without any loss before the script is told that this does not work
_SKIPPED_STEPS = 32  # updates that a GradScaler may skip in a row while the loss is finite
_IDLE_STEPS = 150  # updates of other optimizers before the recorded one counts as not in use


def install():
    """Waits for the import of torch."""
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
        _give_up("the hook does not fit this PyTorch (%s): %s: %s"
                 % (getattr(torch, "__version__", "?"), type(error).__name__, error))


def _give_up(sentence):
    """The sweep is of no use without the hook: one line, and the end, also where SystemExit is caught."""
    lrprobe.say(sentence)
    sys.stdout.flush()
    os._exit(1)


def _failed(error):
    """A failure of the hook's own is told in one line and ends the run; the script's exceptions pass."""
    _give_up("the hook failed: %s: %s" % (type(error).__name__, error))


class _HookProbe(lrprobe.Probe):
    _often = ()  # a hook measures what it was asked to


class _Known:
    """What is known of one optimizer."""

    def __init__(self, optimizer, number):
        self.optimizer = weakref.ref(optimizer)
        self.number = number
        self.bases = [group.get("lr") for group in optimizer.param_groups]
        self.bases = [None if base is None else float(base) for base in self.bases]
        self.rates = None
        self.first_loss = 0  # of the hook's losses: what was before its zero_grad does not count
        self.steps = 0

    def size(self):
        return sum(p.numel() for p in _parameters(self.optimizer()) if p.requires_grad)

    def first(self):
        return next(_parameters(self.optimizer()), None)

    def name(self):
        return type(self.optimizer()).__name__


def _parameters(optimizer):
    return (p for group in optimizer.param_groups for p in group["params"])


class _Hook:
    def __init__(self, torch):
        self.torch = torch
        self.probe = None
        self.off = False  # the script has a probe of its own
        self.known = {}  # by the optimizer's id; a weak key would cost more at each update
        self.made = 0
        self.recorded = None
        self.depth = 0  # of step() inside step()
        self.backward_depth = 0  # of backward() inside backward()
        self.muted = False  # after the first call of a closure
        self.losses = []  # back-propagated since the last step of any optimizer
        self.last_losses = []  # those of the last step that had some
        self.last_users = set()  # the numbers of the optimizers that have used them
        self.blind = 0  # updates in a row without any loss
        self.scaled = {}  # id of a scaled tensor: (weak reference to it, its unscaled value)
        self.scaler = None  # the one that scaled last, since the last step
        self.skipped = 0
        self.idle = 0
        self.seeded = []  # names of the functions that the script has given a seed
        self.clipped_norm = None
        self.wants_norm = "grad_norm" in os.environ.get("LRPROBE_RECORD", "").replace(" ", "").split(",")

    # ---- places in torch

    def patch(self):
        torch = self.torch
        self.patch_optimizer(torch.optim.Optimizer)
        self.patch_backward()
        for owner, parameters_of in ((torch.optim.Optimizer, _parameters), (torch.nn.Module, torch.nn.Module.parameters)):
            owner.zero_grad = self.forget_on_zero_grad(owner.zero_grad, parameters_of)
        for scaler in self.scaler_classes():
            scaler.__init__ = self.scaler_init(scaler.__init__)
        if self.wants_norm:
            self.patch_clipping()
        self.patch_seeds()

    def patch_optimizer(self, base):
        original = base.__init__

        @functools.wraps(original)
        def __init__(optimizer, *arguments, **keywords):
            original(optimizer, *arguments, **keywords)
            self.meet(optimizer)

        base.__init__ = __init__
        restore = base.__setstate__

        @functools.wraps(restore)
        def __setstate__(optimizer, state):  # from another process: __init__ was not called in this one
            restore(optimizer, state)
            self.meet(optimizer)

        base.__setstate__ = __setstate__

    def forget_on_zero_grad(self, original, parameters_of):
        @functools.wraps(original)
        def zero_grad(owner, *arguments, **keywords):
            if self.losses:  # else there is nothing to forget
                try:
                    self.forget_losses_of(parameters_of(owner))
                except Exception as error:
                    _failed(error)
            return original(owner, *arguments, **keywords)

        return zero_grad

    def forget_losses_of(self, parameters):
        """What was back-propagated so far is no part of the gradient of these parameters any more."""
        parameters = {id(p) for p in parameters}
        for known in self.alive():
            if id(known.first()) in parameters:
                known.first_loss = len(self.losses)

    def patch_backward(self):
        original = self.torch.autograd.backward

        @functools.wraps(original)
        def backward(tensors, grad_tensors=None, *arguments, **keywords):
            self.backward_depth += 1
            try:
                result = original(tensors, grad_tensors, *arguments, **keywords)
            finally:
                self.backward_depth -= 1
            if self.backward_depth == 0 and not self.muted and not self.off:
                try:
                    self.take_losses(tensors, grad_tensors)
                except Exception as error:
                    _failed(error)
            return result

        self.torch.autograd.backward = backward

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
            if not self.off and scaler.is_enabled():
                try:
                    self.remember_scaled(scaler, outputs, result)
                except Exception as error:
                    _failed(error)
            return result

        scale._lrprobe = True
        return scale

    def step_of_scaler(self, original):
        @functools.wraps(original)
        def step(scaler, optimizer, *arguments, **keywords):
            known = self.known_of(optimizer) if isinstance(optimizer, self.torch.optim.Optimizer) else None
            before = None if known is None else known.steps
            result = original(scaler, optimizer, *arguments, **keywords)
            if known is not None and known.steps == before and not self.off:
                known.steps += 1
                try:
                    self.take_skipped(known, optimizer)
                except Exception as error:
                    _failed(error)
            return result

        step._lrprobe = True
        return step

    def patch_clipping(self):
        utils = self.torch.nn.utils
        original = utils.clip_grad_norm_

        @functools.wraps(original)
        def clip_grad_norm_(*arguments, **keywords):
            norm = original(*arguments, **keywords)
            self.clipped_norm = norm
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
        @functools.wraps(original)
        def seed(*arguments, **keywords):
            own = arguments[0] if arguments else None
            # PyTorch's own calls, in workers of a DataLoader, come from seeds that are mixed already
            if type(own) is int and not sys._getframe(1).f_globals.get("__name__", "").startswith("torch."):
                arguments = (lrprobe.seed(own),) + arguments[1:]
                if name not in self.seeded:
                    self.seeded.append(name)
            return original(*arguments, **keywords)

        return seed

    # ---- losses

    def take_losses(self, tensors, grad_tensors):
        if grad_tensors is None and self.scaler is None and isinstance(tensors, self.torch.Tensor):
            if tensors.numel() == 1:  # as nearly always
                self.losses.append(self.value_of(tensors))
            return
        tensors = (tensors,) if isinstance(tensors, self.torch.Tensor) else tuple(tensors)
        if grad_tensors is None or isinstance(grad_tensors, self.torch.Tensor):
            grad_tensors = (grad_tensors,) * len(tensors)
        for tensor, factor in zip(tensors, grad_tensors):
            if tensor.numel() == 1:
                value = self.unscaled(tensor)
                self.losses.append(value if factor is None else value * self.value_of(factor))

    @staticmethod
    def value_of(tensor):
        """Now where that is cheap; on a GPU a copy, read when the row is written."""
        return tensor.item() if tensor.is_cpu else tensor.detach().clone()

    def remember_scaled(self, scaler, outputs, results):
        self.scaler = scaler
        if isinstance(outputs, self.torch.Tensor):
            outputs, results = (outputs,), (results,)
        if isinstance(outputs, (list, tuple)):
            for output, result in zip(outputs, results):
                if isinstance(output, self.torch.Tensor) and output.numel() == 1:
                    self.scaled[id(result)] = (weakref.ref(result), self.value_of(output))

    def unscaled(self, tensor):
        if self.scaler is None:
            return self.value_of(tensor)
        reference, value = self.scaled.get(id(tensor), (None, None))
        if reference is not None and reference() is tensor:
            return value
        return self.value_of(tensor) / self.scaler.get_scale()  # what was made of a scaled loss

    def losses_for(self, known):
        """The objective of this optimizer's update as a list of its parts, and the window is closed."""
        losses = self.losses[known.first_loss:]
        if losses:
            self.last_losses, self.last_users = losses, set()
        elif known.number not in self.last_users:
            losses = self.last_losses  # several optimizers step after one backward()
        self.last_users.add(known.number)
        if self.scaler is not None:
            self.scaled.clear()
            self.scaler = None
        for other in self.known.values():
            other.first_loss = 0
        self.losses = []
        return losses

    # ---- updates

    def meet(self, optimizer):
        """A new optimizer; called again by each class of a hierarchy that calls __init__ more than once."""
        kind = type(optimizer)
        if not hasattr(kind.step, "_lrprobe"):
            kind.step = self.step_of(kind.step)
        return self.known_of(optimizer)

    def known_of(self, optimizer):
        known = self.known.get(id(optimizer))
        if known is None or known.optimizer() is not optimizer:  # new, or in the place of one that is gone
            self.known = {key: one for key, one in self.known.items() if one.optimizer() is not None}
            known = self.known[id(optimizer)] = _Known(optimizer, self.made)
            self.made += 1
        return known

    def alive(self):
        return [known for known in self.known.values() if known.optimizer() is not None]

    def step_of(self, original):
        @functools.wraps(original)
        def step(optimizer, *arguments, **keywords):
            if self.off or lrprobe._first_probe is not self.probe:
                self.off = True
                return original(optimizer, *arguments, **keywords)
            outermost = self.depth == 0
            closure = (arguments[0] if arguments else keywords.get("closure")) if arguments or keywords else None
            try:
                known, update = self.before_update(optimizer, outermost and closure is None)
                if outermost and closure is not None:
                    arguments, keywords = self.with_closure(closure, known, update, arguments, keywords)
            except Exception as error:
                _failed(error)
            self.depth += 1
            try:
                result = original(optimizer, *arguments, **keywords)
            finally:
                self.depth -= 1
                known.rates.restore(update.rates)
                if outermost:
                    self.muted = False
            known.steps += 1
            if outermost:
                try:
                    self.after_update(known, update)
                except Exception as error:
                    _failed(error)
            return result

        step._lrprobe = True
        step._torchdynamo_disable = True  # a compiled step must not take the wrapper in
        return step

    def before_update(self, optimizer, has_losses):
        known = self.known.get(id(optimizer))
        if known is None or known.optimizer() is not optimizer:
            known = self.known_of(optimizer)  # a copy was never made by __init__
        if self.probe is None:
            columns = ("grad_norm",) if self.wants_norm else ()
            self.probe = _HookProbe(columns=columns, facts={"client": "lrprobe_torch_hook.py"})
        if self.recorded is None or self.recorded.optimizer() is None:
            self.choose(self.alive(), known)
        if known.rates is None:
            reference = None if known is self.recorded else self.rates_of(self.recorded).reference
            known.rates = lrprobe.TorchRates(optimizer, reference, known.bases)
        update = _Update()
        update.rates = known.rates.set(self.probe.lr, self.probe.momentum)
        if has_losses:
            self.take_objective(known, update)
        return known, update

    def rates_of(self, known):
        if known.rates is None:
            known.rates = lrprobe.TorchRates(known.optimizer(), None, known.bases)
        return known.rates

    def choose(self, candidates, stepping):
        """The optimizer whose updates are rows."""
        self.recorded = min(candidates, key=lambda known: (-known.size(), known.number))
        if stepping.first() is self.recorded.first() and stepping.size() == self.recorded.size():
            self.recorded = stepping  # one optimizer around another: whose step is called counts
        for known in self.known.values():
            known.rates = None

    def with_closure(self, closure, known, update, arguments, keywords):
        @functools.wraps(closure)
        def first_counts(*closure_arguments, **closure_keywords):
            result = closure(*closure_arguments, **closure_keywords)
            if not self.muted:
                self.muted = True  # line searches evaluate again; the rest of this step is theirs
                try:
                    self.take_objective(known, update)
                except Exception as error:
                    _failed(error)
                if not update.losses and result is not None:
                    update.losses = [result]
            return result

        if arguments:
            return (first_counts,) + arguments[1:], keywords
        return arguments, dict(keywords, closure=first_counts)

    def take_objective(self, known, update):
        update.losses = self.losses_for(known)
        if self.wants_norm and known is self.recorded:
            update.norm = self.gradient_norm(known.optimizer())

    def gradient_norm(self, optimizer):
        if self.clipped_norm is not None:
            norm, self.clipped_norm = self.clipped_norm, None
            return norm
        gradients = [p.grad for p in _parameters(optimizer) if p.grad is not None]
        if not gradients:
            return None
        with self.torch.no_grad():
            norms = [self.torch.linalg.vector_norm(g.coalesce().values() if g.is_sparse else g).float().cpu()
                     for g in gradients]
            return self.torch.linalg.vector_norm(self.torch.stack(norms))

    def after_update(self, known, update):
        self.skipped = 0
        if not update.losses:  # such as a step that is to quieten a scheduler
            self.blind += 1
            if self.blind == _NO_LOSS_STEPS:
                _give_up("%d updates were made, none of them after a loss.backward(): the hook cannot see this "
                         "script's loss; put lrprobe.py into it (lrprobe client python)" % self.blind)
            return
        self.blind = 0
        if known is self.recorded:
            self.idle = 0
            self.write_row(update)
            return
        self.idle += 1
        if self.idle == _IDLE_STEPS:
            if self.probe.step == 0:
                self.choose([one for one in self.alive() if one.steps > 0], known)
            else:
                lrprobe.say("the optimizer whose losses are recorded makes no more updates, but another one does")

    def take_skipped(self, known, optimizer):
        """A GradScaler found gradients that are not finite."""
        known, update = self.before_update(optimizer, True)
        known.rates.restore(update.rates)
        self.clipped_norm = update.norm = None
        if known is not self.recorded:
            return
        self.skipped += 1
        if self.skipped > _SKIPPED_STEPS or not math.isfinite(sum(map(float, update.losses))):
            self.write_row(update)

    def write_row(self, update):
        if self.probe.step == 0:
            self.write_head()
        losses = update.losses
        loss = float(losses[0]) if len(losses) == 1 else sum(map(float, losses))
        if self.wants_norm and update.norm is not None:
            self.probe.report(loss, grad_norm=float(update.norm))
        else:
            self.probe.report(loss)

    def write_head(self):
        known = self.recorded
        self.probe.fact("framework", "torch %s" % self.torch.__version__)
        self.probe.fact("optimizer", known.name())
        self.probe.fact("parameters", known.size())
        alive = self.alive()
        if len(alive) > 1:
            others = ", ".join("%s with %d" % (one.name(), one.size()) for one in alive if one is not known)
            self.probe.note("of %d optimizers the one with the most parameters is recorded, %s with %d; following by "
                            "the same factor: %s" % (len(alive), known.name(), known.size(), others[:300]))
        if self.seeded:
            self.probe.note("the script sets its own seed (%s); the seed of the repeat was mixed into it, so that "
                            "repeats differ" % ", ".join(self.seeded))
        if known.rates.reference == 0:
            self.probe.note("all rates of the optimizer were 0: its groups get equal ones")


class _Update:
    """One call of step(): the parts of its loss, the gradient's norm, and the rates to put back."""

    losses = ()
    norm = None
    rates = ()
