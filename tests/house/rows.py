#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is easily forgotten with a new file or a new row: rows.py SOURCES. Prints TAP.

Each source is compiled, and each row (a check, a log format, an optimizer, ...) stands in its table.
"""
import os
import re
import sys

root = sys.argv[1]
texts = {}  # path of a source or header -> text
not_compiled = []
for folder, _, names in os.walk(os.path.join(root, "src")):
    for name in names:
        path = os.path.relpath(os.path.join(folder, name), root)
        if name.endswith((".c", ".h")) and not path.startswith("src/clients/c/"):
            with open(os.path.join(root, path), encoding="utf-8") as file:
                texts[path] = file.read()
        if name.endswith(".c") and path in texts:
            build = "/".join(path.split("/")[:2]) + "/meson.build"
            with open(os.path.join(root, build), encoding="utf-8") as file:
                if not re.search(rf"['/]{re.escape(name)}'", file.read()):
                    not_compiled.append(f"{path} is not compiled: add it to {build}")

# A table is an array of pointers to rows of one type; that of the checks comes from a macro.
table = re.compile(r"^const struct (\w+) \*const (\w+)\[\] = \{(.*?)\};", re.S | re.M)
row = re.compile(r"^const struct (\w+) (lrp_\w+) = \{", re.M)
tables = {}  # type of the rows -> (name of the table, where, words in it)
for path, text in texts.items():
    for match in table.finditer(text):
        words = set(re.findall(r"\w+", match.group(3)))
        tables[match.group(1)] = (match.group(2), path, words)

checks = "src/checks/checks_table.h"
ids = re.findall(r"\bX\((\w+)\)", texts[checks])
tables["lrp_check"] = ("LRP_EACH_CHECK", checks, {"lrp_check_" + name for name in ids})

in_no_table = []
found = set()
for path, text in texts.items():
    for match in row.finditer(text):
        if match.group(1) in tables:
            name, where, words = tables[match.group(1)]
            found.add(match.group(1))
            if match.group(2) not in words:
                in_no_table.append(f"{match.group(2)} of {path} is not in the table {name}: add it in {where}")

known = {"lrp_check", "lrp_log_format", "lrp_optimizer_row", "lrp_schedule_row", "lrp_command"}
results = [
    ("each source is compiled", not_compiled),
    ("the tables were found", [f"no table of struct {name} was found" for name in sorted(known - found)]),
    ("each row stands in its table", in_no_table),
]
print(f"1..{len(results)}")
for number, (title, faults) in enumerate(results, 1):
    print(f"{'not ok' if faults else 'ok'} {number} - {title}")
    for fault in sorted(faults):
        print(f"# {fault}")
