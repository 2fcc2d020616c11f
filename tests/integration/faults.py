#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Faults of trainers, and of lrprobe's own end: what each costs, and that nothing is left behind.

    faults.py LRPROBE FAULTY_TRAINER [--long] [--seed N]

Each fault costs at most its own repeat, is reported in one line, and leaves no process; the other
repeats are the same to the byte as without it. A trainer that ends, or is ended, after ten rows and
more counts up to there, unless its report is not what it should be. lrprobe, killed at random moments, leaves no process
and no finished repeat is lost; --resume finishes the sweep with the same answer. --long: a gigabyte
printed, a hundred faults at random, mixed and in parallel, and more kills.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

Fault = collections.namedtuple("Fault", "name kept event at lr_max seconds ends")
STEPS, SEED = 60, 10


LEAST_ROWS = 10


def fault(name, event=None, kept=False, at=20, lr_max=100, seconds=8, ends=False):
    """event: a pattern of the line that reports it, None = it is none worth reporting. ends: it ends the trainer,
    and its report is right as far as it goes."""
    return Fault(name, kept or event is None, event, at, lr_max, seconds, ends)


FAULTS = [
    fault("silent", "reported no row within 2 seconds, after 0 of 60 steps"),
    fault("stubborn", "reported no row within 2 seconds, after 0 of 60 steps"),
    fault("text", "begins with no header row that names a column loss"),
    fault("binary", "line 1 holds NUL bytes|begins with no header row|line 1 has a quote"),
    fault("header-only", "ended and reported nothing, after 0 of 60 steps"),
    fault("no-lr", "begins with no header row that names a column lr"),
    fault("daemon", "ended and reported nothing and left processes running, which were ended"),
    fault("own-report"),
    fault("slow-start"),
    fault("burst"),
    fault("binary-midway", "wrote a bad report: line 22 h"),
    fault("columns", "line 22 has 2 fields, but the header has 3, after 20 of 60 steps"),
    fault("word", "line 22 has 'loss: 0.5' where a number belongs"),
    fault("twice", "line 23 has step 20 after step 20; each step has one row"),
    fault("backwards", "line 23 has step 19 after step 20; steps only rise"),
    fault("endless-line", "line 22 has more than 1048576 bytes"),
    fault("half-line", "ended early, after 20 of 60 steps", ends=True),
    fault("silent-midway", "reported nothing more for 2 seconds, after 20 of 60 steps", ends=True),
    fault("stubborn-midway", "reported nothing more for 2 seconds, after 20 of 60 steps", ends=True),
    fault("children", "left processes running, which were ended, after 60 of 60", kept=True, lr_max=1),
    fault("removed", "has no report any more: the file was removed", lr_max=1),
    fault("replaced", "has another file in the place of its report", lr_max=1),
    fault("shortened", "shortened its report|wrote over rows of its report|begins with no header row", lr_max=1),
    fault("prints"),
    fault("prints-for-ever", "reported nothing more for 2 seconds.*it said: still at it", ends=True),
    fault("crash", r"ended by signal 11 \(SEGV\), after 20 of 60 steps", ends=True),
    fault("status", "exit status 7, after 20 of 60 steps; it said: RuntimeError: CUDA error at step 20", ends=True),
    fault("closes"),
    fault("memory", r"ended (by signal 6 \(ABRT\)|with exit status).*; it said: ", ends=True),
    fault("slow-step"),
    fault("slow-steps"),
    fault("stopped", "reported nothing more for 2 seconds, after 20 of 60 steps", ends=True),
    fault("kills-group", r"ended by signal 9 \(KILL, perhaps for want of memory\)", ends=True),
    fault("kills-parent", r"ended by signal 9 \(KILL", ends=True),
    fault("beyond", lr_max=1),
]
# it is given ten seconds after its last row
STAYS = fault("stays", lr_max=1, seconds=18)


class Failures(list):
    def check(self, right, *words):
        if not right:
            self.append(" ".join(str(word) for word in words))
            print("FAILED:", self[-1], flush=True)
        return right


failures = Failures()


def orphans(folder):
    """Processes that were started for a run of this folder."""
    mark = b"LRPROBE_PLAN=" + os.fsencode(os.path.realpath(folder)) + b"/"
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if mark in b"\0" + file.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def check_no_orphan(what, folder, seconds):
    end = time.monotonic() + seconds
    while orphans(folder) and time.monotonic() < end:
        time.sleep(0.02)
    left = orphans(folder)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    failures.check(not left, what, "left processes", left)


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


def load(*parts):
    return json.loads(read(*parts))


def sweep_command(folder, trainer, repeats=3, jobs=3, lr_max=100):
    return [lrprobe, "sweep", "-o", folder, "--quiet", "--plot", "none", "--seed", str(SEED),
            "--repeats", str(repeats), "--jobs", str(jobs), "--steps", str(STEPS),
            "--lr-min", "1e-3", "--lr-max", str(lr_max), "--start-limit", "2", "--step-limit", "2",
            "--", *trainer]


def sweep(what, folder, trainer, seconds=30, env=None, **options):
    """Runs a sweep; its exit status, None where it did not end."""
    began = time.monotonic()
    command = sweep_command(folder, trainer, **options)
    try:
        done = subprocess.run(command, timeout=seconds * patience, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        failures.check(False, what, f"did not end within {seconds * patience} seconds")
        check_no_orphan(what, folder, 5)
        return None
    check_no_orphan(what, folder, 0)
    if time.monotonic() - began > 10:
        print(f"# {what}: {time.monotonic() - began:.1f} s", flush=True)
    return done.returncode


def run_events(manifest, number):
    return [event for event in manifest["events"] if event.startswith(f"run {number:03} ")]


def counts(one):
    """Whether what the run had reported is evidence."""
    return one.kept or (one.ends and one.at >= LEAST_ROWS)


def check_run(what, folder, healthy, manifest, number, one):
    """The run with that number had that fault (None = none)."""
    events = run_events(manifest, number)
    end = manifest["runs"][number]["end"]
    if one is None or one.event is None:
        failures.check(not events, what, number, "had no fault to tell of, but:", events)
    else:
        right = len(events) == 1 and re.search(one.event, events[0])
        failures.check(right, what, number, "is not told in one line as", one.event, "but:", events)
    if one is None or one.kept:
        failures.check(end in ("complete", "enough"), what, number, "ended as", end)
        record = read(folder, "runs", f"{number:03}.csv")
        failures.check(record == read(healthy, "runs", f"{number:03}.csv"), what, number,
                       "is not the record that it is without the fault")
    else:
        failures.check(end not in ("complete", "enough"), what, number, "ended as", end)
        use = "[it counts up to there]" if counts(one) else "[left out of the analysis]"
        failures.check(events and events[0].endswith(use), what, number, "is not said to be", use, events)


def check_one_fault(place, healthy, one):
    folder = os.path.join(place, one.name)
    trainer = [faulty_trainer, "0", f"{one.name}@{SEED + 1}:{one.at}"]
    code = sweep(one.name, folder, trainer, one.seconds, lr_max=one.lr_max)
    if code is None:
        return
    reference = healthy[one.lr_max]
    manifest = load(folder, "sweep.json")
    for number in range(3):
        check_run(one.name, folder, reference, manifest, number, one if number == 1 else None)
    # the answer rests on what there is; exit status 1 where it is none (the loss did not rise)
    answer = load(folder, "bounds.json")
    failures.check(code == (0 if one.lr_max > 1 else 1), one.name, "exit status", code)
    failures.check(answer["repeats"] == (3 if counts(one) else 2), one.name, answer["repeats"], "repeats")
    if one.kept:
        failures.check(answer == load(reference, "bounds.json"), one.name, "changed the bounds")
    for name in ("001.out", "001.err"):
        size = os.path.getsize(os.path.join(folder, "logs", name))
        failures.check(size < 65 << 20, one.name, name, "has", size, "bytes")
    shutil.rmtree(folder)


def check_all_lost(place):
    """No repeat is left: one line, exit status 4."""
    folder = os.path.join(place, "all")
    trainer = [faulty_trainer, "0"] + [f"status@{SEED + i}:5" for i in range(3)]
    done = subprocess.run(sweep_command(folder, trainer), timeout=60, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    failures.check(done.returncode == 4, "all repeats lost: exit status", done.returncode)
    said = done.stderr.splitlines() # the second line says where the logs are
    failures.check(len(said) <= 2 and "CUDA error at step 5" in said[0],
                   "all repeats lost: said", done.stderr)
    check_no_orphan("all repeats lost", folder, 0)


def make_healthy(place):
    healthy = {}
    for lr_max in (100, 1):
        healthy[lr_max] = os.path.join(place, f"healthy-{lr_max}")
        code = sweep("healthy", healthy[lr_max], [faulty_trainer, "0"], repeats=12, jobs=2,
                     lr_max=lr_max)
        failures.check(code == (0 if lr_max > 1 else 1), "a healthy sweep: exit status", code)
        failures.check(not any(run_events(load(healthy[lr_max], "sweep.json"), i) for i in range(12)),
                       "a healthy sweep has events")
        three = healthy[lr_max] + "-three"
        sweep("healthy", three, [faulty_trainer, "0"], lr_max=lr_max)
        shutil.copy(os.path.join(three, "bounds.json"), healthy[lr_max])
    return healthy


def check_mixed(place, healthy, generator, number, n_faults):
    """Many repeats in parallel, several of them with some fault at some step."""
    what = f"mixed {number}"
    folder = os.path.join(place, f"mixed-{number}")
    faults = [one._replace(event=None if one.event is None else "") for one in FAULTS + [STAYS]]
    lr_max = generator.choice((100, 1))
    chosen = dict(zip(generator.sample(range(12), n_faults),
                      (generator.choice([one for one in faults if one.lr_max >= lr_max])
                       for _ in range(n_faults))))
    chosen = {run: one._replace(at=generator.randrange(1, 30)) for run, one in chosen.items()}
    specs = [f"{one.name}@{SEED + run}:{one.at}" for run, one in chosen.items()]
    print(f"# {what}: {' '.join(specs)}", flush=True)
    trainer = [faulty_trainer, str(generator.choice((0, 300, 2000))), *specs]
    code = sweep(what, folder, trainer, 90, repeats=12, jobs=generator.choice((1, 2, 4, 12)), lr_max=lr_max,
                 env=dict(os.environ, FAULTY_MEGABYTES=str(generator.choice((1, 50, 200)))))
    if code is None:
        return
    failures.check(code in (0, 1), what, "exit status", code)
    manifest = load(folder, "sweep.json")
    for run in range(12):
        check_run(what, folder, healthy[lr_max], manifest, run, chosen.get(run))
    shutil.rmtree(folder)


def check_gigabyte(place, healthy):
    folder = os.path.join(place, "gigabyte")
    code = sweep("a gigabyte", folder, [faulty_trainer, "0", f"prints@{SEED + 1}:20"], 60,
                 env=dict(os.environ, FAULTY_MEGABYTES="1000"))
    if code is not None:
        size = os.path.getsize(os.path.join(folder, "logs", "001.out"))
        failures.check(code == 0 and size < 65 << 20, "a gigabyte: exit", code, "and", size, "bytes")
        check_run("a gigabyte", folder, healthy[100], load(folder, "sweep.json"), 1, None)
        shutil.rmtree(folder)


# What is killed: a trainer of somebody else, a millisecond a row, and the one of lrprobe.
KILLED = {
    "external": ["--steps", str(STEPS), "--"],
    "built-in": ["--data", "spirals", "--model", "mlp:16", "--batch-size", "32", "--steps", "150"],
}


def start(kind, folder, resume, starts):
    command = [lrprobe, "sweep", "--quiet", "--plot", "none"]
    if resume:
        command += ["--resume", folder]
    else:
        command += ["-o", folder, "--seed", str(SEED), "--repeats", "5", "--jobs", "3", *KILLED[kind]]
        # one of its runs has children of all kinds
        command += [faulty_trainer, "1000", f"children@{SEED + 2}:5"] if kind == "external" else []
    return subprocess.Popen(command, env=dict(os.environ, FAULTY_STARTS=starts),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def without_time(record):
    """The whole lines of a record without comments and the column time_s."""
    lines = [line.split(b",") for line in record[: record.rfind(b"\n") + 1].splitlines()
             if not line.startswith(b"#")]
    column = lines[0].index(b"time_s") if lines and b"time_s" in lines[0] else None
    return [line[:column] + line[column + 1:] if column is not None else line for line in lines]


def records_of(folder):
    runs = os.path.join(folder, "runs")
    names = sorted(os.listdir(runs)) if os.path.isdir(runs) else []
    return {name: without_time(read(runs, name)) for name in names}


def state_of(folder, name):
    info = os.stat(os.path.join(folder, "runs", name))
    return info.st_ino, info.st_mtime_ns, info.st_size


def look_after_kill(what, folder, wanted):
    """Which runs are finished; those that are not are a beginning of what they were to be."""
    records = records_of(folder)
    # beyond what was wanted there may be rows that were on their way when lrprobe was killed
    finished = [name for name, rows in records.items() if rows[: len(wanted[name])] == wanted[name]]
    for name in records.keys() - set(finished):
        failures.check(records[name] == wanted[name][: len(records[name])], what, name,
                       "is not the beginning of the record that it is without a kill")
    return finished


def check_kill(place, kind, undisturbed, seconds, generator, number):
    """Kills a sweep at a random moment, and in one case of three its resumption as well."""
    what = f"kill {number}, {kind}"
    folder = os.path.join(place, f"kill-{kind}-{number}")
    starts = folder + ".starts"
    wanted = records_of(undisturbed)
    resume = False
    for _ in range(1 if generator.random() < 2 / 3 else generator.randrange(2, 4)):
        moment = generator.uniform(0, seconds)
        what += f" at {moment:.3f} s"
        process = start(kind, folder, resume, starts)
        time.sleep(moment)
        process.kill()
        process.communicate()
        check_no_orphan(what, folder, 5)
        resume = os.path.exists(os.path.join(folder, "sweep.json"))
        finished = look_after_kill(what, folder, wanted)
        begun = read(starts).splitlines() if os.path.exists(starts) else []
        failures.check(resume or not finished, what, "there are records but no manifest")
    states = {name: state_of(folder, name) for name in finished}
    whole = {name for name in finished if records_of(folder)[name] == wanted[name]}
    process = start(kind, folder, resume, starts)
    try:
        output, _ = process.communicate(timeout=30 * patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        failures.check(False, what, "the resumed sweep did not end")
        return
    check_no_orphan(what, folder, 0)
    if not failures.check(process.returncode == 0, what, "resumed: exit", process.returncode, output):
        return
    again = read(starts).splitlines()[len(begun):] if os.path.exists(starts) else []
    for name in finished:
        path = os.path.realpath(os.path.join(folder, "runs", name))
        failures.check(os.fsencode(path) not in again, what, name, "was finished, but was run again")
        failures.check(state_of(folder, name)[0] == states[name][0], what, name, "is another file now")
        failures.check(name not in whole or state_of(folder, name) == states[name], what, name,
                       "was whole, but was written again")
    failures.check(records_of(folder) == wanted, what, "other records than undisturbed")
    failures.check(load(folder, "bounds.json") == load(undisturbed, "bounds.json"), what,
                   "another answer than undisturbed")
    shutil.rmtree(folder)


def check_kills(place, kind, generator, n, pool):
    undisturbed = os.path.join(place, f"undisturbed-{kind}")
    began = time.monotonic()
    process = start(kind, undisturbed, False, undisturbed + ".starts")
    output, _ = process.communicate(timeout=60 * patience)
    seconds = time.monotonic() - began
    print(f"# undisturbed, {kind}: {seconds:.2f} s", flush=True)
    if not failures.check(process.returncode == 0, "undisturbed: exit", process.returncode, output):
        return []
    return [pool.submit(check_kill, place, kind, undisturbed, seconds,
                        random.Random(generator.random()), number)
            for number in range(n)]


def main():
    global lrprobe, faulty_trainer, patience
    parser = argparse.ArgumentParser()
    parser.add_argument("lrprobe")
    parser.add_argument("faulty_trainer")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    lrprobe = os.path.realpath(arguments.lrprobe)
    faulty_trainer = os.path.realpath(arguments.faulty_trainer)
    # sanitizers and other people's work make it slow; what must not happen is that it hangs
    patience = 5
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(1 << 32)
    print(f"# --seed {seed}", flush=True)
    generator = random.Random(seed)
    place = tempfile.mkdtemp(prefix="lrprobe-faults-")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        healthy = make_healthy(place)
        work = [pool.submit(check_one_fault, place, healthy, one)
                for one in FAULTS + ([STAYS] if arguments.long else [])]
        work += [pool.submit(check_all_lost, place)]
        if arguments.long:
            work += [pool.submit(check_gigabyte, place, healthy)]
            work += [pool.submit(check_mixed, place, healthy, random.Random(generator.random()), number, 5)
                     for number in range(20)]
        concurrent.futures.wait(work)
        for kind, n in (("external", 26), ("built-in", 8)):
            work += check_kills(place, kind, generator, 10 * n if arguments.long else n, pool)
            concurrent.futures.wait(work)
        for item in work:
            item.result()
    shutil.rmtree(place, ignore_errors=bool(failures))
    if failures:
        print(f"{len(failures)} failures, with --seed {seed}")
    else:
        print("all as promised")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
