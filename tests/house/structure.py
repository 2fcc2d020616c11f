#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What holds between the files of src: structure.py SOURCES. Prints TAP.

Names of files and types are unique, a folder may see only what it uses, functions have callers
outside of tests, and no channel beside arguments (setenv) is opened in our own process.
"""
import os
import re
import sys

sources = sys.argv[1]
src = os.path.join(sources, "src")
files = {}  # path below src -> text without comments and strings
for folder, _, names in os.walk(src):
    for name in names:
        if name.endswith((".c", ".h")) and "/clients/" not in folder + "/":
            path = os.path.join(folder, name)
            text = open(path, encoding="utf-8").read()
            text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
            files[os.path.relpath(path, src)] = text

results = []


def check(title, faults):
    results.append((title, sorted(faults)))


def doubles(pairs):
    """pairs: (name, where). Those names that stand in more than one place."""
    seen = {}
    for name, where in pairs:
        seen.setdefault(name, set()).add(where)
    return [f"{name}: {', '.join(sorted(where))}" for name, where in seen.items() if len(where) > 1]


def stem(path):
    return os.path.splitext(path)[0]


# A header and its source are a pair; meson.build stands in each folder.
check("no two files have one name", doubles((os.path.basename(stem(path)), stem(path)) for path in files))

defined = re.compile(r"^(?:typedef\s+)?(struct|enum|union)\s+(\w+)\s*\{", re.M)
check(
    "no two types have one name",
    doubles((match.group(2), path) for path, text in files.items() for match in defined.finditer(text)),
)

# ---- permissions of the folder matrix --------------------------------------------------------------
build = open(os.path.join(src, "meson.build"), encoding="utf-8").read()
matrix_text = re.search(r"folder_matrix = \{(.*?)\n\}", build, re.S).group(1)
matrix = {
    name: re.findall(r"'(\w+)'", allowed)
    for name, allowed in re.findall(r"'(\w+)':\s*\[(.*?)\]", matrix_text, re.S)
}
headers = {os.path.basename(path): path for path in files if path.endswith(".h")}
direct = {path: [os.path.basename(name) for name in re.findall(r'^#include "([^"]+)"', text, re.M)]
          for path, text in files.items()}
includes = {}  # folder -> folders whose headers it reads, by way of other headers too
for path in files:
    stack, seen = list(direct[path]), set()
    while stack:
        name = stack.pop()
        if name in headers and name not in seen:
            seen.add(name)
            stack.extend(direct[headers[name]])
    includes.setdefault(path.split("/")[0], set()).update(headers[name].split("/")[0] for name in seen)
check("the matrix of folders was found", [] if len(matrix) > 10 else ["src/meson.build is not understood"])
check(
    "no folder may include what it does not use",
    [f"{name} does not use {lower}" for name, allowed in matrix.items() for lower in allowed
     if lower not in includes.get(name, ()) and lower != "clients"],
)
order = re.findall(r"'(\w+)'", re.search(r"folder_order = \[(.*?)\]", build, re.S).group(1))
check(
    "no permission points upward",
    [f"{name} may see {lower}" for name, allowed in matrix.items() for lower in allowed
     if order.index(lower) >= order.index(name)],
)

# ---- who calls whom --------------------------------------------------------------------------------
definition = re.compile(r"^(?!static|typedef|#)[a-z][\w \t*]*?\*?\b(lrp_\w+)\([^;{]*\)\s*\{", re.M)
home = {}  # function -> the file that defines it
for path, text in files.items():
    if path.endswith(".c"):
        for match in definition.finditer(text):
            home[match.group(1)] = path


def names_used(text):
    """Names in the bodies of functions and in initialisers: what does not begin at the margin."""
    for line in text.split("\n"):
        if line[:1] in (" ", "\t", "#", "&"):
            yield from re.findall(r"\blrp_\w+", line)
        else:
            yield from re.findall(r"=.*?\b(lrp_\w+)", line)


uses = {path: set(names_used(text)) for path, text in files.items()}
calls = {
    path: {home[name] for name in names if name in home} - {path}
    for path, names in uses.items() if path.endswith(".c")
}


def circles():
    """Sets of sources that call each other, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(path):
        index[path] = low[path] = len(index)
        stack.append(path)
        for target in sorted(calls.get(path, ())):
            if target not in index:
                visit(target)
                low[path] = min(low[path], low[target])
            elif target in stack:
                low[path] = min(low[path], index[target])
        if low[path] == index[path]:
            members = []
            while not members or members[-1] != path:
                members.append(stack.pop())
            if len(members) > 1:
                found.append(" ".join(sorted(members)))

    for path in sorted(calls):
        if path not in index:
            visit(path)
    return found


# Files that were split for their length alone and call each other: stated here, with the reason.
STATED_CIRCLES = ()
check("no circle of calls between files", [names for names in circles() if names not in STATED_CIRCLES])

# ---- functions that nobody calls -------------------------------------------------------------------
public = files[os.path.join("include", "lrprobe", "lrprobe.h")]
exported = set(re.findall(r"\b(lrp_\w+)\s*\(", public))
declared = {}
for path, text in files.items():
    if path.endswith(".h"):
        for match in re.finditer(r"^(?!#|typedef)[a-z][\w \t*]*?\*?\b(lrp_\w+)\(", text, re.M):
            declared[match.group(1)] = path
used = set().union(*uses.values())
dead = [f"{name} ({path})" for name, path in declared.items() if name not in used and name not in exported]
check("functions in headers have callers outside of tests", dead)

# ---- our own process -------------------------------------------------------------------------------
check(
    "no setenv in our own process",
    [path for path, text in files.items() if re.search(r"\b(setenv|putenv|unsetenv)\s*\(", text)],
)

# Each check goes by the flags of its row: an id in code outside of its own row is a hidden flag.
ids = r'strcmp\([^;]*"[A-Z][0-9]"'
check("no check is told by its id", [path for path, text in files.items() if re.search(ids, text)])

print(f"1..{len(results)}")
for number, (title, faults) in enumerate(results, 1):
    print(f"{'not ok' if faults else 'ok'} {number} - {title}")
    for fault in faults:
        print(f"# {fault}")
sys.exit(0)
