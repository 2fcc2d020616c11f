#!/bin/bash
# SPDX-License-Identifier: MIT
# Text from users and logs reaches no shell, no gnuplot, no HTML and no terminal as more than text.
. "$(dirname "$0")/tap.sh"
begin "$@"

log() { # NAME OF THE EXTRA COLUMN
    awk -v name="$1" 'BEGIN { srand(2); print "lr,loss,\"" name "\""
        for (k = 0; k < 120; k++) { x = -5 + 6 * k / 119
            printf "%.9g,%.9g,1\n", 10 ^ x, 0.3 + 2 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12) + 0.03 * rand() } }'
}
run_log() { # NAME OF THE EXTRA COLUMN: a run that diverges
    awk -v name="$1" 'BEGIN { srand(3); print "step,loss,\"" name "\""
        for (k = 0; k < 120; k++) printf "%d,%.9g,%s\n", k, 0.3 + 2 * exp(-k / 9) + (k > 60 ? exp((k - 60) / 9) : 0) + 0.02 * rand(), k }'
}
clean() { # FILE...: no escape, no other control byte but newline and tab
    ! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' "$@"
}
texts=("\"; system(\"touch owned\"); \"" "'; system('touch owned'); '" '`touch owned`' '$(touch owned)'
    $'a\nsystem "touch owned"\n' '<script>alert(1)</script>' '"><img src=x onerror=alert(1)>'
    $'\e]0;owned\a\e[31mred\e[2J' $'\xff\xfe\xc3' '{/Symbol a}_2^3 %s%n @x' '../../owned' '-o owned')
printf 'step,loss\n0,3\n1,2\n2,1\n' >good.csv
n=0
for text in "${texts[@]}"; do
    n=$((n + 1))
    shown="title number $n"
    log plain >log.csv
    "$lrprobe" bounds log.csv --title="$text" -o "r$n" >out 2>err </dev/null
    code=$?
    exits 0
    check "$shown: nothing was run" test ! -e owned
    check "$shown: clean output" clean out err
    check "$shown: clean reports" clean "r$n/report.html" "r$n/report.md" "r$n/bounds.json" "r$n/plots/loss.gp" "r$n/plots/loss.svg"
    check "$shown: no script, no picture from outside" test "$(grep -ciE '<script|<img|onerror=[^&]*>|https?://[^w]' "r$n/report.html")" -eq 0 \
        -o "$(grep -c '&lt;' "r$n/report.html")" -gt 0
    check "$shown: no element but ours" test "$(grep -cE '<(script|img|iframe|link|object)' "r$n/report.html")" -eq 0
    (cd "r$n/plots" && gnuplot loss.gp) >gp 2>&1
    check "$shown: the saved script can be run again" test ! -e "r$n/plots/owned"
    # in the log: the name of a column, a value, a comment, the file's name
    log "${text//$'\n'/ }" >column.csv
    { printf '# title: %s\n' "${text//$'\n'/ }"; sed "3s|.*|0.1,${text//[$'\n'|&\\]/ },1|" column.csv; } >value.csv
    cp log.csv "file$n ${text//[$'\n'\/]/ }.csv"
    for file in column.csv value.csv "file$n ${text//[$'\n'\/]/ }.csv"; do
        "$lrprobe" bounds "$file" -o "c$n" >out 2>err </dev/null
        code=$?
        check "$shown, $(echo "$file" | cut -c1-6): ends with 0, 1 or 3 (not $code)" test "$code" -eq 0 -o "$code" -eq 1 -o "$code" -eq 3
        check "$shown, $(echo "$file" | cut -c1-6): clean output, nothing run" eval 'clean out err && test ! -e owned'
        [ ! -e "c$n/report.html" ] || check "$shown: no element but ours" test "$(grep -cE '<(script|img|iframe|link|object)' "c$n/report.html")" -eq 0
        rm -rf "c$n"
    done
    # a run with such a title, such a column and such a name is diagnosed, alone and in a table
    mkdir -p "h$n"
    run_log plain >"h$n/run ${text//[$'\n'\/]/ }.csv"
    cp "h$n"/run*.csv "h$n/other.csv"
    hostile_column=${text//$'\n'/ }
    run_log "${hostile_column//\"/\"\"}" >column.csv
    "$lrprobe" diagnose column.csv -o "d$n" >out 2>err </dev/null
    code=$?
    check "$shown, in a run's column: ends with 0, 1 or 3 (not $code)" test "$code" -eq 0 -o "$code" -eq 1 -o "$code" -eq 3
    check "$shown, in a run's column: clean" clean out err
    [ ! -e "d$n/report.html" ] || check "$shown, in a run's column: a clean report" eval \
        'clean "d$n/report.html" "d$n/report.md" && test "$(grep -cE "<(script|img|iframe|link|object)" "d$n/report.html")" -eq 0'
    rm -rf "d$n"
    "$lrprobe" diagnose "h$n"/run*.csv --title="$text" -o "d$n" >out 2>err </dev/null
    code=$?
    check "$shown, diagnosed: ends with 0 or 1 (not $code)" test "$code" -le 1
    check "$shown, diagnosed: clean" clean out err "d$n/report.html" "d$n/report.md" "d$n/diagnosis.json" "d$n/plots/loss.gp" "d$n/plots/loss.svg"
    "$lrprobe" diagnose "h$n" --title="$text" -o "m$n" >out 2>err </dev/null
    check "$shown, in a table: clean" clean out err "m$n/report.html" "m$n/report.md" "m$n/diagnosis.json" "m$n/runs.csv" "m$n/runs/001.html"
    "$lrprobe" diagnose "h$n" --csv >out 2>err </dev/null
    check "$shown, as CSV: three clean lines" eval 'clean out && test "$(wc -l <out)" -eq 3'
    check "$shown, diagnosed: nothing was run" test ! -e owned -a ! -e "d$n/plots/owned"
    check "$shown, diagnosed: no element but ours" \
        test "$(cat "d$n/report.html" "m$n/report.html" "m$n/runs/001.html" | grep -cE '<(script|img|iframe|link|object)')" -eq 0
    rm -rf "d$n" "m$n" "h$n"
    "$lrprobe" diagnose good.csv --map "loss=$text" >out 2>err </dev/null
    check "$shown as a map: one clean line" eval 'clean err && test "$(wc -l <err)" -eq 1'
    "$lrprobe" diagnose good.csv --set "$text" --format "$text" --bounds "$text" >out 2>err </dev/null
    check "$shown as a setting: one clean line" eval 'clean err && test "$(wc -l <err)" -eq 1'
    "$lrprobe" bounds "$text" >out 2>err </dev/null
    check "$shown as a file that is not there: one clean line" eval 'clean err && test "$(wc -l <err)" -eq 1'
    "$lrprobe" "$text" >out 2>err </dev/null
    check "$shown as a command: one clean line" eval 'clean err && test "$(wc -l <err)" -eq 1'
    "$lrprobe" train --data spirals --model "$text" --schedule "$text" --optimizer "$text" >out 2>err </dev/null
    check "$shown as a model: one clean line" eval 'clean err && test "$(wc -l <err)" -eq 1'
done
# a sweep whose data file has such a name
awk 'BEGIN { srand(1); for (k = 0; k < 80; k++) { x = rand(); print x "," rand() "," (x > 0.5 ? "a" : "b") } }' >$'d\e[31m`touch owned`<script>.csv'
"$lrprobe" sweep --data $'d\e[31m`touch owned`<script>.csv' --steps 30 --repeats 2 --lr-min 1e-4 --lr-max 1 \
    --plot dumb -o sweep >out 2>err </dev/null
code=$?
shown='sweep with a hostile file name'
check "$shown: ends with 0 or 1" test "$code" -le 1
check "$shown: clean" clean out err sweep/report.html sweep/report.md sweep/sweep.json
check "$shown: nothing was run" test ! -e owned
check "$shown: no script" test "$(grep -c '<script' sweep/report.html)" -eq 0
finish
