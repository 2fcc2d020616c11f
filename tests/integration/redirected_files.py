#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a script writes under LRPROBE_FILES: each way of writing a file is tried on a folder of files, which must be the
same afterwards to the last byte, while the script sees what it has written. The steps of a case run in one Python.

usage: redirected_files.py [NAME...]; the case with PyTorch is skipped where torch cannot be imported."""
import hashlib
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
HOOK = os.path.join(HERE, "..", "..", "src", "clients", "python", "hook")
HEAD = """
import io, json, os, pathlib, shutil, sqlite3, sys, tempfile
def read(path):
    with open(path) as file:
        return file.read()
def write(path, text, mode="w"):
    with open(path, mode) as file:
        file.write(text)
def refused(kind, function, *arguments):
    try:
        function(*arguments)
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind)
BASE = os.getcwd()
"""


def listing(folder):
    """Every entry below a folder: what it is, its content, mode and time."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            status = os.lstat(path)
            content = os.readlink(path) if os.path.islink(path) else ""
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            time = status.st_mtime_ns if os.path.isfile(path) or os.path.isdir(path) else 0  # not of pipes
            found[os.path.relpath(path, folder)] = (status.st_mode, time, content)
    return found


class Redirected(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.user = os.path.join(self.place.name, "user's project")
        self.private = os.path.join(self.place.name, "private")
        os.makedirs(os.path.join(self.user, "checkpoints", "old"))
        os.makedirs(os.path.join(self.user, "empty"))
        for name, text in (("log.jsonl", "{}\n"), ("checkpoints/last.pt", "weights"), ("notes.txt", "keep"),
                           ("checkpoints/old/a.bin", "a"), ("checkpoints/old/b.bin", "b")):
            with open(os.path.join(self.user, name), "w") as file:
                file.write(text)
        os.symlink("checkpoints", os.path.join(self.user, "link"))
        os.symlink("notes.txt", os.path.join(self.user, "linked.txt"))
        os.mkfifo(os.path.join(self.user, "pipe"))

    def tearDown(self):
        self.place.cleanup()

    def python(self, code, private="1", exempt="", extra=(), folder=None):
        environment = dict(os.environ, LRPROBE_FILES=os.path.join(self.private, private), PYTHONPATH=HOOK,
                           LRPROBE_FILES_EXEMPT=exempt, PYTHONDONTWRITEBYTECODE="1")
        environment.pop("LRPROBE_PLAN", None)
        done = subprocess.run([sys.executable, "-c", HEAD + code] + list(extra), cwd=folder or self.user,
                              env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def harmless(self, code, **keywords):
        before = listing(self.user)
        status, out, err = self.python(code, **keywords)
        self.assertEqual(status, 0, err)
        self.assertEqual(listing(self.user), before)
        return out

    def test_open(self):
        self.harmless("""
write("checkpoints/last.pt", "new")
assert read("checkpoints/last.pt") == "new" == read(BASE + "/checkpoints/last.pt") == read("link/last.pt")
write("log.jsonl", "{1}", "a")
assert read("log.jsonl") == "{}\\n{1}"
with open("notes.txt", "r+") as file:
    file.seek(1); file.write("X")
    assert file.name == "notes.txt"
assert read("notes.txt") == "kXep" == read("linked.txt")
write("linked.txt", "through a link")
assert read("notes.txt") == "through a link"
assert refused(FileExistsError, open, "notes.txt", "x").filename == "notes.txt"
assert refused(FileNotFoundError, open, "nowhere/x", "w").filename == "nowhere/x"
assert refused(FileNotFoundError, open, "nothing", "r+").filename == "nothing"
refused(IsADirectoryError, open, "checkpoints", "w")
with io.open("new.txt", "x") as file: file.write("n")
assert sorted(os.listdir()) == sorted(os.listdir(b".")[i].decode() for i in range(len(os.listdir())))
assert "new.txt" in os.listdir(".") and os.path.getsize("new.txt") == 1
fd = os.open("fd.bin", os.O_CREAT | os.O_WRONLY | os.O_TRUNC); os.write(fd, b"1"); os.close(fd)
assert read("fd.bin") == "1"
fd = os.open("log.jsonl", os.O_WRONLY | os.O_APPEND); os.write(fd, b"+"); os.close(fd)
assert read("log.jsonl") == "{}\\n{1}+"
here = os.open(".", os.O_RDONLY)
fd = os.open("at.bin", os.O_CREAT | os.O_WRONLY, dir_fd=here); os.close(fd)
assert os.path.exists("at.bin")
os.truncate("log.jsonl", 1)
assert read("log.jsonl") == "{"
os.chmod("notes.txt", 0o600); os.utime("notes.txt", (1, 1))
assert os.stat("notes.txt").st_mtime == 1 and os.stat("notes.txt").st_mode & 0o777 == 0o600
""")

    def test_folders(self):
        self.harmless("""
os.makedirs("runs/1/x", exist_ok=True); os.makedirs("runs/1/x", exist_ok=True)
refused(FileExistsError, os.mkdir, "checkpoints")
refused(FileExistsError, os.makedirs, "runs/1")
write("runs/1/x/f", "1")
assert sorted(name for _, _, names in os.walk("runs") for name in names) == ["f"]
shutil.rmtree("checkpoints")
assert not os.path.exists("checkpoints/last.pt") and not os.path.lexists("checkpoints")
refused(FileNotFoundError, read, "checkpoints/last.pt")
refused(FileNotFoundError, os.listdir, "checkpoints")
os.makedirs("checkpoints")
assert os.listdir("checkpoints") == [] and not os.path.exists("checkpoints/old/a.bin")
write("checkpoints/last.pt", "again")
assert os.listdir("checkpoints") == ["last.pt"]
refused(OSError, os.rmdir, "runs")
os.rmdir("empty")
assert "empty" not in os.listdir()
os.chdir("runs/1")
assert os.getcwd() == BASE + "/runs/1"
write("../../notes.txt", "from below")
assert read(BASE + "/notes.txt") == "from below"
""")

    def test_rename(self):
        self.harmless("""
write("checkpoints/last.tmp", "atomic")
os.replace("checkpoints/last.tmp", "checkpoints/last.pt")
assert read("checkpoints/last.pt") == "atomic" and not os.path.exists("checkpoints/last.tmp")
os.rename("notes.txt", "moved.txt")
assert read("moved.txt") == "keep" and not os.path.exists("notes.txt")
refused(FileNotFoundError, os.rename, "notes.txt", "x")
os.rename("checkpoints", "before")
assert read("before/old/a.bin") == "a" and read("before/last.pt") == "atomic" and not os.path.exists("checkpoints")
assert sorted(os.listdir("before")) == ["last.pt", "old"] and sorted(os.listdir("before/old")) == ["a.bin", "b.bin"]
shutil.move("before/old", "empty")
assert sorted(os.listdir("empty/old")) == ["a.bin", "b.bin"] and os.listdir("before") == ["last.pt"]
refused(OSError, os.rename, "before", "empty")
with tempfile.NamedTemporaryFile("w", delete=False) as file: file.write("from the temporary folder")
shutil.move(file.name, "moved.txt")
assert read("moved.txt") == "from the temporary folder" and not os.path.exists(file.name)
with tempfile.NamedTemporaryFile("w", dir=".", delete=False) as file: file.write("beside")
os.replace(file.name, "log.jsonl")
assert read("log.jsonl") == "beside"
""")

    def test_remove(self):
        self.harmless("""
os.remove("notes.txt")
refused(FileNotFoundError, os.remove, "notes.txt")
assert os.path.lexists("linked.txt") and not os.path.exists("linked.txt")
assert not os.access("notes.txt", os.F_OK)
pathlib.Path("log.jsonl").unlink()
assert sorted(entry.name for entry in os.scandir() if entry.is_file(follow_symlinks=False)) == []
write("notes.txt", "second")
assert read("linked.txt") == "second"
with os.scandir("checkpoints") as entries:
    assert sorted((e.name, e.is_dir()) for e in entries) == [("last.pt", False), ("old", True)]
refused(IsADirectoryError, os.remove, "checkpoints")
here = os.open("checkpoints", os.O_RDONLY)
os.unlink("last.pt", dir_fd=here)
assert os.listdir("checkpoints") == ["old"]
""")

    def test_links(self):
        self.harmless("""
os.symlink("notes.txt", "best.txt")
assert read("best.txt") == "keep" and os.readlink("best.txt") == "notes.txt"
write("best.txt", "by it")
assert read("notes.txt") == "by it"
os.link("checkpoints/last.pt", "hard")
write("hard", "h", "a")
assert read("hard") == "weightsh" and read("checkpoints/last.pt") == "weights"
os.unlink("link"); os.symlink("empty", "link")
assert os.listdir("link") == [] and os.path.realpath("link/x") == BASE + "/empty/x"
os.symlink("step-2", "newest"); os.makedirs("step-2"); write("newest/w", "2")
assert read("step-2/w") == "2"
""")

    def test_pathlib_and_shutil(self):
        self.harmless("""
path = pathlib.Path("checkpoints") / "last.pt"
path.write_text("p"); assert path.read_text() == "p" and path.exists()
(pathlib.Path("deep") / "er").mkdir(parents=True, exist_ok=True)
(pathlib.Path("deep") / "er" / "f").write_bytes(b"1")
assert [str(p) for p in pathlib.Path("deep").rglob("*")] == ["deep/er", "deep/er/f"]
assert sorted(p.name for p in pathlib.Path("checkpoints").glob("*")) == ["last.pt", "old"]
path.rename("checkpoints/best.pt"); assert not path.exists()
pathlib.Path("checkpoints/best.pt").replace(path); path.touch()
shutil.copy("notes.txt", "checkpoints"); assert read("checkpoints/notes.txt") == "keep"
shutil.copytree("checkpoints", "all"); assert sorted(os.listdir("all")) == ["last.pt", "notes.txt", "old"]
shutil.copy2("notes.txt", "log.jsonl"); assert read("log.jsonl") == "keep"
""")

    def test_data_base(self):
        setup = "base = sqlite3.connect('runs.db'); base.execute('create table t (x)'); " \
                "base.execute('insert into t values (1)'); base.commit(); base.close()"
        subprocess.run([sys.executable, "-c", "import sqlite3; " + setup], cwd=self.user, check=True)
        self.harmless("""
for name in ("runs.db", pathlib.Path("runs.db"), "file:runs.db?mode=rwc"):
    base = sqlite3.connect(name, uri=str(name).startswith("file:"))
    base.execute("insert into t values (2)"); base.commit()
    count = base.execute("select count(*) from t").fetchone()[0]; base.close()
assert count == 4, count
sqlite3.connect(":memory:").execute("create table t (x)")
""")

    def test_elsewhere(self):
        """Beside the working folder, by an absolute path: as much the user's."""
        other = os.path.join(self.place.name, "elsewhere")
        os.mkdir(other)
        with open(os.path.join(other, "a.txt"), "w") as file:
            file.write("a")
        before = listing(other)
        self.harmless("""
other = sys.argv[1]
write(other + "/a.txt", "changed"); assert read(other + "/a.txt") == "changed"
os.makedirs(other + "/new"); write("../elsewhere/new/f", "1"); assert os.path.exists(other + "/new/f")
""", extra=[other])
        self.assertEqual(listing(other), before)
        self.harmless("write(sys.argv[1] + '/b.txt', 'exempt')", exempt="/nowhere\n" + other, extra=[other])
        self.assertIn("b.txt", listing(other))

    def test_not_redirected(self):
        """Temporary files, devices and pipes."""
        self.harmless("""
path = tempfile.mkdtemp()
write(path + "/f", "1")
assert os.path.realpath(path + "/f") == path + "/f"
write(path + "/kept", "1"); print(path)
write("/dev/null", "x")
reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
write("pipe", "p"); assert os.read(reader, 9) == b"p"
os.listdir("/proc/self/fd")
""")

    def test_caches(self):
        """A library's cache is shared by the runs; what else a script keeps there is its own."""
        home = os.path.join(self.place.name, "home")
        for folder in ("torch/hub", "mytrain"):
            os.makedirs(os.path.join(home, ".cache", folder))
        with open(os.path.join(home, ".cache", "mytrain", "best.pt"), "w") as file:
            file.write("mine")
        self.harmless("""
os.environ["HOME"] = sys.argv[1]; os.environ.pop("XDG_CACHE_HOME", None)
import lrprobe_shadow
lrprobe_shadow.view.use(os.environ["LRPROBE_FILES"], [])
cache = os.path.expanduser("~/.cache")
write(cache + "/torch/hub/weights", "w"); write(cache + "/mytrain/best.pt", "new")
assert read(cache + "/mytrain/best.pt") == "new"
""", extra=[home])
        self.assertIn("torch/hub/weights", listing(os.path.join(home, ".cache")))
        with open(os.path.join(home, ".cache", "mytrain", "best.pt")) as file:
            self.assertEqual(file.read(), "mine")

    def test_every_run_begins_alike(self):
        code = "count = len(read('log.jsonl')); write('log.jsonl', 'x', 'a'); print(count)"
        self.assertEqual([self.harmless(code, private=str(k)) for k in range(3)], ["3\n"] * 3)
        self.assertEqual([self.harmless(code, private="same") for k in range(3)], ["3\n", "4\n", "5\n"])

    def test_other_processes(self):
        self.harmless("""
import multiprocessing, subprocess
subprocess.run([sys.executable, "-c", "open('notes.txt', 'w').write('child')"], check=True)
assert read("notes.txt") == "child"
process = multiprocessing.get_context("fork").Process(target=write, args=("log.jsonl", "forked"))
process.start(); process.join()
assert read("log.jsonl") == "forked"
""")

    def test_what_passes_by_is_refused(self):
        self.harmless("""
import posix
error = refused(PermissionError, io.FileIO, "notes.txt", "w"); assert "lrprobe" in str(error), error
refused(PermissionError, posix.open, "notes.txt", os.O_WRONLY)
for function in (posix.remove, posix.unlink, posix.rmdir): refused(PermissionError, function, "notes.txt")
refused(PermissionError, posix.rename, "notes.txt", "x")
refused(PermissionError, posix.mkdir, "made")
assert io.FileIO("notes.txt").read() == b"keep"
""")

    def test_no_permission(self):
        if os.getuid() == 0:
            self.skipTest("root may write everywhere")
        self.harmless("refused(PermissionError, open, '/etc/hostname', 'w')")

    def test_arrays(self):
        self.harmless("""
try:
    import numpy
except ImportError:
    sys.exit(0)
numpy.save("a.npy", numpy.arange(3)); assert numpy.load("a.npy").sum() == 3
numpy.savez("b.npz", a=numpy.arange(4)); assert numpy.load("b.npz")["a"].sum() == 6
array = numpy.memmap("notes.txt", dtype="uint8", mode="r+"); array[0] = 75; array.flush()
assert read("notes.txt") == "Keep"
numpy.arange(2.0).tofile("c.bin"); assert os.path.getsize("c.bin") == 16
numpy.savetxt("d.txt", numpy.arange(2)); assert numpy.loadtxt("d.txt").sum() == 1
""")

    def test_torch(self):
        self.harmless("""
try:
    import torch
except ImportError:
    sys.exit(0)
path = "checkpoints/last.pt"
torch.save({"w": torch.ones(3)}, path)
assert torch.load(path)["w"].sum() == 3
torch.save({"w": torch.ones(4)}, pathlib.Path(path)); assert torch.load(pathlib.Path(path))["w"].sum() == 4
torch.save(torch.ones(5), path, _use_new_zipfile_serialization=False); assert torch.load(path).sum() == 5
with open(path, "wb") as file: torch.save(torch.ones(6), file)
with open(path, "rb") as file: assert torch.load(file).sum() == 6
torch.save(torch.ones(7), BASE + "/tmp.pt"); os.replace("tmp.pt", path); assert torch.load(f=path).sum() == 7
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), "m.pt"); assert torch.jit.load("m.pt") is not None
torch.jit.script(torch.nn.Linear(2, 2)).save("n.pt"); assert os.path.exists("n.pt")
""")


if __name__ == "__main__":
    unittest.main(verbosity=1)
