#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe bounds` on the logs that people have: trackers' columns, several runs in one file,
# training runs under schedules, tables of runs.
. "$(dirname "$0")/tap.sh"
begin "$@"

# sweep SEED: a loss that falls from 2.3 to 0.3 around 10^-2 and rises beyond 10^-0.5
sweep() {
    awk -v seed="$1" 'BEGIN { srand(seed); print "step,lr,loss"
        for (k = 0; k < 150; k++) { x = -5 + 6 * k / 149
            printf "%d,%.9g,%.9g\n", k, 10 ^ x,
                0.3 + 2 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12) + 0.002 * (rand() - 0.5) } }'
}
# same_as FILE: the JSON of the last run is that file
same_as() { check "$shown gives the same" cmp -s out "$1"; }
# head_is HEADER FILE: FILE with other names
head_is() { { echo "$1"; tail -n +2 "$2"; }; }
sweep 1 >one.csv
sweep 2 >two.csv
run bounds one.csv --json
exits 0
cp out one.json
run bounds one.csv two.csv --json
exits 0
cp out both.json

# rate columns by a rule
for name in lr-RAdam lr-Lion lr-Adam-1 lr-MyOwnOptimizer optimizer/lr train/learning_rate param_group_0/lr \
    lr/group0 learning_rate/pg2 lr_0 'Learning Rate' encoder_lr; do
    head_is "step,$name,train_loss" one.csv >named.csv
    run bounds named.csv --json
    same_as one.json
    check "$name: nothing to say" test "$(grep -c 'note: .*lr' err)" -eq 0
done
# several: the fastest, and what there is
awk -F, 'NR == 1 { print "step,lr-AdamW/pg1,lr-AdamW/pg2,train_loss" }
    NR > 1 { printf "%s,%.9g,%s,%s\n", $1, $2 / 20, $2, $3 }' one.csv >groups.csv
run bounds groups.csv --json
same_as one.json
told 'lr-AdamW/pg1, lr-AdamW/pg2: lr-AdamW/pg2, the fastest, is taken; --map lr=NAME takes another'
run bounds groups.csv --map lr=lr-AdamW/pg1 --json
exits 0
check '--map takes the slow group' test "$(grep -A1 '"lr_range"' out | tail -1 | tr -d ' ,')" = 5e-07
check '... and there is nothing to say' test "$(grep -c 'columns of rates' err)" -eq 0
head_is 'step,min_lr,loss' one.csv >none.csv
refused 3 'no column of learning rates (lr); there are step, min_lr, loss' bounds none.csv
run bounds none.csv --map lr=min_lr --json
same_as one.json

# logarithms
awk -F, 'NR == 1 { print "lr,loss" } NR > 1 { printf "%.9g,%s\n", log($2) / log(10), $3 }' one.csv >log.csv
refused 3 'negative ones look like logarithms; --map log10_lr=lr' bounds log.csv
run bounds log.csv --map log10_lr=lr
exits 0
says 'max_lr    0.09'
for name in log10_lr 'log10(lr)' lr_log10; do
    head_is "$name,loss" log.csv >named.csv
    run bounds named.csv
    exits 0
    says 'max_lr    0.09'
    told 'holds decimal logarithms'
done
head_is 'log_lr,loss' log.csv >named.csv
refused 3 'of a base that its name does not say; --map log10_lr=log_lr' bounds named.csv

# Lightning: rate and loss in rows of their own
awk -F, 'NR == 1 { print "epoch,lr-Adam,step,train_loss_step,val_loss" }
    NR > 1 { printf ",%s,%d,,\n0,,%d,%s,\n", $2, $1, $1, $3 }
    NR % 50 == 0 { printf "%d,,%d,,0.7\n", NR / 50, $1 }' one.csv >rows.csv
run bounds rows.csv --json
same_as one.json
# ... and at steps of their own: rates at 0, 5, 10, ..., losses at 4, 9, 14, ...
awk -F, 'NR == 1 { print "lr-Adam,step,train_loss" } NR > 1 && $1 % 5 == 0 { printf "%s,%d,\n", $2, $1 }
    NR > 1 && $1 % 5 == 4 { printf ",%d,%s\n", $1, $3 }' one.csv >apart.csv
awk -F, 'NR == 1 || ($1 % 5 == 4 && $1 < 149)' one.csv >fifth.csv
run bounds fifth.csv
exits 0
cp out fifth.txt
run bounds apart.csv
exits 0
told 'it was interpolated'
value() { awk -v name="$1" '$1 == name { print $2 }' "$2"; }
near() { awk -v a="$(value "$1" out)" -v b="$(value "$1" fifth.txt)" 'BEGIN { exit !(a > 0.95 * b && a < 1.05 * b) }'; }
check 'rates at other steps: base_lr' near base_lr
check 'rates at other steps: max_lr' near max_lr
# several writers of one step
awk -F, 'NR == 1 { print "step,lr,loss" } NR > 1 { printf "%s,%s,%s\n%s,%s,%s\n", $1, $2, $3, $1, $2, $3 }' one.csv >ranks.csv
run bounds ranks.csv --json
same_as one.json

# W&B: several runs in one file
paste -d, one.csv <(cut -d, -f3 two.csv) |
    awk -F, 'NR == 1 { print "\"lr\",\"calm-lake-3 - train/loss\",\"odd-fire-9 - train/loss\",\"odd-fire-9 - train/loss__MIN\"" }
        NR > 1 { printf "\"%s\",\"%s\",\"%s\",\"0\"\n", $2, $3, $4 }' >wide.csv
run bounds wide.csv --json
same_as both.json
told 'there are 2 runs in wide.csv'
for name in 2 odd-fire-9; do
    run bounds wide.csv --run $name
    exits 0
    cp out chosen.txt
    run bounds two.csv
    check "--run $name is the second" cmp -s out chosen.txt
done
refused 3 'no run is called "3"; there are calm-lake-3, odd-fire-9, or their numbers from 1 to 2' bounds wide.csv --run 3
refused 3 'there is only one' bounds one.csv --run odd-fire-9
run bounds one.csv --run 1 --json
same_as one.json
# each with a rate of its own, one without
paste -d, one.csv two.csv | awk -F, 'NR == 1 { print "Step,a - lr,a - loss,b - lr-Lion,b - loss,c - loss" }
    NR > 1 { print $1 "," $2 "," $3 "," $5 "," $6 ",1" }' >own.csv
run bounds own.csv --json
same_as both.json
told 'left out, since there is no column of their rates: c'
awk -F, 'NR == 1 { print "Step,a - loss,b - loss" } NR > 1 { print $1 "," $3 "," $3 }' one.csv >norate.csv
refused 3 'no column of learning rates (lr); there are' bounds norate.csv
run diagnose wide.csv
says 'wide.csv (run odd-fire-9)'
{ echo repeat,lr,loss; sed -n '2,$s/^[0-9]*,/7,/p' one.csv; sed -n '2,$s/^[0-9]*,/9,/p' two.csv; } >pooled.csv
run bounds pooled.csv --run 9
exits 0
check '--run takes a repeat' cmp -s out chosen.txt

# sweeps behind each other, whatever tells them apart
{ echo run,step,lr,loss; sed -n '2,$s/^/a,/p' one.csv; sed -n '2,$s/^/b,/p' two.csv; } >stacked.csv
run bounds stacked.csv --json
same_as both.json
told 'there are 2 sweeps behind each other'

# a warm-up is no sweep
awk 'BEGIN { print "step,lr,loss"; for (k = 0; k < 500; k++)
    printf "%d,%g,%g\n", k, k < 100 ? 1e-3 * k / 100 : 1e-3, 2.3 * exp(-k / 200) }' >warm.csv
refused 3 'the rate rises over the first 99 steps, to 0.001, and then stays: a warm-up, not a sweep' bounds warm.csv
awk -F, 'NR == 1 { print } NR > 1 { printf "%s,%g,%s\n", $1, $1 < 100 ? $2 : 1e-3 * (500 - $1) / 400, $3 }' warm.csv >falls.csv
refused 3 'and then falls: a warm-up' bounds falls.csv

# runs under schedules, one per peak rate
scheduled() { # PEAK: a warm-up and a cosine; ends lowest for a peak of 3e-3, blows up above 0.1
    awk -v peak="$1" 'BEGIN { srand(peak * 1e7); print "step,lr,loss"; for (k = 0; k < 300; k++) {
        lr = k < 30 ? peak * k / 30 : peak * 0.5 * (1 + cos(3.14159 * (k - 30) / 270))
        d = log(peak / 3e-3) / log(10); target = 2.3 - 2 / (1 + 0.6 * d * d * d * d)
        loss = peak > 0.1 ? 2.3 + k / 20 : target + (2.3 - target) * exp(-k / 40)
        printf "%d,%.9g,%.9g\n", k, lr, loss + 0.01 * (rand() - 0.5) } }'
}
# the same as trainer_state.json
as_state() {
    awk -F, 'BEGIN { printf "{\"log_history\": [" } NR > 1 && NR % 10 == 0 {
        printf "%s{\"step\": %d, \"learning_rate\": %s, \"loss\": %s}", n++ ? ", " : "", $1, $2, $3
        if (NR % 30 == 0) printf ", {\"step\": %d, \"eval_loss\": %s}", $1, $3 }
        END { print "]}" }' "$1"
}
for peak in 1e-5 1e-4 3e-4 1e-3 3e-3 1e-2 3e-2 1e-1 3e-1; do
    scheduled $peak >run-$peak.csv
    mkdir -p state-$peak
    as_state run-$peak.csv >state-$peak/trainer_state.json
done
for family in 'run-*.csv' 'state-*/trainer_state.json'; do
    # shellcheck disable=SC2086
    run bounds $family
    exits 0
    told '9 of 9 runs had a schedule: each is taken as a run at its peak rate'
    says 'one rate  0.003'
done
# a run that never had a rate says nothing; the others do
awk -F, 'NR == 1 { print } NR > 1 { print $1 ",0," $3 }' run-1e-3.csv >zero.csv
refused 3 'no rate above 0' bounds zero.csv
run bounds zero.csv run-*.csv
exits 0
told 'zero.csv: no rate above 0'
told '9 of 9 runs had a schedule'
# with one at a constant rate among them
awk -F, 'NR == 1 { print } NR > 1 { print $1 ",0.003," $3 }' run-3e-3.csv >run-3e-3.csv.new && mv run-3e-3.csv.new run-3e-3.csv
run bounds run-*.csv
exits 0
told '8 of 9 runs had a schedule'
run bounds one.csv run-1e-3.csv
exits 3
told 'run-1e-3.csv'
told 'a warm-up, not a sweep'

# --metric as the file spells it
awk -F, 'NR == 1 { print "lr,Val Dice" } NR > 1 { printf "%s,%.9g\n", $2, 3 - $3 }' one.csv >dice.csv
for name in 'Val Dice' 'val dice' val_dice; do
    run bounds dice.csv --metric "$name"
    exits 0
    says 'max_lr    0.09'
done
run bounds dice.csv
told 'no column loss: Val Dice decides'
says 'max_lr    0.09'
awk -F, 'NR == 1 { print "step,lr,acc" } NR > 1 { printf "%s,%s,%.9g\n", $1, $2, 3 - $3 }' one.csv >acc.csv
for name in acc ACC accuracy train/acc; do
    run bounds acc.csv --metric $name
    exits 0
    says 'max_lr    0.09'
done
head_is 'step,lr,objective' one.csv >objective.csv
for name in objective loss Objective; do
    run bounds objective.csv --metric $name
    exits 0
done
refused 3 'no column is called "dyce"; there are lr, Val Dice' bounds dice.csv --metric dyce
# decimal commas all through, with an exponent or without
sed '2,$s/,/;/g; 1s/,/;/g; s/\./,/g' one.csv >german.csv
run bounds german.csv --json
same_as one.json

# --direction where the name does not say
awk -F, 'NR == 1 { print "lr,quux" } NR > 1 { printf "%s,%.9g\n", $2, 3 - $3 }' one.csv >quux.csv
run bounds quux.csv --metric quux
exits 1
says 'give --direction higher or --direction lower'
run bounds quux.csv --metric quux --direction higher
exits 0
says 'max_lr    0.09'
run bounds quux.csv --metric quux --direction lower
exits 1
refused 2 'higher|lower' bounds quux.csv --metric quux --direction up
# it goes before the name
cut -d, -f2,3 one.csv | sed '1s/loss/accuracy/' >errors.csv
run bounds errors.csv --metric accuracy --direction lower
exits 0
says 'max_lr    0.09'

# --map: names that are not there, twice, or empty
refused 3 'no column is called "nonsense"; there are step, lr, loss' bounds one.csv --map loss=nonsense
refused 2 'two columns are mapped to loss: a and b' bounds one.csv --map loss=a --map loss=b
awk -F, 'NR == 1 { print $0 ",val_loss" } NR > 1 { print $0 "," }' one.csv >hollow.csv
run bounds hollow.csv --json
same_as one.json
refused 3 'the column val_loss, which --map takes as loss, is empty' bounds hollow.csv --map loss=val_loss
# printed lines, with names that nobody knows
awk -F, 'NR > 1 { printf "it %s of 150 rate %s objective %s\n", $1, $2, $3 }' one.csv >printed.log
run bounds printed.log --map loss=objective --map lr=rate --json
check 'printed names by --map: the same bounds' test "$(grep -A1 '"max_lr":{' out | head -2)" = "$(grep -A1 '"max_lr":{' one.json | head -2)"
awk -F, 'NR > 1 { printf "objective: %s\n", $3 }' one.csv >unknown.log
refused 3 'no column is called "objectve"; there are objective' bounds unknown.log --map loss=objectve
refused 3 'there is no column of learning rates (lr); there are loss' bounds unknown.log --map loss=objective

# a table of finished runs: its rows are not joined by their common step, in any order
table() { awk 'BEGIN { print "Name,lr,step,best_val_loss"
    n = split("3e-2 1e-4 3e-1 1e-3 1e-2 3e-3 1e-1 3e-4 1", rate, " ")
    for (i = 1; i <= n; i++) { d = log(rate[i] / 1e-2) / log(10)
        print "run-" i "," rate[i] ",1000," (rate[i] > 0.2 ? 9 : 0.2 + 0.2 * d * d) } }'; }
table >table.csv
run bounds table.csv
told 'best_val_loss decides'
check "$shown: no word of steps" test "$(cat out err | grep -c 'take more steps')" -eq 0

# what a sweep leaves can be read again, whole or not
run sweep --data spirals --model mlp:8 --steps 60 --scout-steps 30 --repeats 2 -o swept --plot none --quiet
run bounds swept/runs/*.csv
check "$shown: an answer" test "$code" -le 1
says 'max_lr'
for file in swept/runs/*.csv; do head -c "$(($(wc -c <"$file") * 9 / 10))" "$file" >"$file.cut" && mv "$file.cut" "$file"; done
run bounds swept/runs/*.csv
check "$shown: cut files, an answer" test "$code" -le 1
finish
