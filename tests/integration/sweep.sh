#!/bin/sh
# SPDX-License-Identifier: MIT
# `lrprobe sweep` from outside: what it leaves behind, its exit codes, its end.
#   sweep.sh LRPROBE
set -u
lrprobe=$(realpath "$1")
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
cd "$place" || exit 1
failures=0

fail() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}
# expect CODE TEXT COMMAND...: exit code, and a part of standard error
expect() {
    code=$1
    text=$2
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    [ "$got" -eq "$code" ] || fail "exit $got, not $code: $* ($(tail -n 2 err))"
    grep -qF -- "$text" err || fail "no '$text' in: $(cat err) ($*)"
}
small="--data spirals --model mlp:16 --optimizer momentum --batch-size 32 --plot none"
sweep() {
    # shellcheck disable=SC2086 # the words of $small
    "$lrprobe" sweep $small "$@"
}

# everything that is promised is there
sweep --seed 3 --repeats 3 --steps 100 --jobs 1 -o one --quiet >/dev/null 2>err
code=$?
[ "$code" -eq 0 ] || [ "$code" -eq 1 ] || fail "a plain sweep ended with $code: $(cat err)"
for file in sweep.json bounds.json report.md report.html plans/000.csv runs/000.csv \
    runs/003.csv logs/003.out logs/003.err; do
    [ -e "one/$file" ] || fail "no $file"
done

# the seed decides, the number of jobs does not
sweep --seed 3 --repeats 3 --steps 100 --jobs 2 -o two --quiet >/dev/null 2>err
without_time() { # the columns but time_s, and no comment lines
    awk -F, '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == "time_s") t = i }
             { for (i = 1; i <= NF; i++) if (i != t) printf "%s,", $i; print "" }' "$1"
}
for file in one/runs/*.csv; do
    other=two/runs/${file##*/}
    [ "$(without_time "$file")" = "$(without_time "$other")" ] || fail "$file and $other differ"
done

# mistakes: one line, the right code, nothing made
expect 2 "holds a sweep already" sweep -o one
expect 2 "lr-max" sweep --lr-min 1 --lr-max 0.1 -o wrong
expect 2 "steps" sweep --steps 0 -o wrong
expect 2 "repeats" sweep --repeats 0 -o wrong
expect 2 "model" "$lrprobe" sweep --data spirals --model mlq:3 -o wrong
expect 3 "no-such-file.csv" "$lrprobe" sweep --data no-such-file.csv -o wrong
expect 4 "err/sub" sweep -o err/sub
expect 2 "takes options only" sweep file.csv -o wrong
[ ! -e wrong ] || fail "a mistake left a folder"

# any command is a trainer: gradient descent on a parabola of curvature 4, that diverges above 0.5
cat >parabola.awk <<'EOF'
BEGIN {
    plan = ENVIRON["LRPROBE_PLAN"]; report = ENVIRON["LRPROBE_REPORT"]
    srand(ENVIRON["LRPROBE_SEED"] + 0); w = 1 + 0.1 * (rand() - 0.5)
    print "step,lr,loss" >>report
    getline line <plan
    while ((getline line <plan) > 0) {
        split(line, field, ",")
        printf "%d,%s,%.17g\n", field[1], field[2], 0.1 + w * w + 0.002 * (rand() - 0.5) >>report
        fflush(report)
        if (PAUSE != "") system(PAUSE)
        w -= field[2] * 4 * w
        if (w * w > 1e30) exit
    }
}
EOF
"$lrprobe" sweep --seed 3 --repeats 3 -o command --plot none -- awk -f parabola.awk >out 2>err </dev/null
code=$?
[ "$code" -eq 0 ] || fail "a command as the trainer ended with $code: $(cat err)"
grep -q '"external": *true' command/sweep.json || fail "the manifest does not know the command"
awk -F'[:,]' '/"max_lr":\{/ { getline; exit !($2 > 0.05 && $2 < 0.6) }' command/bounds.json ||
    fail "max_lr of the parabola: $(grep -A1 max_lr command/bounds.json)"
# what its record tells is told: facts, other rates than planned, an end of its own
"$lrprobe" sweep --repeats 2 --steps 40 -o facts --plot none -- sh -c 'echo "# network: <b>tiny</b>
step,lr,loss" >>"$LRPROBE_REPORT"; awk -F, "NR > 1 { r = NR == 9 ? 7 : \$2; print \$1 \",\" r \",\" 1 / NR; fflush() }" \
    "$LRPROBE_PLAN" >>"$LRPROBE_REPORT"' >out 2>err </dev/null
grep -q 'network.*&lt;b&gt;tiny' facts/report.html || fail "a fact of the trainer is not in the report"
grep -q "1 of 40 steps were made at other rates than planned, first step 7 at 7" facts/sweep.json ||
    fail "other rates than planned: $(grep -A3 events facts/sweep.json)"
# what a failed repeat printed last, and what a trainer wants to be known
"$lrprobe" sweep --repeats 3 --seed 3 -o note --plot none -- sh -c 'echo "# note: the <second> optimizer was chosen" \
    >>"$LRPROBE_REPORT"; [ $LRPROBE_SEED -ne 5 ] || { printf "\033[1mTraceback\n  <no> memory\n"; exit 3; }; awk -f parabola.awk' \
    >out 2>err </dev/null
for text in "<li>the &lt;second&gt; optimizer was chosen" "Traceback" "&lt;no&gt; memory" "exit status 3"; do
    grep -qF -- "$text" note/report.html || fail "no '$text' in the report"
done
grep -q '^<no> memory' note/report.md || fail "report.md: $(grep -A5 Last note/report.md)"
! grep -q "$(printf '\033')" note/report.html || fail "an escape sequence reached the report"
# a rate that somebody has: up, down, or neither, by convergence and by validation
around() { # RATE TEXT
    rm -rf around
    "$lrprobe" sweep --data glyphs --model mlp:32 --repeats 3 --around "$1" -o around --plot none --quiet >out 2>err </dev/null
    grep -qF -- "by convergence (loss): $2" around/bounds.json || fail "around $1: $(grep convergence around/bounds.json)"
}
around 0.001 "go up from 0.001"
around 0.1 "stay at 0.1"
grep -qF "by validation (val_accuracy): " around/bounds.json || fail "no advice by validation"
around 0.7 "go down from 0.7"
around 20 "go down from 20"
! grep -q "by validation" around/bounds.json || fail "advice by validation of what diverged at once"
# max_lr alone, and an end that was never given is not named
"$lrprobe" sweep --data glyphs --model mlp:32 --repeats 2 --around 0.3 -o near --plot none >out 2>err </dev/null
! grep -q "both bounds are seen" out || grep -q "base_lr  *[0-9]" out || fail "base_lr is called seen: $(cat out)"
! grep -q -e "--lr-min was given" near/sweep.json || fail "--lr-min is blamed"
expect 2 "leave --lr-min" "$lrprobe" sweep --around 0.1 --lr-min 0.01 -o wrong
# a long command is a short title
"$lrprobe" sweep --repeats 2 -o long --plot none -- /usr/bin/env A=1 awk -f "$place/parabola.awk" -- \
    "$(printf '%0200d' 0)" --more >out 2>err </dev/null
grep -qF '<h1>Range test: env A=1 awk -f parabola.awk -- ...</h1>' long/report.html || fail "title: $(grep '<h1' long/report.html)"
# repeats that do not differ
"$lrprobe" sweep --repeats 2 -o fixed --plot none -- env -u LRPROBE_SEED awk -v PAUSE= -f parabola.awk >out 2>err </dev/null
grep -q 'takes no.*notice of LRPROBE_SEED' fixed/bounds.json || fail "equal repeats are not told of: $(cat err)"
! grep -q 'LRPROBE_SEED' command/bounds.json || fail "repeats that differ are called equal"
expect 4 "after 2 of 100 steps (a sweep needs at least 10 steps)" "$lrprobe" sweep -o early -- \
    sh -c 'printf "step,lr,loss\n0,1e-7,1\n1,1e-7,1\n" >>"$LRPROBE_REPORT"'
expect 2 "no command behind --" sweep -o wrong --
expect 2 "takes options only" "$lrprobe" sweep file.csv -o wrong -- awk -f parabola.awk
expect 2 "--model is for the built-in" "$lrprobe" sweep --model mlp:8 -o wrong -- awk -f parabola.awk
expect 2 "--validate needs --hook" "$lrprobe" sweep --validate auto -o wrong -- awk -f parabola.awk
expect 2 "--validate is for the hook" "$lrprobe" sweep --validate auto -o wrong
expect 2 "--val-every is for the built-in" "$lrprobe" sweep --val-every 5 -o wrong -- awk -f parabola.awk
expect 2 "--hook is for the command" "$lrprobe" sweep --hook torch -o wrong
expect 4 "no-such-trainer" "$lrprobe" sweep -o nobody -- no-such-trainer
expect 4 "the moon is in the wrong place" "$lrprobe" sweep -o nobody -- \
    sh -c 'echo first line >&2; echo the moon is in the wrong place >&2; exit 3'
grep -q '^first line' err || fail "what the trainer printed is not on the terminal: $(cat err)"
[ ! -e nobody ] || fail "a sweep that recorded nothing left a folder"

# --plot svg: the picture alone on standard output, the words on standard error
sweep --seed 3 --repeats 2 --steps 60 -o picture --plot svg >out 2>err
head -c 5 out | grep -q '<?xml\|<svg' || fail "--plot svg printed: $(head -n 3 out)"
grep -q '</svg>' out || fail "--plot svg ended with: $(tail -n 1 out)"
grep -q 'max_lr' err || fail "--plot svg: no words on standard error"
sweep --seed 3 --repeats 2 --steps 60 -o plain --plot none >out 2>err
grep -q 'max_lr' out || fail "--plot none: no words: $(cat err)"
! grep -q -e '--+' out || fail "--plot none: a plot"

# JSON alone on standard output
sweep --seed 3 --repeats 2 --steps 60 -o json --json >out 2>err
head -c 1 out | grep -q '{' || fail "--json printed: $(head -n 3 out)"
grep -q '"schema": *"lrprobe.bounds/1"' out || fail "no schema in the JSON"

# a signal: what is finished is kept and reported
long="--repeats 4 --steps 200000 --lr-min 1e-6 --lr-max 1e-3"
begun() { # wait until run $2 of folder $1 has rows
    n=0
    while [ "$(cat "$1/runs/$2.csv" 2>/dev/null | wc -l)" -lt 200 ] && [ $n -lt 200 ]; do
        sleep 0.1
        n=$((n + 1))
    done
}
# shellcheck disable=SC2086
"$lrprobe" sweep $small $long --jobs 1 -o stopped --quiet >out 2>err </dev/null &
pid=$!
begun stopped 000
kill -TERM $pid
wait $pid
code=$?
[ $code -eq 130 ] || fail "stopped with exit $code: $(cat err)"
grep -q '"interrupted": *true' stopped/sweep.json || fail "the manifest does not tell of the stop"
[ -e stopped/bounds.json ] || fail "no report after a stop"
[ "$(wc -l <stopped/runs/000.csv)" -ge 200 ] || fail "rows were lost"

# SIGKILL: no trainer lives on
# shellcheck disable=SC2086
"$lrprobe" sweep $small $long --jobs 2 -o killed --quiet >out 2>err </dev/null &
pid=$!
begun killed 001
kill -KILL $pid
wait $pid 2>/dev/null
n=0
trainers() { # processes that have this folder in their environment
    grep -lzF "LRPROBE_PLAN=$place/killed/" /proc/[0-9]*/environ 2>/dev/null | wc -l
}
while [ "$(trainers)" -gt 0 ] && [ $n -lt 100 ]; do
    sleep 0.1
    n=$((n + 1))
done
[ "$(trainers)" -eq 0 ] || fail "a trainer outlived lrprobe"

# killed at some moment, and gone on with: as if nothing had been
"$lrprobe" sweep --seed 3 --repeats 3 --steps 100 --jobs 2 -o undisturbed --plot none --quiet -- \
    awk -f parabola.awk >out 2>err </dev/null
for moment in 0.2 0.5 0.9; do
    rm -rf cut
    "$lrprobe" sweep --seed 3 --repeats 3 --steps 100 --jobs 2 -o cut --plot none --quiet -- \
        awk -v PAUSE="sleep 0.002" -f parabola.awk >out 2>err </dev/null &
    pid=$!
    sleep $moment
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    "$lrprobe" sweep --resume cut --plot none --quiet >out 2>err </dev/null ||
        fail "--resume after $moment s: exit $?: $(cat err)"
    for file in undisturbed/runs/*.csv undisturbed/bounds.json; do
        cmp -s "$file" "cut/${file#undisturbed/}" || fail "$file differs after a kill at $moment s"
    done
done
: >cut/runs/002.csv
"$lrprobe" sweep --resume cut --plot none --quiet >out 2>err </dev/null || fail "an emptied run: $(cat err)"
printf 'step,lr,loss\n0,1e-4,1\n1,2e-4' >cut/runs/003.csv
mtime=$(stat -c %Y%i cut/runs/001.csv)
"$lrprobe" sweep --resume cut --plot none >out 2>err </dev/null || fail "a broken run: $(cat err)"
grep -q "run 003 (seed 5) was not finished" cut/sweep.json || fail "a broken run is not told of"
[ "$(head -n 1 cut/broken/003-1.csv)" = "step,lr,loss" ] || fail "a broken run was not kept"
[ "$(stat -c %Y%i cut/runs/001.csv)" = "$mtime" ] || fail "a finished run was run again"
cmp -s undisturbed/runs/003.csv cut/runs/003.csv || fail "a broken run was not run again"
expect 2 "was decided when the sweep began" "$lrprobe" sweep --resume cut --steps 50
expect 3 "cannot resume" "$lrprobe" sweep --resume no-such-folder
echo '{}' >cut/sweep.json
expect 3 "no manifest of a sweep" "$lrprobe" sweep --resume cut

# a full disk is named; needs the right to mount
mkdir full
if mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
    # shellcheck disable=SC2086
    "$lrprobe" sweep $small --repeats 3 --steps 3000 -o full/sweep --quiet >out 2>err </dev/null
    code=$?
    umount full
    [ $code -eq 4 ] || fail "a full disk gave exit $code: $(cat err)"
    grep -qi "space" err || fail "a full disk was not named: $(cat err)"
    # room for the records, none for the report: what was measured is told all the same
    mount -t tmpfs -o size=100k tmpfs full
    # shellcheck disable=SC2086
    "$lrprobe" sweep $small --repeats 5 --steps 200 --lr-min 1e-4 --lr-max 10 -o full/sweep --quiet \
        >out 2>err </dev/null
    code=$?
    umount full
    [ $code -eq 4 ] || fail "a disk without room for the report gave exit $code: $(cat err)"
    grep -q 'max_lr\|outcome' out || fail "a disk without room for the report: no answer: $(cat err)"
fi

[ $failures -eq 0 ] && echo "all as promised"
exit $((failures > 0))
