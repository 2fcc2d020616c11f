/* SPDX-License-Identifier: MIT */
#include "powerlaw.h"

#include "alloc.h"
#include "random.h"
#include "robust.h"

#include <cminpack.h>
#include <math.h>
#include <stdlib.h>

enum { MOST = LRP_DECAY_POINTS_MOST, PARAMETERS = 4 };
static const double LEAST_B = 0.05;
static const double MOST_B = 3;
/* in units of the time between the first and the last point */
static const double LEAST_TAU = 1e-3;
static const double MOST_TAU = 100;

/* The data in units of the last t and of the range of y, least y 0. The curve is
 *   c + height g(x), g = ((x + t0) / (x[0] + t0))^-b or exp(-(x - x[0]) / tau),
 * g = 1 at the first point, so that the height is well told whatever b and t0 are. */
struct problem {
    enum lrp_decay_shape shape;
    size_t n;
    double x[MOST], y[MOST];
    double last_t, least_y, range;
    double least_c, most_c, least_t0;
    double log_least_tau, log_most_tau;
};

struct curve {
    double c, height;
    double b, t0; /* power law */
    double tau;   /* exponential */
};

static int parameters_of(const struct problem *problem)
{
    return problem->shape == LRP_DECAY_POWER ? 4 : 3;
}

static double g_at(const struct problem *problem, const struct curve *curve, double x)
{
    if (problem->shape == LRP_DECAY_POWER) {
        return exp(-curve->b * log((x + curve->t0) / (problem->x[0] + curve->t0)));
    }
    return exp(-(x - problem->x[0]) / curve->tau);
}

static double curve_at(const struct problem *problem, const struct curve *curve, double x)
{
    return curve->c + curve->height * g_at(problem, curve, x);
}

/* A falling curve's asymptote lies below its end, but not below the lowest of many noisy points:
 * the largest of the last tenth. */
static double highest_asymptote(const double *y, size_t n)
{
    double highest = y[n - 1];
    for (size_t i = n - (n / 10 < 3 ? 3 : n / 10); i < n; i++) {
        highest = fmax(highest, y[i]);
    }
    return highest;
}

static enum lrp_status set_problem(struct problem *problem, const double *t, const double *y,
                                   size_t n, double floor, struct lrp_error *err)
{
    if (n > MOST) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "%zu points; a curve is fitted to at most %d", n,
                        MOST);
    }
    if (n < LRP_DECAY_POINTS_LEAST) {
        return lrp_fail(err, LRP_E_NODATA, 0, "%zu points; a curve needs %d", n,
                        LRP_DECAY_POINTS_LEAST);
    }
    double least = y[0];
    double largest = y[0];
    for (size_t i = 1; i < n; i++) {
        least = fmin(least, y[i]);
        largest = fmax(largest, y[i]);
    }
    double range = largest - least;
    if (!(range > 0) || !(t[0] >= 0) || !(t[n - 1] > t[0]) || !isfinite(range)) {
        return lrp_fail(err, LRP_E_NODATA, 0, "all %zu points are the same", n);
    }
    problem->n = n;
    problem->last_t = t[n - 1];
    problem->least_y = least;
    problem->range = range;
    for (size_t i = 0; i < n; i++) {
        problem->x[i] = t[i] / t[n - 1];
        problem->y[i] = (y[i] - least) / range;
    }
    problem->most_c = highest_asymptote(problem->y, n);
    problem->least_c = fmin(fmax((floor - least) / range, -10), 0);
    problem->log_least_tau = log(LEAST_TAU * (1 - problem->x[0]));
    problem->log_most_tau = log(MOST_TAU * (1 - problem->x[0]));
    problem->least_t0 = problem->x[0] > 1e-6 ? 0 : 1e-6;
    return LRP_OK;
}

/* ---- bounds by transformation -------------------------------------------------------------- */

/* The share of its range as an angle, kept off the ends, where the derivative is 0 and no way leads
 * back. */
static double angle_of(double value, double least, double most)
{
    double share = most > least ? (value - least) / (most - least) : 0.5;
    return asin(sqrt(fmin(fmax(share, 0.01), 0.99)));
}

static double value_of(double angle, double least, double most)
{
    double sine = sin(angle);
    return least + (most - least) * sine * sine;
}

static void to_free(const struct problem *problem, const struct curve *curve, double *q)
{
    q[0] = sqrt(fmax(curve->height, 1e-4));
    q[1] = angle_of(curve->c, problem->least_c, problem->most_c);
    if (problem->shape == LRP_DECAY_POWER) {
        q[2] = angle_of(curve->b, LEAST_B, MOST_B);
        q[3] = sqrt(fmax(curve->t0 - problem->least_t0, 1e-6));
    } else {
        q[2] = angle_of(log(curve->tau), problem->log_least_tau, problem->log_most_tau);
    }
}

static struct curve from_free(const struct problem *problem, const double *q)
{
    struct curve curve = {.height = q[0] * q[0],
                          .c = value_of(q[1], problem->least_c, problem->most_c)};
    if (problem->shape == LRP_DECAY_POWER) {
        curve.b = value_of(q[2], LEAST_B, MOST_B);
        curve.t0 = problem->least_t0 + q[3] * q[3];
    } else {
        curve.tau = exp(value_of(q[2], problem->log_least_tau, problem->log_most_tau));
    }
    return curve;
}

/* ---- fit ----------------------------------------------------------------------------------- */

static void derivatives(const struct problem *problem, const double *q, double *jacobian,
                        size_t rows)
{
    struct curve curve = from_free(problem, q);
    double by_c = (problem->most_c - problem->least_c) * sin(2 * q[1]);
    double by_b = (MOST_B - LEAST_B) * sin(2 * q[2]);
    double by_tau = (problem->log_most_tau - problem->log_least_tau) * sin(2 * q[2]);
    double first = problem->x[0];
    for (size_t i = 0; i < problem->n; i++) {
        double x = problem->x[i];
        double g = g_at(problem, &curve, x);
        jacobian[i] = 2 * q[0] * g;
        jacobian[i + rows] = by_c;
        if (problem->shape == LRP_DECAY_POWER) {
            double from = 1 / (x + curve.t0) - 1 / (first + curve.t0);
            jacobian[i + 2 * rows] =
                -curve.height * g * log((x + curve.t0) / (first + curve.t0)) * by_b;
            jacobian[i + 3 * rows] = -curve.height * curve.b * g * from * 2 * q[3];
        } else {
            jacobian[i + 2 * rows] = curve.height * g * (x - first) / curve.tau * by_tau;
        }
    }
}

/* As lmder calls it: 1 wants residuals, 2 their derivatives, by columns. */
static int residuals(void *context, int m, int n, const double *q, double *values, double *jacobian,
                     int rows, int wanted)
{
    (void)n;
    const struct problem *problem = context;
    if (wanted == 1) {
        struct curve curve = from_free(problem, q);
        for (size_t i = 0; i < (size_t)m; i++) {
            values[i] = curve_at(problem, &curve, problem->x[i]) - problem->y[i];
        }
    } else {
        derivatives(problem, q, jacobian, (size_t)rows);
    }
    return 0;
}

static double squares_of(const struct problem *problem, const struct curve *curve)
{
    double sum = 0;
    for (size_t i = 0; i < problem->n; i++) {
        double residual = curve_at(problem, curve, problem->x[i]) - problem->y[i];
        sum += residual * residual;
    }
    return sum;
}

/* Improves the curve; leaves it where that fails. Returns the sum of squares. */
static double improve(struct problem *problem, struct curve *curve, double tolerance)
{
    double q[PARAMETERS] = {0};
    double values[MOST];
    double jacobian[MOST * PARAMETERS];
    double diagonal[PARAMETERS];
    double work[5][MOST];
    int pivot[PARAMETERS];
    int calls[2];
    const int m = (int)problem->n;
    to_free(problem, curve, q);
    (void)lmder(residuals, problem, m, parameters_of(problem), q, values, jacobian, m, tolerance,
                tolerance, 0, 60, diagonal, 1, 10, 0, &calls[0], &calls[1], pivot, work[0], work[1],
                work[2], work[3], work[4]);
    struct curve better = from_free(problem, q);
    double before = squares_of(problem, curve);
    double after = squares_of(problem, &better);
    if (after < before) {
        *curve = better;
        return after;
    }
    return before;
}

/* For given b and t0, or tau, the curve is linear in c and the height: both in closed form, c drawn
 * into its bounds. Returns the sum of squares. */
static double solve_linear(const struct problem *problem, struct curve *curve)
{
    double mean_g = 0;
    double mean_y = 0;
    double gg = 0;
    double gy = 0;
    const double n = (double)problem->n;
    for (size_t i = 0; i < problem->n; i++) {
        double g = g_at(problem, curve, problem->x[i]);
        mean_g += g / n;
        mean_y += problem->y[i] / n;
        gg += g * g / n;
        gy += g * problem->y[i] / n;
    }
    double variance = gg - mean_g * mean_g;
    double height = variance > 0 ? (gy - mean_g * mean_y) / variance : 0;
    curve->c = fmin(fmax(mean_y - height * mean_g, problem->least_c), problem->most_c);
    curve->height = fmax((gy - curve->c * mean_g) / gg, 1e-4);
    return squares_of(problem, curve);
}

/* The two best of a grid of starts. */
static void choose_starts(const struct problem *problem, struct curve best[2])
{
    const double exponents[] = {0.1, 0.3, 0.6, 1, 1.6, 2.6};
    const double offsets[] = {1e-3, 0.03, 0.3, 2};
    const double times[] = {0.01, 0.03, 0.1, 0.25, 0.6, 2, 10};
    const bool power = problem->shape == LRP_DECAY_POWER;
    double squares[2] = {(double)INFINITY, (double)INFINITY};
    size_t count = power ? 24 : 7;
    for (size_t i = 0; i < count; i++) {
        struct curve curve = {0};
        if (power) {
            curve.b = exponents[i / 4];
            curve.t0 = problem->least_t0 + offsets[i % 4];
        } else {
            curve.tau = times[i] * (1 - problem->x[0]);
        }
        double sum = solve_linear(problem, &curve);
        if (sum < squares[0]) {
            best[1] = best[0];
            squares[1] = squares[0];
            best[0] = curve;
            squares[0] = sum;
        } else if (sum < squares[1]) {
            best[1] = curve;
            squares[1] = sum;
        }
    }
}

/* The curve in the caller's units. */
static struct lrp_decay_fit describe(const struct problem *problem, const struct curve *curve,
                                     double squares)
{
    const double nan = (double)NAN;
    const double n = (double)problem->n;
    const double parameters = parameters_of(problem);
    double mean = 0;
    double deviation = 0;
    lrp_mean_deviation(problem->y, problem->n, &mean, &deviation);
    struct lrp_decay_fit out = {.shape = problem->shape, .b = nan, .t0 = nan, .tau = nan};
    out.c = problem->least_y + problem->range * curve->c;
    out.first = problem->x[0] * problem->last_t;
    out.height = problem->range * curve->height;
    if (problem->shape == LRP_DECAY_POWER) {
        out.b = curve->b;
        out.t0 = curve->t0 * problem->last_t;
        out.a = out.height * pow(out.first + out.t0, out.b);
    } else {
        out.tau = curve->tau * problem->last_t;
        out.a = out.height * exp(out.first / out.tau);
    }
    out.deviation = problem->range * sqrt(squares / (n - parameters));
    out.r2 = 1 - squares / (deviation * deviation * (n - 1));
    double k = parameters + 1; /* and the noise */
    out.aicc = n * log(fmax(squares / n, 1e-30)) + 2 * k;
    out.aicc += n > k + 1 ? 2 * k * (k + 1) / (n - k - 1) : 0;
    return out;
}

static struct lrp_decay_fit fit_shape(struct problem *problem, enum lrp_decay_shape shape)
{
    struct curve curves[2];
    problem->shape = shape;
    choose_starts(problem, curves);
    double first = improve(problem, &curves[0], 1e-10);
    double second = improve(problem, &curves[1], 1e-10);
    return second < first ? describe(problem, &curves[1], second)
                          : describe(problem, &curves[0], first);
}

enum lrp_status lrp_fit_decay(const double *t, const double *y, size_t n, double floor,
                              struct lrp_decay_fit *out, struct lrp_error *err)
{
    struct problem problem;
    LRP_TRY(set_problem(&problem, t, y, n, floor, err));
    struct lrp_decay_fit power = fit_shape(&problem, LRP_DECAY_POWER);
    struct lrp_decay_fit exponential = fit_shape(&problem, LRP_DECAY_EXPONENTIAL);
    *out = exponential.aicc < power.aicc ? exponential : power;
    return LRP_OK;
}

/* ---- forecast ------------------------------------------------------------------------------ */

/* The curve's value at t >= 0. */
static double decay_at(const struct lrp_decay_fit *decay, double t)
{
    if (decay->shape == LRP_DECAY_POWER) {
        double ratio = (t + decay->t0) / (decay->first + decay->t0);
        return decay->c + decay->height * pow(ratio, -decay->b);
    }
    return decay->c + decay->height * exp(-(t - decay->first) / decay->tau);
}

static struct curve curve_of(const struct problem *problem, const struct lrp_decay_fit *decay)
{
    struct curve curve = {.c = (decay->c - problem->least_y) / problem->range};
    curve.height = decay->height / problem->range;
    curve.b = decay->b;
    curve.t0 = decay->t0 / problem->last_t;
    curve.tau = decay->tau / problem->last_t;
    return curve;
}

/* Puts moving blocks of residuals on the fitted values: the resample's y. */
static void resample(struct problem *problem, const double *fitted, const double *residual,
                     struct lrp_random *random)
{
    size_t length = (size_t)lround(cbrt((double)problem->n));
    size_t begin = 0;
    for (size_t i = 0; i < problem->n; i++) {
        if (i % length == 0) {
            begin = (size_t)lrp_random_below(random, problem->n - length + 1);
        }
        problem->y[i] = fitted[i] + residual[begin + i % length];
    }
}

/* values, gains: one of each a resample. */
static void bootstrap(struct problem *problem, const struct curve *curve, double x,
                      size_t resamples, uint64_t seed, double *values, double *gains)
{
    double fitted[MOST];
    double residual[MOST];
    const double n = (double)problem->n;
    const double lost = parameters_of(problem) * cbrt(n);
    const double wider = lost < 0.5 * n ? sqrt(n / (n - lost)) : sqrt(2);
    double mean = 0;
    for (size_t i = 0; i < problem->n; i++) {
        fitted[i] = curve_at(problem, curve, problem->x[i]);
        residual[i] = problem->y[i] - fitted[i];
        mean += residual[i] / n;
    }
    for (size_t i = 0; i < problem->n; i++) {
        residual[i] = (residual[i] - mean) * wider;
    }
    struct lrp_random random;
    lrp_random_seed(&random, seed, 0);
    for (size_t k = 0; k < resamples; k++) {
        resample(problem, fitted, residual, &random);
        struct curve again = *curve;
        (void)improve(problem, &again, 1e-5);
        values[k] = curve_at(problem, &again, x);
        gains[k] = curve_at(problem, &again, 1) - values[k];
    }
    lrp_sort_doubles(values, resamples);
    lrp_sort_doubles(gains, resamples);
}

enum lrp_status lrp_forecast_decay(const struct lrp_decay_fit *decay, const double *t,
                                   const double *y, size_t n, double floor, double at,
                                   size_t resamples, uint64_t seed, double level,
                                   struct lrp_decay_forecast *out, struct lrp_error *err)
{
    struct problem problem;
    if (resamples < 20 || resamples > LRP_DECAY_RESAMPLES_MOST || !(level > 0 && level < 1) ||
        !(at >= 0 && isfinite(at))) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "a forecast takes 20 to %d resamples, a level between 0 and 1 and a "
                        "position from 0 on",
                        LRP_DECAY_RESAMPLES_MOST);
    }
    LRP_TRY(set_problem(&problem, t, y, n, floor, err));
    double *values = lrp_calloc_array(2 * resamples, sizeof *values);
    LRP_TRY_MEMORY(values, err);
    double *gains = values + resamples;
    problem.shape = decay->shape;
    struct curve curve = curve_of(&problem, decay);
    bootstrap(&problem, &curve, at / problem.last_t, resamples, seed, values, gains);
    double low = 0.5 * (1 - level);
    const double range = problem.range;
    out->value = decay_at(decay, at);
    /* the fit itself is inside, also where it lies at the floor and no resample does */
    out->low =
        fmin(out->value, problem.least_y + range * lrp_quantile_sorted(values, resamples, low));
    out->high =
        fmax(out->value, problem.least_y + range * lrp_quantile_sorted(values, resamples, 1 - low));
    out->gain = decay_at(decay, problem.last_t) - out->value;
    out->gain_low = range * lrp_quantile_sorted(gains, resamples, low);
    out->gain_high = range * lrp_quantile_sorted(gains, resamples, 1 - low);
    free(values);
    return LRP_OK;
}
