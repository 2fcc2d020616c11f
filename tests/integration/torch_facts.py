#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the head of a run record says of a PyTorch training: the hook and the client write the same facts, in one order.
Exit status 77 where torch cannot be imported."""
import sys
import unittest

from torch_hook import SCRIPTS, Run

HEAD = """
import sys; sys.path.insert(0, %r)
import os, lrprobe, observe, torch
""" % SCRIPTS
LOOP = """
probe = lrprobe.torch(%s) if CLIENT else None
for x, y in DATA:
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    if CLIENT:
        probe.report(loss)
"""


def facts(code, client, optimizers="optimizer", data="observe.batches(500)"):
    """The facts of one run as {key: text}, and their keys in order."""
    code = HEAD + "CLIENT = %r\n" % client + code + "\nDATA = %s\n" % data + LOOP % optimizers
    if not client:
        code = code.replace("import os, lrprobe,", "import os,")
    run = Run([sys.executable, "-c", code], hook=not client, steps=3)
    if (run.status, run.err) != (0, ""):
        raise AssertionError(run.err)
    pairs = [line[2:].split(": ", 1) for line in run.comments if not line.startswith("# note")]
    return dict(pairs), [key for key, _ in pairs]


class Facts(unittest.TestCase):
    def both(self, code, wanted, missing=(), **more):
        for client in (False, True):
            with self.subTest(client=client):
                found, order = facts(code, client, **more)
                for key, value in wanted.items():
                    if not (client and key == "start" and value == "fresh"):  # the client did not see the beginning
                        self.assertEqual(found.get(key), value, key)
                for key in missing:
                    self.assertNotIn(key, found)
                known = ["client", "framework", "optimizer", "optimizer_options", "own_lr", "group_rates", "optimizers",
                         "batch_size", "start", "parameters", "seed"]
                self.assertEqual(order, [key for key in known if key in order])

    def test_groups_under_a_scheduler(self):
        """Warm-up from 0 and two groups: the own rates are those that the scheduler starts from."""
        self.both("model = observe.model()\n"
                  "optimizer = torch.optim.AdamW([{'params': model[0].parameters(), 'lr': 0.0005},"
                  " {'params': model[2].parameters(), 'weight_decay': 0.0}], lr=0.05, weight_decay=0.02)\n"
                  "torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: k / 10)",
                  {"optimizer": "AdamW", "own_lr": "0.05", "group_rates": "0.0005,0.05", "batch_size": "16",
                   "optimizer_options": "betas=0.9/0.999 eps=1e-08 weight_decay=0", "start": "fresh",
                   "parameters": "83"}, missing=["optimizers"])

    def test_peak_of_one_cycle(self):
        """The peak is the script's own rate, not where its scheduler starts."""
        self.both("model = observe.model()\noptimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9,"
                  " nesterov=True)\ntorch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.4, total_steps=500,"
                  " cycle_momentum=False)",
                  {"own_lr": "0.4", "optimizer_options": "dampening=0 momentum=0.9 nesterov=True weight_decay=0"},
                  missing=["group_rates"])

    def test_batch_size_of_the_loader(self):
        """The last batch is smaller, and a test of the shapes with one row came first."""
        self.both("model = observe.model()\nmodel(torch.zeros(1, 6))\n"
                  "optimizer = torch.optim.RMSprop(model.parameters(), lr=0.01)\n"
                  "rows = torch.utils.data.TensorDataset(torch.randn(200, 6), torch.randint(3, (200,)))\n"
                  "loader = torch.utils.data.DataLoader(rows, batch_size=32, shuffle=True)\n"
                  "check = torch.utils.data.DataLoader(rows, batch_size=50)\n"
                  "with torch.no_grad(): model(next(iter(check))[0])\n", {"batch_size": "32"}, data="loader")

    def test_start_from_weights(self):
        """Loaded weights of the network in training are a checkpoint; a copy for averaging is none."""
        averaged = ("model, copy = observe.model(), observe.model()\ncopy.load_state_dict(model.state_dict())\n"
                    "model.load_state_dict(model.state_dict())\n")
        self.both(averaged + "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)", {"start": "fresh"})
        code = ("old = observe.model()\ntorch.save(old.state_dict(), 'old.pt')\nmodel = observe.model()\n"
                "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\n"
                "if CLIENT: lrprobe.TorchSights.of_process()\n"
                "model.load_state_dict(torch.load('old.pt'))")
        self.both(code, {"start": "checkpoint"})

    def test_start_from_a_state(self):
        state = ("model = observe.model()\nfirst = torch.optim.%s(model.parameters(), lr=0.1%s)\n"
                 "for p in model.parameters(): p.grad = torch.ones_like(p)\n"
                 "optimizer = torch.optim.%s(model.parameters(), lr=0.1%s)\n")
        for kind, options in (("Adam", ""), ("SGD", ", momentum=0.9"), ("Adagrad", "")):
            fresh = state % (kind, options, kind, options)
            with self.subTest(kind):
                self.both(fresh, {"start": "fresh", "optimizer": kind})
                # the same state as a checkpoint has it, made by hand
                load = ("state = {i: {'step': torch.tensor(7.0), 'exp_avg': p * 0, 'exp_avg_sq': p * 0, 'sum': p * 0 + 1,"
                        " 'momentum_buffer': p * 0 + 1} for i, p in enumerate(q.detach() for q in model.parameters())}\n"
                        "optimizer.load_state_dict({'state': state, 'param_groups': first.state_dict()['param_groups']})")
                self.both(fresh + load, {"start": "checkpoint"})

    def test_pretrained_transformer(self):
        """The transformers library fills its models without load_state_dict."""
        fake = ("import types\nlibrary = types.ModuleType('transformers.modeling_utils')\n"
                "class PreTrainedModel(torch.nn.Sequential):\n    name_or_path = ''\n"
                "library.PreTrainedModel = PreTrainedModel\nsys.modules['transformers.modeling_utils'] = library\n"
                "model = PreTrainedModel(*observe.model())\n"
                "optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5)\n")
        self.both(fake, {"start": "fresh"})
        self.both(fake + "model.name_or_path = 'some-base-model'", {"start": "checkpoint", "own_lr": "5e-05"})

    def test_several_optimizers(self):
        code = ("model = observe.model()\noptimizer = torch.optim.Adam(model[0].parameters(), lr=0.002)\n"
                "other = torch.optim.SGD(model[2].parameters(), lr=0.1)\n")
        self.both(code, {"optimizers": "2", "own_lr": "0.002", "optimizer": "Adam"}, optimizers="optimizer, other")


if __name__ == "__main__":
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit(77)
    unittest.main(verbosity=1)
