/* SPDX-License-Identifier: MIT */
/* A hand-written training loop, a trainer for lrprobe through its C client: a network with one
 * hidden layer learns which of two interleaved half moons a point belongs to. SGD with momentum,
 * batches of 32, the accuracy on held-out points every tenth step.
 *
 *   cc -O2 loop_trainer.c -lm -o loop_trainer
 *   ./loop_trainer                       trains with its own rate
 *   lrprobe sweep -- ./loop_trainer      sweeps it */
#include "lrprobe_client.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

enum { HIDDEN = 16, WEIGHTS = 4 * HIDDEN + 1, TRAIN = 512, TEST = 256, BATCH = 32 };

struct example {
    double x, y;
    double label; /* 0 or 1 */
};

/* Uniform in [0, 1): xorshift64*. */
static double uniform(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (double)((*state * UINT64_C(2685821657736338717)) >> 11) / 9007199254740992.0;
}

static void make_moons(struct example *examples, int n, uint64_t *random)
{
    for (int i = 0; i < n; i++) {
        double angle = 3.14159265358979 * uniform(random);
        double upper = i % 2;
        examples[i].x = (upper > 0 ? cos(angle) : 1 - cos(angle)) + 0.3 * uniform(random);
        examples[i].y = (upper > 0 ? sin(angle) : 0.5 - sin(angle)) + 0.3 * uniform(random);
        examples[i].label = upper;
    }
}

/* The network's output before the sigmoid. Each hidden unit has 4 weights: from x, from y, its
 * bias, to the output; the last weight is the output's bias. */
static double forward(const double *w, const struct example *e, double *hidden)
{
    double sum = w[4 * HIDDEN];
    for (int h = 0; h < HIDDEN; h++) {
        hidden[h] = tanh(w[4 * h] * e->x + w[4 * h + 1] * e->y + w[4 * h + 2]);
        sum += w[4 * h + 3] * hidden[h];
    }
    return sum;
}

/* Adds an example's gradient and returns its loss, the cross entropy. */
static double backward(const double *w, const struct example *e, double *gradient)
{
    double hidden[HIDDEN];
    double out = forward(w, e, hidden);
    double slope = 1 / (1 + exp(-out)) - e->label;
    for (int h = 0; h < HIDDEN; h++) {
        double inner = slope * w[4 * h + 3] * (1 - hidden[h] * hidden[h]);
        gradient[4 * h] += inner * e->x;
        gradient[4 * h + 1] += inner * e->y;
        gradient[4 * h + 2] += inner;
        gradient[4 * h + 3] += slope * hidden[h];
    }
    gradient[4 * HIDDEN] += slope;
    return log1p(exp(-fabs(out))) + fmax(out, 0) - e->label * out;
}

static double accuracy(const double *w, const struct example *examples)
{
    double hidden[HIDDEN];
    int right = 0;
    for (int i = 0; i < TEST; i++) {
        right += (forward(w, &examples[i], hidden) > 0) == (examples[i].label > 0);
    }
    return (double)right / TEST;
}

int main(void)
{
    static struct example train[TRAIN];
    static struct example test[TEST];
    double weights[WEIGHTS];
    double velocity[WEIGHTS] = {0};
    struct lrp_client probe;
    if (lrp_client_open(&probe, "val_accuracy") != 0) {
        (void)fprintf(stderr, "%s\n", probe.error);
        return 1;
    }
    uint64_t random = 1 + 7919 * (uint64_t)lrp_client_seed(&probe, 1);
    make_moons(train, TRAIN, &random);
    make_moons(test, TEST, &random);
    for (int i = 0; i < WEIGHTS; i++) {
        weights[i] = 2 * uniform(&random) - 1;
    }
    (void)lrp_client_fact(&probe, "model", "2-16-1, tanh");
    for (int step = 0; lrp_client_going(&probe, step < 1000); step++) {
        double rate = lrp_client_rate(&probe, 0.1);
        double momentum = lrp_client_momentum(&probe, 0.9);
        double gradient[WEIGHTS] = {0};
        double loss = 0;
        for (int i = 0; i < BATCH; i++) {
            loss += backward(weights, &train[(int)(TRAIN * uniform(&random))], gradient) / BATCH;
        }
        for (int i = 0; i < WEIGHTS; i++) {
            velocity[i] = momentum * velocity[i] - rate * gradient[i] / BATCH;
            weights[i] += velocity[i];
        }
        if (step % 10 == 9) {
            (void)lrp_client_set(&probe, "val_accuracy", accuracy(weights, test));
        }
        (void)lrp_client_report(&probe, loss);
    }
    (void)printf("accuracy %.3f\n", accuracy(weights, test));
    if (lrp_client_close(&probe) != 0) {
        (void)fprintf(stderr, "%s\n", probe.error);
        return 1;
    }
    return 0;
}
