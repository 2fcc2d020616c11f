# SPDX-License-Identifier: MIT
"""As much of optax as the client sees, for python_client.py: states are named tuples that an update replaces, with
hyper-parameters in a dict that a schedule writes anew."""
import collections

Empty = collections.namedtuple("Empty", [])
Injected = collections.namedtuple("Injected", ["count", "hyperparams", "inner_state"])


def injected(**hyperparams):
    return Injected(0, dict(hyperparams), (Empty(),))


def rates(state):
    if isinstance(state, Injected):
        return [state.hyperparams["learning_rate"]]
    parts = state.values() if isinstance(state, dict) else state
    return [rate for part in parts for rate in rates(part)]


def update(state):
    if isinstance(state, Injected):
        return Injected(state.count + 1, dict(state.hyperparams), state.inner_state)
    if isinstance(state, dict):
        return {name: update(part) for name, part in state.items()}
    return Empty() if isinstance(state, Empty) else tuple(update(part) for part in state)


def scheduled(state):
    return Injected(state.count + 1, dict(state.hyperparams, learning_rate=3.0), state.inner_state)
