# SPDX-License-Identifier: MIT
"""A folder as a user has it: the script, a home, and the files that an earlier run left."""
import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPTS = os.path.join(HERE, "scripts")


class Workplace:
    """`folder` has the script, `home` is the home folder of the processes started here."""

    def __init__(self, script, place, setup=True):
        self.script = script
        self.folder, self.home = os.path.join(place, "work"), os.path.join(place, "home")
        os.makedirs(self.folder)
        os.makedirs(self.home)
        for name in (script.file, "planned.py"):
            shutil.copy(os.path.join(SCRIPTS, name), self.folder)
        if setup and script.setup is not None:
            done = self.run(self.command(script.setup))
            if done.returncode != 0:
                raise RuntimeError("%s: the first run failed\n%s" % (script.name, done.stdout.decode()[-2000:]))

    def command(self, arguments=None, python=sys.executable):
        arguments = self.script.arguments if arguments is None else arguments
        named = {"{python}": python, "{script}": self.script.file}
        return [named.get(word, word) for word in self.script.command] + list(arguments)

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LRPROBE", "PYTHON"))}
        kept.update(HOME=self.home, OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1", USE_LIBUV="0", LC_ALL="C.UTF-8")
        return kept

    def run(self, command, timeout=300):
        return subprocess.run(command, cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)

    def fingerprint(self):
        """What each file below the two folders is: its kind, its mode, and its content's hash or its target."""
        found = {}
        for root in (self.folder, self.home):
            for folder, folders, files in os.walk(root):
                for name in folders + files:
                    path = os.path.join(folder, name)
                    if os.path.islink(path):
                        what = "link to " + os.readlink(path)
                    elif os.path.isdir(path):
                        what = "folder"
                    else:
                        with open(path, "rb") as file:
                            what = hashlib.sha256(file.read()).hexdigest()
                    found[os.path.relpath(path, os.path.dirname(root))] = (oct(os.lstat(path).st_mode), what)
        return found


def changes(before, after):
    """Sentences about files that were changed, are gone, or are new."""
    sentences = []
    for path in sorted(before.keys() | after.keys()):
        if path not in after:
            sentences.append("deleted: " + path)
        elif path not in before:
            sentences.append("new: " + path)
        elif before[path] != after[path]:
            sentences.append("changed: " + path)
    return sentences
