#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our optimizers against PyTorch's, step by step: optimizers_torch.py OPTIMIZER_STEPS

Both get the same gradients: random ones, and those of a small network at our own parameters. What
PyTorch has not (Lion, diffGrad, decoupled weight decay beyond AdamW) is written out here in float64.
Skips (exit 77) without torch.

Tolerance: at each step the largest error over the parameters, against the same rule in float64, is
at most FACTOR times the largest that PyTorch's own float32 has made by then (where it has the rule),
plus FLOOR units in the last place of the largest parameter for each root of the step's number: as
errors of independent roundings grow.
"""
import math
import subprocess
import sys

STEPS = 150
FACTOR = 3.0
FLOOR = 2.0
SEED = 20261125

try:
    import torch
except ImportError:
    print("skipped: torch is not installed")
    sys.exit(77)

NEW = tuple(int(part) for part in torch.__version__.split(".")[:2]) >= (2, 1)


class Written:
    """A rule in float64 on one tensor: what torch.optim has not."""

    def __init__(self, parameter, rule, **options):
        self.parameter, self.rule, self.options = parameter, rule, options
        self.param_groups = [dict(options, lr=options.pop("lr"))]
        self.state = {"t": 0}

    def step(self):
        with torch.no_grad():
            self.state["t"] += 1
            self.rule(self.parameter, self.parameter.grad, self.param_groups[0], self.state)


def zeros(state, name, like):
    return state.setdefault(name, torch.zeros_like(like))


def lion(p, g, o, state):
    """Chen et al. 2023, algorithm 2."""
    m = zeros(state, "m", p)
    beta1, beta2 = o["betas"]
    update = torch.sign(beta1 * m + (1 - beta1) * g)
    p.mul_(1 - o["lr"] * o.get("weight_decay", 0)).sub_(o["lr"] * update)
    m.mul_(beta2).add_((1 - beta2) * g)


def diffgrad(p, g, o, state):
    """Dubey et al. 2019, algorithm 1, with eps as in the authors' diffGrad_v2.py."""
    m, v = zeros(state, "m", p), zeros(state, "v", p)
    before = state.setdefault("before", torch.zeros_like(p))
    (beta1, beta2), t = o["betas"], state["t"]
    if o.get("decoupled"):
        p.mul_(1 - o["lr"] * o["weight_decay"])
    else:
        g = g + o.get("weight_decay", 0) * p
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g * g)
    friction = 1 / (1 + torch.exp(-(before - g).abs()))
    if o.get("paper_bug") and t > 1:
        friction = torch.full_like(p, 0.5)
    state["before"] = g.clone()
    p.sub_(o["lr"] * math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t) * friction * m / (v.sqrt() + o["eps"]))


def decoupled(make, weight_decay, **options):
    """A rule of torch.optim behind a shrinkage of the weights (Loshchilov and Hutter 2019)."""

    class Decoupled:
        def __init__(self, parameter, **more):
            self.parameter, self.inner = parameter, make([parameter], **options, **more)
            self.param_groups = self.inner.param_groups

        def step(self):
            with torch.no_grad():
                self.parameter.mul_(1 - self.param_groups[0]["lr"] * weight_decay)
            self.inner.step()

    return Decoupled


def torch_rule(make, **options):
    return lambda parameter, **more: make([parameter], **options, **more)


def written(rule, **options):
    return lambda parameter, **more: Written(parameter, rule, **options, **more)


optim = torch.optim
betas = (0.9, 0.999)
# our optimizer, the reference's maker, the usual rate, what a cycled momentum is there ("" = none)
CASES = [
    ("sgd", torch_rule(optim.SGD), 0.1, ""),
    ("sgd:weight_decay=0.1", torch_rule(optim.SGD, weight_decay=0.1), 0.1, ""),
    ("momentum", torch_rule(optim.SGD, momentum=0.9), 0.05, "momentum"),
    ("momentum:momentum=0.8,dampening=0.3,weight_decay=0.05",
     torch_rule(optim.SGD, momentum=0.8, dampening=0.3, weight_decay=0.05), 0.05, ""),
    ("momentum:weight_decay=0.2,decoupled_weight_decay=1", decoupled(optim.SGD, 0.2, momentum=0.9), 0.05, ""),
    ("nesterov", torch_rule(optim.SGD, momentum=0.9, nesterov=True), 0.05, "momentum"),
    ("nesterov:momentum=0.5,weight_decay=0.1",
     torch_rule(optim.SGD, momentum=0.5, nesterov=True, weight_decay=0.1), 0.05, ""),
    ("adagrad", torch_rule(optim.Adagrad), 0.01, ""),
    ("adagrad:lr_decay=0.05,initial_accumulator_value=0.3,weight_decay=0.1,eps=1e-6",
     torch_rule(optim.Adagrad, lr_decay=0.05, initial_accumulator_value=0.3, weight_decay=0.1, eps=1e-6), 0.05, ""),
    ("adagrad:weight_decay=0.1,decoupled_weight_decay=1", decoupled(optim.Adagrad, 0.1), 0.05, ""),
    ("rmsprop", torch_rule(optim.RMSprop), 0.01, ""),
    ("rmsprop:alpha=0.9,eps=1e-3,weight_decay=0.1", torch_rule(optim.RMSprop, alpha=0.9, eps=1e-3, weight_decay=0.1),
     0.01, ""),
    ("rmsprop:centered=1", torch_rule(optim.RMSprop, centered=True), 0.01, ""),
    ("rmsprop:momentum=0.9", torch_rule(optim.RMSprop, momentum=0.9), 0.003, "momentum"),
    ("rmsprop:momentum=0.6,centered=1,weight_decay=0.05",
     torch_rule(optim.RMSprop, momentum=0.6, centered=True, weight_decay=0.05), 0.003, "momentum"),
    ("adadelta", torch_rule(optim.Adadelta), 1.0, ""),
    ("adadelta:rho=0.7,eps=1e-4,weight_decay=0.1", torch_rule(optim.Adadelta, rho=0.7, eps=1e-4, weight_decay=0.1),
     0.5, ""),
    ("adam", torch_rule(optim.Adam), 0.01, "betas"),
    ("adam:beta1=0.8,beta2=0.9,eps=0.001,weight_decay=0.1",
     torch_rule(optim.Adam, betas=(0.8, 0.9), eps=0.001, weight_decay=0.1), 0.01, ""),
    ("adam:weight_decay=0.3,decoupled_weight_decay=1", torch_rule(optim.AdamW, weight_decay=0.3), 0.01, ""),
    ("adamw", torch_rule(optim.AdamW), 0.01, "betas"),
    ("adamw:amsgrad=1,weight_decay=0.2", torch_rule(optim.AdamW, amsgrad=True, weight_decay=0.2), 0.01, ""),
    ("amsgrad", torch_rule(optim.Adam, amsgrad=True), 0.01, ""),
    ("amsgrad:beta2=0.9,weight_decay=0.1", torch_rule(optim.Adam, betas=(0.9, 0.9), amsgrad=True, weight_decay=0.1),
     0.01, ""),
    # foreach: before 2.0 the other way had a mistake (pull request 92699)
    ("nadam", torch_rule(optim.NAdam, foreach=True), 0.01, "betas"),
    ("nadam:beta2=0.99,weight_decay=0.1,momentum_decay=0.02",
     torch_rule(optim.NAdam, foreach=True, betas=(0.9, 0.99), weight_decay=0.1, momentum_decay=0.02), 0.01, ""),
    ("nadam:weight_decay=0.1,decoupled_weight_decay=1",
     torch_rule(optim.NAdam, weight_decay=0.1, decoupled_weight_decay=True) if NEW
     else decoupled(optim.NAdam, 0.1, foreach=True), 0.01, ""),
    ("radam", torch_rule(optim.RAdam), 0.01, "betas"),
    ("radam:beta1=0.8,beta2=0.95,weight_decay=0.1", torch_rule(optim.RAdam, betas=(0.8, 0.95), weight_decay=0.1),
     0.01, ""),
    ("radam:beta2=0.7", torch_rule(optim.RAdam, betas=(0.9, 0.7)), 0.01, ""),
    ("radam:weight_decay=0.1,decoupled_weight_decay=1", decoupled(optim.RAdam, 0.1), 0.01, ""),
    ("diffgrad", written(diffgrad, betas=betas, eps=1e-8), 0.01, "betas"),
    ("diffgrad:beta1=0.8,beta2=0.95,eps=1e-4,weight_decay=0.1",
     written(diffgrad, betas=(0.8, 0.95), eps=1e-4, weight_decay=0.1), 0.01, ""),
    ("diffgrad:paper_bug=1", written(diffgrad, betas=betas, eps=1e-8, paper_bug=True), 0.01, ""),
    ("diffgrad:weight_decay=0.1,decoupled_weight_decay=1",
     written(diffgrad, betas=betas, eps=1e-8, weight_decay=0.1, decoupled=True), 0.01, ""),
    ("lion", written(lion, betas=(0.9, 0.99)), 0.003, "betas"),
    ("lion:beta1=0.95,beta2=0.98,weight_decay=0.3", written(lion, betas=(0.95, 0.98), weight_decay=0.3), 0.003, ""),
]


class Ours:
    def __init__(self, program, name, start):
        self.child = subprocess.Popen([program, name, str(start.numel())], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self.send(start.tolist())

    def send(self, values):
        self.child.stdin.write(" ".join("%.9g" % value for value in values) + "\n")
        self.child.stdin.flush()

    def step(self, lr, momentum, scale, gradient):
        self.send([lr, momentum, scale] + gradient.tolist())
        return torch.tensor([float(word) for word in self.child.stdout.readline().split()], dtype=torch.float64)

    def close(self):
        self.child.stdin.close()
        self.child.stdout.close()
        return self.child.wait()


class Network:
    """Gradients of a small network on random mini-batches: 8-12-4, ReLU, cross-entropy."""

    shapes = [(8, 12), (12,), (12, 4), (4,)]

    def __init__(self, generator):
        self.generator = generator
        self.inputs = torch.randn(200, 8, generator=generator)
        self.classes = (self.inputs @ torch.randn(8, 4, generator=generator)).argmax(1)

    def start(self):
        return torch.cat([torch.randn(shape, generator=self.generator).flatten() * 0.4 for shape in self.shapes])

    def gradient(self, parameters, step):
        flat = parameters.float().clone().requires_grad_()
        parts, at = [], 0
        for shape in self.shapes:
            size = math.prod(shape)
            parts.append(flat[at:at + size].view(shape))
            at += size
        rows = torch.randint(200, (16,), generator=self.generator)
        hidden = torch.relu(self.inputs[rows] @ parts[0] + parts[1])
        loss = torch.nn.functional.cross_entropy(hidden @ parts[2] + parts[3], self.classes[rows])
        return torch.autograd.grad(loss, flat)[0]


class Noise:
    """Gradients that do not depend on the parameters, of sizes from 1e-4 to 1e2, some of them 0."""

    def __init__(self, generator):
        self.generator = generator
        self.size = 10.0 ** torch.linspace(-4, 2, 64)

    def start(self):
        return torch.randn(64, generator=self.generator)

    def gradient(self, parameters, step):
        gradient = self.size * (torch.randn(64, generator=self.generator) + 0.5)
        gradient[step % 64] = 0
        return gradient


def set_rate(optimizer, lr, cycled, momentum):
    group = optimizer.param_groups[0]
    group["lr"] = lr
    if cycled == "momentum":
        group["momentum"] = momentum
    elif cycled == "betas":
        group["betas"] = (momentum, group["betas"][1])


def single(value):
    return float(torch.tensor(value, dtype=torch.float32))


def compare(program, name, make, rate, cycled, source):
    start = source.start()
    ours = Ours(program, name, start)
    double = start.double().clone().requires_grad_()
    float32 = start.clone().requires_grad_()
    has_float32 = not isinstance(make(float32, lr=rate), Written)
    references = [(double, make(double, lr=rate))] + ([(float32, make(float32, lr=rate))] if has_float32 else [])
    parameters, theirs, worst = start.double(), 0.0, 0.0
    for step in range(STEPS):
        lr = single(rate * (1 + 0.5 * math.sin(step / 10)))
        momentum = 0.85 + 0.1 * math.cos(step / 15) if cycled else math.nan
        scale = 0.5 if step % 7 == 3 else 1.0  # as from clipping
        gradient = source.gradient(parameters, step)
        parameters = ours.step(lr, momentum, scale, gradient)
        if parameters.numel() != start.numel():
            return "no answer at step %d" % step, 0, 0
        for reference, optimizer in references:
            set_rate(optimizer, lr, cycled, momentum)
            reference.grad = gradient.to(reference.dtype) * scale
            optimizer.step()
        unit = 2.0 ** -23 * float(double.detach().abs().max())
        error = float((parameters - double.detach()).abs().max())
        if has_float32:
            theirs = max(theirs, float((float32.detach().double() - double.detach()).abs().max()))
        allowed = FACTOR * theirs + FLOOR * unit * math.sqrt(step + 1)
        worst = max(worst, error / unit)
        if not error <= allowed:
            return "step %d is off by %.3g, allowed is %.3g" % (step, error, allowed), worst, theirs / unit
    if ours.close() != 0:
        return "it failed", worst, theirs
    moved = float((parameters - start).abs().max())
    return (None if moved > 1e-3 else "nothing moved"), worst, theirs / unit


def main():
    torch.set_num_threads(1)
    failed = 0
    names = subprocess.run([sys.argv[1], "list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    for name in set(names) - {case[0] for case in CASES}:
        failed += 1
        print("BAD  %s has no row in CASES of tests/integration/optimizers_torch.py" % name)
    for name, make, rate, cycled in CASES:
        for kind in (Noise, Network):
            source = kind(torch.Generator().manual_seed(SEED))
            fault, worst, theirs = compare(sys.argv[1], name, make, rate, cycled, source)
            failed += fault is not None
            print("%-4s %s, %s: largest error %.2g units in the last place, PyTorch's own float32 %.2g%s" %
                  ("ok" if fault is None else "BAD", name, kind.__name__.lower(), worst, theirs,
                   "" if fault is None else ": " + fault))
    print("%d cases, %d failed" % (2 * len(CASES), failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
