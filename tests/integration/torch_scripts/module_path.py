# SPDX-License-Identifier: MIT
# Changes its folder, its module path and its environment, and has a module of our name, before it imports torch.
import importlib
import os
import sys
import tempfile

import observe_path

folder = tempfile.mkdtemp()
with open(os.path.join(folder, "lrprobe.py"), "w") as file:
    file.write("raise SystemExit('the wrong lrprobe')\n")
os.chdir(folder)
sys.path[:] = [folder] + [path for path in sys.path if "client" not in path]
for name in ("PYTHONPATH", "LRPROBE_HOOK"):
    os.environ.pop(name, None)
sys.path.insert(0, observe_path.here)
torch = importlib.import_module("torch")
observe = importlib.import_module("observe")
torch.manual_seed(11)
model = observe.model()
optimizer = observe.rates(torch.optim.SGD(model.parameters(), lr=0.1))
for x, y in observe.batches():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(x), y)
    loss.backward()
    observe.loss(loss)
    optimizer.step()
