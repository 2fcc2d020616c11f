# SPDX-License-Identifier: MIT
"""As much of Keras as a callback sees, for python_client.py: fit() calls callbacks in Keras' order, the rate is a
variable that is assigned to, logs are running means since the last reset, and fit() resets them for each epoch."""
import sys
import types


class Callback:
    def __init__(self):
        self.model = None

    def set_model(self, model):
        self.model = model

    def on_train_begin(self, logs=None):
        pass

    def on_epoch_begin(self, epoch, logs=None):
        pass

    def on_train_batch_begin(self, batch, logs=None):
        pass

    def on_train_batch_end(self, batch, logs=None):
        pass


class Variable:
    def __init__(self, value):
        self.value = value

    def numpy(self):
        return self.value


class Optimizer:
    def __init__(self, rate, gradient_accumulation_steps):
        self._learning_rate = rate if callable(rate) else Variable(rate)
        self.gradient_accumulation_steps = gradient_accumulation_steps

    @property
    def learning_rate(self):
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self._learning_rate.value = value


class Model:
    def __init__(self, learning_rate, gradient_accumulation_steps=None, steps_per_execution=1):
        self.optimizer = Optimizer(learning_rate, gradient_accumulation_steps)
        self.steps_per_execution = steps_per_execution
        self.rates = []

    def reset_metrics(self):
        self.sums, self.count = {"loss": 0.0, "accuracy": 0.0}, 0

    def train_step(self):
        k = len(self.rates)
        self.rates.append(self.optimizer.learning_rate.numpy())
        self.count += 1
        self.sums["loss"] += 100.0 / (k + 1)
        self.sums["accuracy"] += k / 8.0
        return {name: value / self.count for name, value in self.sums.items()}

    def fit(self, batches, epochs, callbacks):
        self.stop_training = False
        try:
            for callback in callbacks:
                callback.set_model(self)
                callback.on_train_begin()
            for epoch in range(epochs):
                self.reset_metrics()
                for batch in range(batches):
                    for callback in callbacks:
                        callback.on_train_batch_begin(batch)
                    logs = self.train_step()
                    for callback in callbacks:
                        callback.on_train_batch_end(batch, logs)
                    if self.stop_training:
                        return
        finally:
            print("rates", self.rates)


keras = sys.modules["keras"] = types.ModuleType("keras")
keras.callbacks = types.SimpleNamespace(Callback=Callback)
