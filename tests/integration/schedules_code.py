#!/usr/bin/env python3
"""The code that `lrprobe schedule --code` prints, run step by step against `lrprobe schedule --csv`.

usage: schedules_code.py LRPROBE BUILD-FOLDER
C is compiled and run, PyTorch's is run with PyTorch where that is installed. Keras and JAX are not
here: their code is run with stand-ins (a class to inherit from; numpy in place of jax.numpy), which
tests the arithmetic of the code but not the frameworks. Skips (exit 77) without numpy.
"""
import csv
import io
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import types
import warnings

try:
    import numpy
except ImportError:
    print("skipped: numpy is not installed")
    sys.exit(77)
try:
    import torch
except ImportError:
    torch = None
    print("# without PyTorch")

warnings.simplefilter("ignore")
LRPROBE, BUILD = sys.argv[1:3]
CYCLE = "base_lr=0.01,max_lr=0.3,step_size=13"
SPECS = [
    "constant:lr=0.03", "step:lr=0.5,step_size=17", "step:lr=0.5,step_size=17,gamma=0.5,warmup=5",
    "multistep:lr=0.5,milestones=20/50/50/900", "multistep:lr=0.5,gamma=0.3,milestones=1/7,warmup=3",
    "exponential:lr=0.1,gamma=0.97", "polynomial:lr=0.1", "polynomial:lr=0.1,end_lr=0.01,power=2,total_iters=60",
    "inverse_time:lr=0.1,decay=0.05", "inverse_time:lr=0.1,decay=0.05,warmup=0.1", "cosine:max_lr=0.1",
    "cosine:max_lr=0.1,min_lr=0.01,t_max=30", "cosine:max_lr=0.1,warmup=11", "clr:" + CYCLE, "triangular:" + CYCLE,
    "triangular:" + CYCLE + ",step_size_down=29,warmup=4", "triangular:" + CYCLE + ",cycle_momentum=0",
    "triangular2:" + CYCLE, "exp_range:" + CYCLE + ",gamma=0.99", "sgdr:max_lr=0.1,t_0=9",
    "sgdr:max_lr=0.1,min_lr=0.001,t_0=5,t_mult=2", "sgdr:max_lr=0.1,t_0=3,t_mult=3,warmup=2",
    "onecycle:max_lr=0.5", "onecycle:max_lr=0.5,pct_start=0.123,anneal=linear,three_phase=1",
    "onecycle:max_lr=0.5,pct_start=1,final_lr=0", "onecycle:max_lr=0.5,pct_start=0.45,three_phase=1,warmup=10",
    "onecycle:max_lr=0.5,cycle_momentum=0", "wsd:max_lr=0.1,warmup=10", "wsd:max_lr=0.1,warmup=0.1,decay=25,shape=sqrt",
    "wsd:max_lr=0.1,warmup=0,decay=0.3,shape=cos,min_lr=0.01", "wsd:max_lr=0.1,warmup=4,decay=0.5,shape=exp",
    "wsd:max_lr=0.1,warmup=4,decay=0",
]
BY_LOSSES = [
    "plateau:lr=0.1", "plateau:lr=0.1,patience=40,factor=0.5,min_lr=0.01,warmup=20", "plateau:lr=0.1,patience=3000",
    "plateau:lr=0.1,patience=20,metric=accuracy", "plateau_torch:lr=0.1",
    "plateau_torch:lr=0.1,every=7,factor=0.5,cooldown=2,warmup=9",
    "plateau_torch:lr=0.1,threshold_mode=abs,threshold=0.01,patience=3,min_lr=0.001,metric=accuracy",
]
failures = compared = 0


def output(*words):
    done = subprocess.run([LRPROBE, "schedule", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          universal_newlines=True)
    if done.returncode != 0:
        sys.exit("%s: %s" % (words, done.stderr))
    return done.stdout


def each_is_compared():
    """Whether every schedule of the program has a spec above."""
    global failures
    listed = subprocess.run([LRPROBE, "list", "schedules", "--json"], stdout=subprocess.PIPE, check=True)
    compared_names = {spec.split(":")[0] for spec in SPECS + BY_LOSSES}
    for row in json.loads(listed.stdout):
        if row["name"] not in compared_names:
            failures += 1
            print("not ok: %s has no spec in SPECS of tests/integration/schedules_code.py" % row["name"])


def rows_of(text):
    return [(float(r["lr"]), float(r["momentum"]) if r["momentum"] else None)
            for r in csv.DictReader(io.StringIO(text))]


def compare(language, spec, expected, got):
    global failures, compared
    if len(expected) != len(got):
        failures += 1
        print("not ok: %s %s has %d steps of %d" % (language, spec, len(got), len(expected)))
        return
    scale = max(lr for lr, _ in expected)
    for k, ((a, m), (b, n)) in enumerate(zip(expected, got)):
        compared += 1
        same = abs(a - b) <= 1e-7 * max(abs(a), abs(b)) + 1e-13 * scale
        if not same or (m is None) != (n is None) or (m is not None and not abs(m - n) <= 1e-7):
            failures += 1
            print("not ok: %s %s at step %d: %r, should be %r" % (language, spec, k, got[k], expected[k]))
            return


def execute(code, **modules):
    before = {name: sys.modules.get(name) for name in modules}
    sys.modules.update(modules)
    space = {}
    try:
        exec(compile(code, "printed", "exec"), space)
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
    return space


class Model:
    def __init__(self, iterations=0):
        count = types.SimpleNamespace(numpy=lambda: numpy.int64(iterations))
        self.optimizer = types.SimpleNamespace(learning_rate=None, momentum=None, _set_hyper=True, iterations=count)


class Callback:
    def __init__(self):
        self.model = Model()


def keras():
    module = types.ModuleType("keras")
    module.callbacks = types.SimpleNamespace(Callback=Callback)
    return module


def optax():
    module = types.ModuleType("optax")
    module.sgd = lambda learning_rate=None, momentum=None: (learning_rate, momentum)
    module.inject_hyperparams = lambda make: make
    return module


def jax():
    parent, child = types.ModuleType("jax"), types.ModuleType("jax.numpy")
    for name in ("floor", "cos", "sqrt", "power", "minimum", "maximum", "where", "pi"):
        setattr(child, name, getattr(numpy, name))
    parent.numpy = child
    return {"jax": parent, "jax.numpy": child}


def from_keras(code, steps, first=0):
    callback, rows = execute(code, keras=keras())["Schedule"](), []
    callback.model = Model(first)  # as many updates are in the saved model
    callback.on_train_begin()
    for k in range(first, steps):
        callback.on_train_batch_begin(k)
        seen = callback.model.optimizer
        rows.append((seen.learning_rate, seen.momentum))
    return rows


def from_optax(code, steps):
    rate, momentum = execute(code, optax=optax(), **jax())["optimizer"]
    return [(float(rate(numpy.int64(k))), None if momentum is None else float(momentum(numpy.int64(k))))
            for k in range(steps)]


def from_torch(code, steps, cycles):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=7.0, momentum=0.5)
    scheduler, rows = execute(code)["make_scheduler"](optimizer), []
    for k in range(steps):
        group = optimizer.param_groups[0]
        rows.append((group["lr"], group["momentum"] if cycles else None))
        optimizer.step()
        if k + 1 < steps:
            scheduler.step()
    return rows


def compiled(code, main, folder, flags=()):
    source, program = os.path.join(folder, "code.c"), os.path.join(folder, "code")
    with open(source, "w") as file:
        file.write(code + main)
    words = shlex.split(os.environ.get("CC", "cc"))
    subprocess.run([*words, "-std=c11", "-Wall", "-Wextra", "-Werror", "-O1", source, "-o", program, *flags, "-lm"],
                   check=True)
    return program


def from_c(code, steps, cycles, folder):
    call = "learning_rate(k, &momentum)" if cycles else "learning_rate(k)"
    main = """
#include <stdio.h>
int main(void)
{
    printf("lr,momentum\\n");
    for (int k = 0; k < %d; k++) {
        double momentum = 0;
        printf("%%.17g,", %s);
        if (%d) printf("%%.17g", momentum);
        (void)momentum;
        printf("\\n");
    }
    return 0;
}
""" % (steps, call, cycles)
    done = subprocess.run([compiled(code, main, folder)], stdout=subprocess.PIPE, universal_newlines=True, check=True)
    return rows_of(done.stdout)


def by_step(folder):
    for spec in SPECS:
        for steps in (100, 1, 37):
            words = (spec, "--steps", str(steps))
            expected = rows_of(output(*words, "--csv"))
            cycles = expected[0][1] is not None
            compare("keras", spec, expected, from_keras(output(*words, "--code", "keras"), steps))
            compare("keras, continued", spec, expected[steps // 3:],
                    from_keras(output(*words, "--code", "keras"), steps, steps // 3))
            compare("optax", spec, expected, from_optax(output(*words, "--code", "optax"), steps))
            if torch is not None:
                compare("pytorch", spec, expected, from_torch(output(*words, "--code", "pytorch"), steps, cycles))
            if steps == 100:
                compare("c", spec, expected, from_c(output(*words, "--code", "c"), steps, cycles, folder))


def losses():
    numpy.random.seed(3)
    k = numpy.arange(3000)
    out = -1 + 2 * numpy.exp(-k / 80) + 0.05 * numpy.random.normal(size=k.size)
    out[1500:] -= 0.2 * (1 - numpy.exp(-(k[1500:] - 1500) / 100))
    out[700:705] = [9, math.nan, math.inf, 9, 9]
    return [float(x) for x in out]


def rates_of(plateau, values):
    rows = []
    for k, value in enumerate(values):
        rows.append((plateau.rate(k), None))
        plateau.observe(k, value)
    return rows


def loss_in_keras(code, values, metric):
    callback, rows, epoch, total = execute(code, keras=keras())["Schedule"](), [], 50, 0
    for k, value in enumerate(values):
        batch = k % epoch
        callback.on_train_batch_begin(batch)
        rows.append((callback.model.optimizer.learning_rate, None))
        total = value if batch == 0 else total + value
        callback.on_train_batch_end(batch, {metric: total / (batch + 1)})
    return rows


def loss_in_torch(code, values):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=7.0)
    scheduler, rows = execute(code)["make_scheduler"](optimizer), []
    for value in values:
        rows.append((optimizer.param_groups[0]["lr"], None))
        optimizer.step()
        scheduler.step(value)
    return rows


def loss_in_c(code, path, folder, library):
    begin = "if (plateau_begin(&plateau) != 0) return 1;" if library else "plateau_begin(&plateau);"
    main = """
#include <stdio.h>
#include <stdlib.h>
int main(void)
{
    struct plateau plateau;
    char line[200];
    FILE *file = fopen("%s", "r");
    %s
    printf("lr,momentum\\n");
    for (int k = 0; fgets(line, sizeof line, file) != NULL; k++) {
        printf("%%.17g,\\n", plateau_rate(&plateau, k));
        plateau_observe(&plateau, k, strtod(line, NULL));
    }
    %s
    return 0;
}
""" % (path, begin, "lrp_schedule_run_free(plateau.run);" if library else "")
    flags = []
    if library:
        place = dict(os.environ, PKG_CONFIG_PATH=os.path.join(BUILD, "meson-uninstalled"))
        told = subprocess.run(["pkg-config", "--static", "--cflags", "--libs", "lrprobe"], env=place,
                              stdout=subprocess.PIPE, universal_newlines=True, check=True)
        header = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "src", "include")
        flags = ["-I" + header] + shlex.split(told.stdout) + shlex.split(os.environ.get("LRPROBE_LINK_ARGS", ""))
    place = dict(os.environ, LD_LIBRARY_PATH=os.path.join(BUILD, "src"))
    done = subprocess.run([compiled(code, main, folder, flags)], stdout=subprocess.PIPE, universal_newlines=True,
                          check=True, env=place)
    return rows_of(done.stdout)


def by_losses(folder):
    values = losses()
    for spec in BY_LOSSES:
        metric = "accuracy" if "accuracy" in spec else "loss"
        told = [-x for x in values] if metric == "accuracy" else values
        finite = [x if math.isfinite(x) else 5.0 for x in told]
        path, plain = os.path.join(folder, "log.csv"), os.path.join(folder, "plain")
        for name, series in (("all", told), ("finite", finite)):
            with open(path, "w") as file:
                file.write(metric + "\n" + "".join("%r\n" % x for x in series))
            with open(plain, "w") as file:
                file.write("".join("%r\n" % x for x in series))
            expected = rows_of(output(spec, "--losses", path, "--csv"))
            words = (spec, "--steps", str(len(series)))
            falls = sum(a[0] > b[0] for a, b in zip(expected, expected[1:]))
            if falls == 0 and "3000" not in spec:
                sys.exit("%s never falls: nothing is tested" % spec)
            if name == "finite":
                # the mean of an epoch holds nan for good
                compare("keras", spec, expected, loss_in_keras(output(*words, "--code", "keras"), series, metric))
            plateau = execute(output(*words, "--code", "optax"))["plateau"]
            compare("optax", spec, expected, rates_of(plateau, series))
            compare("c", spec, expected, loss_in_c(output(*words, "--code", "c"), plain, folder,
                                                   spec.startswith("plateau:")))
            if torch is not None:
                compare("pytorch", spec, expected, loss_in_torch(output(*words, "--code", "pytorch"), series))


each_is_compared()
with tempfile.TemporaryDirectory() as place:
    by_step(place)
    by_losses(place)
print("%d steps compared, %d codes differ" % (compared, failures))
sys.exit(1 if failures > 0 or compared < 10000 else 0)
