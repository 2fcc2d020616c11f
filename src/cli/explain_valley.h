/* SPDX-License-Identifier: MIT */
/* What the pictures of `lrprobe explain` are made with: gradient descent on a noisy valley. */
#ifndef LRP_CLI_EXPLAIN_VALLEY_H
#define LRP_CLI_EXPLAIN_VALLEY_H

#include "explain.h"
#include "random.h"

#define LRP_PI 3.14159265358979323846
enum { LRP_VALLEY_DIRECTIONS = 20 };

/* A valley with curvatures from 0.01 to 1 and noisy gradients, as a mini-batch gives them. */
struct lrp_valley {
    double curvature[LRP_VALLEY_DIRECTIONS];
    double w[LRP_VALLEY_DIRECTIONS];
    double velocity[LRP_VALLEY_DIRECTIONS];
    double noise;
    struct lrp_random random;
};

void lrp_valley_init(struct lrp_valley *valley, double noise, uint64_t seed);
double lrp_valley_loss(const struct lrp_valley *valley);
void lrp_valley_step(struct lrp_valley *valley, double lr, double momentum);
/* n steps from the same start; step k has the rate scale * rate(k / n), and the loss before it is
 * added to the curve. */
void lrp_valley_train(struct lrp_picture_curve *curve, double (*rate)(double share), double scale,
                      size_t n, double noise, double momentum);

/* Shapes of schedules, from 0 to 1, by the share of the run. */
double lrp_rate_constant(double share);
double lrp_rate_cosine(double share);
double lrp_rate_one_cycle(double share);
double lrp_rate_triangle(double share);
double lrp_rate_restarts(double share);

struct lrp_picture_curve *lrp_picture_add_curve(struct lrp_picture *picture, const char *title);
void lrp_picture_add_point(struct lrp_picture_curve *curve, double x, double y);
void lrp_picture_set_labels(struct lrp_picture *picture, const char *title, const char *x,
                            const char *y);
void lrp_picture_draw_rate(struct lrp_picture_curve *curve, double (*rate)(double share));
#endif
