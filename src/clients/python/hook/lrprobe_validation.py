# SPDX-License-Identifier: MIT
"""Validation of a hooked script between its updates (`lrprobe sweep --validate NAME|auto`).

LRPROBE_VALIDATE=NAME is a function of the script's main module that takes nothing, or the model; NAME:COLUMN says what
it returns. LRPROBE_VALIDATE=auto looks at what the script itself does between updates: the model called in evaluation
mode without gradients. The first batches of that are kept, and the loss that the script computes from the outputs
(torch.nn.functional's, which the loss modules call too), or the one of its training on the labels of its DataLoader's
batches. They are evaluated again every LRPROBE_VALIDATE_EVERY updates; before the script has evaluated once there is
nothing to measure. The model's modes and all random states are put back.
"""
import functools
import inspect
import os
import sys
import time
import weakref

import lrprobe
from lrprobe_endings import give_up

_BATCHES = 8  # of the script's own evaluation are kept
_ROWS = 1024  # and not more rows than that, but one batch
_COLUMNS = ("val_loss", "val_accuracy")
_LOSSES = ("cross_entropy", "nll_loss", "binary_cross_entropy_with_logits", "binary_cross_entropy", "mse_loss", "l1_loss",
           "smooth_l1_loss", "huber_loss", "kl_div", "gaussian_nll_loss", "poisson_nll_loss", "soft_margin_loss")
_CLASSES = ("cross_entropy", "nll_loss")


def validation(torch, parameters_of_recorded):
    """What measures, or None where no validation is wanted. parameters_of_recorded: function that returns a list."""
    wanted = os.environ.get("LRPROBE_VALIDATE", "")
    if not wanted:
        return None
    kind = _Recognised if wanted == "auto" else _Function
    return kind(torch, parameters_of_recorded, wanted)


class _Validation:
    columns = _COLUMNS

    def __init__(self, torch, parameters_of_recorded, wanted):
        self.torch = torch
        self.parameters_of_recorded = parameters_of_recorded
        self.wanted = wanted
        self._model = None  # a weak reference
        self.every = lrprobe._whole_number("LRPROBE_VALIDATE_EVERY", 10, 1)
        self.times = 0
        self.seconds = 0.0
        self.began = 0.0  # at the first update

    def measure(self):
        """The columns of one row as a dict; without a trace in the script's state."""
        before = time.monotonic()
        torch = self.torch
        states = torch.get_rng_state(), sys.modules["random"].getstate() if "random" in sys.modules else None
        cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None
        numpy = sys.modules.get("numpy")
        array_state = numpy.random.get_state() if numpy is not None else None
        modes = [(module, module.training) for module in self.modules()]
        try:
            with torch.no_grad():
                measured = {name: float(value) for name, value in self.evaluate().items()}
        except Exception as error:
            give_up("--validate %s failed: %s: %s" % (self.wanted, type(error).__name__, error))
        finally:
            for module, training in modes:
                module.training = training
            torch.set_rng_state(states[0])
            if states[1] is not None:
                sys.modules["random"].setstate(states[1])
            if cuda is not None:
                torch.cuda.set_rng_state_all(cuda)
            if array_state is not None:
                numpy.random.set_state(array_state)
        if measured:
            self.times += 1
            self.seconds += time.monotonic() - before
        return measured

    def modules(self):
        model = self.model()
        return [] if model is None else list(model.modules())

    def model(self):
        """The outermost module that holds the recorded optimizer's parameters."""
        model = self._model() if self._model is not None else None
        if model is None:
            model = _model_of(self.torch, self.parameters_of_recorded())
            self._model = weakref.ref(model) if model is not None else None
        return model

    def note(self):
        """How much was measured, and what it cost."""
        if self.times == 0:
            return "validation: the script has evaluated nothing that could be measured again"
        return "validation: %d measurements, %.2g s of %.2g s" % (self.times, self.seconds,
                                                                  time.monotonic() - self.began)


def _model_of(torch, parameters):
    import gc

    wanted = set(map(id, parameters))
    found = [one for one in gc.get_objects() if issubclass(type(one), torch.nn.Module)]
    found = [one for one in found if wanted <= set(map(id, one.parameters()))]
    return max(found, key=lambda one: sum(1 for _ in one.modules()), default=None)


class _Function(_Validation):
    """The script's own function."""

    def __init__(self, torch, parameters_of_recorded, wanted):
        super().__init__(torch, parameters_of_recorded, wanted)
        self.name, _, column = wanted.partition(":")
        self.column = column or ("val_accuracy" if "acc" in self.name.lower() else "val_loss")
        self.columns = _COLUMNS if self.column in _COLUMNS else _COLUMNS + (self.column,)

    def evaluate(self):
        function = getattr(sys.modules["__main__"], self.name, None)
        if not callable(function):
            give_up("--validate %s: the script's main module has no function of that name" % self.name)
        needed = [p for p in inspect.signature(function).parameters.values()
                  if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if len(needed) > 1:
            give_up("--validate %s: the function must take nothing, or the model alone; it takes %s"
                    % (self.name, ", ".join(p.name for p in needed)))
        model = self.model()
        if model is not None:
            model.eval()
        result = function(model) if needed else function()
        if isinstance(result, dict):
            named = ((name if name.startswith("val_") else "val_" + name, value) for name, value in result.items())
            return {name: value for name, value in named if name in self.columns}
        if isinstance(result, (tuple, list)) and len(result) == 2:
            return dict(zip(_COLUMNS, result))
        if result is None:
            give_up("--validate %s: the function returns nothing; it must return the loss, (loss, accuracy) or a dict "
                    "with val_loss, val_accuracy" % self.name)
        return {self.column: result}


class _Batch:
    """One batch of the script's evaluation: the model's arguments, and what its loss was computed with."""

    def __init__(self, module, arguments, keywords, output, labels):
        self.module = weakref.ref(module)
        self.arguments, self.keywords = arguments, keywords
        self.output = output  # until its loss has been seen
        self.shape = None  # that the loss wants it in
        self.loss = None  # (the function's name, further arguments, keywords), None: as in training
        self.labels = labels  # None = not known


class _Recognised(_Validation):
    """The script's own evaluation phases."""

    def __init__(self, torch, parameters_of_recorded, wanted):
        super().__init__(torch, parameters_of_recorded, wanted)
        self.batches = []
        self.rows = 0
        self.closed = False  # a first phase has been seen
        self.training_loss = None  # the last loss with a gradient, as in _Batch
        self.busy = False  # evaluating, or within a call that is looked at
        self.given = None  # the last batch that a DataLoader gave without gradients, if it is inputs and labels
        self.functions = {}
        self.undo = []  # functions that put a wrapped place back
        for name in _LOSSES:
            if hasattr(torch.nn.functional, name):
                self.watch_loss(name)
        self.watch_calls()
        self.watch_loaders()
        if hasattr(torch, "compile"):
            self.leave_to_compile()

    def watch_loss(self, name):
        functional = self.torch.nn.functional
        original = self.functions[name] = getattr(functional, name)

        @functools.wraps(original)
        def loss(input, target, *arguments, **keywords):
            result = original(input, target, *arguments, **keywords)
            if not self.busy:
                self.see_loss((name, arguments, keywords), input, target)
            return result

        setattr(functional, name, loss)
        self.undo.append(lambda: setattr(functional, name, original))

    def leave_to_compile(self):
        """What is compiled must not take the wrappers in: a script that compiles is not looked at."""
        original = self.torch.compile

        @functools.wraps(original)
        def compile(*arguments, **keywords):
            for put_back in self.undo:
                put_back()
            self.undo, self.batches, self.closed = [], [], True
            return original(*arguments, **keywords)

        self.torch.compile = compile

    def watch_calls(self):
        Module = self.torch.nn.Module
        original = Module.__call__

        @functools.wraps(original)
        def __call__(module, *arguments, **keywords):
            if self.busy or module.training or self.torch.is_grad_enabled() or self.closed:
                if not self.busy and module.training and self.batches and self.torch.is_grad_enabled():
                    self.closed = True
                return original(module, *arguments, **keywords)
            if not any(True for _ in module.parameters()):  # a loss, an activation
                return original(module, *arguments, **keywords)
            self.busy = True
            try:
                result = original(module, *arguments, **keywords)
            finally:
                self.busy = False
            self.see_call(module, arguments, keywords, result)
            return result

        Module.__call__ = __call__
        self.undo.append(lambda: setattr(Module, "__call__", original))

    def watch_loaders(self):
        kind = self.torch.utils.data.dataloader._BaseDataLoaderIter
        original = kind.__next__

        @functools.wraps(original)
        def __next__(iterator):
            batch = original(iterator)
            tensors = isinstance(batch, (tuple, list)) and all(isinstance(one, self.torch.Tensor) for one in batch)
            pair = tensors and len(batch) == 2 and not self.torch.is_grad_enabled()
            self.given = tuple(batch) if pair else None
            return batch

        kind.__next__ = __next__

    def see_call(self, module, arguments, keywords, result):
        model = self.model() if self.parameters_of_recorded() else None
        if model is not None and not any(module is one for one in model.modules()):
            return  # an average of the weights, a teacher
        first = next((one for one in arguments + tuple(keywords.values()) if isinstance(one, self.torch.Tensor)), None)
        if first is None or first.dim() == 0:
            return
        if self.batches and (len(self.batches) >= _BATCHES or self.rows + len(first) > _ROWS):
            self.closed = True
            return
        self.rows += len(first)
        kept = [one.detach().clone() if isinstance(one, self.torch.Tensor) else one for one in arguments]
        kept_keywords = {name: one.detach().clone() if isinstance(one, self.torch.Tensor) else one
                         for name, one in keywords.items()}
        labels = self.given[1] if self.given is not None and self.given[0].shape == first.shape else None
        self.batches.append(_Batch(module, kept, kept_keywords, result, labels))

    def see_loss(self, function, input, target):
        if self.torch.is_grad_enabled():
            if input.requires_grad:
                self.training_loss = function
            return
        batch = self.batches[-1] if self.batches else None
        if batch is None or batch.output is None or not isinstance(batch.output, self.torch.Tensor):
            return
        if batch.output.data_ptr() == input.data_ptr() and batch.output.numel() == input.numel():
            batch.shape, batch.labels, batch.loss = input.shape, target.detach().clone(), function
            batch.output = None

    def evaluate(self):
        model = self.model()
        totals, rows = {}, 0
        self.busy = True
        try:
            for batch in list(self.batches):
                module = batch.module()
                if model is None or module is None or not any(module is one for one in model.modules()):
                    continue
                model.eval()
                try:
                    measured = self.measured(batch, module(*batch.arguments, **batch.keywords))
                except Exception:  # labels that are none, a loss of another shape: not understood
                    self.batches.remove(batch)
                    continue
                n = len(next(one for one in list(batch.arguments) + list(batch.keywords.values())
                             if isinstance(one, self.torch.Tensor)))
                for name, value in measured.items():
                    totals[name] = totals.get(name, 0.0) + n * float(value)
                rows += n if measured else 0
        finally:
            self.busy = False
        return {name: total / rows for name, total in totals.items()}

    def measured(self, batch, output):
        if not isinstance(output, self.torch.Tensor):
            loss = getattr(output, "loss", None)  # models that compute their own loss from labels
            return {"val_loss": loss} if isinstance(loss, self.torch.Tensor) and loss.numel() == 1 else {}
        if batch.labels is None or (batch.loss or self.training_loss) is None:
            return {}
        name, arguments, keywords = batch.loss or self.training_loss
        if keywords.get("reduction") in ("none", "sum"):
            keywords = dict(keywords, reduction="mean")
        output = output if batch.shape is None else output.reshape(batch.shape)
        labels = batch.labels.to(output.device)
        measured = {"val_loss": self.functions[name](output, labels, *arguments, **keywords)}
        if name in _CLASSES and not labels.is_floating_point():
            measured["val_accuracy"] = (output.argmax(1) == labels).double().mean()
        return measured
