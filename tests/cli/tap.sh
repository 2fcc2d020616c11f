# SPDX-License-Identifier: MIT
# Sourced by the tests of the program: a folder of its own, checks in TAP.
#   . tap.sh; begin "$@"; run lrprobe ...; exits 2; one_line "unknown option"; finish
# shellcheck shell=bash
set -u
number=0
broken=0

begin() {
    lrprobe=$(realpath "$1")
    sources=$(realpath "$(dirname "$0")/../..")
    place=$(mktemp -d) || exit 1
    trap 'rm -rf "$place"' EXIT
    cd "$place" || exit 1
    export LC_ALL=C.UTF-8
}

# check NAME COMMAND...: ok if the command succeeds
check() {
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        echo "# command: ${shown:-}"
        echo "# exit ${code:-}, standard error: $(head -c 600 err 2>/dev/null | tr '\n' '|')"
        broken=$((broken + 1))
    fi
}

# run ARGUMENT...: the program, with out, err and $code
run() {
    shown="lrprobe $*"
    "$lrprobe" "$@" >out 2>err </dev/null
    code=$?
}
exits() { check "$shown: exit $1" test "$code" -eq "$1"; }
says() { check "$shown: prints $1" grep -qF -- "$1" out; }
told() { check "$shown: says $1" grep -qF -- "$1" err; }
silent() { check "$shown: nothing on standard error" test ! -s err; }
# one_line TEXT: standard error is one line, it begins with our name and has the text
is_one_line() {
    [ "$(wc -l <err)" -eq 1 ] && [ "$(head -c 9 err)" = 'lrprobe: ' ] && grep -qiF -- "$1" err
}
one_line() { check "$shown: one line with \"$1\"" is_one_line "$1"; }
# refused CODE TEXT ARGUMENT...
refused() {
    local want=$1 text=$2
    shift 2
    run "$@"
    exits "$want"
    one_line "$text"
    check "$shown: nothing on standard output" test ! -s out
}
skip() {
    number=$((number + 1))
    echo "ok $number # SKIP $1"
}
finish() {
    echo "1..$number"
    exit $((broken > 0))
}
