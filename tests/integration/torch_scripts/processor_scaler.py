# SPDX-License-Identifier: MIT
"""A GradScaler that works on a processor. From 2.3 on PyTorch has one. In 1.13 its own code is used all the same: the
subclass for sharded trainings brings kernels for processors; the question whether there is a GPU is answered for it,
and it need not talk to other processes. (Loaded from its file: Python 3.11 cannot import the package around it.)"""
import importlib.util
import os

import torch
import torch.cuda.amp.grad_scaler


def _sharded():
    folder = os.path.join(os.path.dirname(torch.__file__), "distributed", "fsdp")
    spec = importlib.util.spec_from_file_location("sharded_grad_scaler", os.path.join(folder, "sharded_grad_scaler.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.cuda.amp.grad_scaler.amp_definitely_not_available = lambda: False

    class ProcessorScaler(module.ShardedGradScaler):
        unscale_ = torch.cuda.amp.GradScaler.unscale_

    return ProcessorScaler


def make(init_scale):
    if hasattr(torch.amp, "GradScaler"):
        return torch.amp.GradScaler("cpu", init_scale=init_scale, growth_interval=10**6)
    return _sharded()(init_scale=init_scale, growth_interval=10**6, process_group=None)
