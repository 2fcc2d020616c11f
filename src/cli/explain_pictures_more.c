/* SPDX-License-Identifier: MIT */
/* Simulations behind the pictures of `lrprobe explain`, second part: minima, paths, regularisation.
 */
#include "explain_valley.h"

#include <math.h>

void lrp_picture_minima(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a sharp and a flat minimum; validation is a little shifted",
                           "weight", "loss");
    for (int shifted = 0; shifted < 2; shifted++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, shifted ? "validation" : "training");
        for (int i = 0; i < LRP_PICTURE_POINTS; i++) {
            double w = -2 + 6.0 * i / LRP_PICTURE_POINTS;
            double x = w - (shifted ? 0.15 : 0);
            double sharp = 0.9 * exp(-x * x / 0.03);
            double flat = 0.9 * exp(-(x - 2) * (x - 2) / 0.8);
            lrp_picture_add_point(curve, w, 1 - sharp - flat);
        }
    }
}

void lrp_picture_momentum(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a long valley, no noise", "step", "loss");
    picture->log_y = true;
    lrp_valley_train(lrp_picture_add_curve(picture, "without momentum"), lrp_rate_constant, 1.5,
                     200, 0, 0);
    lrp_valley_train(lrp_picture_add_curve(picture, "momentum 0.9"), lrp_rate_constant, 1.0, 200, 0,
                     0.9);
}

void lrp_picture_one_cycle(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "rate and momentum of one cycle", "step",
                           "share of max_lr, and momentum");
    lrp_picture_draw_rate(lrp_picture_add_curve(picture, "rate"), lrp_rate_one_cycle);
    struct lrp_picture_curve *momentum = lrp_picture_add_curve(picture, "momentum");
    for (int k = 0; k < LRP_PICTURE_POINTS; k++) {
        double share = (double)k / LRP_PICTURE_POINTS;
        double away = share < 0.3 ? (1 - cos(LRP_PI * share / 0.3)) / 2
                                  : (1 + cos(LRP_PI * (share - 0.3) / 0.7)) / 2;
        lrp_picture_add_point(momentum, k, 0.95 - 0.1 * away);
    }
}

void lrp_picture_oscillation(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a parabola of curvature 1", "step", "weight");
    double rates[] = {0.5, 1.9};
    for (int i = 0; i < 2; i++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, i == 0 ? "lr 0.5" : "lr 1.9");
        double w = 1;
        for (int k = 0; k < 40; k++) {
            lrp_picture_add_point(curve, k, w);
            w -= rates[i] * w;
        }
    }
}

void lrp_picture_plateau(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "from near a saddle of x^2 - y^2 + y^4 / 2", "step", "loss");
    double rates[] = {0.02, 0.1};
    for (int i = 0; i < 2; i++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, i == 0 ? "lr 0.02" : "lr 0.1");
        double x = 1;
        double y = 1e-4;
        for (int k = 0; k < 300; k++) {
            lrp_picture_add_point(curve, k, x * x - y * y + y * y * y * y / 2);
            x -= rates[i] * 2 * x;
            y -= rates[i] * (-2 * y + 2 * y * y * y);
        }
    }
}

void lrp_picture_range_test(struct lrp_picture *picture)
{
    struct lrp_valley valley;
    lrp_picture_set_labels(picture, "one sweep over a noisy valley", "learning rate", "loss");
    picture->log_x = true;
    struct lrp_picture_curve *curve = lrp_picture_add_curve(picture, NULL);
    lrp_valley_init(&valley, 0.05, 2);
    for (int k = 0; k < 250; k++) {
        double lr = 1e-4 * pow(5e4, k / 249.0);
        double loss = lrp_valley_loss(&valley);
        if (loss > 3.5) {
            return;
        }
        lrp_picture_add_point(curve, lr, loss);
        lrp_valley_step(&valley, lr, 0);
    }
}

void lrp_picture_thresholds(struct lrp_picture *picture)
{
    lrp_picture_range_test(picture);
    picture->title = "where a sweep begins to fall, and where it stops";
    const struct lrp_picture_curve *curve = &picture->curves[0];
    size_t lowest = 0;
    size_t begins = 0;
    for (size_t i = 1; i < curve->n; i++) {
        lowest = curve->y[i] < curve->y[lowest] ? i : lowest;
    }
    double level = curve->y[0] - 0.05 * (curve->y[0] - curve->y[lowest]);
    while (begins < lowest && curve->y[begins] > level) {
        begins++;
    }
    const size_t at[2] = {begins, lowest};
    for (int i = 0; i < 2; i++) {
        struct lrp_picture_curve *mark =
            lrp_picture_add_curve(picture, i == 0 ? "base_lr" : "max_lr");
        lrp_picture_add_point(mark, curve->x[at[i]], curve->y[lowest]);
        lrp_picture_add_point(mark, curve->x[at[i]], curve->y[0]);
    }
}

void lrp_picture_restarts(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "the rate with T_mult 2, and a noisy valley under it", "step",
                           "share of max_lr, and loss");
    lrp_picture_draw_rate(lrp_picture_add_curve(picture, "rate"), lrp_rate_restarts);
    lrp_valley_train(lrp_picture_add_curve(picture, "loss"), lrp_rate_restarts, 0.7, 400, 0.4, 0);
}

static double normal_share(double z)
{
    return 0.5 * erfc(-z / sqrt(2.0));
}

void lrp_picture_robustness(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "points at a margin from the boundary", "noise of the inputs",
                           "share still right");
    struct lrp_picture_curve *narrow = lrp_picture_add_curve(picture, "margin 0.3");
    struct lrp_picture_curve *wide = lrp_picture_add_curve(picture, "margin 1");
    for (int i = 1; i <= 100; i++) {
        lrp_picture_add_point(narrow, i / 50.0, normal_share(0.3 / (i / 50.0)));
        lrp_picture_add_point(wide, i / 50.0, normal_share(1 / (i / 50.0)));
    }
}

void lrp_picture_slow(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "one valley, three rates", "step", "loss");
    lrp_valley_train(lrp_picture_add_curve(picture, "lr 0.003"), lrp_rate_constant, 0.003, 400, 0,
                     0);
    lrp_valley_train(lrp_picture_add_curve(picture, "lr 0.03"), lrp_rate_constant, 0.03, 400, 0, 0);
    lrp_valley_train(lrp_picture_add_curve(picture, "lr 0.3"), lrp_rate_constant, 0.3, 400, 0, 0);
}

/* Adam on one weight: calm gradients make its denominator small when a large one comes. */
void lrp_picture_spikes(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "Adam, one weight, a gradient of 3 at step 250", "step",
                           "loss");
    picture->log_y = true;
    for (int i = 0; i < 2; i++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, i == 0 ? "beta2 0.999" : "beta2 0.95");
        double beta2 = i == 0 ? 0.999 : 0.95;
        double w = 1;
        double m = 0;
        double v = 0;
        for (int k = 1; k <= 400; k++) {
            double gradient = k == 250 ? 3 : 0.2 * w;
            lrp_picture_add_point(curve, k, 1e-3 + w * w);
            m = 0.9 * m + 0.1 * gradient;
            v = beta2 * v + (1 - beta2) * gradient * gradient;
            w -= 0.02 * (m / (1 - pow(0.9, k))) / (sqrt(v / (1 - pow(beta2, k))) + 1e-8);
        }
    }
}

void lrp_picture_super_convergence(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a noisy valley: 400 steps at one rate, and one cycle of 150",
                           "step", "loss");
    picture->log_y = true;
    lrp_valley_train(lrp_picture_add_curve(picture, "constant 0.1"), lrp_rate_constant, 0.1, 400,
                     0.2, 0);
    lrp_valley_train(lrp_picture_add_curve(picture, "one cycle to 1.2"), lrp_rate_one_cycle, 1.2,
                     150, 0.2, 0);
}

void lrp_picture_warmup(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a valley that is steep at the start only", "step", "loss");
    picture->log_y = true;
    for (int warm = 0; warm < 2; warm++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, warm ? "warm-up of 30 steps" : "without");
        double w = 1;
        for (int k = 0; k < 100; k++) {
            double curvature = 0.1 + 3 * exp(-k / 10.0);
            double lr = 1.2 * (warm && k < 30 ? (k + 1) / 31.0 : 1);
            lrp_picture_add_point(curve, k, 0.01 + 0.5 * w * w);
            w -= lr * curvature * w;
        }
    }
}

void lrp_picture_weight_decay(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "Adam at rate 0.01 on gradients of pure noise, decay 0.3",
                           "step", "weight");
    struct lrp_random random;
    for (int i = 0; i < 2; i++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, i == 0 ? "coupled" : "decoupled (AdamW)");
        double w = 1;
        double m = 0;
        double v = 0;
        lrp_random_seed(&random, 6, 0);
        for (int k = 1; k <= 400; k++) {
            double gradient = 3 * lrp_random_normal(&random) + (i == 0 ? 0.3 * w : 0);
            lrp_picture_add_point(curve, k, w);
            m = 0.9 * m + 0.1 * gradient;
            v = 0.999 * v + 0.001 * gradient * gradient;
            w -= 0.01 * (m / (1 - pow(0.9, k))) / (sqrt(v / (1 - pow(0.999, k))) + 1e-8);
            w -= i == 1 ? 0.01 * 0.3 * w : 0;
        }
    }
}

void lrp_picture_zigzag(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "paths in a valley with curvatures 1 and 0.02",
                           "along the valley", "across it");
    for (int i = 0; i < 2; i++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, i == 0 ? "without" : "momentum 0.7");
        double momentum = i == 0 ? 0 : 0.7;
        double lr = i == 0 ? 1.85 : 0.6;
        double w[2] = {-3, 1};
        double v[2] = {0, 0};
        const double curvature[2] = {0.02, 1};
        for (int k = 0; k < 40; k++) {
            lrp_picture_add_point(curve, w[0], w[1]);
            for (int d = 0; d < 2; d++) {
                v[d] = momentum * v[d] + curvature[d] * w[d];
                w[d] -= lr * v[d];
            }
        }
    }
}
