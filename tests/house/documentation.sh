#!/bin/bash
# SPDX-License-Identifier: MIT
# The documentation runs: each "$ lrprobe" line of README.md and of the help, in its order.
. "$(dirname "$0")/../cli/tap.sh"
begin "$@"
mkdir -p bin
ln -s "$lrprobe" bin/lrprobe
export PATH=$place/bin:$PATH
awk 'BEGIN { srand(1); print "lr,loss"; for (k = 0; k < 150; k++) { x = -5 + 6 * k / 149
    printf "%.9g,%.9g\n", 10 ^ x, 0.3 + 2 / (1 + exp((x + 2.2) / 0.25)) + 0.05 * exp((x + 0.5) / 0.12) + 0.02 * rand() } }' >sweep.csv
mkdir runs
cp sweep.csv runs/1.csv
awk 'BEGIN { srand(2); print "step,loss"; for (k = 0; k < 400; k++)
    printf "%d,%.9g\n", k, 0.2 + 2 * exp(-k / 60) + 0.02 * rand() }' >run.csv
cp run.csv runs/2.csv
# somebody's program that takes its rate on the command line
cat >train <<'EOF'
#!/bin/sh
exec awk -v lr="$1" 'BEGIN { for (w = 1; k < 100 && w * w < 1e30; k++) { print "step", k, "loss", 0.1 + w * w; w -= lr * w } }'
EOF
chmod +x train
lines() { # the commands in the text
    sed -n 's/^\$ \(lrprobe .*\)/\1/p'
}
lines <"$sources/README.md" >commands
check 'README.md has commands' test "$(wc -l <commands)" -ge 4
for command in bounds client convert diagnose explain list schedule sweep train; do
    "$lrprobe" $command --help | lines >more
    check "the help of $command has examples" test -s more
    # another folder for each: a sweep does not overwrite one
    sed 's# -o report# -o report-'$command'#' more >>commands
done
while read -r line; do
    shown=$line
    bash -c "$line" >out 2>err </dev/null
    code=$?
    check "$line: exit 0 or 1 (found $code)" test "$code" -le 1
    check "$line: says something" test -s out
done <commands
finish
