#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the hook costs a step of an unmodified PyTorch script: a perceptron of 3 layers whose own step is short.

usage: hook_step.py CLIENTS   the folder with lrprobe.py and hook/; prints "alone X hook Y" in us of processor time: of a
                              step without the hook, and what it adds. The target for the latter is 20.
In each of ROUNDS rounds the script runs alone and hooked; the shortest mean of STEPS steps counts."""
import os
import subprocess
import sys
import tempfile
import time

ROUNDS, BLOCKS, STEPS = 5, 300, 25


def train():
    import torch

    torch.set_num_threads(1)
    net = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.ReLU(), torch.nn.Linear(8, 8), torch.nn.ReLU(),
                              torch.nn.Linear(8, 1))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    x, y = torch.randn(4, 8), torch.randn(4, 1)
    best = float("inf")
    for _ in range(BLOCKS):
        start = time.process_time()
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = ((net(x) - y) ** 2).mean()
            loss.backward()
            optimizer.step()
        best = min(best, (time.process_time() - start) / STEPS)
    print(1e6 * best)


def seconds(clients, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LRPROBE")}
    if clients is not None:
        plan, report = os.path.join(folder, "plan.csv"), os.path.join(folder, "report.csv")
        steps = BLOCKS * STEPS + 1  # the script ends before its plan
        with open(plan, "w") as file:
            file.write("step,lr\n" + "".join("%d,1e-6\n" % k for k in range(steps)))
        open(report, "w").close()
        environment.update(LRPROBE_PLAN=plan, LRPROBE_REPORT=report, LRPROBE_STEPS=str(steps), LRPROBE_SEED="1",
                           LRPROBE_HOOK="torch", PYTHONPATH=os.path.join(clients, "hook") + os.pathsep + clients)
    done = subprocess.run([sys.executable, __file__], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True)
    return float(done.stdout)


def main():
    if len(sys.argv) == 1:
        train()
        return
    with tempfile.TemporaryDirectory() as folder:
        rounds = [(seconds(None, folder), seconds(sys.argv[1], folder)) for _ in range(ROUNDS)]
    alone, hooked = (min(column) for column in zip(*rounds))
    print("alone %.1f hook %.1f" % (alone, hooked - alone))


if __name__ == "__main__":
    main()
