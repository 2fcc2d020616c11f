#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe explain`: every topic that it lists is a screenful, with a picture that can be drawn.
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
# what a topic points to is there
sees_topics() {
    local topic see
    for topic in $topics; do
        for see in $("$lrprobe" explain "$topic" --json | sed -n 's/.*"see":"\(.*\)",*$/\1/p'); do
            echo " $topics " | tr '\n' ' ' | grep -qF " $see " || {
                echo "# $topic points to $see"
                return 1
            }
        done
    done
}
check 'all topics that others point to are there' sees_topics

run explain range-test
exits 0
says 'lr_max / lr_min'
says '+---'
run explain d1
exits 0
says 'D1: '
run explain sharp-minima --plot svg
exits 0
check 'a picture' grep -q '</svg>' out
run explain adam --json
exits 0
check 'JSON' python3 -c 'import json; t = json.load(open("out")); assert t["kind"] == "optimizers" and t["formula"]'
refused 2 'did you mean momentum' explain momentun
refused 2 'there is no topic' explain 'x; rm -rf /'
refused 2 'one topic' explain momentum zigzag
finish
