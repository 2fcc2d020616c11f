#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Validation through the hook: by a function of the script, and recognised in what the script does. Exit status 77 where
torch cannot be imported."""
import sys
import tempfile
import unittest

from torch_hook import SCRIPTS, STEPS, Run

HEAD = """
import sys; sys.path.insert(0, %r)
import random, observe, torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(1)
rows = torch.utils.data.TensorDataset(torch.randn(400, 6), torch.randint(3, (400,)))
train, valid = torch.utils.data.random_split(rows, [300, 100], generator=torch.Generator().manual_seed(0))
loader = torch.utils.data.DataLoader(train, batch_size=30, shuffle=True)
valid_loader = torch.utils.data.DataLoader(valid, batch_size=40)
model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
average = nn.Sequential(nn.Linear(6, 3))

def tell(k):
    # what the weights after update k give, in the script's own words; no trace in any state
    state, modes = torch.get_rng_state(), [m.training for m in model.modules()]
    model.eval()
    with torch.no_grad():
        x, y = rows_of(valid)
        for layer in model:
            x = layer.forward(x)
        observe.tell(k=k, val=float(plain(x, y)), acc=float((x.argmax(1) == y).float().mean()))
    for m, mode in zip(model.modules(), modes): m.training = mode
    torch.set_rng_state(state)

def rows_of(part):
    return torch.stack([part[i][0] for i in range(len(part))]), torch.stack([part[i][1] for i in range(len(part))])

def plain(out, y):
    return -torch.log_softmax(out, 1)[torch.arange(len(y)), y].mean()
""" % SCRIPTS

LOOP = """
k = 0
for epoch in range(100):
    model.train()
    for x, y in loader:
        optimizer.zero_grad()
        loss = %s
        loss.backward()
        observe.loss(loss)
        optimizer.step()
        if k %% 10 == 9: tell(k)
        k += 1
    %s
"""


class Validation(unittest.TestCase):
    def run_file(self, code, validate, **more):
        with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
            file.write(HEAD + code)
            file.flush()
            return Run([sys.executable, file.name], extra={"LRPROBE_VALIDATE": validate, **more})

    def values(self, done, name):
        return {k: value for k, value in enumerate(done.column(name)) if value is not None}

    def agrees(self, done, steps, accuracy=True):
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(len(done.rows), STEPS)
        self.assertEqual(done.column("loss"), done.all("loss")[:STEPS])
        told = {line["k"]: line for line in done.told if "k" in line}
        self.assertEqual(sorted(self.values(done, "val_loss")), steps)
        for k, value in self.values(done, "val_loss").items():
            if k in told:
                self.assertAlmostEqual(value, told[k]["val"], places=5)
                if accuracy:
                    self.assertAlmostEqual(self.values(done, "val_accuracy")[k], told[k]["acc"], places=6)
        self.assertTrue(any(note.startswith("validation: ") for note in done.notes()))

    def test_function(self):
        """evaluate(model) returns (loss, accuracy) and leaves its marks on all random states and modes."""
        done = self.run_file("""
def evaluate(model):
    random.random(); torch.randn(3); model[1].train(); model[1].eval()
    out = model(rows_of(valid)[0])
    return F.cross_entropy(out, rows_of(valid)[1]), (out.argmax(1) == rows_of(valid)[1]).float().mean()
""" + LOOP % ("F.cross_entropy(model(x), y)", "pass"), "evaluate")
        self.agrees(done, [9, 19, STEPS - 1])
        plain = self.run_file(LOOP % ("F.cross_entropy(model(x), y)", "pass"), "")
        self.assertEqual(plain.column("loss"), done.column("loss"))  # the training did not notice

    def test_function_of_nothing(self):
        code = "def accuracy():\n    return 0.25 + model.training\n" + LOOP % ("F.cross_entropy(model(x), y)", "pass")
        done = self.run_file(code, "accuracy", LRPROBE_VALIDATE_EVERY="8")
        self.assertEqual(self.values(done, "val_accuracy"), {7: 0.25, 15: 0.25, 23: 0.25})
        done = self.run_file(code, "accuracy:val_loss", LRPROBE_VALIDATE_EVERY="12")
        self.assertEqual(self.values(done, "val_loss"), {11: 0.25, 23: 0.25})

    def test_function_that_is_none(self):
        for code, name, said in (("", "missing", "the script's main module has no function of that name"),
                                 ("def two(a, b): pass\n", "two", "it takes a, b"),
                                 ("def bad(): return 1 / 0\n", "bad", "--validate bad failed: ZeroDivisionError")):
            done = self.run_file(code + LOOP % ("F.cross_entropy(model(x), y)", "pass"), name)
            self.assertEqual(done.status, 1)
            self.assertIn(said, done.err)

    def test_recognised_loss(self):
        """The script computes a validation loss after each epoch of ten batches; an averaged model is left alone."""
        done = self.run_file("criterion = nn.CrossEntropyLoss()\n" + LOOP % ("criterion(model(x), y)", """
    model.eval(); average.eval()
    with torch.no_grad():
        for x, y in valid_loader:
            average(x)
            total = criterion(model(x), y)"""), "auto")
        self.agrees(done, [19, STEPS - 1])

    def test_recognised_labels(self):
        """The script counts hits only: the loss is that of its training, on the labels of its loader."""
        done = self.run_file(LOOP % ("F.cross_entropy(model(x), y)", """
    model.eval()
    with torch.no_grad():
        hits = sum(int((model(x).argmax(1) == y).sum()) for x, y in valid_loader)"""), "auto")
        self.agrees(done, [19, STEPS - 1])

    def test_labels_of_another_batch(self):
        """The script evaluates rows that no loader has given it, without a loss: nothing is understood, nothing made up."""
        done = self.run_file("for x, y in valid_loader: pass\n" + LOOP % ("F.cross_entropy(model(x), y)", """
    model.eval()
    with torch.no_grad():
        hits = int((model(rows_of(valid)[0]).argmax(1) == rows_of(valid)[1]).sum())"""), "auto")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(self.values(done, "val_loss"), {})

    def test_nothing_to_recognise(self):
        done = self.run_file(LOOP % ("F.cross_entropy(model(x), y)", "pass"), "auto")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual(self.values(done, "val_loss"), {})
        self.assertIn("validation: the script has evaluated nothing that could be measured again", done.notes())


if __name__ == "__main__":
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit(77)
    unittest.main(verbosity=1)
