/* SPDX-License-Identifier: MIT */
/* A trainer whose steps cost next to nothing, to see what a step of being driven costs: gradient
 * descent on a parabola through the C client. fast_trainer STEPS */
#include "lrprobe_client.h"

int main(int argc, char **argv)
{
    struct lrp_client probe;
    long steps = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    double w = 1;
    if (lrp_client_open(&probe, NULL) != 0) {
        (void)fprintf(stderr, "%s\n", probe.error);
        return 1;
    }
    for (long step = 0; lrp_client_going(&probe, step < steps); step++) {
        double lr = lrp_client_rate(&probe, 1e-6);
        double loss = 0.5 * w * w;
        w -= lr * w;
        (void)lrp_client_report(&probe, loss);
    }
    (void)printf("%g\n", w);
    return lrp_client_close(&probe) == 0 ? 0 : 1;
}
