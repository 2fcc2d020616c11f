# SPDX-License-Identifier: MIT
# Linear regression by stochastic gradient descent, a trainer for lrprobe in nothing but awk:
#   lrprobe sweep -- awk -f trainer.awk
BEGIN {
    plan = ENVIRON["LRPROBE_PLAN"]
    report = ENVIRON["LRPROBE_REPORT"]
    if (plan == "") {
        print "to be run by: lrprobe sweep -- awk -f trainer.awk" > "/dev/stderr"
        exit 2
    }
    srand(ENVIRON["LRPROBE_SEED"] + 0) # other weights, data and noise with each seed
    wa = rand() - 0.5
    wb = rand() - 0.5
    wc = 0
    getline header < plan # step,lr
    print "step,lr,loss" >> report
    while ((getline line < plan) > 0) {
        split(line, row, ",")
        step = row[1]
        lr = row[2]
        # a batch of 16 examples of y = 20 a - 3 b + 1 and noise
        loss = ga = gb = gc = 0
        for (i = 0; i < 16; i++) {
            a = (2 * rand() - 1) / 5
            b = 4 * rand() - 2
            error = wa * a + wb * b + wc - (20 * a - 3 * b + 1 + rand() - 0.5)
            loss += error * error / 32
            ga += error * a / 16
            gb += error * b / 16
            gc += error / 16
        }
        # the loss before the update; one row for each step, flushed at once
        printf "%d,%s,%.17g\n", step, lr, loss >> report
        fflush(report)
        wa -= lr * ga
        wb -= lr * gb
        wc -= lr * gc
    }
}
