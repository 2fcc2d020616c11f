# SPDX-License-Identifier: MIT
"""lrprobe's client for Python trainers: one file, standard library only, Python 3.8 or later.

`lrprobe sweep -- python train.py` runs a training script in fresh processes and wants the learning rate of every
update to follow its plan. The script says where its updates are; the client sets the rates and writes the losses
down. Without lrprobe around it (no LRPROBE_PLAN in the environment) all of this does nothing, so the lines can stay.

PyTorch, three lines:

    import lrprobe
    probe = lrprobe.torch(optimizer)    # once, after the optimizer was made
    probe.report(loss)                  # after each optimizer.step(), with the loss that was back-propagated

Anything else:

    probe = lrprobe.Probe(lr=0.01)      # 0.01 is for trainings without lrprobe
    for batch in probe.loop(batches):
        loss = train_step(batch, lr=probe.lr)
        probe.report(loss)

Keras: model.fit(..., callbacks=[lrprobe.keras()]). JAX with optax: see `optax`.

Repeats must differ by their seeds: write torch.manual_seed(lrprobe.seed(0)) where the script had
torch.manual_seed(0), or call lrprobe.seed_everything(0) before the model is made. lrprobe.seed(0) is 0 without lrprobe.

After the last planned step `report` ends the process with SystemExit(0), so that `finally:` and `atexit` do their
work. A script that catches SystemExit and reports once more, or that is still there 10 seconds later (a thread that
does not end), is ended at once with status 0. With exit=False nothing ends: `probe.finished` becomes true, `loop`
stops, and later reports do nothing.

What the script writes during a sweep is kept from the user's files and thrown away; see lrprobe sweep --help.

Under torchrun, mpirun and srun every rank follows the plan and ends after the same step; rank 0 reports. A second
process never writes into a report that another one has begun.
"""
import functools
import os
import sys
import time
import types

__all__ = ["active", "seed", "seed_everything", "Probe", "torch", "keras", "optax", "ProtocolError"]

# True in a process that lrprobe has started.
active = bool(os.environ.get("LRPROBE_PLAN"))

_OWN = ("step", "lr", "momentum", "loss")
_LAST_SECONDS = 10

# The first probe of this process: the hook for unmodified scripts stands back where a script has its own.
_first_probe = None


class ProtocolError(RuntimeError):
    """The plan or the report, as the environment names them, is not what was agreed on."""


def seed(own=0):
    """The seed to use where the script would use `own`: `own` itself without lrprobe, else a number below 2**32
    that depends on `own` and on the repeat, so that repeats differ and seeds of ranks and epochs stay apart."""
    if not active:
        return own
    return (own + _repeat_seed() * 1000003) % 2 ** 32


def seed_everything(own=None):
    """Seeds `random`, and numpy and PyTorch if they are imported, with seed(own). Without lrprobe and without
    `own` it leaves them alone."""
    if not active and own is None:
        return
    number = seed(own or 0)
    import random

    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number % 2 ** 32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


class Probe:
    """The plan of this process and its report.

    lr, momentum, steps   what the attributes of these names are without lrprobe
    columns               names of columns that come in later rows only. Not needed for accuracy, val_loss,
                          val_accuracy, grad_norm, nor for what the first report has
    facts                 dict of texts for the head of the report, for example {"model": "resnet18"}
    validate              function without arguments, called after each `validate_every` updates and after the last;
                          returns the validation loss, or a dict such as {"val_loss": .., "val_accuracy": ..}
    exit                  end the process after the last planned step

    Attributes: active (does lrprobe run this process?), lr and momentum (of the next update; momentum is None where
    the plan has none), step (of the next update, from 0), steps (planned), seed (of this repeat), finished.
    """

    # These columns may come in any row without having been declared: they are often measured now and then.
    _often = ("accuracy", "val_loss", "val_accuracy", "grad_norm")

    def __init__(self, lr=None, momentum=None, steps=None, columns=(), facts=None, validate=None,
                 validate_every=10, exit=True):
        global _first_probe
        self.active = active
        self.step = 0
        self.finished = False
        self.lr, self.momentum, self.steps, self.seed = lr, momentum, steps, 0
        if not active:
            return
        if "lrprobe_copies" in sys.modules:
            sys.modules["lrprobe_copies"].point()
        if _first_probe is None:
            _first_probe = self
        self._rates, self._momenta = _read_plan(os.environ["LRPROBE_PLAN"])
        if not os.environ.get("LRPROBE_REPORT"):
            raise ProtocolError("LRPROBE_PLAN is set, but LRPROBE_REPORT is not")
        self.steps = min(len(self._rates), _whole_number("LRPROBE_STEPS", len(self._rates), 1))
        self.seed = _repeat_seed()
        self._declared = tuple(columns)
        self._facts = {"client": "lrprobe.py", **(facts or {})}
        self._notes = []
        self._validate, self._validate_every = validate, max(1, int(validate_every))
        self._exit = exit
        self._ending = False
        self._left_out = set()
        self._losses = []  # of micro-batches since the last row
        self._file = None  # None: not opened yet; -1: another process reports
        self._sync_at = None
        self._take_step(0)

    def loop(self, batches):
        """Yields `batches`; under lrprobe again and again, until the plan is done, so that a sweep does not end with
        the script's last epoch. Put it around something that can be iterated more than once (no generator)."""
        if not self.active:
            yield from batches
            return
        while not self.finished:
            before = self.step
            for batch in batches:
                yield batch
                if self.finished:
                    return
            if self.step == before:
                return  # empty, or nothing is reported: for ever would be too long

    def accumulate(self, loss):
        """The loss of one micro-batch; report() without a loss writes the mean of them, for the update that used
        their gradients together."""
        if self.active:
            self._losses.append(float(loss))

    def report(self, loss=None, **columns):
        """One update was made with the rate `lr`: `loss` is the loss before it (a number or a scalar of any
        framework; float(loss) waits for a GPU), `columns` more numbers by name, None = not measured.
        Sets `lr` for the next update; after the last one ends the process (see `exit`)."""
        if not self.active:
            return
        if self.finished:
            self._end()
            return
        if loss is not None:
            loss = float(loss)
        elif self._losses:
            loss = sum(self._losses) / len(self._losses)
        else:
            raise ValueError("report() needs the loss of this update: report(loss), or accumulate(loss) before it")
        if self._losses:
            del self._losses[:]
        k = self.step
        if self._validate is not None and ((k + 1) % self._validate_every == 0 or k + 1 == self.steps):
            measured = self._validate()
            columns.update(measured if isinstance(measured, dict) else {"val_loss": measured})
        if self._file is None:
            self._open(columns)
        if self._file >= 0:
            cells = self._cells(columns) if columns else self._no_cells
            os.write(self._file, f"{self._row_heads[k]}{loss!r}{cells}\n".encode())
            if self._sync_at is not None and time.monotonic() >= self._sync_at:
                os.fsync(self._file)
                self._sync_at = time.monotonic() + 1
        self._take_step(k + 1)

    def note(self, sentence):
        """A sentence for the people who read the report: shown among its events if it comes before the first row."""
        self._tell("note", sentence)

    def warn(self, sentence):
        """A sentence that the answer must not be read without: shown beside the bounds. At any time."""
        self._tell("warning", sentence)

    def _tell(self, kind, sentence):
        if self.active:
            self._notes.append("# %s: %s\n" % (kind, _one_line(sentence)))
            if self._file is not None and self._file >= 0:
                self._write_notes()

    def fact(self, key, value):
        """A fact of this run for the head of its report; before the first row."""
        if self.active:
            self._facts[key] = value

    def stop(self, sentence):
        """Ends the process as after the last planned step, and says why."""
        if self.active and not self.finished:
            say(sentence)
            self.finished = True
            self._end()

    def _take_step(self, k):
        self.step = k
        if k < self.steps:
            self.lr = self._rates[k]
            self.momentum = self._momenta[k] if self._momenta else None
        else:
            self.finished = True
            if self._sync_at is not None and self._file >= 0:
                os.fsync(self._file)
            self._end()

    def _end(self):
        if not self._exit:
            return
        if self._ending:  # SystemExit was caught, and the script goes on
            _leave_now()
        self._ending = True
        import threading

        last = threading.Timer(_LAST_SECONDS, _leave_now)
        last.daemon = True
        last.start()
        raise SystemExit(0)

    def _open(self, columns):
        """Who reports is decided with the first row, when the ranks are known."""
        self._file = -1
        if rank() == 0:
            self._file = _open_alone(os.environ["LRPROBE_REPORT"])
        if self._file < 0:
            return
        if _is_network_folder(os.environ["LRPROBE_REPORT"]):
            self._sync_at = 0.0
        names = []
        for name in list(columns) + list(self._declared) + list(self._often):
            if name in _OWN or not name or any(letter in name for letter in ',"#\r\n'):
                raise ValueError("%r cannot be the name of a column" % (name,))
            if name not in names:
                names.append(name)
        self._names = names
        self._places = {name: i for i, name in enumerate(names)}
        self._no_cells = "," * len(names)
        if self._momenta:
            pairs = zip(self._rates, self._momenta)
            self._row_heads = ["%d,%r,%r," % (k, rate, momentum) for k, (rate, momentum) in enumerate(pairs)]
        else:
            self._row_heads = ["%d,%r," % (k, rate) for k, rate in enumerate(self._rates)]
        self._facts["seed"] = self.seed
        head = "".join("# %s: %s\n" % (_one_line(key), _one_line(value)) for key, value in self._facts.items())
        os.write(self._file, head.encode("utf-8", "replace"))
        self._write_notes()
        own = [name for name in _OWN if name != "momentum" or self._momenta]
        os.write(self._file, (",".join(own + names) + "\n").encode("utf-8", "replace"))
        _reporting.append(self)

    def _write_notes(self):
        text = "".join(self._notes)
        del self._notes[:]
        os.write(self._file, text.encode("utf-8", "replace"))

    def _cells(self, columns):
        cells = [""] * len(self._places)
        for name, value in columns.items():
            place = self._places.get(name)
            if place is not None:
                cells[place] = "" if value is None else "%r" % float(value)
            elif name not in self._left_out:
                self._left_out.add(name)
                say("column %s is left out: declare it with columns=[...] if the first report does not have it" % name)
        return "".join("," + cell for cell in cells)


# ---- PyTorch


def torch(*optimizers, **options):
    """The probe of a PyTorch training; its options are those of Probe.

        probe = lrprobe.torch(optimizer)
        for x, y in loader:
            ...
            optimizer.step()
            probe.report(loss)

    The plan's rate is that of the first optimizer's fastest parameter group; all other groups, those of more
    optimizers too, keep their ratios to it (by `initial_lr` where a scheduler has set it). The rate is put in right
    before each optimizer.step(), so a scheduler of the script is overruled; momentum or betas[0] follow if the plan
    has a momentum. Report once for each optimizer.step(), in either order, also where a GradScaler has skipped it.
    With gradient accumulation call probe.accumulate(loss) for each micro-batch and probe.report() for each update.
    """
    if not optimizers:
        raise TypeError("lrprobe.torch() needs an optimizer")
    if not active:
        return Probe(**options)
    return TorchProbe(optimizers, options)


class TorchProbe(Probe):
    """See `torch`."""

    _late = 0  # 1: the script reports before optimizer.step()

    def __init__(self, optimizers, options):
        self._followers = []
        self._seen = False  # until then the rates are also set with each report: the script's updates may pass by
        super().__init__(**options)
        self._updates = 0  # of the first optimizer since the last row
        self._told = False
        reference = None
        for optimizer in optimizers:
            follower = TorchRates(optimizer, reference)
            reference = follower.reference
            follower.set(self.lr, self.momentum)
            self._followers.append(follower)
            self._watch(follower, follower is self._followers[0])
        self._sights = TorchSights.of_process()

    def _open(self, columns):
        optimizers = [follower.optimizer for follower in self._followers]
        for key, value in torch_facts(self._followers[0], len(optimizers), self._sights):
            self._facts.setdefault(key, value)
        self._sights.close()
        super()._open(columns)

    def _watch(self, follower, counts):
        """Schedulers of PyTorch wrap optimizer.step on the instance too and want a bound method there."""
        inner = follower.optimizer.step

        @functools.wraps(inner)
        def step(_, *arguments, **keywords):
            k = self.step - self._late
            if k < self.steps:
                follower.set(self._rates[k], self._momenta[k] if self._momenta else None)
            self._updates += counts
            self._seen = True
            return inner(*arguments, **keywords)

        follower.optimizer.step = types.MethodType(step, follower.optimizer)

    def report(self, loss=None, **columns):
        if self.active and not self.finished:
            if self.step == 0 and self._updates == 0:
                self._late = int(self._followers[0].has_finite_gradient())
            elif self._updates == 0:
                self._late = 0  # the script's updates pass this optimizer.step by
            if self._updates > 1 and not self._told:
                self._told = True
                sentence = "%d updates were made between two reports: lrprobe's plan counts reports" % self._updates
                self.note(sentence)
                say(sentence)
            self._updates = 0
        super().report(loss, **columns)

    def _take_step(self, k):
        super()._take_step(k)
        if k < self.steps and not self._late and not self._seen:
            for follower in self._followers:
                follower.set(self.lr, self.momentum)


class TorchRates:
    """Sets the rates of an optimizer's parameter groups in their ratios.

    reference: the rate of which the plan's rates take the place, None = that of this optimizer's fastest group.
    bases: the groups' rates where they are known better than from the optimizer as it is now.

    Attributes, all as they were when this was made, before the plan's first rate: own (the groups' own rates, of a
    one-cycle scheduler its peaks), options (text for the head of the record), started (the optimizer has a state)."""

    def __init__(self, optimizer, reference=None, bases=None):
        self.optimizer = optimizer
        self.own = [group.get("max_lr") for group in optimizer.param_groups]  # of a one-cycle scheduler
        self.started = _has_state(optimizer)
        self._bases = []
        for i, group in enumerate(optimizer.param_groups):
            known = bases[i] if bases is not None and i < len(bases) else None
            self._bases.append(self._base(group, known))
        self.own = [base if own is None else float(own) for own, base in zip(self.own, self._bases)]
        self.options = _torch_options(optimizer, optimizer.param_groups[self._bases.index(max(self._bases))])
        self.reference = reference if reference is not None else max(self._bases)
        self._ratios = []
        self._add_ratios()

    @staticmethod
    def _base(group, known=None):
        rate = group.get("initial_lr")
        if rate is None or not float(rate) > 0:
            rate = known if known is not None else group.get("lr")
        if rate is None:
            raise ProtocolError("a parameter group of the optimizer has no learning rate (lr is None)")
        return float(rate)

    def _add_ratios(self):
        for base in self._bases[len(self._ratios):]:
            self._ratios.append(base / self.reference if self.reference > 0 else 1.0)

    def set(self, rate, momentum=None):
        """Puts the plan's rate in; returns what was there before, for `restore`."""
        groups = self.optimizer.param_groups
        if len(groups) != len(self._ratios):
            del self._bases[len(groups):], self._ratios[len(groups):]
            self._bases.extend(self._base(group) for group in groups[len(self._bases):])
            self._add_ratios()
        before = []
        for group, ratio in zip(groups, self._ratios):
            old = group["lr"]
            if type(old) is float or not hasattr(old, "fill_"):
                before.append(old)
                group["lr"] = rate * ratio
            else:  # a tensor: a compiled step has taken hold of it
                before.append(old.clone())
                old.fill_(rate * ratio)
            if momentum is not None:
                if "momentum" in group:
                    group["momentum"] = momentum
                elif "betas" in group:
                    group["betas"] = (momentum,) + tuple(group["betas"][1:])
        return before

    def restore(self, before):
        for group, old in zip(self.optimizer.param_groups, before):
            if type(old) is float or not hasattr(old, "fill_"):
                group["lr"] = old
            else:
                group["lr"].copy_(old)

    def has_finite_gradient(self):
        """Whether an update is still to come: some gradient is not zero, and none is infinite or NaN."""
        gradients = [p.grad for group in self.optimizer.param_groups for p in group["params"] if p.grad is not None]
        sizes = [float(gradient.detach().abs().sum()) for gradient in gradients]
        return sum(sizes) > 0 and sum(sizes) < float("inf")


def torch_facts(rates, optimizers, sights):
    """What the bounds of a sweep hold for, as pairs for the head of its record. rates: the TorchRates of the recorded
    optimizer; optimizers: how many make updates; sights: the TorchSights of this process."""
    parameters = [p for group in rates.optimizer.param_groups for p in group["params"]]
    yield "framework", "torch " + str(getattr(sys.modules.get("torch"), "__version__", "?"))
    yield "optimizer", type(rates.optimizer).__name__
    if rates.options:
        yield "optimizer_options", rates.options
    if max(rates.own) > 0:
        yield "own_lr", _short(max(rates.own))
        if len(rates.own) > 1:
            yield "group_rates", ",".join(map(_short, rates.own))
    if optimizers > 1:
        yield "optimizers", optimizers
    if sights.batch_size():
        yield "batch_size", sights.batch_size()
    start = "checkpoint" if rates.started else sights.start(parameters)
    if start:
        yield "start", start
    yield "parameters", sum(p.numel() for p in parameters if p.requires_grad)


def _torch_options(optimizer, fastest):
    """The options of the fastest group, without its rate and without what schedulers keep in groups."""
    return _options_text({name: fastest.get(name, value) for name, value in optimizer.defaults.items()})


_ASIDE = ("lr", "foreach", "fused", "capturable", "differentiable")  # the rate, and how a step is computed


def _options_text(options):
    """`k=v` for all that is a number, a switch that is on, or a tuple of numbers, sorted."""
    words = []
    for name, value in sorted(options.items()):
        values = value if isinstance(value, (tuple, list)) else (value,)
        if name in _ASIDE or value is False or not values:
            continue
        if all(isinstance(one, (int, float)) for one in values):
            words.append("%s=%s" % (name, "/".join(map(_short, values))))
    return " ".join(words)


def _short(value):
    return str(value) if isinstance(value, bool) else "%.10g" % value


def _has_state(optimizer):
    """Whether it has made updates already, perhaps in another process: some make an empty state for themselves."""
    for state in optimizer.state.values():
        steps = state.get("step") if isinstance(state, dict) else None
        if steps is None and isinstance(state, dict) and any(value is not None for value in state.values()):
            return True
        if steps is not None and float(steps) > 0:
            return True
    return False


class TorchSights:
    """What is seen of a training until its first row: batches, and weights that were loaded. Four places of torch are
    wrapped for that long."""

    _only = None

    @classmethod
    def of_process(cls, complete=False):
        """complete: this is the import of torch, nothing was loaded before."""
        if cls._only is None and "torch" in sys.modules:
            cls._only = cls(sys.modules["torch"], complete)
        return cls._only

    def __init__(self, torch, complete):
        self._torch = torch
        self._complete = complete
        self._loader_batch = self._input_batch = None
        self._loaded = []  # weak references to modules
        self.passes = 0  # calls of an outermost module with gradients
        self.on_passes = None  # called after each thousandth
        self._places = []
        self._wrap(torch.utils.data.DataLoader, "__iter__", self._see_loader)
        self._wrap(torch.nn.Module, "load_state_dict", self._see_weights)
        self._wrap(torch, "load", self._see_load)
        self._wrap(torch.nn.Module, "__call__", self._see_call)
        if hasattr(torch, "compile"):
            self._wrap(torch, "compile", self._see_compile)

    def _wrap(self, owner, name, see):
        original = getattr(owner, name)

        @functools.wraps(original)
        def wrapper(*arguments, **keywords):
            return see(original, *arguments, **keywords)

        setattr(owner, name, wrapper)
        self._places.append((owner, name, wrapper, original))

    def close(self):
        """Nothing more is looked at."""
        self._unwrap(list(self._places))

    def _unwrap(self, places):
        for place in places:
            owner, name, wrapper, original = place
            if owner.__dict__.get(name) is wrapper:
                setattr(owner, name, original)
            self._places.remove(place)

    def batch_size(self):
        """Of the loader in use, else the first dimension of what the outermost module got; None = not known."""
        return self._loader_batch or self._input_batch

    def start(self, parameters):
        """"checkpoint" where weights of these parameters were loaded, "fresh" where not, None where it is not known."""
        wanted = set(map(id, parameters))
        modules = [reference() for reference in self._loaded] + self._pretrained()
        if any(id(p) in wanted for module in modules if module is not None for p in module.parameters()):
            return "checkpoint"
        return "fresh" if self._complete else None

    @staticmethod
    def _pretrained():
        """Models of the transformers library that came from a hub or a folder: they are filled tensor by tensor."""
        kind = getattr(sys.modules.get("transformers.modeling_utils"), "PreTrainedModel", None)
        if kind is None:
            return []
        import gc

        return [one for one in gc.get_objects() if issubclass(type(one), kind) and getattr(one, "name_or_path", "")]

    def _see_loader(self, original, loader):
        if self._torch.is_grad_enabled():
            size = loader.batch_size or getattr(loader.batch_sampler, "batch_size", None)
            self._loader_batch = size if isinstance(size, int) else None
        return original(loader)

    def _see_weights(self, original, module, state_dict, *arguments, **keywords):
        import weakref

        if self._differ(dict(module.named_parameters()), state_dict):
            self._loaded.append(weakref.ref(module))
        return original(module, state_dict, *arguments, **keywords)

    @staticmethod
    def _differ(own, given):
        """A network that is put back to its own initial weights is as fresh as it was."""
        try:
            return any(bool((p.detach() != given[name].to(p.device)).any()) for name, p in own.items() if name in given)
        except Exception:  # other shapes, or no weights at all: load_state_dict itself has the last word
            return True

    def _see_load(self, original, *arguments, **keywords):
        import weakref

        result = original(*arguments, **keywords)
        for one in result.values() if isinstance(result, dict) else (result,):
            if isinstance(one, self._torch.nn.Module):
                self._loaded.append(weakref.ref(one))
        return result

    def _see_compile(self, original, *arguments, **keywords):
        """What is compiled holds on to Module.__call__ and must not take the wrapper in."""
        self._unwrap([place for place in self._places if place[1] == "__call__"])
        return original(*arguments, **keywords)

    def _see_call(self, original, module, *arguments, **keywords):
        """Of the outermost module only: while it runs, those in it are called as ever."""
        Module = self._torch.nn.Module
        mine = Module.__dict__["__call__"]
        Module.__call__ = original
        try:
            if self._torch.is_grad_enabled():
                self.passes += 1
                if self.passes % 1000 == 0 and self.on_passes is not None:
                    self.on_passes()
                for value in arguments + tuple(keywords.values()):
                    if isinstance(value, self._torch.Tensor):
                        if value.dim() > (1 if value.is_floating_point() else 0):
                            self._input_batch = value.shape[0]
                        break
            return original(module, *arguments, **keywords)
        finally:
            if any(place[2] is mine for place in self._places):
                Module.__call__ = mine


# ---- Keras


def keras(**options):
    """A callback for model.fit of Keras 2 or 3; its options are those of Probe.

    It sets optimizer.learning_rate before each batch and reports the batch's own loss: Keras gives running means to
    callbacks, so the model's metrics are reset before each batch (what the progress bar shows is then of one batch).
    A rate given as a LearningRateSchedule, and steps_per_execution above 1, cannot be followed and are refused.
    With exit=False it sets model.stop_training. A plan's momentum is not followed: Keras compiles it in.
    """
    base = _keras_callback_class()
    if not active:
        return base()

    class LrprobeCallback(base):
        def __init__(self):
            super().__init__()
            self.probe = Probe(**options)
            self.batches = 0

        def on_train_begin(self, logs=None):
            optimizer = self.model.optimizer
            self.accumulation = int(getattr(optimizer, "gradient_accumulation_steps", None) or 1)
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            rates = [getattr(inner, "_learning_rate", None), getattr(inner, "_hyper", {}).get("learning_rate")]
            if any(callable(rate) for rate in rates):
                raise ProtocolError("the model was compiled with a schedule for its learning rate; compile it with a "
                                    "plain number, as in: learning_rate=0.01 if lrprobe.active else schedule")
            executions = getattr(self.model, "steps_per_execution", getattr(self.model, "_steps_per_execution", 1))
            if executions is not None and executions != "auto" and _number(executions) > 1:
                raise ProtocolError("compile the model with steps_per_execution=1: the rate is set batch by batch")
            for key, value in _keras_facts(inner):
                self.probe._facts.setdefault(key, value)

        def on_train_batch_begin(self, batch, logs=None):
            model = self.model  # Keras 3 on JAX brings the model's state up to date when it is asked for
            if hasattr(model, "reset_metrics"):
                model.reset_metrics()
            model.optimizer.learning_rate = self.probe.lr
            if self.batches == 0 and not _close(_number(model.optimizer.learning_rate), self.probe.lr):
                raise ProtocolError("the optimizer's learning_rate cannot be set")

        def on_train_batch_end(self, batch, logs=None):
            logs = logs or {}
            self.batches += 1
            self.probe.accumulate(_number(logs["loss"]))
            if self.batches % self.accumulation == 0:
                accuracy = logs.get("accuracy", logs.get("acc"))
                self.probe.report(accuracy=None if accuracy is None else _number(accuracy))
                if self.probe.finished:
                    self.model.stop_training = True

    return LrprobeCallback()


def _keras_facts(optimizer):
    """Before the plan's first rate."""
    keras = sys.modules.get("keras")
    yield "framework", "keras " + str(getattr(keras, "__version__", "?"))
    yield "optimizer", type(optimizer).__name__
    config = dict(optimizer.get_config()) if hasattr(optimizer, "get_config") else {}
    if "beta_1" in config and "beta_2" in config:
        config["betas"] = (config.pop("beta_1"), config.pop("beta_2"))
    options = _options_text({key: value for key, value in config.items() if key != "learning_rate"})
    if options:
        yield "optimizer_options", options
    if hasattr(optimizer, "learning_rate"):
        yield "own_lr", _short(_number(optimizer.learning_rate))


def _keras_callback_class():
    import importlib

    for name in ("keras", "tf_keras", "tensorflow"):
        module = sys.modules.get(name)
        if module is not None:
            module = module.keras if name == "tensorflow" else module
            return module.callbacks.Callback
    return importlib.import_module("keras").callbacks.Callback


# ---- JAX with optax


def optax(**options):
    """The probe of a JAX training whose rate optax holds in its state; its options are those of Probe.

        optimizer = optax.inject_hyperparams(optax.adam)(learning_rate=1e-3)
        probe = lrprobe.optax()
        ...
        opt_state = probe.inject(opt_state)     # before each update, outside jit
        params, opt_state, loss = update(params, opt_state, batch)
        probe.report(loss)

    All injected learning rates in the state are set, also inside chains and multi_transform, in their ratios to the
    largest; hyper-parameters `momentum` or `b1` follow if the plan has a momentum.
    """
    return OptaxProbe(**options)


class OptaxProbe(Probe):
    """See `optax`."""

    _ratios = None
    _checks = 3

    def inject(self, opt_state):
        """The state with the rate of the next update in it; without lrprobe the state as it is."""
        if not self.active or self.finished:
            return opt_state
        found = [state.hyperparams for state in _injected(opt_state)]
        if not found:
            raise ProtocolError("the optimizer's state has no injected learning_rate: make it with "
                                "optax.inject_hyperparams(optax.adam)(learning_rate=...)")
        if self._ratios is None:
            bases = [_number(hyperparams["learning_rate"]) for hyperparams in found]
            for key, value in _optax_facts(found[bases.index(max(bases))], bases):
                self._facts.setdefault(key, value)
            self._ratios = [base / max(bases) if max(bases) > 0 else 1.0 for base in bases]
        elif self._checks > 0:
            self._checks -= 1
            for hyperparams, was in zip(found, self._was):
                if not _close(_number(hyperparams["learning_rate"]), was):
                    raise ProtocolError("the injected learning_rate is overruled, probably by a schedule: inject a "
                                        "plain number, as in: learning_rate=1e-3 if lrprobe.active else schedule")
        self._was = []
        for hyperparams, ratio in zip(found, self._ratios):
            rate = _like(hyperparams["learning_rate"], self.lr * ratio)
            hyperparams["learning_rate"] = rate
            self._was.append(_number(rate) if self._checks > 0 else 0.0)
            for name in ("momentum", "b1"):
                if self.momentum is not None and name in hyperparams:
                    hyperparams[name] = _like(hyperparams[name], self.momentum)
        return opt_state


def _optax_facts(hyperparams, bases):
    """Before the plan's first rate; the state does not know its optimizer's name."""
    options = {name: _number(value) for name, value in hyperparams.items() if name != "learning_rate" and value is not None}
    if "b1" in options and "b2" in options:
        options["betas"] = (options.pop("b1"), options.pop("b2"))
    yield "framework", "jax " + str(getattr(sys.modules.get("jax"), "__version__", "?"))
    if options:
        yield "optimizer_options", _options_text(options)
    if max(bases) > 0:
        yield "own_lr", _short(max(bases))
        if len(bases) > 1:
            yield "group_rates", ",".join(map(_short, bases))


def _injected(state):
    if isinstance(getattr(state, "hyperparams", None), dict) and "learning_rate" in state.hyperparams:
        yield state
    parts = state.values() if isinstance(state, dict) else state if isinstance(state, (tuple, list)) else ()
    for part in parts:
        yield from _injected(part)


def _like(old, value):
    """The value in the type and shape of the old one, so that nothing is compiled again."""
    if not hasattr(old, "dtype"):
        return value
    module = sys.modules.get("jax")
    return (module.numpy if module is not None else sys.modules["numpy"]).full_like(old, value)


# ---- the two files


def rank():
    """The number of this process in a distributed training, 0 where it is none."""
    distributed = getattr(sys.modules.get("torch"), "distributed", None)
    if distributed is not None and distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank()
    for name in ("RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK"):
        if os.environ.get(name, "").isdigit():
            return int(os.environ[name])
    # Slurm sets SLURM_PROCID in batch scripts and for lone programs too: it is a rank among several tasks only.
    if os.environ.get("SLURM_STEP_NUM_TASKS", "1") != "1" and os.environ.get("SLURM_PROCID", "").isdigit():
        return int(os.environ["SLURM_PROCID"])
    return 0


def say(sentence):
    """One line on standard error, where lrprobe looks for a trainer's last words."""
    print("lrprobe: " + _one_line(sentence), file=sys.stderr, flush=True)


def _one_line(text):
    return " ".join(str(text).split())


def _number(value):
    """A float of a number, array or variable of any framework; the first element where there are several."""
    value = value.numpy() if hasattr(value, "numpy") else value
    value = value.ravel()[0] if getattr(value, "ndim", 0) else value
    return float(value)


def _close(a, b):
    return abs(a - b) <= 1e-2 * abs(b)  # half precision


def _whole_number(name, default, least):
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < least:
        raise ProtocolError("%s is '%s', but must be a whole number from %d on" % (name, text[:40], least))
    return int(text)


def _repeat_seed():
    return _whole_number("LRPROBE_SEED", 0, 0)


def _read_plan(path):
    """The rates, and the momenta or an empty list."""
    import csv

    names, columns = None, {"lr": [], "momentum": []}
    try:
        with open(path, newline="") as file:
            lines = csv.reader(line for line in file if line.strip() and not line.startswith("#"))
            for cells in lines:
                if names is None:
                    names = [cell.strip() for cell in cells]
                    if "lr" not in names:
                        raise ProtocolError("%s: the plan's header row names no column lr" % path)
                    continue
                for name, values in columns.items():
                    if name in names:
                        values.append(_rate(path, len(columns["lr"]), cells, names.index(name)))
    except OSError as error:
        raise ProtocolError("cannot read the plan %s: %s" % (path, error.strerror))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ProtocolError("%s: the plan is no table of numbers: %s" % (path, error))
    if not columns["lr"]:
        raise ProtocolError("%s: the plan has no rows" % path)
    return columns["lr"], columns["momentum"]


def _rate(path, row, cells, column):
    text = cells[column] if column < len(cells) else ""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise ProtocolError("%s: row %d of the plan has '%s' where a number from 0 on belongs" % (path, row, text[:40]))
    return value


def _open_alone(path):
    """A descriptor of the report, -1 if another process writes it or has done so."""
    try:
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise ProtocolError("cannot write the report %s: %s" % (path, error.strerror))
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return -1
    except (ImportError, OSError):
        pass  # a system or folder without locks
    if os.fstat(file).st_size > 0:
        os.close(file)
        return -1
    return file


def _is_network_folder(path):
    """Whether rows must be sent off by fsync to be seen on another machine. Linux says; elsewhere they are not."""
    try:
        with open("/proc/self/mountinfo") as file:
            mounts = [line.split(" - ") for line in file]
    except OSError:
        return False
    path, best, kind = os.path.realpath(path), "", ""
    for mount in mounts:
        place = mount[0].split()[4]
        if (path + "/").startswith(place.rstrip("/") + "/") and len(place) >= len(best):
            best, kind = place, mount[-1].split()[0]
    return kind.startswith(("nfs", "cifs", "smb", "fuse.sshfs", "lustre", "beegfs", "gpfs", "ceph", "9p"))


def _leave_now():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:  # closed, or replaced by something odd: leaving is what matters
            pass
    os._exit(0)


_reporting = []  # probes of this process that hold a report open


def _forget_reports():
    for probe in _reporting:
        os.close(probe._file)
        probe._file = -1
    del _reporting[:]


if active and hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_reports)
