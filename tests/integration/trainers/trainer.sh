#!/bin/sh
# SPDX-License-Identifier: MIT
# Logistic regression driven by a POSIX shell, a trainer for lrprobe whose weights are the shell's
# positional parameters; awk does the arithmetic of a step:
#   lrprobe sweep -- sh trainer.sh
set -eu
: "${LRPROBE_PLAN:?to be run by: lrprobe sweep -- sh trainer.sh}"
export LC_ALL=C # numbers with a decimal point

# Prints the loss of the weights U V W on 50 examples, and the weights after one update.
train_step() { # SEED LR U V W
    awk -v seed="$1" -v lr="$2" -v u="$3" -v v="$4" -v w="$5" 'BEGIN {
        srand(seed)
        for (i = 0; i < 50; i++) {
            a = 20 * rand() - 10
            b = 20 * rand() - 10
            label = a + 2 * b + 5 > 0 ? 1 : -1
            if (rand() < 0.1)
                label = -label # a tenth of the labels is wrong
            margin = label * (u * a + v * b + w)
            small = exp(margin > 0 ? -margin : margin) # does not overflow
            loss += (log(1 + small) + (margin > 0 ? 0 : -margin)) / 50
            slope = label * (margin > 0 ? small : 1) / (1 + small) / 50
            gu += slope * a
            gv += slope * b
            gw += slope
        }
        printf "%.17g %.17g %.17g %.17g\n", loss, u + lr * gu, v + lr * gv, w + lr * gw
    }'
}

set -- 0 0 0 # the weights
echo step,lr,loss >>"$LRPROBE_REPORT"
{
    read -r header # step,lr
    while IFS=, read -r step lr more; do
        # shellcheck disable=SC2046
        set -- $(train_step $((LRPROBE_SEED * 1000 + step)) "$lr" "$@") # now: loss, weights
        echo "$step,$lr,$1" >>"$LRPROBE_REPORT" # the loss before the update
        shift
    done
} <"$LRPROBE_PLAN"
