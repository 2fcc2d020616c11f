#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The hook on trainings that are no plain loop: windows of gradient accumulation, steps within the backward pass, several
phases, and scripts that end themselves. usage: torch_styles.py [NAME...]; exit status 77 where torch cannot be imported."""
import math
import sys
import unittest

from torch_hook import RATES, SCRIPTS, STEPS, Run

HEAD = """
import sys; sys.path.insert(0, %r)
import math, observe, torch
torch.manual_seed(1)
model = observe.model()
criterion = torch.nn.functional.cross_entropy
""" % SCRIPTS


def run(code, **more):
    return Run([sys.executable, "-c", HEAD + code], **more)


class Windows(unittest.TestCase):
    """The weights are put back after each update, so that the losses of an epoch are those of the one before."""

    loop = """
x, y = torch.randn(60, 6), torch.randint(3, (60,))
optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
still = [p.clone() for p in model.parameters()]
for epoch in range(100):
    parts = [slice(10 * k, 10 * k + 10) for k in range(6)]
    for k, part in enumerate(parts):
        loss = criterion(model(x[part]), y[part]) / %s
        loss.backward()
        if k %% 4 == 3 or k == 5:
            observe.tell(mean=float(criterion(model(x[slice(0, 40) if k == 3 else slice(40, 60)]),
                                              y[slice(0, 40) if k == 3 else slice(40, 60)])))
            optimizer.step()
            optimizer.zero_grad()
            with torch.no_grad():
                for p, q in zip(model.parameters(), still): p.copy_(q)
"""

    def means(self, divisor):
        done = run(self.loop % divisor)
        self.assertEqual((done.status, done.err), (0, ""))
        for got, wanted in zip(done.column("loss"), done.all("mean")):
            self.assertAlmostEqual(got, wanted, places=5)
        return done

    def test_fixed_divisor(self):
        """The second window of each epoch has two micro-batches, and its sum is half as large."""
        done = self.means("4")
        self.assertIn("updates of fewer micro-batches than usual are recorded with the loss of as many as usual",
                      done.notes())

    def test_divisor_of_the_window(self):
        done = self.means("(4 if k < 4 else 2)")
        self.assertFalse(any("micro-batches" in note for note in done.notes()))

    def test_different_losses(self):
        """Two losses of different size, of which the second is left out every third time: nothing is scaled."""
        done = run("""
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for k, (x, y) in enumerate(observe.batches(200)):
    optimizer.zero_grad()
    parts = [criterion(model(x), y)] + [0.2 * model(x).pow(2).mean()] * (k % 3 < 2)
    observe.tell(total=float(sum(parts)))
    for part in parts:
        part.backward(retain_graph=True)
    optimizer.step()
""")
        self.assertEqual((done.status, done.err), (0, ""))
        for got, wanted in zip(done.column("loss"), done.all("total")):
            self.assertAlmostEqual(got, wanted, places=5)
        self.assertIn("the recorded loss is the sum of the 2 that are back-propagated for an update", done.notes())


    def test_losses_of_rows(self):
        """A vector of losses with a vector of weights: the objective is their product."""
        done = run("""
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in observe.batches(200):
    optimizer.zero_grad()
    losses = criterion(model(x), y, reduction="none")
    weights = torch.full((len(x),), 1 / len(x))
    observe.tell(total=float(losses.mean()))
    losses.backward(weights)
    optimizer.step()
""")
        self.assertEqual((done.status, done.err), (0, ""))
        for got, wanted in zip(done.column("loss"), done.all("total")):
            self.assertAlmostEqual(got, wanted, places=5)


class StepsInBackward(unittest.TestCase):
    hooks = """
optimizers = {}
for p in model.parameters():
    optimizers[p] = torch.optim.SGD([p], lr=0.1)
    def step(*_, p=p):
        observe.tell(rate=optimizers[p].param_groups[0]["lr"])
        optimizers[p].step()
        optimizers[p].zero_grad()
    %s
for x, y in observe.batches():
    loss = criterion(model(x), y)
    observe.loss(loss)
    loss.backward()
"""

    def one_row_for_each_pass(self, done, n):
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(done.column("loss"), done.all("loss"))
        self.assertEqual(done.column("lr"), RATES)
        self.assertIn("# parameters: 83", done.comments)
        self.assertFalse([line for line in done.comments if line.startswith("# optimizers")])
        self.assertIn("%d optimizers, SGD: one for each part of a model; a row is an update of all, within backward()" % n,
                      done.notes())

    def test_by_the_accumulator(self):
        """The way before PyTorch 2.1: a hook at the node that accumulates the gradient."""
        self.one_row_for_each_pass(run(self.hooks % """
    node = p.expand_as(p).grad_fn.next_functions[0][0]
    node.register_hook(step)
    optimizers[node] = None"""), 4)

    def test_after_accumulation(self):
        if not hasattr(torch.Tensor, "register_post_accumulate_grad_hook"):
            self.skipTest("this PyTorch has no register_post_accumulate_grad_hook")
        self.one_row_for_each_pass(run(self.hooks % "p.register_post_accumulate_grad_hook(step)"), 4)

    def test_one_optimizer_for_each_layer_in_turn(self):
        """Twelve optimizers that step one after another, after backward()."""
        done = run("""
model = torch.nn.Sequential(torch.nn.Linear(6, 8), *[torch.nn.Linear(8, 8) for _ in range(10)], torch.nn.Linear(8, 3))
optimizers = [torch.optim.Adam(layer.parameters(), lr=0.01) for layer in model]
for x, y in observe.batches():
    for optimizer in optimizers: optimizer.zero_grad()
    loss = criterion(model(x), y)
    observe.loss(loss)
    loss.backward()
    for optimizer in optimizers: optimizer.step()
""")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(done.column("loss"), done.all("loss"))
        self.assertIn("# parameters: 803", done.comments)
        self.assertIn("12 optimizers, Adam: one for each part of a model; a row is an update of all, in turn", done.notes())


class Phases(unittest.TestCase):
    fit = """
def fit(model, optimizer, n):
    for x, y in observe.batches(n):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        observe.loss(loss)
        optimizer.step()
"""

    def ends_after(self, code, n):
        done = run(self.fit + code)
        self.assertEqual(done.status, 0)
        self.assertEqual(done.err, "lrprobe: a second training with a new optimizer began after %d updates; use --steps %d "
                                   "--scout-steps %d\n" % (n, n, n))
        self.assertIn("# warning: the bounds are for the script's first training alone: after %d updates a second one "
                      "begins, with a new optimizer" % n, done.comments)
        self.assertEqual(done.column("loss"), done.all("loss")[:n])
        self.assertEqual(len(done.rows), n)

    def test_folds(self):
        self.ends_after("""
for fold in range(5):
    model = observe.model()
    fit(model, torch.optim.Adam(model.parameters(), lr=1e-3), 13)
""", 13)

    def test_frozen_then_unfrozen(self):
        """The first optimizer is kept: that it does not step any more is seen by the second one's updates."""
        self.ends_after("""
head = torch.optim.Adam(model[2].parameters(), lr=1e-2)
fit(model, head, 11)
everything = torch.optim.Adam(model.parameters(), lr=1e-4)
fit(model, everything, 100)
""", 11)

    def test_weights_put_back(self):
        """The same network, initialised again: a new training too."""
        self.ends_after("""
start = {name: value.clone() for name, value in model.state_dict().items()}
for fold in range(5):
    model.load_state_dict(start)
    fit(model, torch.optim.SGD(model.parameters(), lr=1e-3), 9)
""", 9)

    def test_pretrained_discriminator(self):
        """A generator whose optimizer is made when its turn has come."""
        self.ends_after("""
critic = observe.model()
fit(critic, torch.optim.Adam(critic.parameters()), 10)
generator = observe.model(6, 20, 3)
fit(generator, torch.optim.Adam(generator.parameters()), 100)
""", 10)

    def test_new_optimizer_for_the_same_weights(self):
        """Made anew each epoch: one training."""
        done = run(self.fit + "for epoch in range(20):\n    fit(model, torch.optim.SGD(model.parameters(), lr=0.5), 7)\n")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(done.column("loss"), done.all("loss"))
        self.assertEqual(len(done.rows), STEPS)

    def test_inner_loop(self):
        """A perturbation of the inputs with an optimizer of its own for each batch; it is larger than the model."""
        done = run("""
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in observe.batches():
    change = torch.zeros_like(x, requires_grad=True)
    inner = torch.optim.Adam([change], lr=0.01)
    for _ in range(12):
        inner.zero_grad()
        (-criterion(model(x + change), y)).backward()
        inner.step()
    optimizer.zero_grad()
    loss = criterion(model(x + change.detach()), y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
""")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(len(done.rows), STEPS)
        for got, wanted in zip(done.column("loss"), done.all("loss")):
            self.assertAlmostEqual(got, wanted)


class Rates(unittest.TestCase):
    """Optimizers that have rates of their own."""

    def test_relative_step(self):
        """As the transformers library's Adafactor is by default: without a rate."""
        done = run("""
class Adafactor(torch.optim.Optimizer):
    def __init__(self, parameters, lr=None, relative_step=True):
        super().__init__(parameters, dict(lr=lr, relative_step=relative_step))
    def step(self, closure=None): pass
""" + Phases.fit + "fit(model, Adafactor(model.parameters()), 100)\n")
        self.assertEqual((done.status, done.err, len(done.rows)), (0, "", STEPS))
        self.assertIn("# no_effect: the learning rate has no effect: Adafactor with relative_step=True takes it from the "
                      "number of the step; make it with relative_step=False and a rate", done.comments)

    def test_rate_as_a_factor(self):
        done = run("""
class Prodigy(torch.optim.SGD):
    def __init__(self, parameters, lr=1.0, d0=1e-6):
        super().__init__(parameters, lr=lr)
        for group in self.param_groups: group.update(d=d0, d0=d0)
""" + Phases.fit + "fit(model, Prodigy(model.parameters()), 100)\n")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertIn("Prodigy multiplies the rate by an estimate of its own: the rates of this sweep are factors of it",
                      done.notes())

    def test_no_rate_at_all(self):
        done = run("""
class Mine(torch.optim.Optimizer):
    def __init__(self, parameters): super().__init__(parameters, {})
    def step(self, closure=None): pass
""" + Phases.fit + "fit(model, Mine(model.parameters()), 100)\n")
        self.assertEqual((done.status, done.rows), (1, []))
        self.assertEqual(done.err, "lrprobe: a parameter group of the optimizer has no learning rate (lr is None)\n")


class Endings(unittest.TestCase):
    def loop(self, guard, place="before"):
        """A training that breaks at its 13th batch, and what the script does about it."""
        parts = {"before": "", "after": "", place: guard}
        return """
def train():
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for k, (x, y) in enumerate(observe.batches(%s)):
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        if k >= 12: loss = loss * math.inf
        %s
        loss.backward()
        %s
        optimizer.step()
""" % ("100000", parts["before"], parts["after"]) + "train()\n"

    def last_line(self, done):
        lines = [line for line in done.err.splitlines() if line.startswith("lrprobe: ")]
        return lines[-1] if lines else ""

    def test_data_used_up(self):
        done = run("for x, y in observe.batches(15):\n    pass\n" + Phases.fit
                   + "fit(model, torch.optim.SGD(model.parameters(), lr=0.1), 15)\n")
        self.assertEqual(done.err, "lrprobe: the script ended by itself after 15 of %d updates\n" % STEPS)
        self.assertEqual((done.status, len(done.rows)), (0, 15))

    def test_exception(self):
        done = run(self.loop("if not math.isfinite(loss): raise ValueError('loss is not finite')"))
        self.assertEqual(done.status, 1)
        self.assertEqual(len(done.rows), 13)
        self.assertEqual(done.column("loss")[12], math.inf)
        self.assertEqual(self.last_line(done), "lrprobe: the script's loss was infinite after 12 updates, at a rate of %.3g, "
                         "and it ended by itself (ValueError: loss is not finite)" % RATES[12])
        self.assertIn("Traceback", done.err)

    def test_exception_of_another_kind(self):
        done = run(self.loop("if k == 9: raise KeyError('x')"))
        self.assertEqual((done.status, len(done.rows)), (1, 9))
        self.assertEqual(self.last_line(done),
                         "lrprobe: the script ended by itself after 9 of %d updates (KeyError: 'x')" % STEPS)

    def test_exit_at_nan(self):
        done = run(self.loop("value = float(loss)\n        if not math.isfinite(value): sys.exit(3)"))
        self.assertEqual((done.status, len(done.rows)), (3, 13))
        self.assertEqual(self.last_line(done), "lrprobe: the script's loss was infinite after 12 updates, at a rate of %.3g, "
                         "and it ended by itself (exit status 3)" % RATES[12])

    def test_updates_left_out(self):
        """Batches whose gradient is not finite are left out for ever."""
        done = run(self.loop("if any(not p.grad.isfinite().all() for p in model.parameters()): continue", "after"))
        self.assertEqual((done.status, len(done.rows)), (0, 13))
        self.assertFalse(math.isfinite(done.column("loss")[12]))
        self.assertIn("lrprobe: the script makes no updates any more after 12, at a rate of %.3g: its loss has been"
                      % RATES[12], done.err)

    def test_batches_left_out(self):
        """Before backward(): only the network's outputs are left to see, and only after some silence."""
        guard = "if not math.isfinite(loss): continue"
        # so many batches that the script is still there when the silence is noticed, on a fast machine, too
        endless = self.loop(guard).replace("100000", "10000000")
        done = run(endless.replace("optimizer.zero_grad()", "").replace("if k >= 12: loss = loss * math.inf", """
        if k == 11:
            with torch.no_grad(): model[0].weight.fill_(math.nan)"""))
        self.assertEqual((done.status, len(done.rows)), (0, 13))
        self.assertTrue(math.isnan(done.column("loss")[12]))
        self.assertEqual(self.last_line(done), "lrprobe: the script makes no updates any more after 12, at a rate of %.3g: its "
                         "network's outputs have been NaN or infinite 50 times in a row" % RATES[12])

    def test_long_evaluation(self):
        """Five seconds of forward passes without no_grad() between updates are no end."""
        done = run("""
import time
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for k, (x, y) in enumerate(observe.batches()):
    optimizer.zero_grad()
    criterion(model(x), y).backward()
    optimizer.step()
    end = time.monotonic() + 5 * (k == 9)
    while time.monotonic() < end: model(x)
""")
        self.assertEqual((done.status, len(done.rows)), (0, STEPS))

    def test_gradients_and_updates_of_another_kind(self):
        done = run("""
for x, y in observe.batches(100):
    gradients = torch.autograd.grad(criterion(model(x), y), list(model.parameters()))
    with torch.no_grad():
        for p, g in zip(model.parameters(), gradients): p -= 0.1 * g
""")
        self.assertEqual((done.status, done.rows), (0, []))
        self.assertIn("lrprobe: 100 forward passes, but no update that the hook sees", self.last_line(done))

    def test_no_optimizer(self):
        done = run("""
for x, y in observe.batches(100000):
    model.zero_grad()
    criterion(model(x), y).backward()
    with torch.no_grad():
        for p in model.parameters(): p -= 0.1 * p.grad
""")
        self.assertEqual(done.status, 1)
        self.assertIn("lrprobe: 200 losses were back-propagated, and no torch.optim.Optimizer has made an update", done.err)
        self.assertEqual(done.rows, [])


if __name__ == "__main__":
    try:
        import torch
    except ImportError:
        sys.exit(77)
    unittest.main(verbosity=1)
