# SPDX-License-Identifier: MIT
"""Makes C tables of text files: tables.py OUTPUT FILE...

    # a comment
    = name: title
    field: a text, which may
      continue in lines that begin with two blanks
    field: a text | field: another

Read strictly: the first fault ends with "file:line: what is wrong" and exit status 1.
"""
import json
import os
import re
import sys

# File -> table, type of a row, the fields that an entry must have, those that it may have.
FORMS = {
    "terms.txt": ("lrp_term_texts", "lrp_topic", "title what when source see", "formula picture checks"),
    "schedules.txt": ("lrp_schedule_texts", "lrp_topic", "when see picture", "formula"),
    "optimizers.txt": ("lrp_optimizer_texts", "lrp_topic", "when formula source see", ""),
    "recipes.txt": ("lrp_recipes", "lrp_recipe", "title optimizer lr batch schedule weight_decay source", ""),
}
NUMBERS = ("lr",)


class Fault(Exception):
    pass


def parse(path, required, optional):
    """[{"name": ..., field: text, ...}, ...]"""
    entries, field, number = [], None, 0

    def refuse(what, line=None):
        raise Fault(f"{path}:{line or number}: {what}")

    def add(name, text):
        if name not in required + optional:
            refuse(f"there is no field '{name}' here, only {', '.join(required + optional)}")
        if not entries:
            refuse(f"'{name}' before the first entry")
        if name in entries[-1]:
            refuse(f"a second '{name}'")
        entries[-1][name] = text

    def close():
        for name in required:
            if entries and name not in entries[-1]:
                refuse(f"{entries[-1]['name']} has no '{name}'", start)
            if entries and name in NUMBERS and not re.fullmatch(r"\d+(\.\d+)?(e-?\d+)?", entries[-1][name]):
                refuse(f"'{name}' of {entries[-1]['name']} is not a number", start)

    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line.isprintable():  # what is not UTF-8 is not printable either
                refuse("a tab or another character that is not printable")
            head = re.fullmatch(r"= ([\w-]+)(?:: (\S.*))?", line)
            given = [re.fullmatch(r"(\w+): (\S.*)", part) for part in line.split(" | ")]
            if line == "" or line.startswith("#"):
                field = None
            elif re.match(r"  \S", line) and field:
                entries[-1][field] += line[1:]
            elif head:
                close()
                start = number
                if head[1] in [entry["name"] for entry in entries]:
                    refuse(f"a second {head[1]}")
                entries.append({"name": head[1]})
                field = "title" if head[2] else None
                if field:
                    add(field, head[2])
            elif all(given):
                for field, text in [part.groups() for part in given]:
                    add(field, text)
            else:
                refuse("expected '= name: title', 'field: text' or two blanks and the rest of a text")
    close()
    return entries


def quoted(text):
    return json.dumps(text, ensure_ascii=False)  # the escapes of JSON are those of C


def main():
    lines = ["/* Made by tables.py. */", '#include "topics.h"', ""]
    for path in sys.argv[2:]:
        table, row, required, optional = FORMS[os.path.basename(path)]
        lines.append(f"const struct {row} {table}[] = {{")
        for entry in parse(path, required.split(), optional.split()):
            values = [f".{name} = {text if name in NUMBERS else quoted(text)}" for name, text in entry.items()]
            lines.append("    {" + ", ".join(values) + "},")
        lines += ["    {.name = NULL},", "};", ""]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    try:
        main()
    except Fault as fault:
        sys.exit(str(fault))
