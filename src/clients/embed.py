# SPDX-License-Identifier: MIT
"""Makes a C table of files: embed.py OUTPUT FOLDER FILE...; names are relative to FOLDER."""
import os
import sys


def main():
    output, folder, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    lines = ["/* Made by embed.py. */", '#include "client_files.h"', "", "#include <stddef.h>", ""]
    rows = []
    for number, path in enumerate(paths):
        with open(path, "rb") as file:
            data = file.read()
        name = os.path.relpath(path, folder).replace(os.sep, "/")
        # bytes, not a string: a string literal need not hold more than 4095 characters
        lines.append("static const unsigned char file_%d[] = { /* %s */" % (number, name))
        ended = data + b"\0"
        for start in range(0, len(ended), 20):
            lines.append("".join("%d," % byte for byte in ended[start:start + 20]))
        lines.append("};")
        rows.append('    {"%s", (const char *)file_%d, %d},' % (name, number, len(data)))
    lines += ["const struct lrp_client_file lrp_client_files[] = {"] + rows
    lines += ["    {NULL, NULL, 0},", "};", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
