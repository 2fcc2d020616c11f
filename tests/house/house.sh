#!/bin/bash
# SPDX-License-Identifier: MIT
# What holds the house together: house.sh LRPROBE BUILD-FOLDER
. "$(dirname "$0")/../cli/tap.sh"
build=$(realpath "$2")
begin "$@"
shown=house
exec 3>&1
header=$sources/src/include/lrprobe/lrprobe.h
cc=${CC:-cc}
cxx=${CXX:-c++}

# the public header needs nothing but itself
printf '#include "lrprobe/lrprobe.h"\n' >alone.c
strict='-Wall -Wextra -Wpedantic -Werror'
# shellcheck disable=SC2086
check 'the public header alone is C11' $cc -std=c11 $strict -I"$sources/src/include" -fsyntax-only alone.c 2>err
if command -v "$cxx" >/dev/null; then
    # shellcheck disable=SC2086
    check 'the public header alone is C++' $cxx -std=c++11 $strict -x c++ -I"$sources/src/include" -fsyntax-only alone.c 2>err
else
    skip 'no C++ compiler'
fi

# the library shows what the header promises, and nothing else
tr '\n' ' ' <"$header" | grep -oE 'LRP_API [^;]*' | grep -oE 'lrp_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >promised
# a shared library of our own making: an archive does not tell hidden symbols apart
check 'the library can be made a shared one' $cc -shared ${LRPROBE_LINK_ARGS:-} -o all.so \
    -Wl,--whole-archive "$build/src/liblrprobe.a" -Wl,--no-whole-archive 2>err
nm -D --defined-only all.so | awk '{ print $3 }' | grep -v '^_' | sort -u >shown_symbols
check 'exported symbols are those of the header' diff promised shown_symbols

# a folder cannot include upward: its sources, compiled as the build does, do not find the header
upward() { # FOLDER HEADER-OF-A-FOLDER-ABOVE A-HEADER-IT-MAY-INCLUDE
    python3 - "$build/compile_commands.json" "$1" >command <<'P'
import json, shlex, sys
for entry in json.load(open(sys.argv[1])):
    if "/%s/" % sys.argv[2] in entry["file"] and "liblrp_%s.a.p" % sys.argv[2] in entry["output"]:
        words = shlex.split(entry["command"])
        keep = [w for w in words if w.startswith(("-I", "-D", "-std"))]
        print(" ".join(shlex.quote(w) for w in keep))
        break
P
    printf '#include "%s"\n' "$2" >"$place/up.c"
    printf '#include "%s"\n' "$3" >"$place/down.c"
    local flags
    flags=$(cat command)
    check "$1 has a command line of its own" test -n "$flags"
    check "$1 can include $3" bash -c "cd '$build' && $cc $flags -fsyntax-only '$place/down.c'" 2>err
    check "$1 cannot include $2" bash -c "! (cd '$build' && $cc $flags -fsyntax-only '$place/up.c') 2>/dev/null"
}
if command -v python3 >/dev/null; then
    upward base record.h status.h
    upward stats marks.h robust.h
    upward range session.h robust.h
    upward train schedule.h record_writer.h
    upward probe session.h json.h
    upward topics checklist.h plot.h
    upward plot range_report.h text.h
    upward logs plan.h formats.h
else
    skip 'no python3: upward includes'
fi

# installed: found through pkg-config, compiled, linked, run
if command -v pkg-config >/dev/null && DESTDIR=$place/root meson install -C "$build" --no-rebuild >install.log 2>&1; then
    pc=$(dirname "$(find root -name lrprobe.pc)")
    flags=$(PKG_CONFIG_SYSROOT_DIR=$place/root PKG_CONFIG_PATH=$place/$pc pkg-config --static --cflags --libs lrprobe)
    check 'pkg-config looks into the folder of the .pc file' \
        eval "pkg-config --variable pc_path pkg-config | tr : '\\n' | grep -qx '/${pc#root/}'"
    # shellcheck disable=SC2086
    check 'a consumer compiles and links through pkg-config' $cc -std=c11 "$sources/tests/house/consumer.c" ${LRPROBE_LINK_ARGS:-} $flags -o consumer 2>err
    awk 'BEGIN { srand(1); print "lr,loss"; for (k = 0; k < 150; k++) { x = -5 + 6 * k / 149
        printf "%.9g,%.9g\n", 10 ^ x, 0.3 + 2 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12) + 0.02 * rand() } }' >log.csv
    check 'the consumer finds bounds' eval './consumer log.csv 2>&1 | grep -qE "^ok 0\.[0-9]+ 0\.[0-9]+$"'
    check 'the consumer is told of a missing file' eval './consumer none.csv | grep -q "none.csv"'
    check 'the program is installed and runs' eval '"$(find root -name lrprobe -type f -path "*/bin/*")" --version | grep -q "^lrprobe "'
    check 'a man page for each command is installed, and one for all' \
        test "$(find root -name 'lrprobe*.1' | wc -l)" -eq $((1 + $(grep -o '&lrp_command_' "$sources/src/cli/commands.c" | wc -l)))
    check 'the completion is installed' test -s "$(find root -path '*bash-completion*' -name lrprobe)"
else
    skip 'no pkg-config or nothing to install'
fi
page=$(find root -name lrprobe-sweep.1 2>/dev/null | head -1)
if [ -n "$page" ] && command -v man >/dev/null; then
    for page in $(find root -name 'lrprobe*.1'); do
        check "$(basename "$page") is clean roff" eval "test -z \"\$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Z '$page' 2>&1 >/dev/null)\""
    done
else
    skip 'no man'
fi
for id in $("$lrprobe" list checks | sed -n 's/^\([A-Z][0-9]*\) .*/\1/p'); do
    check "the manual of diagnose has the check $id" eval '"$lrprobe" --man-page diagnose | grep -q "^\.SS \"$id "'
done
"$lrprobe" --completion bash >completion
check 'the completion is bash' bash -n completion
# shellcheck disable=SC2016
check 'the completion completes' test "$(bash -c '. ./completion; COMP_WORDS=(lrprobe sweep --jo); COMP_CWORD=2; _lrprobe; echo "${COMPREPLY[*]}"')" = --jobs
# shellcheck disable=SC2016
check 'the completion completes words to choose from' test "$(bash -c '. ./completion; COMP_WORDS=(lrprobe client p); COMP_CWORD=2; _lrprobe; echo "${COMPREPLY[*]}"')" = 'python protocol'
finish
