# SPDX-License-Identifier: MIT
"""The updates of a hooked script: its optimizers, the plan's rates in them, and the rows of the record.

One row for each update of the recorded optimizer: of those that exist at the first update, the one with the most
trainable parameters of modules, the first made where they are equal. All others follow the plan by the same factor.
Where an optimizer steps within the backward pass, the row is written after the pass: one rate for all of a pass.
A second training (another fold, another phase) is not recorded with the first: it ends the run.
With LRPROBE_RECORD=grad_norm the norm of its gradient is recorded too: before clipping by torch's clip_grad_norm_,
else as the update uses it.
"""
import functools
import math
import os
import time
import weakref

import lrprobe
from lrprobe_endings import failed, give_up
from lrprobe_losses import SKIPPED_LOSSES, Windows
from lrprobe_validation import validation

_NO_LOSS_STEPS = 10  # updates without any loss before the script is told that this does not work
_SKIPPED_STEPS = 32  # updates that a GradScaler may skip in a row while the loss is finite
_IDLE_STEPS = 150  # updates of another optimizer before the recorded one counts as not in use
_NEW_IDLE_STEPS = 8  # the same if the other one was made after the first row
_ONE_MODEL = 10  # so many optimizers with equal options are one for each layer or tensor of a model


class Known:
    """What is known of one optimizer."""

    def __init__(self, optimizer, number):
        self.optimizer = weakref.ref(optimizer)
        self.number = number
        self.bases = [group.get("lr") for group in optimizer.param_groups]
        self.bases = [None if base is None else float(base) for base in self.bases]
        self.rates = None
        self.first_loss = 0  # of the hook's losses: what was before its zero_grad does not count
        self.steps = 0

    def rank(self, module_parameter):
        """The smallest one is recorded. What is no module's parameter may be a perturbation of the inputs."""
        inside = sum(p.numel() for p in parameters_of(self.optimizer()) if isinstance(p, module_parameter))
        return (-min(inside, self.size()), -self.size(), self.number)

    def size(self):
        return sum(p.numel() for p in parameters_of(self.optimizer()) if p.requires_grad)

    def first(self):
        return next(parameters_of(self.optimizer()), None)

    def name(self):
        return type(self.optimizer()).__name__


def parameters_of(optimizer):
    return (p for group in optimizer.param_groups for p in group["params"])


def takes_own_steps(optimizer):
    """Adafactor with a relative step computes its rate from the number of the step."""
    return any(group.get("relative_step") for group in optimizer.param_groups)


class _HookProbe(lrprobe.Probe):
    _often = ()  # a hook measures what it was asked to


class Update:
    """One call of step(): the parts of its loss, the gradient's norm, and the rates to put back."""

    losses = ()
    norm = None
    rates = ()


class Updates:
    def __init__(self, torch, losses):
        self.torch = torch
        self.losses = losses
        self.validation = validation(torch, self.recorded_parameters)
        self.sights = lrprobe.TorchSights.of_process(complete=True)
        self.probe = None
        self.off = False  # the script has a probe of its own
        self.known = {}  # by the optimizer's id; a weak key would cost more at each update
        self.made = 0
        self.recorded = None
        self.depth = 0  # of step() inside step()
        self.muted = False  # after the first call of a closure
        self.blind = 0  # updates in a row without any loss
        self.skipped = 0
        self.idle = 0  # updates of others since the last of the recorded one
        self.longest_idle = 0
        self.newest = 0  # the number of optimizers that were made before the first row
        self.windows = Windows()
        self.late = None  # an update of the recorded optimizer within the backward pass that runs
        self.in_backward = False  # such updates are made
        self.weights = []  # weak references to those of the recorded optimizer
        self.version = None  # of the first of them after its last update
        self.last_loss = None
        self.made_updates = 0  # of all optimizers
        self.on_first_row = None
        self.scaled_said = False
        self.seeded = []  # names of the functions that the script has given a seed
        self.clipped_norm = None
        self.wants_norm = "grad_norm" in os.environ.get("LRPROBE_RECORD", "").replace(" ", "").split(",")

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
            known = self.known[id(optimizer)] = Known(optimizer, self.made)
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
                failed(error)
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
                    failed(error)
            return result

        step._lrprobe = True
        step._torchdynamo_disable = True  # a compiled step must not take the wrapper in
        return step

    def before_update(self, optimizer, has_losses):
        known = self.known.get(id(optimizer))
        if known is None or known.optimizer() is not optimizer:
            known = self.known_of(optimizer)  # a copy was never made by __init__
        if self.probe is None:
            self.probe = self.make_probe()
        if known is not self.recorded:
            self.settle_recorded(known)
        if known.rates is None:
            if takes_own_steps(known.optimizer()):  # it may have no rate at all
                known.bases = [base or 0.0 for base in known.bases]
            reference = None if known is self.recorded else self.rates_of(self.recorded).reference
            known.rates = lrprobe.TorchRates(optimizer, reference, known.bases)
        update = Update()
        update.rates = known.rates.set(self.probe.lr, self.probe.momentum)
        if has_losses:
            self.take_objective(known, update)
        return known, update

    def make_probe(self):
        options = {"columns": ("grad_norm",) if self.wants_norm else ()}
        if self.validation is not None:
            options["columns"] += self.validation.columns
            self.validation.began = time.monotonic()
            options.update(validate=self.validation.measure, validate_every=self.validation.every)
        return _HookProbe(facts={"client": "lrprobe_torch_hook.py"}, **options)

    def optimized(self):
        """The ids of all parameters of the optimizers that there are."""
        return {id(p) for known in self.alive() for p in parameters_of(known.optimizer())}

    def recorded_parameters(self):
        optimizer = None if self.recorded is None else self.recorded.optimizer()
        return [] if optimizer is None else list(parameters_of(optimizer))

    def rates_of(self, known):
        if known.rates is None:
            known.rates = lrprobe.TorchRates(known.optimizer(), None, known.bases)
        return known.rates

    def settle_recorded(self, known):
        """Another optimizer than the recorded one is about to step, or the first of all."""
        gone = self.recorded is None or self.recorded.optimizer() is None
        if self.probe.step == 0:
            if gone:
                self.choose(self.alive(), known)
        elif known.number >= self.newest and self.is_same_training(known):
            self.choose([known], known)
            self.newest = self.made
            self.probe.note("after %d updates a new optimizer, for the same weights, goes on" % self.probe.step)
        elif gone:
            self.end_phase()

    def choose(self, candidates, stepping):
        """The optimizer whose updates are rows."""
        kind = self.torch.nn.Parameter
        self.recorded = min(candidates, key=lambda known: known.rank(kind))
        if stepping.first() is self.recorded.first() and stepping.size() == self.recorded.size():
            self.recorded = stepping  # one optimizer around another: whose step is called counts
        self.weights = [weakref.ref(p) for p in parameters_of(self.recorded.optimizer())]
        self.windows = Windows()
        for known in self.known.values():
            known.rates = None

    def is_same_training(self, known):
        """Its weights are those of the recorded optimizer, and nobody has changed them since."""
        mine, first = [reference() for reference in self.weights], known.first()
        if len(mine) == 0 or any(p is None for p in mine) or first._version != self.version:
            return False
        return set(map(id, mine)) == set(map(id, parameters_of(known.optimizer())))

    def end_phase(self):
        n = self.probe.step
        self.probe.warn("the bounds are for the script's first training alone: after %d updates a second one begins, with "
                        "a new optimizer" % n)
        self.probe.stop("a second training with a new optimizer began after %d updates; use --steps %d --scout-steps %d"
                        % (n, n, n))

    def with_closure(self, closure, known, update, arguments, keywords):
        @functools.wraps(closure)
        def first_counts(*closure_arguments, **closure_keywords):
            result = closure(*closure_arguments, **closure_keywords)
            if not self.muted:
                self.muted = True  # line searches evaluate again; the rest of this step is theirs
                try:
                    self.take_objective(known, update)
                except Exception as error:
                    failed(error)
                if not update.losses and result is not None:
                    update.losses = [result]
            return result

        if arguments:
            return (first_counts,) + arguments[1:], keywords
        return arguments, dict(keywords, closure=first_counts)

    def take_objective(self, known, update):
        update.losses = self.losses.of_update(known, self.known.values())
        if self.wants_norm and known is self.recorded:
            update.norm = self.gradient_norm(known.optimizer())

    def gradient_norm(self, optimizer):
        if self.clipped_norm is not None:
            norm, self.clipped_norm = self.clipped_norm, None
            return norm
        gradients = [p.grad for p in parameters_of(optimizer) if p.grad is not None]
        if not gradients:
            return None
        with self.torch.no_grad():
            norms = [self.torch.linalg.vector_norm(g.coalesce().values() if g.is_sparse else g).float().cpu()
                     for g in gradients]
            return self.torch.linalg.vector_norm(self.torch.stack(norms))

    def after_update(self, known, update):
        self.made_updates += 1
        self.skipped = 0
        if not update.losses:  # such as a step that is to quieten a scheduler
            self.blind += 1
            if self.blind == _NO_LOSS_STEPS:
                give_up("%d updates were made, none of them after a loss.backward(): the hook cannot see this "
                         "script's loss; put lrprobe.py into it (lrprobe client python)" % self.blind)
            return
        self.blind = 0
        if known is self.recorded:
            self.longest_idle = max(self.longest_idle, self.idle)
            self.idle = 0
            self.version = self.weights[0]()._version
            if self.losses.depth > 0 and self.late is None:
                self.late, self.in_backward = update, True
            else:
                self.write_row(update)
            return
        self.idle += 1
        limit = _NEW_IDLE_STEPS if known.number >= self.newest else _IDLE_STEPS * len(self.known)
        if self.probe.step == 0:
            if self.idle == _IDLE_STEPS * len(self.known):
                self.choose([one for one in self.alive() if one.steps > 0], known)
        elif self.idle > max(limit, 4 * self.longest_idle):
            self.end_phase()

    def write_late(self):
        """The backward pass has ended in which the recorded optimizer stepped."""
        update, self.late = self.late, None
        self.write_row(update)

    def take_skipped(self, known, optimizer):
        """A GradScaler found gradients that are not finite."""
        known, update = self.before_update(optimizer, True)
        known.rates.restore(update.rates)
        self.clipped_norm = update.norm = None
        if known is not self.recorded:
            return
        self.made_updates += 1
        self.skipped += 1
        if self.skipped > _SKIPPED_STEPS or not math.isfinite(sum(map(float, update.losses))):
            self.write_row(update)

    def write_row(self, update):
        if self.probe.step == 0:
            self.write_head(update)
        loss = self.last_loss = self.windows.loss(update.losses)
        if 4 * len(update.losses) > self.losses.limit:
            self.losses.limit = 4 * len(update.losses)
        if self.validation is not None and self.probe.step == self.probe.steps - 1:
            self.probe.note(self.validation.note())
        if self.wants_norm and update.norm is not None:
            self.probe.report(loss, grad_norm=float(update.norm))
        else:
            self.probe.report(loss)
        if self.windows.scaled and not self.scaled_said:
            self.scaled_said = True
            self.probe.note("updates of fewer micro-batches than usual are recorded with the loss of as many as usual")

    def write_head(self, update):
        known = self.recorded
        # one optimizer around another is one
        alive = list({id(one.first()): one for one in self.alive() + [known]}.values())
        self.newest = self.made
        parts = self.parts_of_model(alive)
        facts = dict(lrprobe.torch_facts(known.rates, 1 if parts else len(alive), self.sights))
        if parts:
            facts["parameters"] = sum(one.size() for one in alive)
            self.probe.note("%d optimizers, %s: one for each part of a model; a row is an update of all, %s"
                            % (len(alive), known.name(), "within backward()" if self.in_backward else "in turn"))
        elif len(alive) > 1:
            others = ", ".join("%s with %d" % (one.name(), one.size()) for one in alive if one is not known)
            self.probe.note("of %d optimizers the one with the most parameters is recorded, %s with %d; following by "
                            "the same factor: %s" % (len(alive), known.name(), known.size(), others[:300]))
        if takes_own_steps(known.optimizer()):
            facts["no_effect"] = ("the learning rate has no effect: %s with relative_step=True takes it from the number of "
                                  "the step; make it with relative_step=False and a rate" % known.name())
        for key, value in facts.items():
            self.probe.fact(key, value)
        self.sights.close()
        self.losses.limit = SKIPPED_LOSSES
        self.on_first_row()
        self.note_peculiarities(update)

    def parts_of_model(self, alive):
        """Many optimizers of one kind with equal rates, or those that step within backward(), make one update."""
        alike = {(one.name(), tuple(one.bases)) for one in alive}
        return len(alive) > 1 and len(alike) == 1 and (self.in_backward or len(alive) >= _ONE_MODEL)

    def note_peculiarities(self, update):
        known = self.recorded
        if len(update.losses) > 1:
            self.probe.note("the recorded loss is the sum of the %d that are back-propagated for an update"
                            % len(update.losses))
        distributed = self.torch.distributed
        if distributed.is_available() and distributed.is_initialized() and distributed.get_world_size() > 1:
            self.probe.note("one of %d processes: loss and batch size are those of rank 0, all follow the plan"
                            % distributed.get_world_size())
        own = known.optimizer().param_groups[0]
        if "d" in own and ("d0" in own or "d_coef" in own):
            self.probe.note("%s multiplies the rate by an estimate of its own: the rates of this sweep are factors of it"
                            % known.name())
        if self.seeded:
            self.probe.note("the script sets its own seed (%s); the seed of the repeat was mixed into it, so that "
                            "repeats differ" % ", ".join(self.seeded))
        if known.rates.reference == 0 and not takes_own_steps(known.optimizer()):
            self.probe.note("all rates of the optimizer were 0: its groups get equal ones")
