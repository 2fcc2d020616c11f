# SPDX-License-Identifier: MIT
"""The losses of a hooked script: what backward() has propagated, and to which optimizer's update it belongs.

The scalars back-propagated since the last step of any optimizer, or since the optimizer's zero_grad, are the objective
whose gradient an update uses. What a GradScaler has scaled is taken unscaled.
"""
import weakref


class Losses:
    def __init__(self, torch):
        self.torch = torch
        self.window = []  # back-propagated since the last step of any optimizer
        self._last = []  # those of the last step that had some
        self._last_users = set()  # the numbers of the optimizers that have used them
        self._scaled = {}  # id of a scaled tensor: (weak reference to it, its unscaled value)
        self._scaler = None  # the one that scaled last, since the last step

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
        losses = self.window[known.first_loss:]
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
