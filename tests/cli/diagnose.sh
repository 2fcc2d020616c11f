#!/bin/bash
# SPDX-License-Identifier: MIT
# lrprobe diagnose from outside: words, data, exit codes, bad input.
. "$(dirname "$0")/tap.sh"
begin "$@"

good() { # SEED: falls and stays
    awk -v seed="$1" 'BEGIN { srand(seed); print "step,loss,lr"
        for (k = 0; k < 400; k++) printf "%d,%.9g,0.1\n", k, 0.2 + 2 * exp(-k / 30) + 0.02 * rand() }'
}
diverging() { # falls, then rises without end
    awk 'BEGIN { srand(5); print "step,loss,lr"
        for (k = 0; k < 400; k++) printf "%d,%.9g,0.3\n", k,
            0.2 + 2 * exp(-k / 30) + 0.02 * rand() + (k > 250 ? exp((k - 250) / 25) - 1 : 0) }'
}
good 1 >good.csv
diverging >bad.csv

# ---- one run --------------------------------------------------------------------------------------
run diagnose good.csv
exits 0
silent
says 'healthy'
says 'pass'
run diagnose bad.csv
exits 1
silent
says 'diverged'
says 'FAIL'
says 'try: '
check 'the first line is the verdict' grep -q '^diverged  D' <(head -1 out)
check 'no colour in a file' test "$(grep -c $'\033' out)" -eq 0
run diagnose bad.csv --fail-on never
exits 0
run diagnose bad.csv --quiet
exits 1
check '--quiet: one line' test "$(wc -l <out)" -eq 1
run diagnose - --quiet <bad.csv
"$lrprobe" diagnose - --quiet <bad.csv >from_input 2>err
check 'standard input gives the same' cmp -s from_input <("$lrprobe" diagnose bad.csv --quiet)
run diagnose bad.csv --plot svg
exits 1
check '--plot svg: a picture' grep -q '<svg' out
told 'diverged'

# ---- advice ---------------------------------------------------------------------------------------
run diagnose bad.csv
says 'from 0.3 to about 0.1'
spiky() { # falls slowly, and has spikes
    awk 'BEGIN { srand(6); print "step,loss,lr"
        for (k = 0; k < 2000; k++) printf "%d,%.9g,0.1\n", k,
            (0.3 + 2 * exp(-k / 1200)) * (1 + 0.03 * (rand() - 0.5)) * (k % 90 == 60 ? 5 : 1) }'
}
spiky >spiky.csv
run diagnose spiky.csv
exits 1
says 'spikes  K1'
says 'P1  slow convergence'
check 'no higher rate against spikes' test "$(grep -c 'Raise the learning rate' out)" -eq 0
awk -F, 'NR == 1 || $1 % 90 != 60' spiky.csv >slow.csv
run diagnose slow.csv
says 'slow  P1'
says 'Raise the learning rate from 0.1 to about 0.3'
awk -F, -v OFS=, 'NR > 900 { $2 += 1 } { print }' slow.csv >shifted.csv
run diagnose shifted.csv
says 'D3  ended above its best'
check 'what stepped up has not stood still' test "$(grep -c 'stands still' out)" -eq 0
check 'steps are told as they were logged' test "$(grep -c 'step [0-9]*\.[0-9]' out)" -eq 0
awk -F, -v OFS=, 'NR > 1 { $1 += 12345678 } { print }' shifted.csv >late.csv
run diagnose late.csv --plot none
check 'steps are told with all digits' eval 'grep -q "step 12346[0-9][0-9][0-9]" out && ! grep -q "e+07" out'

flat() { # WHAT IS ADDED AT THE END
    awk -v more="$1" 'BEGIN { srand(7); print "step,loss,lr"
        for (k = 0; k < 300; k++) printf "%d,%.9g,0.1\n", k, 2.3 + 0.01 * rand() + (k > 200 ? more : 0) }'
}
flat 0 >flat.csv
run diagnose flat.csv
says 'not-learning  D1'
says 'Try a learning rate of 1 and one of 0.01 instead of 0.1'
flat 0.1 >up.csv
run diagnose up.csv
says 'not-learning  D1'
says 'Lower the learning rate: try 0.01, then 0.001 instead of 0.1'

# ---- JSON -----------------------------------------------------------------------------------------
run diagnose bad.csv good.csv --json --quiet
exits 1
silent
for word in '"lrprobe.diagnosis/1"' '"source":"bad.csv"' '"verdict":"diverged"' '"verdict":"healthy"' '"primary":null' \
    '"status":"not-assessed"' '"first_step"' '"needs"'; do
    says "$word"
done
check 'JSON has no nan' test "$(grep -cE '(nan|inf),?$' out)" -eq 0
if command -v python3 >/dev/null; then
    check 'it is valid JSON' python3 -c 'import json, sys
runs = json.load(open("out"))["runs"]
assert [r["source"] for r in runs] == ["bad.csv", "good.csv"]
assert all(set(c) == {"id", "title", "status", "value", "threshold", "evidence", "first_step", "last_step", "advice", "needs"}
           for r in runs for c in r["checks"])'
    "$lrprobe" diagnose none.csv --json >out 2>err
    check 'JSON without a run is valid' python3 -c 'import json; assert json.load(open("out"))["runs"] == []'
else
    skip 'no python3: JSON'
fi

# ---- many runs ------------------------------------------------------------------------------------
mkdir -p many/deep/er many/.hidden
for k in 1 2 10; do good $k >many/run$k.csv; done
diverging >many/deep/er/bad.csv
diverging >many/.hidden/bad.csv
diverging >many/.bad.csv
printf '\x89PNG\r\n\x1a\n' >many/picture.png
ln -s .. many/deep/loop
ln -s nowhere many/deep/dangling
run diagnose many
exits 1
told 'note: 1 file in folders left out'
says '4 runs: 1 diverged, 3 healthy'
says 'in many/'
check 'the worst comes first' grep -q '^diverged .*deep/er/bad.csv' <(sed -n 3p out)
check 'names in the order of their numbers' eval 'sed -n "4,6p" out | grep -o "run[0-9]*" | tr "\n" " " | grep -qx "run1 run2 run10 "'
run diagnose many --quiet
silent
check '--quiet: the lines alone' test "$(wc -l <out)" -eq 4
run diagnose many --csv --quiet
exits 1
check 'CSV: a header and a line a run' test "$(wc -l <out)" -eq 5
says 'source,format,rows,verdict,primary,fail,warn,info,pass,not_assessed,first_loss,final_loss,lr,reason'
says '"many/run10.csv",csv,400,healthy,,0,0,'
run diagnose many/run1.csv many/run2.csv
exits 0
run diagnose many/run1.csv many/deep/er/bad.csv --fail-on never
exits 0
run diagnose many/run1.csv none.csv
exits 0
one_line 'none.csv'
run diagnose none.csv neither.csv
exits 3
check 'each bad file is named' test "$(wc -l <err)" -eq 2
run diagnose many/picture.png good.csv
exits 0
one_line 'PNG'
{ echo repeat,step,loss; for k in 1 2; do good $k | sed -n "2,\$s/,0.1\$//;2,\$s/^/$k,/p"; done; } >pooled.csv
run diagnose pooled.csv
says 'pooled.csv (repeat 2)'
says '2 runs: 2 healthy'

# a run of MLflow is a folder; one that is only called so is walked
mkdir -p flow/run/metrics flow/other/metrics
for name in loss val_loss; do
    awk -F, 'NR > 1 { print "17000000000", $2, $1 }' good.csv >flow/run/metrics/$name
done
cp good.csv flow/other/metrics/
run diagnose flow
exits 0
silent
says '2 runs: 2 healthy'
check 'the folder is the run' grep -qE '^healthy .* run/metrics ' out
run diagnose flow/run/metrics
check 'alone it is told at length' grep -q '^healthy' <(head -1 out)

# ---- reports --------------------------------------------------------------------------------------
run diagnose bad.csv -o report --title 'My & run'
exits 1
says 'report    report/report.html'
for file in diagnosis.json report.html report.md plots/loss.svg plots/loss.gp plots/loss.dat plots/divergence.svg; do
    check "report/$file is there" test -s "report/$file"
done
check 'the title is in the page, escaped' grep -q '<h1>My &amp; run</h1>' report/report.html
check 'the divergence has its section with a picture' eval 'sed -n "/id=.divergence/,/<h2/p" report/report.html | grep -q "<svg"'
check 'what was looked at without a finding is told too' grep -q 'Looked at, nothing found' report/report.html
check 'the page needs nothing from outside' test "$(grep -cE '<(script|link|img|iframe|object)|url\((http|/)|src=' report/report.html)" -eq 0
check 'diagnosis.json is what --json prints' cmp -s report/diagnosis.json <("$lrprobe" diagnose bad.csv --json --quiet)
check 'no temporary file is left' test -z "$(find report -name '*.tmp')"
run diagnose many -o overview
exits 1
for file in diagnosis.json report.html report.md runs.csv runs/001.html runs/004.html; do
    check "overview/$file is there" test -s "overview/$file"
done
check 'the overview links to the pages' grep -q '<a href="runs/001.html">' overview/report.html
check 'a page links back' grep -q '<a href="../report.html">' overview/runs/001.html
check 'the first page is the worst run' grep -q '<h1>bad.csv</h1>' overview/runs/001.html
check 'runs.csv is what --csv prints' cmp -s overview/runs.csv <("$lrprobe" diagnose many --csv --quiet 2>err)
run diagnose none.csv -o nothing
exits 3
check 'without a run there is no diagnosis.json' test ! -e nothing/diagnosis.json
mkdir -p bin
PATH=$place/bin "$lrprobe" diagnose bad.csv -o plain --fail-on never >out 2>err </dev/null
code=$?
shown='PATH without gnuplot: diagnose -o plain'
exits 5
told gnuplot
says diverged
for file in diagnosis.json report.html report.md plots/loss.gp plots/loss.dat; do
    check "without gnuplot: plain/$file is there" test -s "plain/$file"
done
PATH=$place/bin "$lrprobe" diagnose bad.csv -o plain --fail-on never --plot none >out 2>err </dev/null
code=$?
shown='the same with --plot none'
exits 0
touch taken
refused 4 'taken' diagnose good.csv -o taken

# ---- on a terminal --------------------------------------------------------------------------------
# a root without /dev/pts has no pseudo-terminals
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    on_terminal() { # COLUMNS COMMAND LINE
        script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r' >out 2>err
    }
    shown='on a terminal'
    on_terminal 100 "env -u NO_COLOR '$lrprobe' diagnose many"
    check 'colours on a terminal' grep -q $'\033\\[1;31mdiverged' out
    on_terminal 100 "NO_COLOR=1 '$lrprobe' diagnose many"
    check 'none with NO_COLOR' test "$(grep -c $'\033' out)" -eq 0
    for columns in 60 80 130; do
        on_terminal $columns "NO_COLOR=1 '$lrprobe' diagnose many"
        check "the table keeps to $columns columns" test "$(wc -L <out)" -le "$columns"
        on_terminal $columns "NO_COLOR=1 '$lrprobe' diagnose bad.csv"
        check "one run keeps to $columns columns" test "$(wc -L <out)" -le "$columns"
    done
else
    skip 'no pseudo-terminals'
fi

# ---- stopping -------------------------------------------------------------------------------------
mkfifo pipe
{ sleep 1; kill -INT "$(cat pid)"; sleep 0.2; cat good.csv >pipe; } &
bash -c 'echo $$ >pid; exec "$1" diagnose good.csv pipe good.csv bad.csv --json' - "$lrprobe" >out 2>err
code=$?
shown='Ctrl-C between logs'
exits 130
check 'the JSON is whole' grep -qx '}' <(tail -1 out)
check 'what came after it was not read' test "$(grep -c '"source":"bad.csv"' out)" -eq 0
wait

# ---- the checklist --------------------------------------------------------------------------------
run list checks
exits 0
says 'D1   '
says 'D1.ratio=0.95'
run list checks --json
says '"id":"D1"'
says '"params":['

# ---- options --------------------------------------------------------------------------------------
refused 2 'needs a log' diagnose
refused 2 'there is no log format "nonsense"; there are' diagnose good.csv --format nonsense
refused 2 'NEW=OLD' diagnose good.csv --map loss
refused 2 'fail-on' diagnose good.csv --fail-on maybe
refused 2 'no check is called' diagnose good.csv --set X9.y=1
refused 2 'CHECK.PARAMETER=VALUE' diagnose good.csv --set nonsense
# shellcheck disable=SC2046
refused 2 'more than 64' diagnose good.csv $(for k in $(seq 65); do echo --set D1.ratio=0.9; done)
refused 2 'from 0.5 to 2' diagnose good.csv --set D1.ratio=7
refused 2 'both' diagnose good.csv --csv --json
refused 2 'single run' diagnose many --plot svg
refused 3 'none.json' diagnose good.csv --bounds none.json
refused 3 'lrprobe.bounds/1' diagnose good.csv --bounds <(echo '{}')
refused 3 'none.csv' diagnose good.csv --baseline none.csv
run diagnose good.csv --set D1.ratio=0.5 --set D1.dip=0.5 --fail-on warn
exits 0
sed 's/loss/quality/' good.csv >quality.csv
refused 3 'metric' diagnose quality.csv
run diagnose quality.csv --map loss=quality
exits 0
says healthy
refused 3 'nonsense' diagnose good.csv --map loss=nonsense
run diagnose many --family
exits 1
says '4 runs'

# ---- bad input ------------------------------------------------------------------------------------
mkdir empty
refused 3 'no training log' diagnose empty
head -c 3000 /dev/urandom | tr '\n' 'x' >garbage
refused 3 'garbage' diagnose garbage
echo '<!DOCTYPE html><html><body>404</body></html>' >page.html
refused 3 'HTML' diagnose page.html
refused 3 'a result of lrprobe' diagnose report/diagnosis.json
mkdir -p again && cp good.csv report/diagnosis.json again
run diagnose again
exits 0
told 'note: 1 file in folders left out'
echo 'step,loss' >header.csv
refused 3 'header.csv' diagnose header.csv
: >nothing.csv
refused 3 'empty' diagnose nothing.csv
printf 'step,loss\n0,1.5\n' >one.csv
refused 3 'single row' diagnose one.csv
printf 'step,loss\n0,1.5\n1,1.4\n' >two.csv
run diagnose two.csv
exits 0
says undecided
printf 'step,loss\n0,nan\n' >one_nan.csv
run diagnose one_nan.csv
exits 1
says non-finite
for value in 0x1p3 'nan(abc)' '"1,5"'; do # alone among good rows: left out, with a note
    awk -v value="$value" '{ if (NR == 200) sub(/,[^,]*,/, "," value ","); print }' good.csv >number.csv
    run diagnose number.csv
    exits 0
    told 'line 200'
    says healthy
done
awk '{ if (NR == 200) sub(/,[^,]*,/, ",1e999,"); print }' good.csv >number.csv
run diagnose number.csv
exits 1
says 'infinite at step 198'

# ---- one screen -----------------------------------------------------------------------------------
run diagnose bad.csv --plot dumb
exits 1
check 'verdict, evidence, plot and what to try fit 40 lines' test "$(wc -l <out)" -le 40
says 'try: '
says '--all says why'
check 'what was not assessed is one line' test "$(grep -c 'there is no val_loss' out)" -eq 0
run diagnose bad.csv --all
says 'there is no val_loss'
for name in cut1 cut2 cut3; do { cat good.csv; printf '5000,0.'; } >"$name.csv"; done
run diagnose cut1.csv cut2.csv cut3.csv
check 'a note of many runs is printed once' test "$(grep -c '^note: ' err)" -eq 1
told 'note: the last line was cut off and left out (3 runs, the first is cut1.csv)'
mkdir locked && good 1 >locked/good.csv && chmod 0 locked
if [ -r locked ]; then
    skip 'root reads everything'
else
    refused 3 'locked' diagnose locked
fi
chmod 755 locked
"$lrprobe" diagnose many >/dev/full 2>err
code=$?
shown='diagnose to a full disk'
exits 4
"$lrprobe" diagnose many --json --quiet >/dev/full 2>err
code=$?
exits 4
finish
