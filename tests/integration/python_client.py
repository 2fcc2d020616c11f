#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Python client without any framework, under any Python from 3.8 on: protocol, no-op, ranks, lock, columns, end,
bad plans. Neither Keras nor JAX is in Debian, so these two are tested against stand-ins of a few lines that behave as
their documentation and sources say (rates that are assigned to, running means in the logs, states that are
replaced): that the callback works with the real ones is not shown here."""
import fcntl
import os
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CLIENT = os.path.join(HERE, "..", "..", "src", "clients", "python")
RATES = [1e-3 * 10 ** (k / 3.0) for k in range(8)]
PLAN = "step,lr\n" + "".join("%d,%r\n" % (k, rate) for k, rate in enumerate(RATES))
LOOP = """
import lrprobe
probe = lrprobe.Probe(lr=0.5, steps=3)
for k in range(100):
    probe.report(2.0 / (k + 1))
    print(probe.step, probe.lr)
print("after")
"""


class Client(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plan, self.report = os.path.join(folder.name, "plan.csv"), os.path.join(folder.name, "report.csv")

    def environment(self, plan=PLAN, steps=8, seed=7, **more):
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("LRPROBE", "SLURM", "OMPI", "PMI")) and name != "RANK"}
        environment.update(PYTHONPATH=CLIENT, PYTHONDONTWRITEBYTECODE="1")
        if plan is not None:
            with open(self.plan, "w") as file:
                file.write(plan)
            open(self.report, "w").close()
            environment.update(LRPROBE_PLAN=self.plan, LRPROBE_REPORT=self.report, LRPROBE_SEED=str(seed),
                               LRPROBE_STEPS=str(steps))
        environment.update(more)
        return {name: value for name, value in environment.items() if value is not None}

    def run_code(self, code, **options):
        done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=self.environment(**options),
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.out, self.err, self.status = done.stdout.decode(), done.stderr.decode(), done.returncode
        return done.returncode

    def lines(self):
        with open(self.report) as file:
            text = file.read()
        self.assertTrue(text == "" or text.endswith("\n"))
        return text.splitlines()

    def table(self):
        lines = [line.split(",") for line in self.lines() if not line.startswith("#")]
        return (lines[0], lines[1:]) if lines else ([], [])

    def column(self, name):
        names, rows = self.table()
        return [row[names.index(name)] for row in rows]

    def succeeds(self, code, **options):
        self.run_code(code, **options)
        self.assertEqual((self.status, self.err), (0, ""))

    def fails(self, sentence, code=LOOP, **options):
        self.run_code(code, **options)
        self.assertEqual(self.status, 1)
        self.assertIn(sentence, self.err.splitlines()[-1])

    def test_protocol(self):
        self.succeeds(LOOP)
        self.assertNotIn("after", self.out)
        self.assertEqual(self.out.split(), [str(word) for k in range(7) for word in (k + 1, RATES[k + 1])])
        names, rows = self.table()
        self.assertEqual(names[:3], ["step", "lr", "loss"])
        self.assertEqual([row[0] for row in rows], [str(k) for k in range(8)])
        self.assertEqual([float(row[1]) for row in rows], RATES)
        self.assertEqual([float(row[2]) for row in rows], [2.0 / (k + 1) for k in range(8)])
        self.assertTrue(all(len(row) == len(names) for row in rows))
        self.assertIn("# seed: 7", self.lines())

    def test_nothing_without_lrprobe(self):
        self.succeeds(LOOP, plan=None)
        self.assertEqual(self.out.split(), ["0", "0.5"] * 100 + ["after"])
        self.succeeds("""
import lrprobe, random
random.seed(3); a = random.random(); random.seed(3)
lrprobe.seed_everything(); assert random.random() == a
lrprobe.seed_everything(3); assert random.random() == a
assert not lrprobe.active and lrprobe.seed(5) == 5
class Optimizer: param_groups = []
probe = lrprobe.torch(Optimizer()); probe.accumulate("no number"); probe.report("no number", x="none"); probe.note("x")
assert list(probe.loop(iter("ab"))) == ["a", "b"]
state = object(); assert lrprobe.optax().inject(state) is state
""", plan=None)
        self.assertEqual(os.listdir(self.folder), [])

    def test_rows_are_there_at_once(self):
        self.succeeds("""
import lrprobe, pathlib
probe = lrprobe.Probe()
for k in range(8):
    assert k == 0 or pathlib.Path(%r).read_text().count("\\n") == k + 3, k
    probe.report(1.0)
""" % self.report)

    def test_numbers(self):
        self.succeeds("""
import lrprobe
class Scalar:
    def __float__(self): return 0.1 + 0.2
probe = lrprobe.Probe()
for loss in (float("nan"), float("inf"), -float("inf"), Scalar(), 1e-300, 3, True, -0.5): probe.report(loss)
""")
        self.assertEqual(self.column("loss"), ["nan", "inf", "-inf", "0.30000000000000004", "1e-300", "3.0", "1.0", "-0.5"])

    def test_columns(self):
        self.succeeds("""
import lrprobe
probe = lrprobe.Probe(columns=["late"], facts={"model": "a\\nb"})
probe.note("two\\nlines")
probe.report(1.0, first=5)
probe.report(1.0, val_loss=2.5)
probe.report(1.0, late=3, first=None)
probe.report(1.0, accuracy=0.5, grad_norm=1, val_accuracy=float("nan"))
for _ in range(4): probe.report(1.0)
""")
        names, rows = self.table()
        self.assertEqual(names, ["step", "lr", "loss", "first", "late", "accuracy", "val_loss", "val_accuracy", "grad_norm"])
        self.assertEqual([row[3:] for row in rows[:5]], [
            ["5.0", "", "", "", "", ""], ["", "", "", "2.5", "", ""], ["", "3.0", "", "", "", ""],
            ["", "", "0.5", "", "nan", "1.0"], [""] * 6])
        self.assertIn("# model: a b", self.lines())
        self.assertLess(self.lines().index("# note: two lines"), self.lines().index(",".join(names)))
        self.run_code("import lrprobe; probe = lrprobe.Probe()\nfor k in range(9): probe.report(1.0, **{'new%d' % (k > 2): 1})")
        self.assertEqual(self.status, 0)
        self.assertEqual(self.err.count("\n"), 1)
        self.assertIn("column new1 is left out", self.err)
        self.assertEqual(len(self.table()[1]), 8)
        for bad in ("a,b", "lr", "x#", ""):
            self.fails("cannot be the name of a column", "import lrprobe; lrprobe.Probe().report(1.0, **{%r: 1})" % bad)

    def test_momentum(self):
        plan = "# made by hand\n\n momentum , lr,step\r\n0.9,0.1,0\r\n0.8,0.2,1\r\n"
        self.succeeds("import lrprobe; p = lrprobe.Probe(); print(p.momentum, p.steps); p.report(1); p.report(2)", plan=plan)
        self.assertEqual(self.out, "0.9 2\n")
        self.assertEqual(self.table()[0][:4], ["step", "lr", "momentum", "loss"])
        self.assertEqual([row[:4] for row in self.table()[1]], [["0", "0.1", "0.9", "1.0"], ["1", "0.2", "0.8", "2.0"]])

    def test_steps(self):
        self.succeeds(LOOP, steps=5)
        self.assertEqual(len(self.table()[1]), 5)
        self.succeeds(LOOP, LRPROBE_STEPS=None)
        self.assertEqual(len(self.table()[1]), 8)

    def test_accumulation_and_validation(self):
        self.succeeds("""
import lrprobe
calls = []
def validate():
    calls.append(probe.step)
    return 0.25 if len(calls) < 2 else {"val_loss": 0.125, "val_accuracy": 1}
probe = lrprobe.Probe(validate=validate, validate_every=3)
for k in range(8):
    for part in (k, k + 1, k + 5): probe.accumulate(part)
    print(calls)
    probe.report()
""")
        self.assertEqual([float(loss) for loss in self.column("loss")], [k + 2.0 for k in range(8)])
        self.assertEqual(self.column("val_loss"), ["", "", "0.25", "", "", "0.125", "", "0.125"])
        self.assertEqual(self.column("val_accuracy"), ["", "", "", "", "", "1.0", "", "1.0"])
        self.fails("report() needs the loss", "import lrprobe; lrprobe.Probe().report()")

    def test_loop(self):
        self.succeeds("""
import lrprobe
probe = lrprobe.Probe(exit=False)
for epoch in range(2):
    for batch in probe.loop([1, 2, 3]):
        print(batch, end=" ")
        probe.report(1.0)
print(probe.finished, probe.step, probe.lr)
probe.report(1.0)
assert list(probe.loop([])) == []
""")
        self.assertEqual(self.out, "1 2 3 1 2 3 1 2 True 8 %r\n" % RATES[-1])
        self.assertEqual(len(self.table()[1]), 8)
        self.succeeds("import lrprobe; p = lrprobe.Probe(); print(list(p.loop([1, 2])), list(p.loop([])))")
        self.assertEqual(self.out, "[1, 2] []\n")  # nothing is reported: it does not go on for ever

    def test_end(self):
        start = time.time()
        self.succeeds("""
import atexit, lrprobe, sys
atexit.register(lambda: print("at exit"))
probe = lrprobe.Probe()
try:
    while True:
        probe.report(1.0)
finally:
    print("finally")
""")
        self.assertEqual(self.out, "finally\nat exit\n")
        self.succeeds("""
import lrprobe, sys
probe = lrprobe.Probe()
while True:
    try:
        sys.stdout.write(str(probe.step))
        probe.report(1.0)
    except: pass
""")
        self.assertEqual(self.out, "012345678")
        self.succeeds("""
import lrprobe, threading, time
lrprobe._LAST_SECONDS = 1
threading.Thread(target=time.sleep, args=(600,)).start()
probe = lrprobe.Probe()
while True: probe.report(1.0)
""")
        self.assertLess(time.time() - start, 30)

    def test_ranks(self):
        for number in (0, 3):
            for name, more in (("RANK", {}), ("OMPI_COMM_WORLD_RANK", {}), ("PMI_RANK", {}), ("PMIX_RANK", {}),
                               ("SLURM_PROCID", {"SLURM_STEP_NUM_TASKS": "4"})):
                self.succeeds(LOOP, **dict(more, **{name: str(number)}))
                self.assertEqual(len(self.table()[1]), 0 if number else 8, (name, number))
                self.assertEqual(self.out.count("\n"), 7)  # all follow the plan and end
        self.succeeds(LOOP, RANK="0", SLURM_PROCID="3", SLURM_STEP_NUM_TASKS="4")
        self.assertEqual(len(self.table()[1]), 8)
        # a lone program in a batch job or an interactive step
        self.succeeds(LOOP, SLURM_PROCID="0", SLURM_NTASKS="4")
        self.assertEqual(len(self.table()[1]), 8)
        self.succeeds("""
import sys, types
torch = types.ModuleType("torch"); torch.distributed = types.SimpleNamespace(
    is_available=lambda: True, is_initialized=lambda: True, get_rank=lambda: 1)
sys.modules["torch"] = torch
""" + LOOP, RANK="0")
        self.assertEqual(self.table()[1], [])

    def test_one_writer(self):
        code = """
import lrprobe, sys, time
probe = lrprobe.Probe()
for k in range(8):
    probe.report(float(sys.argv[1])); time.sleep(0.05)
"""
        environment = self.environment()
        children = [subprocess.Popen([sys.executable, "-c", code, str(i)], env=environment) for i in range(4)]
        self.assertEqual([child.wait(60) for child in children], [0] * 4)
        self.assertEqual(self.column("step"), [str(k) for k in range(8)])
        self.assertEqual(len(set(self.column("loss"))), 1)
        # one that comes when another is about to write
        self.environment()
        with open(self.report) as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assertEqual(subprocess.call([sys.executable, "-c", code, "9"], env=environment), 0)
        self.assertEqual(self.lines(), [])
        self.assertEqual(subprocess.call([sys.executable, "-c", code, "8"], env=environment), 0)
        # and one that comes when all is written
        before = self.lines()
        self.assertEqual(subprocess.call([sys.executable, "-c", code, "9"], env=environment), 0)
        self.assertEqual(self.lines(), before)

    def test_forks(self):
        self.succeeds("""
import lrprobe, os
probe = lrprobe.Probe()
pid = os.fork()  # nothing is reported yet: the child may train
if pid == 0:
    probe.report(1.0); probe.report(1.0)
    if os.fork() == 0:
        for _ in range(5): probe.report(9.0)
        os._exit(0)
    os.wait()
    while True: probe.report(1.0)
os.waitpid(pid, 0)
""")
        self.assertEqual(self.column("loss"), ["1.0"] * 8)

    def test_seeds(self):
        code = "import lrprobe; print(lrprobe.seed(0), lrprobe.seed(1), lrprobe.seed(12345), lrprobe.Probe().seed)"
        seen = set()
        for number in (0, 1, 2, 2 ** 32 - 1, 2 ** 64 - 1):
            self.succeeds(code, seed=number)
            *seeds, own = [int(word) for word in self.out.split()]
            self.assertEqual(own, number)
            self.assertTrue(all(0 <= each < 2 ** 32 for each in seeds))
            seen.update(seeds)
        self.assertEqual(len(seen), 12)  # the last two agree in their low 32 bits
        random = "import lrprobe, random; lrprobe.seed_everything(1); print(random.random())"
        drawn = [self.run_code(random, seed=number) or self.out for number in (1, 2, 1)]
        self.assertEqual(drawn[0], drawn[2])
        self.assertNotEqual(drawn[0], drawn[1])

    def test_bad_plans(self):
        self.fails("names no column lr", plan="step,rate\n0,0.1\n")
        self.fails("row 1 of the plan has 'x'", plan="step,lr\n0,0.1\n1,x\n")
        self.fails("row 0 of the plan has 'nan'", plan="step,lr\n0,nan\n")
        self.fails("row 0 of the plan has '-1'", plan="step,lr\n0,-1\n")
        self.fails("row 1 of the plan has ''", plan="step,lr\n0,1\n1\n")
        self.fails("the plan has no rows", plan="step,lr\n")
        self.fails("the plan has no rows", plan="")
        self.fails("cannot read the plan /nowhere: No such file or directory", LRPROBE_PLAN="/nowhere")
        self.fails("LRPROBE_REPORT is not", LRPROBE_REPORT=None)
        self.fails("cannot write the report /nowhere/x: No such file", LRPROBE_REPORT="/nowhere/x")
        self.fails("LRPROBE_STEPS is 'many'", LRPROBE_STEPS="many")
        self.fails("LRPROBE_STEPS is '0'", LRPROBE_STEPS="0")
        self.fails("LRPROBE_SEED is '-1'", LRPROBE_SEED="-1")
        with open(self.plan, "wb") as file:
            file.write(b"\x00\xff\xfe" * 100)
        environment = self.environment(plan=None, LRPROBE_PLAN=self.plan, LRPROBE_REPORT=self.report)
        done = subprocess.run([sys.executable, "-c", LOOP], env=environment, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"ProtocolError", done.stderr.splitlines()[-1])

    def test_full_disk(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        self.fails("No space left on device", LRPROBE_REPORT="/dev/full")

    def test_keras(self):
        prepare = "import sys; sys.path.insert(0, %r); import stand_in_keras as fake; import lrprobe\n" % (
            os.path.join(HERE, "client_scripts"))
        self.succeeds(prepare + """
model = fake.Model(learning_rate=5.0)
model.fit(batches=5, epochs=4, callbacks=[lrprobe.keras(facts={"model": "fake"})])
print("after")
""")
        self.assertEqual(self.out, "rates %s\n" % [rate for rate in RATES])
        # a batch's own loss, not the mean since the beginning of the epoch
        self.assertEqual([float(loss) for loss in self.column("loss")], [100.0 / (k + 1) for k in range(8)])
        self.assertEqual([float(each) for each in self.column("accuracy")], [k / 8.0 for k in range(8)])
        self.assertIn("# optimizer: Optimizer", self.lines())
        self.succeeds(prepare + """
model = fake.Model(learning_rate=5.0, gradient_accumulation_steps=2)
model.fit(batches=5, epochs=9, callbacks=[lrprobe.keras(exit=False)])
print("stopped", model.stop_training)
""")
        self.assertIn("stopped True", self.out)
        self.assertEqual([float(loss) for loss in self.column("loss")],
                         [(100.0 / (2 * k + 1) + 100.0 / (2 * k + 2)) / 2 for k in range(8)])
        self.fails("compiled with a schedule", prepare + "fake.Model(learning_rate=lambda step: 1.0).fit("
                   "batches=5, epochs=1, callbacks=[lrprobe.keras()])")
        self.fails("steps_per_execution=1", prepare + "fake.Model(learning_rate=1.0, steps_per_execution=4).fit("
                   "batches=5, epochs=1, callbacks=[lrprobe.keras()])")
        self.succeeds(prepare + "fake.Model(learning_rate=1.0).fit(batches=3, epochs=1, callbacks=[lrprobe.keras()])",
                      plan=None)
        self.assertEqual(self.out, "rates [1.0, 1.0, 1.0]\n")

    def test_optax(self):
        prepare = "import sys; sys.path.insert(0, %r); import stand_in_optax as fake; import lrprobe\n" % (
            os.path.join(HERE, "client_scripts"))
        self.succeeds(prepare + """
state = (fake.Empty(), {"body": fake.injected(learning_rate=0.5, b1=0.9), "head": fake.injected(learning_rate=0.25)})
probe = lrprobe.optax()
while True:
    state = probe.inject(state)
    used = fake.rates(state)
    print(*used)
    state = fake.update(state)
    probe.report(1.0)
""")
        self.assertEqual(self.out, "".join("%r %r\n" % (rate, rate * 0.5) for rate in RATES))
        self.fails("no injected learning_rate", prepare + "lrprobe.optax().inject((fake.Empty(),))")
        self.fails("overruled, probably by a schedule", prepare + """
state = fake.injected(learning_rate=0.5)
probe = lrprobe.optax()
for k in range(3):
    state = fake.scheduled(probe.inject(state))
    probe.report(1.0)
""")
        self.succeeds(prepare + """
state = fake.injected(learning_rate=0.5, momentum=0.9)
lrprobe.optax().inject(state)
print(state.hyperparams)
""", plan="step,lr,momentum\n0,0.125,0.75\n")
        self.assertEqual(self.out, "{'learning_rate': 0.125, 'momentum': 0.75}\n")


if __name__ == "__main__":
    unittest.main(verbosity=1)
