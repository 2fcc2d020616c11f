#!/bin/bash
# SPDX-License-Identifier: MIT
# --line-pattern: printed lines in a way of the user's own, for convert, diagnose and bounds.
. "$(dirname "$0")/tap.sh"
begin "$@"

table() { grep -v '^#' out; }
is_table() { check "$shown: the table is right" test "$(table)" = "$1"; }

printf '%s\n' 'At epoch 1 we had: e 2.5; held out .75' 'a checkpoint was written' \
    'At epoch 2 we had: e 1,25; held out nan' 'At epoch 3 we had: e 1.125; held out 0.5' >own.log
run convert --line-pattern 'epoch {epoch} .* e {loss}; held out {val_loss}' own.log
exits 0
is_table "$(printf '%s\n' epoch,loss,val_loss 1,2.5,0.75 2,1.25,nan 3,1.125,0.5)"
# a name that is not ours, and a map to it
run convert --line-pattern 'epoch {epoch} .* e {e};' --map loss=e own.log
is_table "$(printf '%s\n' epoch,loss 1,2.5 2,1.25 3,1.125)"
# two kinds of line in one expression
printf '%s\n' 'T 1 2.5' 'V 3' 'T 2 2' 'V 2.5' >two.log
run convert --line-pattern '^T {step} {loss}|^V {val_loss}' two.log
is_table "$(printf '%s\n' step,loss,val_loss 1,2.5,3 2,2,2.5)"

run diagnose --json --line-pattern 'epoch {epoch} .* e {loss};' own.log
check 'diagnose reads three rows' grep -q '"rows": *3' out
for k in $(seq 0 60); do
    awk -v k="$k" 'BEGIN { r = 1e-5 * 10 ^ (k / 12); print "rate", r, "gives", 1 + 1.3 / (1 + r * 1e3) + (r > 0.1) * r * 50 }'
done >sweep.log
run bounds --json --line-pattern 'rate {lr} gives {loss}' sweep.log
check 'bounds reads a sweep' grep -q '"outcome": *"ok"' out

refused 2 'regular expression' convert --line-pattern 'epoch (' own.log
refused 2 'no name in braces' convert --line-pattern 'epoch' own.log
refused 2 'twice' convert --line-pattern '{loss} {loss}' own.log
refused 2 'does not go with it' convert --format csv --line-pattern '{loss}' own.log
refused 3 'no line matches' convert --line-pattern 'nothing {loss}' own.log
# a text without a known name says which names it has
printf '%s\n' 'cheese 5 bread=6' 'cheese 6 bread=7' >unknown.log
run convert --format text unknown.log
exits 3
finish
