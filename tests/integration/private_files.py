#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sweeps of a script that saves and resumes, in many ways of writing files: whatever way lrprobe keeps it from the
user's files, they are the same afterwards to the last byte, every run begins alike, and nothing is left over.

usage: private_files.py LRPROBE [NAME...]"""
import hashlib
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

LRPROBE = os.path.abspath(sys.argv.pop(1))
# A quadratic whose weight is resumed; where it begins is the first loss of the record.
SCRIPT = r"""
import json, os, pathlib, shutil, sqlite3, subprocess, sys
import lrprobe
style, folder = sys.argv[1], sys.argv[2]
os.makedirs(folder, exist_ok=True)
path = os.path.join(folder, "state.json")
w = 10.0
if os.path.exists(path):
    with open(path) as file:
        w = json.load(file)["w"]
if style == "data base":
    base = sqlite3.connect(os.path.join(folder, "runs.db"))
    base.execute("create table if not exists w (x real)")
    w = (base.execute("select min(x) from w").fetchone() or [None])[0] or w
elif style == "log" and os.path.exists(os.path.join(folder, "log.jsonl")):
    with open(os.path.join(folder, "log.jsonl")) as file:
        w = json.loads(file.readlines()[-1])["w"]
def save():
    text = json.dumps({"w": w})
    if style == "open":
        with open(path, "w") as file: file.write(text)
    elif style == "atomic":
        with open(path + ".tmp", "w") as file: file.write(text)
        os.replace(path + ".tmp", path)
    elif style == "pathlib":
        pathlib.Path(path).write_text(text)
    elif style == "rotate":
        if os.path.exists(folder + ".old"): shutil.rmtree(folder + ".old")
        os.rename(folder, folder + ".old")
        os.makedirs(folder)
        with open(path, "w") as file: file.write(text)
    elif style == "log":
        with open(os.path.join(folder, "log.jsonl"), "a") as file: file.write(text + "\n")
    elif style == "data base":
        base.execute("insert into w values (?)", (w,)); base.commit()
    elif style == "cp":
        with open("/tmp/lrprobe-test-%d" % os.getpid(), "w") as file: file.write(text)
        subprocess.run(["mv", "-f", file.name, path], check=True)
    elif style == "shell":
        subprocess.run("echo '%s' >'%s'; rm -f notes.txt" % (text, path), shell=True, check=True)
    elif style == "clean":
        for name in os.listdir(folder): os.remove(os.path.join(folder, name))
        with open(path, "w") as file: file.write(text)
probe = lrprobe.Probe(lr=0.1)
while not probe.finished:
    gradient = 2 * w
    loss = w * w
    lr = probe.lr
    w -= lr * gradient
    if abs(w) > 1e6: w = 1e6
    if probe.step == 5: save()
    probe.report(loss)
"""
PYTHON_STYLES = ("open", "atomic", "pathlib", "rotate", "log", "data base", "clean")
OTHER_STYLES = ("cp", "shell")
LOST = "lrprobe-files-"


def listing(folder, without=()):
    found = {}
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(place, name) not in without]
        for name in files:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = (os.lstat(path).st_mtime_ns, hashlib.sha256(file.read()).hexdigest())
        for name in folders:
            found[os.path.relpath(os.path.join(place, name), folder)] = os.readlink(os.path.join(place, name)) \
                if os.path.islink(os.path.join(place, name)) else "folder"
    return found


def leftovers():
    return {name for place in ("/tmp", "/var/tmp", "/dev/shm") for name in os.listdir(place) if name.startswith(LOST)}


def nobody():
    """Runs a command as a user without rights; empty where this is one already."""
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        return []
    user = pwd.getpwnam("nobody")
    return ["setpriv", "--reuid=%d" % user.pw_uid, "--regid=%d" % user.pw_gid, "--clear-groups"]


# In this one no overlay can be made.
NO_NAMESPACES = ["unshare", "-Ur", "sh", "-c", "echo 0 >/proc/sys/user/max_user_namespaces; "
                 "exec setpriv --inh-caps=-all --bounding-set=-all \"$@\"", "sh"]


def works(command):
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


class Sweep:
    def __init__(self, project, words, way="auto", before=(), folder=None, more=()):
        self.out = os.path.join(project, "out") if folder is None else folder
        command = list(before) + [LRPROBE, "sweep", "--files", way, "--lr-min", "1e-3", "--lr-max", "10", "--steps", "30",
                                  "--repeats", "2", "--plot", "none", "-o", self.out] + list(more) + ["--"] + words
        done = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.status, self.err = done.returncode, done.stderr.decode()
        self.first, self.manifest = [], {}
        if os.path.exists(os.path.join(self.out, "sweep.json")):
            with open(os.path.join(self.out, "sweep.json")) as file:
                self.manifest = json.load(file)
            for run in self.manifest["runs"]:
                with open(os.path.join(self.out, run["file"])) as file:
                    rows = [line.strip().split(",") for line in file if not line.startswith("#")]
                self.first.append(float(rows[1][rows[0].index("loss")]))


class PrivateFiles(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        os.chmod(self.place.name, 0o777)
        self.before = leftovers()

    def tearDown(self):
        self.assertEqual(leftovers(), self.before)
        self.place.cleanup()

    def project(self, name, user="nobody"):
        self.made = getattr(self, "made", 0) + 1
        project = os.path.join(self.place.name, "%d %s" % (self.made, name))
        os.makedirs(os.path.join(project, "checkpoints"))
        with open(os.path.join(project, "train.py"), "w") as file:
            file.write(SCRIPT)
        for name, text in (("notes.txt", "mine"), ("checkpoints/state.json", '{"w": 3.0}'),
                           ("checkpoints/log.jsonl", '{"w": 3.0}\n')):
            with open(os.path.join(project, name), "w") as file:
                file.write(text)
        if os.getuid() == 0:
            shutil.chown(project, user, pwd.getpwnam(user).pw_gid)
            for place, folders, files in os.walk(project):
                for name in folders + files:
                    shutil.chown(os.path.join(place, name), user, pwd.getpwnam(user).pw_gid)
        return project

    def check(self, style, way, before=(), target="checkpoints", folder=None, project=None):
        project = project or self.project("%s %s" % (style, way))
        out = os.path.join(project, "out") if folder is None else folder
        kept = listing(project, (out,))
        sweep = Sweep(project, [sys.executable, "train.py", style, target.replace("HERE", project)], way, before, folder)
        self.assertIn(sweep.status, (0, 1), "%s %s: %s" % (style, way, sweep.err))
        self.assertEqual(listing(project, (out,)), kept, "%s %s" % (style, way))
        self.assertEqual(sweep.first, [9.0, 9.0], "%s %s: %s" % (style, way, sweep.err))
        self.assertFalse(os.path.exists(os.path.join(out, "files")))
        return sweep

    def overlays(self, before=()):
        if not works(list(before) + ["unshare", "-Urm", "true"]):
            self.skipTest("this system has no user namespaces for everybody")

    def test_overlay(self):
        self.overlays()
        for style in PYTHON_STYLES + OTHER_STYLES:
            sweep = self.check(style, "overlay")
            self.assertIn("files     what the trainer writes in ", sweep.err)
            self.assertIn("your files are not changed", sweep.manifest["files"])

    def test_overlay_without_rights(self):
        before = nobody()
        self.overlays(before)
        for style in PYTHON_STYLES + OTHER_STYLES:
            self.check(style, "auto", before)

    def test_files_of_another_group(self):
        """The kernel cannot change them in an overlay made without root: Python redirects them."""
        if os.getuid() != 0:
            self.skipTest("without root there is no second group")
        before = nobody()
        project = self.project("shared")
        os.chown(os.path.join(project, "checkpoints", "state.json"), -1, 0)
        for style in PYTHON_STYLES:
            self.check(style, "auto", before, project=project, folder=os.path.join(project, "out " + style))
        refused = Sweep(project, ["true"], "overlay", before)
        self.assertEqual(refused.status, 4)
        self.assertIn("belongs to another user or group", refused.err)

    def test_overlay_and_absolute_paths(self):
        self.overlays()
        for style in ("open", "shell", "cp"):
            self.check(style, "auto", target="HERE/checkpoints")
        elsewhere = os.path.join(self.place.name, "elsewhere")
        os.mkdir(elsewhere)
        with open(os.path.join(elsewhere, "state.json"), "w") as file:
            file.write('{"w": 3.0}')
        kept = listing(elsewhere)
        self.check("open", "auto", target=elsewhere)
        self.check("atomic", "auto", target="../elsewhere")
        self.assertEqual(listing(elsewhere), kept)

    def test_overlay_and_links(self):
        self.overlays()
        big = os.path.join(self.place.name, "big disk")
        os.mkdir(big)
        for style in ("open", "shell"):
            project = self.project("links " + style)
            shutil.rmtree(os.path.join(big, "checkpoints"), ignore_errors=True)
            shutil.move(os.path.join(project, "checkpoints"), big)
            os.symlink(os.path.join(big, "checkpoints"), os.path.join(project, "checkpoints"))
            kept = listing(big)
            self.check(style, "overlay", project=project)
            self.assertEqual(listing(big), kept)

    def test_output_elsewhere(self):
        self.overlays()
        self.check("open", "overlay", folder=os.path.join(self.place.name, "out, of it"))

    def test_redirect(self):
        for style in PYTHON_STYLES:
            sweep = self.check(style, "redirect")
            self.assertIn("files     what Python writes", sweep.err)
            self.assertTrue(sweep.manifest["files"].startswith("what Python writes"))

    def test_copy(self):
        for style in PYTHON_STYLES + OTHER_STYLES:
            self.check(style, "copy")

    def test_without_namespaces(self):
        if not works(NO_NAMESPACES + ["true"]):
            self.skipTest("this system cannot be made to refuse overlays")
        self.check("open", "auto", NO_NAMESPACES, project=self.project("open", "root"))
        project = self.project("other programs", "root")
        words = [sys.executable, "train.py", "shell", "checkpoints"]
        sweep = Sweep(project, words, before=NO_NAMESPACES)  # Python's own protection does not reach a shell
        self.assertEqual(sweep.status, 4, sweep.err)
        self.assertIn("has changed ", sweep.err)
        self.assertIn("--files in-place", sweep.err)
        sweep = Sweep(project, ["sh", "-c", 'exec "$@"', "sh"] + words, before=NO_NAMESPACES,
                      folder=os.path.join(self.place.name, "second"))
        self.assertIn("works in a copy", sweep.err)
        self.assertEqual(sweep.status in (0, 1), True, sweep.err)
        refused = Sweep(project, words, "overlay", NO_NAMESPACES, os.path.join(self.place.name, "third"))
        self.assertEqual(refused.status, 4)
        self.assertIn("allows no private overlay", refused.err)

    def test_watched(self):
        """Too large to be copied, no Python, no overlay: the first change ends the sweep."""
        if not works(NO_NAMESPACES + ["true"]):
            self.skipTest("this system cannot be made to refuse overlays")
        project = self.project("large", "root")
        with open(os.path.join(project, "data.bin"), "wb") as file:
            file.truncate(65 << 20)
        words = ["sh", "-c", 'echo more >>notes.txt; exec "$@"', "sh", sys.executable, "train.py", "none", "elsewhere"]
        sweep = Sweep(project, words, before=NO_NAMESPACES)
        self.assertEqual(sweep.status, 4)
        self.assertIn("the sweep stops when it changes one", sweep.err)
        self.assertIn("notes.txt", sweep.err)
        sweep = Sweep(project, words, "in-place", NO_NAMESPACES, os.path.join(self.place.name, "second"))
        self.assertIn(sweep.status, (0, 1), sweep.err)

    def test_cluster(self):
        project = self.project("cluster")
        sweep = Sweep(project, ["true"], "overlay", more=["--launcher", "slurm"])
        self.assertEqual(sweep.status, 2)
        self.assertIn("on this machine", sweep.err)

    def test_log_in_the_folder(self):
        """A log that lrprobe reads and the user's program writes into the folder of work."""
        script = "import sys\nlr, w = float(sys.argv[1]), 10.0\nwith open('run-%s-%s.csv' % tuple(sys.argv[1:3]), 'w') as f:\n" \
                 "    f.write('step,loss\\n')\n    for k in range(20):\n        f.write('%d,%r\\n' % (k, w * w))\n" \
                 "        w = max(-1e6, min(1e6, w - lr * 2 * w))\n"
        for way in ("auto", "redirect", "copy", "in-place"):
            project = self.project("log " + way)
            with open(os.path.join(project, "grid.py"), "w") as file:
                file.write(script)
            kept = listing(project)
            out = os.path.join(self.place.name, "out log " + way)
            done = subprocess.run([LRPROBE, "sweep", "--mode", "fresh", "--files", way, "--log", "run-{lr}-{seed}.csv",
                                   "--lr-min", "1e-3", "--lr-max", "10", "--rates", "5", "--repeats", "2", "--steps", "20",
                                   "--plot", "none", "-o", out, "--", sys.executable, "grid.py", "{lr}", "{seed}"],
                                  cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
            self.assertIn(done.returncode, (0, 1), done.stderr.decode())
            with open(os.path.join(out, "sweep.json")) as file:
                self.assertEqual({run["rows"] for run in json.load(file)["runs"]}, {20}, way)
            if way != "in-place":
                self.assertEqual(listing(project), kept, way)

    def test_killed(self):
        """What a killed sweep has left is removed by the one that continues it."""
        self.overlays()
        project = self.project("killed")
        slow = ["sh", "-c", 'echo x >here; sleep 60', "sh"]
        process = subprocess.Popen([LRPROBE, "sweep", "--lr-min", "1e-3", "--lr-max", "10", "--steps", "30", "--repeats", "1",
                                    "--plot", "none", "-o", "out", "--"] + slow, cwd=project, stderr=subprocess.PIPE)
        self.assertIn(b"files", process.stderr.readline())
        note = os.path.join(project, "out", "files", "elsewhere")
        for _ in range(200):
            if os.path.exists(os.path.join(project, "out", "sweep.json")):
                break
            time.sleep(0.02)
        process.kill()
        process.wait()
        process.stderr.close()
        with open(note) as file:
            place = file.read()
        self.assertTrue(os.path.isdir(place))
        # the same folder of a sweep whose trainer ends at once
        with open(os.path.join(project, "out", "sweep.json")) as file:
            text = file.read()
        with open(os.path.join(project, "out", "sweep.json"), "w") as file:
            file.write(text.replace("sleep 60", "exit 3"))
        subprocess.run([LRPROBE, "sweep", "--resume", "out", "--plot", "none"], cwd=project, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertFalse(os.path.exists(place))


if __name__ == "__main__":
    unittest.main(verbosity=1)
