#!/bin/bash
# SPDX-License-Identifier: MIT
# One run per rate (--mode fresh), with trainers that print or log their losses: a shell script and
# an awk program. They descend on parabolas, so a rate above 2 diverges.
# shellcheck source=tests/cli/tap.sh
. "$(dirname "$0")/tap.sh"
begin "$@"

cat >train.awk <<'END'
# awk -f train.awk -v lr= -v steps= -v seed= [-v log_file=] [-v every=] [-v form=]
function show(k, loss) {
    if (form == "csv") return k "," loss
    if (form == "json") return "{\"step\": " k ", \"loss\": " (loss == "nan" ? "NaN" : loss) "}"
    return "step " k " (0.1 s) loss " loss ", accuracy 0.5"
}
BEGIN {
    srand(seed)
    a = b = 1
    every = every ? every : 1
    if (form == "csv") print "step,train_loss" > log_file
    for (k = 0; k < steps; k++) {
        loss = 0.5 * a * a + 0.1 * b * b + 0.01 * rand()
        a *= 1 - lr
        b *= 1 - 0.2 * lr
        if (loss > 1e12) loss = "nan"
        if (k % every) continue
        if (log_file) { print show(k, loss) > log_file; fflush(log_file) }
        else { print show(k, loss); fflush() }
    }
}
END
cat >train.sh <<'END'
# sh train.sh --lr X --steps N --seed N: a parabola in thousandths, since a shell counts in integers
while [ $# -gt 0 ]; do
    case $1 in --lr) lr=$2 ;; --steps) steps=$2 ;; --seed) seed=$2 ;; esac
    shift 2
done
milli=$(awk -v lr="$lr" 'BEGIN { printf "%d", lr * 1000 }')
w=1000000 k=0
while [ "$k" -lt "$steps" ]; do
    size=${w#-}
    [ "$size" -lt 1000000000000 ] || { echo "loss: inf"; exit 1; }
    echo "iteration $k loss: $((size / 1000)).$((100 + (seed * 7919 + k * 31) % 9))"
    w=$((w - w * milli / 1000))
    k=$((k + 1))
done
END
range=(--lr-min 1e-3 --lr-max 10 --rates 9 --plot none --quiet)
awk_trainer=(awk -f train.awk -v 'lr={lr}' -v 'steps={steps}' -v 'seed={seed}')

# near VALUE FACTOR JSON-FILE: max_lr
near() {
    awk -v want="$1" -v factor="$2" '/"max_lr": *\{/ { inside = 1 }
        inside && sub(/.*"value": */, "") { got = $0 + 0; exit }
        END { exit !(got >= want / factor && got <= want * factor) }' "$3"
}
rows() { grep -c '^[0-9]' "$1"; }

# ---- where the loss comes from
run sweep --mode fresh "${range[@]}" --steps 60 -o pattern --loss-pattern 'step {step} .*loss {loss}' \
    -- "${awk_trainer[@]}"
exits 0
says "max_lr"
says "90 % intervals from 3 repeats"
silent
check "max_lr is below the edge at 2, not far" near 1 2 pattern/bounds.json
check "27 runs" test "$(find pattern/runs -name '*.csv' | wc -l)" -eq 27
check "60 rows each" test "$(rows pattern/runs/000.csv)" -eq 60
check "a diverged run is ended early" test "$(rows pattern/runs/026.csv)" -lt 60
check "the manifest says the mode" grep -q '"mode":"fresh"' pattern/sweep.json

run bounds --plot none pattern/runs/*.csv
exits 0
says "90 % intervals from 3 repeats"

run sweep --mode fresh "${range[@]}" -o shell --repeats 1 --steps 30 --loss-pattern 'loss: {loss}' \
    -- sh train.sh --lr '{lr}' --steps '{steps}' --seed '{seed}'
exits 0
check "shell trainer" near 1 2 shell/bounds.json

for form in csv json; do
    run sweep --mode fresh "${range[@]}" -o "log-$form" --log '{dir}/run.log' -- \
        "${awk_trainer[@]}" -v form=$form -v every=4 -v 'log_file={dir}/run.log'
    exits 0
    check "$form log" near 1 2 "log-$form/bounds.json"
    check "$form log: every fourth step" test "$(rows "log-$form/runs/000.csv")" -eq 25
done

run sweep --mode fresh "${range[@]}" -o console -- "${awk_trainer[@]}" -v form=json
exits 0
check "output read as a log" near 1 2 console/bounds.json

# decimal commas and commas between thousands, by a pattern and without
sed 's/loss " loss ", accuracy/loss " comma(loss) " accuracy/; 1a function comma(x) { x = sprintf("%.5f", x); sub(/[.]/, ",", x); return x }' \
    train.awk >comma.awk
run sweep --mode fresh "${range[@]}" --steps 60 -o commas --loss-pattern 'step {step} .*loss {loss}' -- \
    awk -f comma.awk -v 'lr={lr}' -v 'steps={steps}' -v 'seed={seed}'
exits 0
check "decimal commas by a pattern" near 1 2 commas/bounds.json
check "a loss is not cut at its comma" grep -q '^0,0.001,0.60[0-9]*' commas/runs/000.csv
run sweep --mode fresh "${range[@]}" --steps 60 -o commas2 -- \
    awk -f comma.awk -v 'lr={lr}' -v 'steps={steps}' -v 'seed={seed}'
exits 0
check "decimal commas without one" near 1 2 commas2/bounds.json
sed 's/x = sprintf.*return x/return "1,234"/' comma.awk >either.awk
run sweep --mode fresh "${range[@]}" --steps 20 -o either --loss-pattern 'loss {loss}' -- \
    awk -f either.awk -v 'lr={lr}' -v 'steps={steps}' -v 'seed={seed}'
told 'the loss in line 1 of its output may be 1.234 or 1234'

# a log whose names and format lrprobe does not know
cat >odd.sh <<'END'
mkdir -p "$2" && awk -f train.awk -v lr="$1" -v steps=20 -v seed=1 -v form=csv -v log_file=/dev/stdout |
    sed 's/train_loss/wobble/' >"$2/log.txt"
END
odd=(sweep --mode fresh "${range[@]}" --repeats 1 --log '{dir}/log.txt')
run "${odd[@]}" -o odd --format csv --map loss=wobble -- sh odd.sh '{lr}' '{dir}'
exits 0
check "a column is the loss by --map" near 1 2 odd/bounds.json
check "the manifest keeps how logs are read" grep -q '"format":"csv"' odd/sweep.json
rm odd/runs/00[5-8].csv
run sweep --resume odd --plot none --quiet
exits 0
check "so that --resume reads them alike" near 1 2 odd/bounds.json
run "${odd[@]}" -o odd2 -- sh odd.sh '{lr}' '{dir}'
exits 3
told "no loss, but step, wobble"

# words of JSON, of awk and of the shell stay what they are
cat >words.sh <<'END'
x=5
echo "$1" | grep -q '^{"a":{"lr":[0-9.e-]*}} ${lr} {{lr}}$' || exit 3
[ "${x}" = 5 ] && exec awk -f train.awk -v lr="$2" -v steps=20 -v seed=1
END
# shellcheck disable=SC2016
run sweep --mode fresh "${range[@]}" --repeats 1 -o words --loss-pattern 'loss {loss}' -- \
    sh words.sh '{"a":{"lr":{lr}}} ${lr} {{lr}}' '{lr}'
exits 0

run sweep --mode fresh "${range[@]}" --data spirals --model mlp:8 --steps 50 -o builtin
check "the built-in trainer: an answer" test "$code" -le 1
check "its runs of one repeat begin alike" test "$(awk -F, '/^0,/ { print $6 }' builtin/runs/00[0369].csv |
    sort -u | wc -l)" -eq 1
check "and those of another otherwise" test "$(awk -F, '/^0,/ { print $6 }' builtin/runs/00[012].csv |
    sort -u | wc -l)" -eq 3
check "the report says what was swept" grep -q '| model | mlp:8 |' builtin/report.md
check "and the manifest keeps it" grep -q '"training examples":' builtin/sweep.json

# ---- gone on with
cp -r pattern resumed
rm resumed/runs/005.csv resumed/runs/010.csv
run sweep --resume resumed --plot none --quiet
exits 0
check "the same answer" cmp pattern/bounds.json resumed/bounds.json

# ---- what goes wrong
fresh=(sweep --mode fresh "${range[@]}")
refused 2 "is no regular expression" "${fresh[@]}" -o no --loss-pattern 'loss ([0-9' -- "${awk_trainer[@]}"
refused 2 "has no {lr}" "${fresh[@]}" -o no --loss-pattern 'loss {loss}' -- sh train.sh --lr 0.1
refused 2 "add --mode fresh" sweep -o no -- sh train.sh --lr '{lr}'
refused 2 "--loss-pattern is for --mode fresh" sweep -o no --loss-pattern 'loss {loss}' -- sh train.sh
refused 2 "--shape is for --mode inline" "${fresh[@]}" --shape linear -o no -- sh train.sh '{lr}'
refused 2 "exclude each other" "${fresh[@]}" -o no --log '{dir}/a' --loss-pattern '{loss}' -- x '{lr}' '{dir}'
refused 2 "names the same file" "${fresh[@]}" -o no --log run.csv -- sh train.sh --lr '{lr}'
refused 2 "not told that folder" "${fresh[@]}" -o no --log '{dir}/run.csv' -- sh train.sh --lr '{lr}'
# a typing error in --map is one of the data, with the columns that there are
run "${odd[@]}" -o typo --format csv --map loss=woble -- sh odd.sh '{lr}' '{dir}'
exits 3
told 'no column is called "woble"; there are'
refused 2 "--map is for --mode fresh" sweep -o no --map loss=x -- sh train.sh
refused 2 "NEW=OLD was expected" "${fresh[@]}" -o no --log '{dir}/a' --map loss -- x '{lr}' '{dir}'
refused 2 "blub" "${fresh[@]}" -o no --log '{dir}/a' --format blub -- x '{lr}' '{dir}'
refused 2 "are for logs" "${fresh[@]}" -o no --loss-pattern '{loss}' --format csv -- x '{lr}'
refused 2 "reports its losses itself" "${fresh[@]}" -o no --loss-pattern '{loss}' --data spirals
check "nothing was made" test ! -e no

# fails FOLDER TEXT ARGUMENT...: no answer, and the first line says why
fails() {
    local folder=$1 text=$2
    shift 2
    run "${fresh[@]}" -o "$folder" "$@"
    exits 4
    told "$text"
    check "nothing stands in the way of the next try" test ! -e "$folder"
}
fails f1 "matches none of its" --loss-pattern 'Loss={loss}' -- "${awk_trainer[@]}"
fails f2 "no losses were found in its output" -- sh -c 'echo hello' '{lr}'
fails f3 "exit status 3" --files in-place --loss-pattern 'loss {loss}' -- sh -c 'echo >>tries; echo no data >&2; exit 3' '{lr}'
check "not all of 27 runs were tried" test "$(wc -l <tries)" -lt 9
fails f4 "there is no log" --log '{dir}/log.csv' -- sh -c 'exit 0' '{lr}' '{dir}'
fails f5 "No such file" --loss-pattern 'loss {loss}' -- ./nothing '{lr}'
# the rate is in no word of the command, and the trainer follows no plan
run "${fresh[@]}" -o f6 -- awk -f train.awk -v lr=0.1 -v steps=20 -v form=json -v seed=1
exits 4
told "the same losses whatever the rate"
finish
