#!/bin/bash
# SPDX-License-Identifier: MIT
# Trainers in C, awk and shell under lrprobe: clients.sh LRPROBE NAME...
#   NAME: awk, shell, or the path of a program; a word behind a colon is its argument; none: FANN is missing
. "$(dirname "$0")/../cli/tap.sh"
programs=()
for name in "${@:2}"; do
    [ ! -x "${name%%:*}" ] || name=$(realpath "${name%%:*}")${name#"${name%%:*}"}
    programs+=("$name")
done
begin "$@"
nothing() {
    echo "1..0 # SKIP $1"
    exit 0
}
[ -n "${programs[*]}" ] || nothing 'FANN is not installed'
trainers=$sources/tests/integration/trainers
command -v python3 >/dev/null || nothing 'no python3'

same_rates() { # FOLDER: every run has the rates of its plan, to the last digit
    python3 - "$1" "$sources/tests/integration" <<'P'
import json, os, sys
folder = sys.argv[1]
sys.path.insert(0, sys.argv[2])
sys.dont_write_bytecode = True
from trainer_record import fault, rows
manifest = json.load(open(os.path.join(folder, "sweep.json")))
plans = {phase["plan"] for phase in manifest["phases"]}
known = [rows(os.path.join(folder, plan)) for plan in plans]
runs = os.listdir(os.path.join(folder, "runs"))
assert len(runs) >= 4, runs
for run in runs:
    record = rows(os.path.join(folder, "runs", run))
    faults = [fault(plan, record, False) for plan in known]
    assert None in faults, (run, faults)
P
}
bounds_are() { # PYTHON: an expression on the bounds b
    python3 -c '
import json, sys
b = json.load(open(sys.argv[1]))
lr = {name: b[name]["value"] for name in ("base_lr", "max_lr")}
assert b["outcome"] == "ok", b["outcome"]
assert eval(sys.argv[2]), (lr, b["evidence"])' bounds.json "$1"
}

awk 'BEGIN { print "step,lr"; for (k = 0; k < 100; k++) printf "%d,%.17g\n", k, 1e-4 * 10 ^ (6 * k / 99) }' >plan.csv
by_hand() { # NAME SEED COMMAND...: as a sweep starts it
    local name=$1 seed=$2
    shift 2
    shown="$*"
    : >"$name.csv"
    env LRPROBE_PLAN=plan.csv LRPROBE_REPORT="$name.csv" LRPROBE_SEED="$seed" LRPROBE_STEPS=100 "$@" >out 2>err </dev/null
    code=$?
    exits 0
    silent
    check "$shown: the record of seed $seed" python3 "$sources/tests/integration/trainer_record.py" --whole plan.csv "$name.csv"
}
sweep() { # COMMAND...
    shown="sweep of $*"
    rm -rf swept
    "$lrprobe" sweep --repeats 3 --seed 3 --json --plot none --quiet -o swept -- "$@" >bounds.json 2>err </dev/null
    code=$?
    exits 0
    silent
    check "$shown: three repeats" grep -q '"repeats": *3' bounds.json
    check "$shown: the rates are those of the plans" same_rates swept
    check "$shown: a report" test -s swept/report.html
}
whole() { # COMMAND...
    by_hand one 1 "$@"
    by_hand again 1 "$@"
    by_hand other 2 "$@"
    check "$shown: a seed gives the same record" cmp -s one.csv again.csv
    check "$shown: another seed gives another one" eval '! cmp -s one.csv other.csv'
    sweep "$@"
    check "$shown: bounds" bounds_are 'lr["max_lr"] > 0 and (lr["base_lr"] is None or lr["base_lr"] < lr["max_lr"])'
}
for name in "${programs[@]}"; do
    case $name in
    awk)
        for awk in mawk gawk 'busybox awk'; do
            # shellcheck disable=SC2086
            if $awk 'BEGIN { exit }' >/dev/null 2>&1 </dev/null; then
                whole $awk -f "$trainers/trainer.awk"
                # b is uniform in -2 .. 2: the curvature is 4/3, and the limit of gradient descent 2 / (4/3)
                check "$shown: limits" bounds_are '0.75 < b["evidence"]["diverged_lr"] < 3 and 0.1 < lr["max_lr"] < 1.5'
            fi
        done
        ;;
    shell)
        for shell in sh 'busybox sh'; do
            # shellcheck disable=SC2086
            ! command -v ${shell%% *} >/dev/null || whole $shell "$trainers/trainer.sh"
        done
        ;;
    *:*)
        whole "${name%%:*}" "${name#*:}"
        ;;
    *)
        whole "$name"
        # as launchers start it: all ranks follow the plan, and the first one reports
        rm -rf alone
        mv swept alone
        sweep sh -c 'for rank in 2 1 0; do RANK=$rank "$0" & done; wait' "$name"
        check 'three ranks give the record of one' diff -r alone/runs swept/runs
        ;;
    esac
done
finish
