/* SPDX-License-Identifier: MIT */
#include "explain_valley.h"

#include <math.h>

struct lrp_picture_curve *lrp_picture_add_curve(struct lrp_picture *picture, const char *title)
{
    struct lrp_picture_curve *curve = &picture->curves[picture->n_curves++];
    curve->title = title;
    return curve;
}

void lrp_picture_add_point(struct lrp_picture_curve *curve, double x, double y)
{
    if (curve->n < LRP_PICTURE_POINTS) {
        curve->x[curve->n] = x;
        curve->y[curve->n] = y;
        curve->n++;
    }
}

void lrp_picture_set_labels(struct lrp_picture *picture, const char *title, const char *x,
                            const char *y)
{
    picture->title = title;
    picture->x_label = x;
    picture->y_label = y;
}

void lrp_valley_init(struct lrp_valley *valley, double noise, uint64_t seed)
{
    lrp_random_seed(&valley->random, seed, 0);
    valley->noise = noise;
    for (int i = 0; i < LRP_VALLEY_DIRECTIONS; i++) {
        valley->curvature[i] = pow(10, -2.0 * i / (LRP_VALLEY_DIRECTIONS - 1));
        valley->w[i] = 1;
        valley->velocity[i] = 0;
    }
}

double lrp_valley_loss(const struct lrp_valley *valley)
{
    double sum = 0;
    for (int i = 0; i < LRP_VALLEY_DIRECTIONS; i++) {
        sum += 0.5 * valley->curvature[i] * valley->w[i] * valley->w[i];
    }
    return sum;
}

void lrp_valley_step(struct lrp_valley *valley, double lr, double momentum)
{
    for (int i = 0; i < LRP_VALLEY_DIRECTIONS; i++) {
        double gradient = valley->curvature[i] * valley->w[i] +
                          valley->noise * lrp_random_normal(&valley->random);
        valley->velocity[i] = momentum * valley->velocity[i] + gradient;
        valley->w[i] -= lr * valley->velocity[i];
    }
}

/* rate(k / n) at each step; the loss before it. */
void lrp_valley_train(struct lrp_picture_curve *curve, double (*rate)(double share), double scale,
                      size_t n, double noise, double momentum)
{
    struct lrp_valley valley;
    lrp_valley_init(&valley, noise, 1);
    for (size_t k = 0; k < n; k++) {
        lrp_picture_add_point(curve, (double)k, lrp_valley_loss(&valley));
        lrp_valley_step(&valley, scale * rate((double)k / (double)n), momentum);
    }
}

double lrp_rate_constant(double share)
{
    (void)share;
    return 1;
}

double lrp_rate_cosine(double share)
{
    return (1 + cos(LRP_PI * share)) / 2;
}

double lrp_rate_one_cycle(double share)
{
    return share < 0.3 ? 0.04 + 0.96 * (1 - cos(LRP_PI * share / 0.3)) / 2
                       : (1 + cos(LRP_PI * (share - 0.3) / 0.7)) / 2;
}

double lrp_rate_triangle(double share)
{
    double x = fmod(share * 3, 1);
    return 0.25 + 0.75 * (1 - fabs(2 * x - 1));
}

double lrp_rate_restarts(double share)
{
    double start = share < 1.0 / 7 ? 0 : share < 3.0 / 7 ? 1.0 / 7 : 3.0 / 7;
    double length = share < 1.0 / 7 ? 1.0 / 7 : share < 3.0 / 7 ? 2.0 / 7 : 4.0 / 7;
    return (1 + cos(LRP_PI * (share - start) / length)) / 2;
}

void lrp_picture_draw_rate(struct lrp_picture_curve *curve, double (*rate)(double share))
{
    for (int k = 0; k < LRP_PICTURE_POINTS; k++) {
        lrp_picture_add_point(curve, k, rate((double)k / LRP_PICTURE_POINTS));
    }
}
