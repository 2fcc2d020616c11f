/* SPDX-License-Identifier: MIT */
/* Our optimizers driven from outside: optimizer_steps OPTIMIZER N. Reads N parameters, then for
 * each step "lr momentum scale" and N gradients; prints the parameters after it. momentum nan = the
 * optimizer's own. optimizer_steps list prints the names of all. */
#include "optimizer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
    struct lrp_optimizer_spec spec;
    struct lrp_optimizer_step step;
    float *gradients;
};

static void fail(const char *message)
{
    (void)fprintf(stderr, "optimizer_steps: %s\n", message);
    exit(2);
}

static float *block(size_t n)
{
    float *values = calloc(n, sizeof *values);
    if (values == NULL) {
        fail("out of memory");
    }
    return values;
}

static int read_values(float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (scanf("%f", &values[i]) != 1) {
            return 0;
        }
    }
    return 1;
}

static void do_step(struct run *run, double momentum)
{
    struct lrp_optimizer_step *step = &run->step;
    double own = lrp_optimizer_momentum(&run->spec);
    step->momentum = isnan(momentum) || isnan(own) ? own : momentum;
    step->step++;
    step->carried = lrp_optimizer_carry(&run->spec, step, step->carried);
    run->spec.row->update(run->spec.options, step);
    for (size_t i = 0; i < step->n; i++) {
        (void)printf("%.9g%c", (double)step->parameters[i], i + 1 < step->n ? ' ' : '\n');
    }
    (void)fflush(stdout);
}

int main(int n_words, char **words)
{
    struct run run = {.step = {.carried = 1}};
    struct lrp_error err;
    double momentum = 0;
    if (n_words == 2 && strcmp(words[1], "list") == 0) {
        for (size_t i = 0; lrp_optimizers[i] != NULL; i++) {
            (void)puts(lrp_optimizers[i]->name);
        }
        return EXIT_SUCCESS;
    }
    long n = n_words == 3 ? strtol(words[2], NULL, 10) : 0;
    if (n <= 0 || n > 1000000) {
        fail("usage: optimizer_steps OPTIMIZER N");
    }
    if (lrp_optimizer_parse(words[1], &run.spec, &err) != LRP_OK) {
        fail(err.message);
    }
    run.step.n = (size_t)n;
    run.step.parameters = block(run.step.n);
    run.gradients = block(run.step.n);
    run.step.gradients = run.gradients;
    for (size_t i = 0; i < lrp_optimizer_n_state(&run.spec); i++) {
        run.step.state[i] = block(run.step.n);
    }
    if (!read_values(run.step.parameters, run.step.n)) {
        fail("parameters were expected");
    }
    while (scanf("%lf %lf %lf", &run.step.lr, &momentum, &run.step.gradient_scale) == 3 &&
           read_values(run.gradients, run.step.n)) {
        do_step(&run, momentum);
    }
    free(run.step.parameters);
    free(run.gradients);
    for (size_t i = 0; i < LRP_OPTIMIZER_STATES; i++) {
        free(run.step.state[i]);
    }
    return 0;
}
