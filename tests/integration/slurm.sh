#!/bin/bash
# SPDX-License-Identifier: MIT
# `lrprobe sweep --launcher slurm` on a real cluster: slurm.sh LRPROBE. Begins itself again beside a
# cluster of one machine (slurm_cluster.sh).
if [ -z "${LRPROBE_TEST_CLUSTER:-}" ]; then
    LRPROBE_TEST_CLUSTER=1 sh "$(dirname "$0")/slurm_cluster.sh" bash "$0" "$@"
    code=$?
    if [ "$code" -eq 77 ]; then # under TAP the plan says so, and the status has to be 0
        echo "1..0 # SKIP no Slurm, or not root"
        exit 0
    fi
    exit "$code"
fi
. "$(dirname "$0")/../cli/tap.sh"
begin "$@"
trainer=$sources/tests/integration/trainers/trainer.awk
small='--data spirals --model mlp:16 --optimizer momentum --batch-size 32'
interruptible='env --default-signal=INT' # behind & a shell has it ignored
short='--lr-min 1e-4 --lr-max 10 --steps 60 --repeats 3 --seed 3'

# sweep ARGUMENT...
sweep() {
    shown="sweep $*"
    "$lrprobe" sweep --plot none --quiet "$@" >out 2>err </dev/null
    code=$?
}
ended() { # 0, or 1 for an outcome other than ok
    check "$shown: ended" test "$code" -le 1
}
without_time() { # the columns but time_s, and no comment lines
    awk -F, '/^#/ { next } !n++ { for (i = 1; i <= NF; i++) if ($i == "time_s") t = i }
             { for (i = 1; i <= NF; i++) if (i != t) printf "%s,", $i; print "" }' "$1"
}
same_records() { # FOLDER FOLDER
    local file
    [ "$(ls "$1/runs")" = "$(ls "$2/runs")" ] || return 1
    for file in "$1"/runs/*.csv; do
        [ "$(without_time "$file")" = "$(without_time "$2/runs/${file##*/}")" ] || return 1
    done
}
# wait_until COMMAND...: 30 seconds at most
wait_until() {
    for _ in $(seq 300); do
        "$@" 2>/dev/null && return
        sleep 0.1
    done
    return 1
}
told_in() { # FOLDER WORDS: among the events of the sweep
    grep '^    "run ' "$1/sweep.json" >err
    grep -qF "$2" err
}
nothing_queued() { [ -z "$(squeue --noheader --states=all --format=%T | grep -E 'PENDING|RUNNING')" ]; }
job_of() { sed -n 's/^[^ ]* \([0-9]*\) .*/\1/p' "$1"; }

# A trainer of one row that then does nothing: Slurm looks at time limits every half minute, so this
# goes on beside the rest.
cat >idle.sh <<'T'
printf 'step,lr,loss\n0,0.1,1\n' >"$LRPROBE_REPORT"
echo one row is enough >&2
exec sleep 600
T
"$lrprobe" sweep --plot none --quiet --launcher slurm --time-limit 1 --step-limit 300 --lr-min 0.1 \
    --lr-max 10 --repeats 1 -o limited -- sh "$PWD/idle.sh" >limited.out 2>limited.err </dev/null &
limited=$!

# the built-in trainer, and a command: the same records as on this machine; options are passed on
# shellcheck disable=SC2086
sweep $small --seed 3 --steps 60 --repeats 3 -o local
# shellcheck disable=SC2086
sweep $small --seed 3 --steps 60 --repeats 3 -o slurm --launcher slurm --partition other --sbatch=--comment=hello
ended
check 'the built-in trainer gives the same records' same_records local slurm
check 'each phase was one job array' test "$(ls slurm/jobs/*.sh | wc -l)" -eq "$(ls slurm/plans | wc -l)"
check 'nothing is left in the folder of jobs' test -z "$(ls slurm/jobs | grep -vE '\.(sh|log)$')"
scontrol show job >jobs
check 'the partition was passed on' grep -q 'Partition=other' jobs
check 'a further option was passed on' grep -q 'Comment=hello' jobs
# shellcheck disable=SC2086
sweep $short -o local-awk -- awk -f "$trainer"
# shellcheck disable=SC2086
sweep $short -o slurm-awk --launcher slurm -- awk -f "$trainer"
ended
check 'a command gives the same records' same_records local-awk slurm-awk

# refused, missing
sweep --launcher slurm --partition nowhere -o refused --data spirals
exits 5
one_line 'sbatch failed: invalid partition specified: nowhere'
shown='sweep without sbatch'
PATH=/nowhere "$lrprobe" sweep --quiet --launcher slurm -o missing --data spirals >out 2>err </dev/null
code=$?
exits 5
one_line 'sbatch is not there'
sweep --partition x -o wrong --data spirals
exits 2
sweep --launcher slurm --sbatch=--array=3 -o wrong --data spirals
exits 2
sweep --launcher slurm --sbatch 4G -o wrong --data spirals
exits 2

# a task that fails, and one that is cancelled from outside
cat >faults.sh <<'T'
[ "$LRPROBE_SEED" != 4 ] || { echo no such data set >&2; exit 3; }
if [ "$LRPROBE_SEED" = 5 ]; then
    printf 'step,lr,loss\n0,0.1,1\n' >"$LRPROBE_REPORT"
    scancel "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
    exec sleep 60 # a shell would continue with the trainer where sleep alone is ended
fi
exec awk -f "$1"
T
# shellcheck disable=SC2086
sweep $short -o faults --launcher slurm -- sh "$PWD/faults.sh" "$trainer"
ended
check 'a failure is told with its last words' told_in faults 'exit status 3, after 0 of 60 steps; it said: no such data set'
check 'a cancelled job is told' told_in faults 'its job was cancelled, after 1 of 60 steps'

# left by Ctrl-C, and by kill -9; the tasks wait for a file, so that none is over before its time
cat >waits.sh <<'T'
until [ -e "$1" ]; do sleep 0.1; done
echo x >>"$1.ran"
exec awk -f "$2"
T
for way in INT KILL; do
    # shellcheck disable=SC2086
    $interruptible "$lrprobe" sweep --plot none --quiet $short -o "left-$way" --launcher slurm -- \
        sh "$PWD/waits.sh" "$PWD/go-$way" "$trainer" >out 2>err </dev/null &
    pid=$!
    shown="sweep that is ended by SIG$way"
    check "$shown: a task has begun" wait_until test -e "left-$way/jobs/000.started"
    job=$(job_of "left-$way/jobs/000.id")
    kill -"$way" "$pid"
    wait "$pid" 2>/dev/null
    code=$?
    if [ "$way" = INT ]; then
        exits 130
        told "left; jobs $job go on; pick them up with lrprobe sweep --resume $PWD/left-INT, or end them with scancel $job"
    fi
    check "$shown: its tasks are there" test "$(squeue --noheader --array --job "$job" | wc -l)" -eq 3
    : >"go-$way"
    [ "$way" = INT ] || wait_until test -e left-KILL/jobs/002.status # ended while nobody looks
    sweep --resume "left-$way"
    ended
    check "$shown: gives the same records in the end" same_records local-awk "left-$way"
    check "$shown: each run was begun once" test "$(wc -l <"go-$way.ran")" -eq 3
    check "$shown: there was one submission" test "$(ls "left-$way"/jobs/*.sh | wc -l)" -eq 1
done

# one run for each rate, its loss from what it prints: the same runs, left in the middle
cat >prints.sh <<'T'
until [ -e "$4" ]; do sleep 0.1; done
exec awk -v lr="$1" -v seed="$2" -v steps="$3" 'BEGIN {
    srand(seed)
    for (x = 5; k < steps && x * x < 1e12; k++) {
        printf "step %d loss %.6g\n", k, x * x / 2 + 0.01 * rand()
        x -= lr * x * (1 + 0.1 * rand())
    }
}'
T
fresh=(--plot none --quiet --mode fresh --rates 5 --lr-min 1e-3 --lr-max 10 --repeats 2 --steps 60 --seed 3
    --loss-pattern 'step ([0-9]+) loss (.*)')
trainer_of_rates=(sh "$PWD/prints.sh" '{lr}' '{seed}' '{steps}' "$PWD/go-fresh")
: >go-fresh
sweep "${fresh[@]}" -o local-fresh -- "${trainer_of_rates[@]}"
ended
rm go-fresh
$interruptible "$lrprobe" sweep "${fresh[@]}" -o left-fresh --launcher slurm -- "${trainer_of_rates[@]}" \
    >out 2>err </dev/null &
pid=$!
shown='runs at one rate, left'
check "$shown: a task has begun" wait_until test -e left-fresh/jobs/000.started
kill -INT "$pid"
wait "$pid"
code=$?
exits 130
told 'left; jobs '
: >go-fresh
sweep --resume left-fresh
ended
check "$shown: the same records in the end" same_records local-fresh left-fresh
check "$shown: there was one submission" test "$(ls left-fresh/jobs/*.sh | wc -l)" -eq 1

# a second Ctrl-C ends the jobs
# shellcheck disable=SC2086
$interruptible "$lrprobe" sweep --plot none --quiet $short -o cancelled --launcher slurm -- \
    sh "$PWD/waits.sh" "$PWD/never" "$trainer" >out 2>err </dev/null &
pid=$!
shown='sweep that is stopped twice'
check "$shown: a task has begun" wait_until test -e cancelled/jobs/000.started
job=$(job_of cancelled/jobs/000.id)
kill -INT "$pid"
sleep 0.3
kill -INT "$pid"
wait "$pid"
code=$?
exits 130
no_task_is_left() { ! squeue --noheader --array --job "$job" --format=%T | grep -qE 'PENDING|RUNNING'; }
check "$shown: its jobs are ended" wait_until no_task_is_left

shown='a job that runs out of time'
wait "$limited"
code=$?
exits 4
cp limited.err err
told 'was ended by the time limit of its job (--time-limit), after 1 of 200 steps; it said: one row is enough'
finish
