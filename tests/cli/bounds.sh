#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe bounds`: logs of all kinds, and those that are none.
. "$(dirname "$0")/tap.sh"
begin "$@"

# sweep SEED: a loss that falls from 2.3 to 0.3 around 10^-2 and rises beyond 10^-0.5
sweep() {
    awk -v seed="$1" 'BEGIN { srand(seed); print "lr,loss"
        for (k = 0; k < 150; k++) { x = -5 + 6 * k / 149
            printf "%.9g,%.9g\n", 10 ^ x,
                0.3 + 2 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12) + 0.05 * (rand() - 0.5) } }'
}
for k in 1 2 3; do sweep $k >$k.csv; done

run bounds 1.csv 2.csv 3.csv
exits 0
says 'base_lr'
says 'max_lr'
says 'one rate'
says 'fastai_valley'
run bounds 1.csv 2.csv 3.csv --quiet --plot none
exits 0
silent
check "$shown: no plot" test "$(grep -c '\*\*\|--+' out)" -eq 0

run bounds 1.csv 2.csv 3.csv --json
exits 0
cp out whole.json
if command -v python3 >/dev/null; then
    check "$shown: JSON" python3 -m json.tool out /dev/null
fi
says '"schema"'
says 'lrprobe.bounds/1'

# the same in other clothes gives the same
cat 1.csv | gzip >1.csv.gz
run bounds 1.csv.gz 2.csv 3.csv --json
check 'a .gz gives the same' cmp -s out whole.json
"$lrprobe" bounds - 2.csv 3.csv --json <1.csv >out 2>err
check 'standard input gives the same' cmp -s out whole.json
sed 's/,/;/' 1.csv >semicolons.csv
run bounds semicolons.csv 2.csv 3.csv --json
check 'semicolons give the same' cmp -s out whole.json
{ printf '\357\273\277# made by hand\r\n'; sed 's/$/\r/' 1.csv; } >windows.csv
run bounds windows.csv 2.csv 3.csv --json
check 'BOM, comment and CRLF give the same' cmp -s out whole.json
awk -F, 'NR > 1 { printf "%s{\"lr\": %s, \"loss\": %s}", n++ ? ",\n" : "[", $1, $2 } END { print "]" }' 1.csv >1.json
run bounds 1.json 2.csv 3.csv --json
check 'JSON rows give the same' cmp -s out whole.json
{ echo repeat,lr,loss; for k in 1 2 3; do sed -n "2,\$s/^/$k,/p" $k.csv; done; } >pooled.csv
run bounds pooled.csv --json
check 'a pooled file gives the same' cmp -s out whole.json

# --format and --map as in diagnose; rows of one step are one row
awk -F, 'NR == 1 { print "objective,rate" } NR > 1 { print $2 "," $1 }' 1.csv >other.csv
run bounds 1.csv --json
cp out one.json
run bounds other.csv --json --map loss=objective --map lr=rate
check '--map gives the same' cmp -s out one.json
run bounds 1.csv --map loss=objective --map lr=rate
exits 3
told 'no column is called "objective"; there are lr, loss'
run bounds 1.json 2.csv 3.csv --format json
exits 0
told '2.csv'
run bounds 1.csv --format csvv
exits 2
told 'csvv'
run bounds 1.csv --map loss
exits 2
told 'NEW=OLD'
run bounds 1.csv --map loss=nothere
exits 3
told 'nothere'
awk -F, 'NR == 1 { print "step,lr,loss,val_loss" }
    NR > 1 { k = NR - 2; printf "%d,%s,,%s\n%d,%s,%s,\n", k, $1, $2, k, $1, $2 }' 1.csv >twice.csv
awk -F, 'NR == 1 { print "step,lr,loss,val_loss" }
    NR > 1 { printf "%d,%s,%s,%s\n", NR - 2, $1, $2, $2 }' 1.csv >once.csv
# steps that go back are no resumed run here: a sweep's rows stand in the order of their rates
run bounds 1.csv --json
cp out plain.json
awk -F, 'NR == 1 { print "step,lr,loss" } NR > 1 { print 1000 - NR "," $1 "," $2 }' 1.csv >falling.csv
run bounds falling.csv --json
exits 0
# of the steps only the last one is known to the record
check 'steps that count down give the same' eval "grep -v '\"steps\"' out | cmp -s - <(grep -v '\"steps\"' plain.json)"
awk -F, 'NR == 1 { print "step,lr,loss" } NR > 1 { print (NR - 2) % 30 "," $1 "," $2 }' 1.csv >restarts.csv
run bounds restarts.csv --json
check 'steps that start again and again give the same' cmp -s out plain.json
run bounds once.csv --json
cp out once.json
run bounds twice.csv --json
check 'two rows of one step are read as one' cmp -s out once.json

# nothing that is no finite number moves the bounds before it
{ cat 1.csv; printf '11,nan\n12,inf\n13,NaN\n'; } >tail.csv
run bounds tail.csv 2.csv 3.csv --json
check 'there is a base_lr to compare' grep -q '"base_lr":{' whole.json
check 'a tail of NaN leaves base_lr and max_lr' test \
    "$(grep -A1 '"base_lr":{' out | tail -1)" = "$(grep -A1 '"base_lr":{' whole.json | tail -1)"

# outcomes other than ok: exit 1 and a sentence
head -12 1.csv >short.csv
run bounds short.csv
exits 1
says 'flat'
head -4 1.csv >tiny.csv
run bounds tiny.csv
exits 1
says 'too-short'
awk 'BEGIN { srand(1); print "lr,loss"; for (k = 0; k < 100; k++) print 10 ^ (-5 + k / 20) "," 1 + rand() / 10 }' >flat.csv
run bounds flat.csv
exits 1
head -90 1.csv >left.csv
run bounds left.csv --json
exits 1
says 'did-not-diverge'

# what is no log: one line, exit 3
refused 3 'No such file' bounds missing.csv
mkdir folder
refused 3 'directory' bounds folder
: >empty.csv
refused 3 'empty' bounds empty.csv
printf 'lr,loss\n' >header.csv
refused 3 'header.csv' bounds header.csv
printf 'lr,loss\n0.1,2\n0.2\n' >ragged.csv
run bounds ragged.csv
check "$shown: exit 1 or 3" test "$code" -eq 3 -o "$code" -eq 1
printf 'a,b\n1,2\n3,4\n' >other.csv
refused 3 'lr' bounds other.csv
printf 'lr,b\n1,2\n3,4\n' >noloss.csv
refused 3 'loss' bounds noloss.csv
head -c 2000 /dev/urandom >noise.csv
run bounds noise.csv
exits 3
one_line ''
gzip -c 1.csv | head -c 300 >cut.csv.gz
run bounds cut.csv.gz
check "$shown: exit 3, or a note that it is cut" test "$code" -eq 3 -o -s err
printf '[{"lr": 0.1, "loss": 2},\n{"lr": 0.2, "loss"' >cut.json
run bounds cut.json
check "$shown: exit 1 or 3" test "$code" -eq 3 -o "$code" -eq 1
printf '{"lr": [1,2], "loss": {}}\n' >types.json
run bounds types.json
exits 3

# one bad file among good ones is told and left out
run bounds 1.csv missing.csv 2.csv 3.csv --json
told 'missing.csv'
check "$shown: the others still count" grep -q '"outcome": *"ok"' out

# the report
run bounds 1.csv 2.csv 3.csv -o report --plot none
exits 0
for file in bounds.json report.md report.html plots/loss.svg plots/loss.gp plots/loss.dat plots/slope.svg; do
    check "report/$file is there" test -s "report/$file"
done
check 'bounds.json is what --json prints' cmp -s report/bounds.json whole.json
run bounds 1.csv 2.csv 3.csv -o err/sub --quiet --plot none
exits 4
one_line 'err/sub'
says 'max_lr' # the answer is not lost with the folder
for kind in svg png pdf; do
    run bounds 1.csv --plot $kind --quiet
    exits 0
    check "$shown: a picture" test "$(wc -c <out)" -gt 1000
    check "$shown: and nothing else" test ! -s err
done
run bounds 1.csv --plot svg
check "$shown: the words on standard error" grep -q 'max_lr' err
# a root without /dev/pts has no pseudo-terminals
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    script -qec "'$lrprobe' bounds 1.csv --plot png" /dev/null </dev/null >out 2>err
    check 'bounds --plot png: no picture into a terminal' test "$(grep -c PNG out)" -eq 0
    check 'bounds --plot png into a terminal: the words' grep -q 'max_lr' out
fi

# the command in the report can be pasted into a shell
cp 1.csv "it's 1.csv"
run bounds "it's 1.csv" --metric loss -o quoted --plot none
check "$shown: quoted, with its options" grep -qF 'lrprobe bounds &#39;it&#39;\&#39;&#39;s 1.csv&#39; --metric loss -o quoted' quoted/report.html
# without gnuplot: exit 5, and all the rest is there
mkdir -p bin
shown='PATH without gnuplot: bounds -o plain'
PATH=$place/bin "$lrprobe" bounds 1.csv 2.csv 3.csv -o plain >out 2>err </dev/null
code=$?
exits 5
told 'gnuplot'
check "$shown: told once" test "$(grep -c gnuplot err)" -eq 1
says 'max_lr'
for file in bounds.json report.md report.html plots/loss.gp plots/loss.dat; do
    check "without gnuplot: plain/$file is there" test -s "plain/$file"
done

# a full disk is told
"$lrprobe" bounds 1.csv --plot none >/dev/full 2>err
code=$?
shown='bounds to a full disk'
exits 4
one_line 'space'
# a reader that goes away is no trouble
"$lrprobe" bounds 1.csv 2>err | head -1 >/dev/null
shown='bounds | head'
silent
finish
