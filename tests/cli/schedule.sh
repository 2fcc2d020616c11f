#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe schedule`: words, CSV, JSON, pictures, code, losses, bounds, and what cannot be.
. "$(dirname "$0")/tap.sh"
begin "$@"

# every schedule, in every form
cycle='base_lr=0.01,max_lr=0.1,step_size=7' # five cycles in 70 steps; of sgdr below three
specs="constant:lr=0.1 step:lr=0.1,step_size=10 multistep:lr=0.1,milestones=10/20 exponential:lr=0.1,gamma=0.9
 polynomial:lr=0.1 inverse_time:lr=0.1,decay=0.1 cosine:max_lr=0.1,warmup=5 clr:$cycle triangular:$cycle triangular2:$cycle
 exp_range:$cycle,gamma=0.99 sgdr:max_lr=0.1,t_0=10,t_mult=2 onecycle:max_lr=0.5 wsd:max_lr=0.1,warmup=5"
for spec in $specs; do
    run schedule "$spec" --steps 70
    exits 0
    silent
    says "${spec%%:*}, 70 steps"
    check "$shown: no line is wider than 80" test "$(awk 'length($0) > 80' out | wc -l)" -eq 0
    run schedule "$spec" --steps 70 --csv
    exits 0
    check "$shown: a header and 70 rows" test "$(wc -l <out)" -eq 71
    check "$shown: step,lr,momentum" test "$(awk -F, 'NF != 3 || (NR > 1 && $1 != NR - 2)' out | wc -l)" -eq 0
    mv out csv
    for language in pytorch keras optax c; do
        run schedule "$spec" --steps 70 --code $language
        exits 0
        silent
        says "${spec%%:*}:"
    done
done
for schedule in $("$lrprobe" list schedules | sed -n 's/^\([a-z_0-9]*\) .*/\1/p' | grep -v '^of$'); do
    case $schedule in plateau*) continue ;; esac
    check "$schedule has a spec among \$specs in tests/cli/schedule.sh" eval "echo '$specs' | grep -q ' *$schedule:'"
done
run list schedules --json
exits 0
check "$shown: JSON" eval '/usr/bin/env python3 -c "import json; d = json.load(open(\"out\")); assert len(d) > 10 and all(k[\"name\"] for r in d for k in r[\"keys\"])" 2>err || ! command -v python3'

# the words say what the steps are
run schedule onecycle:max_lr=0.5 --steps 600 --plot none
says 'highest 0.5 at step 179'
says 'lowest 0.85 at step 179'
run schedule cosine:max_lr=0.1,warmup=0.1 --steps 1000 --plot none
says 'the first 100 warm-up'
run schedule cosine:max_lr=0.1 --epochs 2.5 --steps-per-epoch 40 --csv
check "$shown: 100 rows" test "$(wc -l <out)" -eq 101

# JSON
run schedule triangular:base_lr=0.01,max_lr=0.1,step_size=10 --steps 30 --json
exits 0
told 'note: the run of 30 steps ends within a cycle' 
for text in '"schema": "lrprobe.schedule/1"' '"steps": 30' '"highest_step": 10' '"metric": null'; do
    check "$shown: $text" eval "tr -d ' \n' <out | grep -qF '$(echo "$text" | tr -d ' ')'"
done
run schedule cosine:max_lr=1 --steps 20 --json
check "$shown: no momentum is null" eval "tr -d ' \n' <out | grep -qF '\"momentum_range\":null'"

# pictures
if command -v gnuplot >/dev/null; then
    for kind in svg png pdf sixel; do
        run schedule onecycle:max_lr=0.5 --steps 60 --plot $kind
        exits 0
        told 'onecycle, 60 steps'
        case $kind in svg) magic='<?xml' ;; png) magic=$'\x89PNG' ;; pdf) magic='%PDF' ;; sixel) magic=$'\eP' ;; esac
        check "$shown: is one" eval 'head -c ${#magic} out | grep -qaF -- "$magic"'
    done
    run schedule onecycle:max_lr=0.5 --steps 60 --plot svg --quiet
    silent
    check "$shown: the momentum is in it" grep -q momentum out
    run schedule onecycle:max_lr=0.5 --steps 60 -o folder
    exits 0
    check "$shown: schedule.csv" test "$(wc -l <folder/schedule.csv)" -eq 61
    check "$shown: a picture" grep -q '</svg>' folder/plots/rate.svg
    (cd folder/plots && rm rate.svg && gnuplot rate.gp) 2>err
    check "$shown: it can be drawn again" grep -q '</svg>' folder/plots/rate.svg
    run schedule cosine:max_lr=0.1 --steps 1 # a single point
    exits 0
    run schedule sgdr:max_lr=0.1,t_0=7 --steps 3000000 --plot svg --quiet
    check "$shown: a long one is thinned" test "$(wc -c <out)" -lt 300000
else
    skip 'no gnuplot: pictures'
fi

# losses: any log; the rows are the steps
awk 'BEGIN { srand(2); for (k = 0; k < 600; k++) printf "%d,%.6f\n", 10 * k, -3 + 2 * exp(-k / 40) + 0.02 * rand() }' >body
{ echo step,loss; cat body; } >run.csv
awk -F, '{ printf "{\"iteration\": %d, \"train_loss\": %s}\n", $1, $2 }' body >run.jsonl
{ echo step,objective; cat body; } >named.csv
for schedule in plateau:lr=0.1 plateau_torch:lr=0.1,patience=40; do
    run schedule $schedule --losses run.csv --csv
    exits 0
    mv out csv
    check "$shown: 600 steps" test "$(wc -l <csv)" -eq 601
    check "$shown: the steps are the log's" test "$(sed -n '3s/,.*//p' csv)" = 10
    check "$shown: the rate falls" test "$(awk -F, 'NR == 601 { print ($2 < 0.05) }' csv)" = 1
    run schedule $schedule --losses run.jsonl --csv
    check "$shown: JSON lines say the same" cmp -s csv out
    run schedule $schedule --losses named.csv --column objective --csv
    check "$shown: a named column says the same" cmp -s csv out
    run schedule $schedule --losses run.csv
    says 'falls     at step'
    for language in pytorch keras optax c; do
        run schedule $schedule --steps 600 --code $language
        exits 0
    done
done
run schedule plateau:lr=0.1 --losses run.csv --steps 1000 --csv
check "$shown: longer than the log" test "$(wc -l <out)" -eq 1001

# bounds
cat >bounds.json <<'J'
{"schema":"lrprobe.bounds/1","outcome":"ok","metric":"loss","interval_level":0.9,"lr_range":[1e-5,10],"steps_planned":200,
"base_lr":{"value":0.01,"low":0.008,"high":0.02},"max_lr":{"value":0.4,"low":0.3,"high":0.5},
"suggested_lr":{"value":0.09,"low":0.05,"high":0.1},
"one_cycle":{"max_lr":0.2,"initial_lr":0.008,"final_lr":8e-7,"momentum_low":0.85,"momentum_high":0.95},
"clr":{"base_lr":0.01,"max_lr":0.4,"step_size":33,"cycles":3},"evidence":{"diverged_lr":1,"steepest_lr":0.1,"lowest_loss_lr":0.3},
"repeats":5,"confirmed":{"runs":null,"steps":null},"peers":{},"warnings":[]}
J
rates() { # STEP: the rate there
    sed -n "$((2 + $1))p" out | cut -d, -f2
}
run schedule onecycle --from bounds.json --csv
exits 0
check "$shown: as long as the bounds were made for" test "$(wc -l <out)" -eq 201
check "$shown: begins at 0.008" test "$(rates 0 | cut -c1-5)" = 0.008
run schedule clr --from bounds.json --steps 200 --code pytorch
exits 0
silent
check "$shown: no momentum that was not swept" eval '! grep -q "momentum_" out && grep -q cycle_momentum=0 out'
run schedule onecycle --from bounds.json --steps 2000 --code c
exits 0
told 'note: the rates are for a run of 200 steps, not of 2000'
run schedule triangular2 --from bounds.json --csv --steps 100
check "$shown: 0.4 at step 33" test "$(rates 33)" = 0.4
run schedule triangular:max_lr=0.3 --from bounds.json --csv --steps 100
check "$shown: what is given wins" test "$(rates 33)" = 0.3
run schedule cosine --from bounds.json --csv
check "$shown: the one rate" test "$(rates 0)" = 0.09
sed 's/"suggested_lr":{[^}]*}/"suggested_lr":null/' bounds.json >none.json
refused 3 'none.json: the bounds have no rate for max_lr' schedule cosine --from none.json --steps 10
refused 3 'missing.json' schedule cosine --from missing.json --steps 10
refused 3 'run.csv' schedule cosine --from run.csv --steps 10
run train --data spirals --model mlp:4 --optimizer sgd --schedule onecycle --from bounds.json --steps 20 --plot none -o from
exits 0
check "$shown: the rates of the bounds" grep -q ',0.2,' from/run.csv

# train takes them all
for spec in $specs plateau:lr=0.1,patience=20 plateau_torch:lr=0.1,every=5,patience=1; do
    run train --data spirals --model mlp:4 --optimizer sgd --schedule "$spec" --steps 50 --plot none -o "t-${spec%%:*}"
    exits 0
    case $spec in plateau*) continue ;; esac
    "$lrprobe" schedule "$spec" --steps 50 --csv | sed 1d | cut -d, -f2 >want
    awk -F, '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == "lr") c = i; next } { print $c }' "t-${spec%%:*}/run.csv" >got
    check "$shown: the rates are those of schedule" cmp -s want got
done
# the same by losses: what train did is what schedule says of its record
run train --data spirals --model mlp:8 --schedule plateau:lr=0.5,patience=20,factor=0.5 --steps 400 --plot none --quiet -o by-loss
awk -F, '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == "lr") c = i; next } { print $c }' by-loss/run.csv >got
"$lrprobe" schedule plateau:lr=0.5,patience=20,factor=0.5 --losses by-loss/run.csv --csv | sed 1d | cut -d, -f2 >want
check "$shown: as schedule says" cmp -s want got
check "$shown: it falls" test "$(sort -u got | wc -l)" -gt 1
refused 2 'needs --val-every' train --data spirals --schedule plateau:lr=0.1,metric=val_loss --steps 10
refused 2 'have no classes' train --data regression --schedule plateau:lr=0.1,metric=accuracy --steps 10
run train --data spirals --schedule plateau_torch:lr=0.1,metric=val_accuracy,patience=2 --val-every 5 --steps 100 --plot none
exits 0

# what cannot be
refused 2 'needs one SPEC' schedule
refused 2 'needs one SPEC' schedule constant:lr=1 cosine:max_lr=1 --steps 5
refused 2 'did you mean cosine?' schedule cosin:max_lr=1 --steps 5
refused 2 'there are constant, step' schedule elephant --steps 5
refused 2 'did you mean max_lr?' schedule onecycle:maxlr=1 --steps 5
refused 2 'it has lr, gamma' schedule step:size=1 --steps 5
refused 2 'needs lr=' schedule constant --steps 5
refused 2 '--steps N' schedule constant:lr=1
refused 2 'needs --steps-per-epoch' schedule constant:lr=1 --epochs 3
refused 2 'exclude' schedule constant:lr=1 --epochs 3 --steps 4
refused 2 'only one can be' schedule constant:lr=1 --steps 4 --csv --json
refused 2 'only one can be' schedule constant:lr=1 --steps 4 --plot svg --code c
refused 2 'goes to standard output' schedule constant:lr=1 --steps 4 --code c -o code
refused 2 'pytorch|keras|optax|c' schedule constant:lr=1 --steps 4 --code java
refused 2 'needs --losses FILE' schedule plateau:lr=1 --steps 4
refused 2 'by the step alone' schedule cosine:max_lr=1 --losses run.csv
refused 3 'none.csv' schedule plateau:lr=1 --losses none.csv
refused 3 'no column val_loss' schedule plateau:lr=1,metric=val_loss --losses run.csv
refused 3 'objectives' schedule plateau:lr=1 --losses named.csv --column objectives
refused 2 'holds at most' schedule constant:lr=1 --steps 2000000 --json
refused 4 '/proc/nothing' schedule constant:lr=1 --steps 5 -o /proc/nothing --quiet --plot none
"$lrprobe" schedule constant:lr=1 --steps 100000 --csv >/dev/full 2>err
code=$?
shown='schedule --csv to a full disk'
exits 4
"$lrprobe" schedule constant:lr=1 --steps 10000000 --csv 2>err | head -1 >out
shown='schedule --csv into head'
silent
finish
