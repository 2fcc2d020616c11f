#!/usr/bin/env python3
"""Every layer against PyTorch: the same weights, the same examples, the same losses and gradients.

usage: layers_torch.py LRPROBE
Weights are drawn here and given to `lrprobe train --init`; what it trains for some steps of plain gradient descent and
writes with --save must be what PyTorch makes of them: losses, parameters (so gradients) and running averages.
Skips (exit 77) without torch.
"""
import csv
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError:
    print("skipped: torch is not installed")
    sys.exit(77)

RATE, STEPS, ROWS, CLASSES = 0.1, 3, 24, 3
CHANNELS, HEIGHT, WIDTH = 2, 7, 5
# Float rounding over a few steps, as a share of the largest change of a tensor: measured up to 6e-5, in the
# deepest network. A wrong formula is off by a share of order 1.
TOLERANCE = 2e-4


def read_tensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            assert isinstance(begin, int) and isinstance(end, int) and entry["dtype"] == "F32"
            values = np.frombuffer(data[8 + length + begin:8 + length + end], "<f4")
            tensors[name] = values.reshape(entry["shape"]).copy()
    return tensors


def write_tensors(path, tensors):
    header, blocks, at = {}, [], 0
    for name, values in tensors.items():
        block = values.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + len(block)]}
        blocks.append(block)
        at += len(block)
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


class Layers:
    """The tensors of a checkpoint, taken layer by layer."""

    def __init__(self, tensors):
        self.tensors = {name: torch.tensor(values, requires_grad="running" not in name) for name, values in tensors.items()}
        self.number = 0

    def take(self):
        found = {name.split(".")[2]: tensor for name, tensor in self.tensors.items()
                 if name.startswith("layers.%d." % self.number)}
        self.number += 1
        return found

    def parameters(self):
        return [tensor for tensor in self.tensors.values() if tensor.requires_grad]


ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "gelu": F.gelu, None: lambda x: x}


def dense(layers, x):
    own = layers.take()
    return F.linear(x, own["weight"].T, own.get("bias"))


def convolve(layers, x, stride=1):
    own = layers.take()
    weight = own["weight"].permute(3, 2, 0, 1)
    return F.conv2d(x, weight, own.get("bias"), stride=stride, padding=weight.shape[2] // 2)


def normalise(layers, x, kind):
    if kind is None:
        return x
    own = layers.take()
    if kind == "bn":
        return F.batch_norm(x, own["running_mean"], own["running_var"], own["weight"], own["bias"], True, 0.1, 1e-5)
    last = x.permute(0, 2, 3, 1) if x.dim() == 4 else x  # over the channels
    last = F.layer_norm(last, own["weight"].shape, own["weight"], own["bias"], 1e-5)
    return last.permute(0, 3, 1, 2) if x.dim() == 4 else last


def flatten(x):
    return x.permute(0, 2, 3, 1).reshape(len(x), -1)


def mlp(layers, x, spec):
    x = flatten(x)
    for _ in spec["sizes"]:
        x = ACTIVATIONS[spec["activation"]](normalise(layers, dense(layers, x), spec["norm"]))
    return dense(layers, x)


def cnn(layers, x, spec):
    for _ in spec["sizes"]:
        x = ACTIVATIONS[spec["activation"]](normalise(layers, convolve(layers, x), spec["norm"]))
        x = F.avg_pool2d(x, 2) if spec["average"] else F.max_pool2d(x, 2)
    x = flatten(x)
    if "dense" in spec["keys"]:
        x = ACTIVATIONS[spec["activation"]](normalise(layers, dense(layers, x), spec["norm"]))
    return dense(layers, x)


def resnet(layers, x, spec):
    norm, activation = spec["norm"] or "bn", ACTIVATIONS[spec["activation"]]
    x = activation(normalise(layers, convolve(layers, x), norm))
    for i, channels in enumerate(spec["sizes"]):
        for block in range(spec["keys"].get("blocks", 1)):
            stride = 2 if i > 0 and block == 0 else 1
            inner = activation(normalise(layers, convolve(layers, x, stride), norm))
            inner = normalise(layers, convolve(layers, inner), norm)
            past = F.pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, channels - x.shape[1]))
            x = activation(inner + past)
    return dense(layers, x.mean((2, 3)))


def transformer(layers, x, spec):
    own = layers.take()
    x = own["weight"][x] + own["positions"]
    batch, length, width = x.shape
    heads = spec["keys"]["heads"]
    mask = torch.full((length, length), float("-inf")).triu(1)
    for _ in range(spec["keys"]["layers"]):
        q, k, v = dense(layers, normalise(layers, x, "ln")).split(width, 2)
        q, k, v = (part.reshape(batch, length, heads, -1).transpose(1, 2) for part in (q, k, v))
        weights = torch.softmax(q @ k.transpose(2, 3) / (width // heads) ** 0.5 + mask, 3)
        x = x + dense(layers, (weights @ v).transpose(1, 2).reshape(batch, length, width))
        hidden = ACTIVATIONS[spec["activation"]](dense(layers, normalise(layers, x, "ln")))
        x = x + dense(layers, hidden)
    return dense(layers, normalise(layers, x, "ln"))


MODELS = {"mlp": mlp, "cnn": cnn, "resnet": resnet, "transformer": transformer}


def parse(text):
    name, *items = re.split("[:,]", text)
    words = [item for item in items if re.fullmatch("[a-z]+", item)]
    return {"forward": MODELS[name], "sizes": [int(item) for item in items if item.isdigit()],
            "activation": next((w for w in words if w in ACTIVATIONS), "gelu" if name == "transformer" else "relu"),
            "norm": next((w for w in words if w in ("bn", "ln")), None), "average": "average" in words,
            "keys": {key: int(value) for key, value in (item.split("=") for item in items if "=" in item)}}


def losses_of(folder):
    with open(os.path.join(folder, "run.csv"), encoding="utf-8") as file:
        return [float(row["loss"]) for row in csv.DictReader(line for line in file if not line.startswith("#"))]


def train(lrprobe, folder, options, init, steps, rate):
    command = [lrprobe, "train", *options, "--optimizer", "sgd", "--batch-size", "1000", "--schedule",
               "constant:lr=%r" % rate, "--steps", str(steps), "--plot", "none", "--quiet", "-o", folder,
               "--save", os.path.join(folder, "out")]
    done = subprocess.run(command + (["--init", init] if init else []), capture_output=True, text=True, check=False)
    assert done.returncode == 0, (options, done.stderr)
    return losses_of(folder), read_tensors(os.path.join(folder, "out"))


def drawn_weights(lrprobe, folder, options, random):
    """Names and shapes from lrprobe, values from here: biases are not 0 and scales are not 1."""
    os.makedirs(folder, exist_ok=True)
    _, tensors = train(lrprobe, folder, options, None, 1, 1e-30)
    for name, values in tensors.items():
        spread = 0.5 / np.sqrt(np.prod(values.shape[:-1])) if values.ndim > 1 else 0.1
        centre = 1 if name.endswith("running_var") or (values.ndim == 1 and name.endswith("weight")) else 0
        tensors[name] = (centre + spread * random.standard_normal(values.shape)).astype(np.float32)
    path = os.path.join(folder, "init")
    write_tensors(path, tensors)
    return path, tensors


def steps_in_torch(model, tensors, inputs, targets, smoothing, steps):
    layers, spec, losses = Layers(tensors), parse(model), []
    optimizer = torch.optim.SGD(layers.parameters(), lr=RATE)
    for _ in range(steps):
        layers.number = 0
        outputs = spec["forward"](layers, inputs, spec)
        if targets.is_floating_point():
            loss = F.mse_loss(outputs[:, 0], targets)
        else:
            loss = F.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), targets.reshape(-1), label_smoothing=smoothing)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {name: tensor.detach().numpy() for name, tensor in layers.tensors.items()}


def worst(start, got, want):
    """Largest difference of a tensor as a share of its largest change."""
    shares = [(float(np.abs(got[name] - want[name]).max() / (np.abs(want[name] - start[name]).max() + 1e-7)), name)
              for name in want]
    return max(shares)


def report(model, losses, wanted, shares):
    off = max(abs(a - b) / abs(b) for a, b in zip(losses, wanted))
    good = len(losses) == len(wanted) and off < 1e-5 and shares[0] < TOLERANCE
    print("%s %s: losses off by %.1e, %s by %.1e of its change" % ("ok" if good else "not ok", model, off, shares[1], shares[0]))
    return good


def check_images(lrprobe, folder, model, random, regression=False, smoothing=0.0):
    pixels = random.standard_normal((ROWS, CHANNELS * HEIGHT * WIDTH)).round(4)
    targets = random.standard_normal(ROWS).round(4) if regression else np.arange(ROWS) % CLASSES
    path = os.path.join(folder, "images.csv")
    with open(path, "w", encoding="utf-8") as file:
        for row, target in zip(pixels, targets):
            file.write(",".join("%r" % value for value in row.tolist()) + ",%s\n" % target)
    options = ["--data", path, "--no-header", "--image", "%dx%dx%d" % (CHANNELS, HEIGHT, WIDTH), "--model", model,
               "--val-split", "0", "--label-smoothing", repr(smoothing)]
    init, tensors = drawn_weights(lrprobe, os.path.join(folder, "start"), options, random)
    losses, got = train(lrprobe, os.path.join(folder, "run"), options, init, STEPS, RATE)
    images = pixels.reshape(ROWS, CHANNELS, HEIGHT, WIDTH)
    images = (images - images.mean((0, 2, 3), keepdims=True)) / images.std((0, 2, 3), keepdims=True)
    wanted_targets = torch.tensor((targets - targets.mean()) / targets.std() if regression else targets)
    wanted_targets = wanted_targets.float() if regression else wanted_targets.long()
    wanted, want = steps_in_torch(model, tensors, torch.tensor(images).float(), wanted_targets, smoothing, STEPS)
    name = model + (" (regression)" if regression else " (smoothing)" if smoothing else "")
    return report(name, losses, wanted, worst(tensors, got, want))


def check_text(lrprobe, folder, model, random):
    context = parse(model)["keys"]["context"]
    characters = random.integers(0, 6, 5 * context + 1)
    path = os.path.join(folder, "text.txt")
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join("abcdef"[c] for c in characters))
    options = ["--data", path, "--model", model, "--val-split", "0"]
    init, tensors = drawn_weights(lrprobe, os.path.join(folder, "start"), options, random)
    losses, got = train(lrprobe, os.path.join(folder, "run"), options, init, 1, RATE)
    best = None
    for offset in range(context):  # rows begin at another character in each epoch; the last one stays
        begins = [row * context + (offset if row < 4 else 0) for row in range(5)]
        inputs = torch.tensor(np.array([characters[at:at + context] for at in begins]))
        targets = torch.tensor(np.array([characters[at + 1:at + context + 1] for at in begins]))
        wanted, want = steps_in_torch(model, tensors, inputs, targets, 0.0, 1)
        if best is None or abs(wanted[0] - losses[0]) < abs(best[0][0] - losses[0]):
            best = wanted, want
    return report(model, losses, best[0], worst(tensors, got, best[1]))


def main():
    random = np.random.default_rng(20261125)
    torch.set_num_threads(1)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        for model in ["mlp:9,8", "mlp:9,8:tanh", "mlp:9:gelu", "mlp:9,8:bn", "mlp:9,8:ln:gelu", "cnn:4", "cnn:4,6:tanh",
                      "cnn:4:kernel=5:gelu", "cnn:4,6:average:dense=7", "cnn:4,6:bn", "cnn:4,6:ln:kernel=1",
                      "resnet:4", "resnet:4,6:blocks=2", "resnet:4,6,8:ln:gelu"]:
            good = check_images(sys.argv[1], folder, model, random) and good
        good = check_images(sys.argv[1], folder, "cnn:4", random, regression=True) and good
        good = check_images(sys.argv[1], folder, "mlp:9", random, smoothing=0.2) and good
        for model in ["transformer:layers=1,heads=1,width=8,context=12", "transformer:layers=2,heads=3,width=12,context=16",
                      "transformer:layers=2,heads=2,width=16,context=9:relu"]:
            good = check_text(sys.argv[1], folder, model, random) and good
    sys.exit(0 if good else 1)


main()
