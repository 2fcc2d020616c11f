# SPDX-License-Identifier: MIT
"""The losses of a hooked script: what backward() has propagated, and to which optimizer's update it belongs.

The scalars back-propagated since the last step of any optimizer, or since the optimizer's zero_grad, are the objective
whose gradient an update uses. What a GradScaler has scaled is taken unscaled.
"""
import math
import weakref

FIRST_LIMIT = 200  # before the first update
SKIPPED_LOSSES = 50  # after it
_SHARES = 1.5  # parts of a window are alike, micro-batches of one loss, where their means differ by less


class Losses:
    def __init__(self, torch):
        self.torch = torch
        self.window = []  # back-propagated since the last step of any optimizer
        self.by_grad = []  # losses since then whose gradient came by torch.autograd.grad
        self._last = []  # those of the last step that had some
        self._last_users = set()  # the numbers of the optimizers that have used them
        self._scaled = {}  # id of a scaled tensor: (weak reference to it, its unscaled value)
        self._scaler = None  # the one that scaled last, since the last step
        self.depth = 0  # of backward() inside backward()
        self.propagating = None  # what the outermost backward() that runs was called with, until it is taken
        self.limit = FIRST_LIMIT  # losses without a step after which on_limit() is called
        self.on_limit = None

    def take_begun(self):
        """The loss of the outermost backward pass: after it, or within it for an optimizer that steps there."""
        (tensors, grad_tensors), self.propagating = self.propagating, None
        self.take(tensors, grad_tensors)
        if len(self.window) >= self.limit:
            self.on_limit()

    def take(self, tensors, grad_tensors):
        """What torch.autograd.backward was called with."""
        if grad_tensors is None and self._scaler is None and isinstance(tensors, self.torch.Tensor):
            if tensors.numel() == 1:  # as nearly always
                self.window.append(self.value_of(tensors))
            return
        tensors = (tensors,) if isinstance(tensors, self.torch.Tensor) else tuple(tensors)
        if grad_tensors is None or isinstance(grad_tensors, self.torch.Tensor):
            grad_tensors = (grad_tensors,) * len(tensors)
        for tensor, factor in zip(tensors, grad_tensors):
            if tensor.numel() == 1:
                value = self._unscaled(tensor)
                self.window.append(value if factor is None else value * self.value_of(factor))
            elif factor is not None and tensor.dim() == 1 and factor.shape == tensor.shape:  # a loss for each row
                self.window.append(self.value_of((tensor.detach() * factor).sum()))

    def take_grad(self, outputs, inputs, create_graph, parameters):
        """What torch.autograd.grad was called with: a loss if it is a scalar whose gradient in some of the parameters (a
        set of ids) is wanted for its own sake; used where an update has seen no backward()."""
        outputs = (outputs,) if isinstance(outputs, self.torch.Tensor) else tuple(outputs)
        inputs = (inputs,) if isinstance(inputs, self.torch.Tensor) else tuple(inputs)
        if create_graph or len(outputs) != 1 or outputs[0].numel() != 1 or outputs[0].requires_grad is False:
            return
        if any(id(p) in parameters for p in inputs):
            self.by_grad.append(self._unscaled(outputs[0]))

    @staticmethod
    def value_of(tensor):
        """Now where that is cheap; on a GPU a copy, read when the row is written."""
        return tensor.item() if tensor.is_cpu else tensor.detach().clone()

    def remember_scaled(self, scaler, outputs, results):
        """A GradScaler has scaled `outputs`."""
        self._scaler = scaler
        if isinstance(outputs, self.torch.Tensor):
            outputs, results = (outputs,), (results,)
        if isinstance(outputs, (list, tuple)):
            for output, result in zip(outputs, results):
                if isinstance(output, self.torch.Tensor) and output.numel() == 1:
                    self._scaled[id(result)] = (weakref.ref(result), self.value_of(output))

    def _unscaled(self, tensor):
        if self._scaler is None:
            return self.value_of(tensor)
        reference, value = self._scaled.get(id(tensor), (None, None))
        if reference is not None and reference() is tensor:
            return value
        return self.value_of(tensor) / self._scaler.get_scale()  # what was made of a scaled loss

    def of_update(self, known, everyone):
        """The objective of this optimizer's update as a list of its parts; the window is closed for `everyone`."""
        if self.depth > 0 and self.propagating is not None:
            self.take_begun()
        losses = self.window[known.first_loss:]
        if not losses and self.by_grad:
            losses = self.by_grad
        self.by_grad = []
        if losses:
            self._last, self._last_users = losses, set()
        elif known.number not in self._last_users:
            losses = self._last  # several optimizers step after one backward()
        self._last_users.add(known.number)
        if self._scaler is not None:
            self._scaled.clear()
            self._scaler = None
        for other in everyone:
            other.first_loss = 0
        self.window = []
        return losses

    def forget(self, parameters, everyone):
        """What was back-propagated so far is no part of the gradient of these parameters any more."""
        parameters = {id(p) for p in parameters}
        for known in everyone:
            if id(known.first()) in parameters:
                known.first_loss = len(self.window)


class Windows:
    """Windows of gradient accumulation at one optimizer: a script that divides each micro-batch's loss by a fixed number
    has a sum half as deep where half as many micro-batches were left. Its losses are made comparable: the mean of the
    micro-batches times the usual number of them, which is the most frequent one.

    Not where the parts are different losses (their means differ), nor where the script divides by the window's own
    length: then the mean of a short window's parts is as much larger as it is shorter. Which of the two it is, short
    windows show by their nearness to one or the other.
    """

    def __init__(self):
        self._counts = {}  # length of a window: how many there were
        self._usual = 0
        self._shares = []  # of the usual windows' parts in their mean, summed by place
        self._mean = 0.0  # of the parts of the last usual window
        self._evidence = 0.0  # above 0: the sum is proportional to the count
        self.scaled = False

    def loss(self, parts):
        """The loss of an update from those of its parts (numbers or scalar tensors)."""
        n = len(parts)
        if n == 1 and self._usual <= 1:
            self._usual = 1
            self._counts[1] = self._counts.get(1, 0) + 1
            return float(parts[0])
        parts = [float(part) for part in parts]
        total = sum(parts)
        self._counts[n] = self._counts.get(n, 0) + 1
        usual = max(self._counts, key=lambda length: (self._counts[length], length))
        if usual != self._usual:
            self._usual, self._shares, self._evidence = usual, [0.0] * usual, 0.0
        if n == usual:
            self._learn(parts, total / n)
        elif math.isfinite(total) and self._mean != 0 and usual > 1 and self._alike():
            ratio = total / n / self._mean
            if ratio > 0:
                self._evidence += abs(math.log(ratio * n / usual)) - abs(math.log(ratio))
            if self._evidence > 0:
                self.scaled = True
                return total * usual / n
        return total

    def _learn(self, parts, mean):
        if math.isfinite(mean) and mean != 0:
            self._mean = mean
            self._shares = [share + part / mean for share, part in zip(self._shares, parts)]

    def _alike(self):
        low, high = min(self._shares), max(self._shares)
        return low > 0 and high < _SHARES * low
