/* SPDX-License-Identifier: MIT */
#include "curves.h"

#include "random.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LEAST = 100, MOST = 3000 };

static const double noise_levels[] = {0.002, 0.01, 0.03, 0.08, 0.15}; /* of the current loss */

struct shape {
    struct lrp_random random;
    size_t n;
    double start, floor; /* first value and what it tends to */
    bool power;
    double tau; /* of the exponential, or t0 of the power law, in runs */
    double exponent;
    double noise;
    size_t epoch; /* points, 0 = nothing recurs */
    double recurring;
};

static double between(struct lrp_random *random, double low, double high)
{
    return low + (high - low) * lrp_random_uniform(random);
}

static void draw_shape(uint64_t seed, uint64_t stream, struct shape *shape)
{
    struct lrp_random *random = &shape->random;
    lrp_random_seed(random, seed, stream);
    shape->n = (size_t)exp(between(random, log(LEAST), log(MOST)));
    shape->start = exp(between(random, log(0.01), log(100)));
    shape->floor = shape->start * between(random, 0.02, 0.3);
    shape->power = lrp_random_below(random, 2) == 0;
    shape->tau = shape->power ? between(random, 0.002, 0.02) : between(random, 0.03, 0.15);
    shape->exponent = between(random, 0.6, 1.2);
    shape->noise = noise_levels[lrp_random_below(random, 5)];
    shape->epoch = lrp_random_below(random, 2) == 0 ? 0 : 5 + lrp_random_below(random, 40);
    shape->recurring = shape->noise * between(random, 0.5, 2);
}

/* Height above the floor at time t (1 = the whole run), as a share of the fall. */
static double height(const struct shape *shape, double t)
{
    return shape->power ? pow(1 + t / shape->tau, -shape->exponent) : exp(-t / shape->tau);
}

static double noisy(struct shape *shape, size_t k, double loss)
{
    double recurs = 0;
    if (shape->epoch > 0) {
        /* the same pattern each epoch: a fixed pseudo-random number for each phase */
        double phase = sin(12.9898 * (double)(k % shape->epoch + 1)) * 43758.5453;
        recurs = shape->recurring * (2 * (phase - floor(phase)) - 1);
    }
    return loss * exp(shape->noise * lrp_random_normal(&shape->random) + recurs);
}

static void begin(const struct shape *shape, const char *position, struct curve *curve)
{
    const char *const names[] = {position, "lr", "loss"};
    ck_assert_int_eq(lrp_record_new(0, &curve->record, NULL), LRP_OK);
    for (size_t c = 0; c < 3; c++) {
        size_t index = 0;
        ck_assert_int_eq(lrp_record_add_column(curve->record, names[c], &index, NULL), LRP_OK);
    }
    curve->n = shape->n;
    curve->onset = (double)NAN;
}

static void add(struct curve *curve, size_t k, double lr, double loss)
{
    const double row[] = {(double)k, lr, loss};
    ck_assert_int_eq(lrp_record_append_row(curve->record, row, NULL, NULL), LRP_OK);
}

void curve_healthy(uint64_t seed, struct curve *curve)
{
    static const char *const kinds[] = {"constant rate", "drops of the rate", "warm restarts"};
    struct shape shape;
    draw_shape(seed, 1, &shape);
    size_t kind = lrp_random_below(&shape.random, 3);
    size_t cycles = 2 + lrp_random_below(&shape.random, 4);
    begin(&shape, "step", curve);
    for (size_t k = 0; k < shape.n; k++) {
        double t = (double)k / (double)shape.n;
        double fall = shape.start - shape.floor;
        double lr = 0.1;
        double loss = shape.floor + fall * height(&shape, t);
        if (kind == 1) { /* each drop lets the loss fall to a lower floor */
            double drops = (t >= 0.5 ? 1 : 0) + (t >= 0.75 ? 1 : 0);
            lr *= pow(0.1, drops);
            double since = t >= 0.75 ? t - 0.75 : t - 0.5;
            loss += 0.15 * fall * (2 - drops + (drops > 0 ? exp(-since / 0.02) : 0));
        } else if (kind == 2) { /* the loss jumps up with the rate and comes down with it */
            double cycle = t * (double)cycles - floor(t * (double)cycles);
            double cosine = 0.5 * (1 + cos(3.14159265358979 * cycle));
            lr *= cosine + 1e-3;
            loss += 0.1 * fall * cosine;
        }
        add(curve, k, lr, noisy(&shape, k, loss));
    }
    (void)snprintf(curve->what, sizeof curve->what, "%s, %s, %zu points, noise %g, epoch of %zu",
                   shape.power ? "power law" : "exponential", kinds[kind], shape.n, shape.noise,
                   shape.epoch);
}

static const char *const fault_names[CURVE_FAULTS] = {
    "diverges", "climbs", "steps up", "is no number", "spikes",      "zig-zag",
    "periodic", "slow",   "flat",     "plateau",      "noise grows", "rattles",
};

const char *curve_fault_name(enum curve_fault fault)
{
    return fault_names[fault];
}

/* What a fault makes of the loss; numbers are drawn once a curve. */
struct fault {
    enum curve_fault kind;
    double onset; /* share of the run */
    double size;
    double period;
};

static void draw_fault(enum curve_fault kind, struct shape *shape, struct fault *fault)
{
    struct lrp_random *random = &shape->random;
    fault->kind = kind;
    fault->onset = between(random, 0.25, 0.8);
    fault->size = between(random, 0.3, 1);
    fault->period = between(random, 0.03, 0.1);
    shape->epoch = kind == CURVE_ZIGZAG || kind == CURVE_PERIODIC ? 0 : shape->epoch;
    switch (kind) {
    case CURVE_SLOW: /* noise that hides a slow fall is another fault: see CURVE_RATTLES */
        shape->power = false;
        shape->tau = between(random, 0.4, 2);
        shape->noise = fmin(shape->noise, 0.02);
        shape->recurring = fmin(shape->recurring, 0.02);
        break;
    case CURVE_PLATEAU:
        shape->power = false;
        shape->tau = between(random, 0.002, 0.03);
        shape->floor = shape->start * between(random, 0.45, 0.85);
        /* more would hide whether it stands still */
        shape->noise = fmin(shape->noise, 0.03);
        shape->recurring = fmin(shape->recurring, 0.03);
        break;
    case CURVE_RATTLES:
        shape->power = false;
        shape->tau = between(random, 0.002, 0.03);
        break;
    case CURVE_SPIKES:
        shape->n = 1000 + lrp_random_below(random, 3000);
        break;
    default:
        break;
    }
}

static double with_fault(struct shape *shape, const struct fault *fault, size_t k, double loss)
{
    double t = (double)k / (double)shape->n;
    double fall = shape->start - shape->floor;
    double since = t - fault->onset;
    double clean = noisy(shape, k, loss);
    switch (fault->kind) {
    case CURVE_DIVERGES:
        return since < 0 ? clean : clean + 1.5 * shape->start * (1 - exp(-since / 0.05));
    case CURVE_CLIMBS:
        return since < 0 ? clean : clean + (0.3 + fault->size) * fall * since / (1 - fault->onset);
    case CURVE_STEPS_UP:
        return since < 0 ? clean : clean + fault->size * fall;
    case CURVE_NAN:
        return since < 0 ? clean : (double)NAN;
    case CURVE_SPIKES:
        return lrp_random_uniform(&shape->random) < 0.01
                   ? clean * (1.5 + 10 * shape->noise + fault->size * 5)
                   : clean;
    case CURVE_ZIGZAG:
        return clean * (1 + (k % 2 == 0 ? 1 : -1) * fmax(2 * shape->noise, 0.1 * fault->size));
    case CURVE_PERIODIC:
        return clean * (1 + fmax(1.5 * shape->noise, 0.1 * fault->size) *
                                sin(6.28318530717959 * t / fault->period));
    case CURVE_FLAT:
        return noisy(shape, k, shape->start);
    case CURVE_NOISE_GROWS:
        return clean + fmax(10 * shape->noise * loss, 0.1 * fall) * (1 + fault->size) * pow(t, 4) *
                           lrp_random_normal(&shape->random);
    case CURVE_RATTLES:
        return loss + fall * (0.15 + 0.2 * fault->size) * fabs(lrp_random_normal(&shape->random));
    default:
        return clean;
    }
}

void curve_faulty(enum curve_fault kind, uint64_t seed, struct curve *curve)
{
    struct shape shape;
    struct fault fault;
    draw_shape(seed, 100 + (uint64_t)kind, &shape);
    draw_fault(kind, &shape, &fault);
    /* of single steps nobody can tell the noise of batches from that of the rate */
    begin(&shape, kind == CURVE_RATTLES ? "epoch" : "step", curve);
    for (size_t k = 0; k < shape.n; k++) {
        double t = (double)k / (double)shape.n;
        double loss = shape.floor + (shape.start - shape.floor) * height(&shape, t);
        add(curve, k, 0.1, with_fault(&shape, &fault, k, loss));
    }
    bool has_onset = kind == CURVE_DIVERGES || kind == CURVE_CLIMBS || kind == CURVE_STEPS_UP ||
                     kind == CURVE_NAN;
    curve->onset = has_onset ? ceil(fault.onset * (double)shape.n) : (double)NAN;
    (void)snprintf(curve->what, sizeof curve->what,
                   "%s, %s, %zu points, noise %g, epoch of %zu, from %g, size %.3g",
                   fault_names[kind], shape.power ? "power law" : "exponential", shape.n,
                   shape.noise, shape.epoch, curve->onset, fault.size);
}

void curve_free(struct curve *curve)
{
    lrp_record_free(curve->record);
    curve->record = NULL;
}
