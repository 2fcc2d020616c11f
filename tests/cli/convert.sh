#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe convert`: any log as a clean run record.
. "$(dirname "$0")/tap.sh"
begin "$@"

# table: standard output without its comment lines; fact KEY VALUE: one of these
table() { grep -v '^#' out; }
is_table() { check "$shown: the table is right" test "$(table)" = "$1"; }
fact() { check "$shown: # $1: $2" grep -qxF -- "# $1: $2" out; }

refused 2 'needs a log' convert
refused 3 'cannot read' convert nowhere.csv
refused 2 'format' convert --format xml x.csv

# columns in our order under our names, others behind them; empty cells; nan and inf are data
printf '%s\n' 'val/dice,val_loss,Train Loss,epoch,lr' ',,2.5,1,1e-3' '0.5,3,nan,1,' ',,-inf,2,1e-3' >log.csv
run convert log.csv
exits 0
is_table "$(printf '%s\n' epoch,lr,loss,val_loss,val/dice 1,0.001,2.5,, 1,,nan,3,0.5 2,0.001,-inf,,)"
fact source log.csv
fact format csv
fact column.loss 'Train Loss'
check 'a name that is ours already is not explained' test "$(grep -c 'column.val_loss' out)" -eq 0

# what was written is read again as what it was
"$lrprobe" convert log.csv -o clean.csv >out 2>err
check '-o FILE: nothing on standard output' test ! -s out
run convert clean.csv
is_table "$(grep -v '^#' clean.csv)"
fact column.loss 'Train Loss'
run convert log.csv -o no/such/folder.csv
exits 4
one_line 'no/such/folder.csv'

# rows and columns in which nothing was measured
printf '%s\n' step,loss,empty 0,1, 1,, 2,0.5, >gaps.csv
run convert gaps.csv
is_table "$(printf '%s\n' step,loss 0,1 2,0.5)"

# names that CSV and a terminal need care with
printf '%s\n' 'step,loss,"a,""b""",#c' 0,1,2,3 1,1,2,3 >'x
# step: 7.csv'
run convert ./*7.csv
shown='lrprobe convert of a file whose name has a newline'
is_table "$(printf '%s\n' 'step,loss,"a,""b""","#c"' 0,1,2,3 1,1,2,3)"
check 'a file name cannot begin a line' test "$(grep -c '^# step' out)" -eq 0

# JSON
run convert --json log.csv
exits 0
check 'JSON is right' python3 - <<'P'
import json
text = json.load(open('out'))
run = text['runs'][0]
assert text['schema'] == 'lrprobe.record/1' and run['format'] == 'csv' and run['rows'] == 3, run
assert run['columns']['loss'] == [2.5, None, None] and run['columns']['val_loss'] == [None, 3, None]
assert run['nonfinite'] == [{'column': 'loss', 'row': 1, 'value': 'nan'},
                            {'column': 'loss', 'row': 2, 'value': '-inf'}], run['nonfinite']
assert run['names'] == {'loss': 'Train Loss'}, run['names']
P

# several runs side by side: the first, another one, all; several files
printf '%s\n' 'Step,a - loss,b - train/loss' 0,1,2 1,3,4 2,,5 >runs.csv
run convert runs.csv
exits 0
is_table "$(printf '%s\n' step,loss 0,1 1,3)"
fact run a
told 'there are 2 runs in it: the first, a, is taken; --run N or --run all takes others'
for wanted in 2 b last; do
    run convert runs.csv --run "$wanted"
    is_table "$(printf '%s\n' step,loss 0,2 1,4 2,5)"
    fact run b
    silent
done
run convert runs.csv --run all
is_table "$(printf '%s\n' step,loss,repeat 0,1,1 1,3,1 0,2,2 1,4,2 2,5,2)"
fact 1.run a
fact 2.column.loss 'b - train/loss'
refused 3 'no run is called "c"; there are a, b' convert runs.csv --run c
cp out all.csv
run convert gaps.csv runs.csv nowhere.csv
exits 0
told 'nowhere.csv'
is_table "$(printf '%s\n' step,loss,repeat 0,1,1 2,0.5,1 0,1,2 1,3,2)"
fact 2.source runs.csv

# --map and --quiet
run convert --map loss=val/dice log.csv --quiet
is_table "$(printf '%s\n' 'epoch,lr,loss,val_loss,Train Loss' 1,0.001,,,2.5 1,,0.5,3,nan 2,0.001,,,-inf)"
silent
finish
