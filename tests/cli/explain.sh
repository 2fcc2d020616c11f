#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe explain`: every topic that it lists is a screenful; faults of the text files are found.
#   explain.sh LRPROBE
. "$(dirname "$0")/tap.sh"
begin "$@"

run explain
exits 0
for kind in terms schedules optimizers checks; do
    says "$kind:"
done
topics=$(grep '^  ' out)
check 'there are many topics' test "$(echo "$topics" | wc -w)" -gt 80

is_a_screenful() { # TOPIC
    "$lrprobe" explain "$1" --plot none >out 2>err </dev/null || return 1
    [ ! -s err ] && [ "$(wc -l <out)" -le 32 ] && [ "$(wc -l <out)" -ge 4 ] &&
        [ -z "$(awk 'length > 80' out)" ] && grep -qi "^$1: " out && grep -q '^Source: ' out
}
for topic in $topics; do
    check "explain $topic" is_a_screenful "$topic"
done
run explain range-test
exits 0
says 'lr_max / lr_min'
says '+---'
run explain d1
exits 0
says 'D1: '
run explain zigzag --plot svg
exits 0
check 'a picture' grep -q '</svg>' out
run explain adam --json
exits 0
check 'JSON' python3 -c 'import json; t = json.load(open("out")); assert t["kind"] == "optimizers" and t["formula"]'
run explain adam
exits 0
check 'a page without a picture' eval '! grep -q "^ *+---" out'
refused 2 'the topic adam has no picture' explain adam --plot svg
refused 2 'did you mean momentum' explain momentun
refused 2 'there is no topic' explain 'x; rm -rf /'
refused 2 'one topic' explain momentum zigzag

# the text files are read strictly: the place of each fault is named
faulty() { # LINE WORDS, the file on standard input
    cat >terms.txt
    ! python3 "$sources/src/topics/tables.py" tables.c terms.txt 2>err && grep -q "^terms.txt:$1: .*$2" err
}
good='what: Words\n  and more.\nwhen: Now.\nsource: A book\nsee: b'
check 'a good file' eval 'printf "# terms\n\n= a: title\n$good | formula: x\n" >terms.txt && python3 "$sources/src/topics/tables.py" tables.c terms.txt'
check 'its texts' grep -qF '.what = "Words and more.", .when = "Now.", .source = "A book", .see = "b", .formula = "x"' tables.c
check 'a page without a source' eval 'printf "\n= a: title\nwhat: x\nwhen: y\nsee: b\n\n= b: c\n$good\n" | faulty 2 "a has no .source"'
check 'the last page without a source' eval 'printf "= a: title\nwhat: x\nwhen: y\nsee: b\n" | faulty 1 "a has no .source"'
check 'a field that there is not' eval 'printf "= a: title\n$good\nsorce: x\n" | faulty 7 "no field .sorce"'
check 'a field given twice' eval 'printf "= a: title\n$good | see: c\n" | faulty 6 "a second .see"'
check 'a page given twice' eval 'printf "= a: title\n$good\n\n= a: title\n$good\n" | faulty 8 "a second a"'
check 'a field before the first page' eval 'printf "see: b\n" | faulty 1 "before the first"'
check 'a text that continues nothing' eval 'printf "= a: title\n$good\n\n  more\n" | faulty 8 "expected"'
check 'a tab' eval 'printf "= a: title\nwhat:\tx\n" | faulty 2 "not printable"'
check 'what is not UTF-8' eval 'printf "= a: title\nwhat: x\n  \377\n" | faulty 3 "not printable"'
check 'a rate that is no number' eval 'printf "= a: t\nlr: 0.1\n  x\noptimizer: o | batch: b | schedule: s | weight_decay: w | source: x\n" >recipes.txt; ! python3 "$sources/src/topics/tables.py" tables.c recipes.txt 2>err && grep -q "^recipes.txt:1: .*not a number" err'
check 'a line that is none of all' eval 'printf "= a: title\n$good\nsee b\n" | faulty 7 "expected"'
finish
