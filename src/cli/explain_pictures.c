/* SPDX-License-Identifier: MIT */
/* Simulations behind the pictures of `lrprobe explain`: gradient descent on a valley, mostly, with
 * fixed seeds. They are small enough to be seen through, and computed, not drawn. */
#include "explain_valley.h"

#include <math.h>

void lrp_picture_annealing(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a noisy valley", "step", "loss");
    picture->log_y = true;
    lrp_valley_train(lrp_picture_add_curve(picture, "constant rate"), lrp_rate_constant, 0.5, 400,
                     0.3, 0);
    lrp_valley_train(lrp_picture_add_curve(picture, "cosine"), lrp_rate_cosine, 0.5, 400, 0.3, 0);
}

void lrp_picture_batch_size(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "end of a training at one rate", "batch size", "loss");
    picture->log_x = picture->log_y = true;
    struct lrp_picture_curve *same = lrp_picture_add_curve(picture, "same rate");
    struct lrp_picture_curve *scaled =
        lrp_picture_add_curve(picture, "rate in proportion, at most 1.2");
    for (double batch = 1; batch <= 512; batch *= 2) {
        double rates[2] = {0.05, fmin(0.05 * batch, 1.2)};
        for (int i = 0; i < 2; i++) {
            struct lrp_valley valley;
            double mean = 0;
            lrp_valley_init(&valley, 0.5 / sqrt(batch), 3);
            for (int k = 0; k < 400; k++) {
                lrp_valley_step(&valley, rates[i], 0);
                mean += k >= 300 ? lrp_valley_loss(&valley) / 100 : 0;
            }
            lrp_picture_add_point(i == 0 ? same : scaled, batch, mean);
        }
    }
}

/* Nearest neighbours on noisy points of a sine: squared error by the number of neighbours. */
static double truth(double x)
{
    return sin(2 * LRP_PI * x);
}

static double neighbours(const double *x, const double *y, int n, double at, int k)
{
    /* the k nearest of sorted x form a run: widen it to the nearer side */
    int low = 0;
    while (low < n && x[low] < at) {
        low++;
    }
    int high = low; /* [low, high) */
    while (high - low < k) {
        bool left = high == n || (low > 0 && at - x[low - 1] <= x[high] - at);
        low -= left ? 1 : 0;
        high += left ? 0 : 1;
    }
    double sum = 0;
    for (int i = low; i < high; i++) {
        sum += y[i];
    }
    return sum / k;
}

void lrp_picture_bias_variance(struct lrp_picture *picture)
{
    enum { N = 60, SETS = 60, FRESH = 40 };
    lrp_picture_set_labels(picture, "nearest neighbours on noisy points: complex to the right",
                           "1 / neighbours", "squared error");
    picture->log_x = true;
    struct lrp_picture_curve *training = lrp_picture_add_curve(picture, "training points");
    struct lrp_picture_curve *fresh = lrp_picture_add_curve(picture, "new points");
    struct lrp_random random;
    for (int k = N; k >= 1; k -= k > 20 ? 8 : k > 6 ? 2 : 1) {
        double seen = 0;
        double unseen = 0;
        lrp_random_seed(&random, 5, 0);
        for (int set = 0; set < SETS; set++) {
            double x[N];
            double y[N];
            for (int i = 0; i < N; i++) {
                x[i] = (i + 0.5) / N;
                y[i] = truth(x[i]) + 0.5 * lrp_random_normal(&random);
            }
            for (int i = 0; i < N; i++) {
                seen += pow(neighbours(x, y, N, x[i], k) - y[i], 2) / (N * SETS);
            }
            for (int i = 0; i < FRESH; i++) {
                double at = lrp_random_uniform(&random);
                double value = truth(at) + 0.5 * lrp_random_normal(&random);
                unseen += pow(neighbours(x, y, N, at, k) - value, 2) / (FRESH * SETS);
            }
        }
        lrp_picture_add_point(training, 1.0 / k, seen);
        lrp_picture_add_point(fresh, 1.0 / k, unseen);
    }
}

void lrp_picture_clipping(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a gradient a hundred times the usual at step 100", "step",
                           "loss");
    picture->log_y = true;
    for (int clipped = 0; clipped < 2; clipped++) {
        struct lrp_picture_curve *curve =
            lrp_picture_add_curve(picture, clipped ? "clipped at 2" : "as it is");
        double w = 3;
        for (int k = 0; k < 300; k++) {
            double gradient = k == 100 ? -100 : w;
            lrp_picture_add_point(curve, k, 0.01 + 0.5 * w * w);
            w -= 0.05 * (clipped && fabs(gradient) > 2 ? 2 * gradient / fabs(gradient) : gradient);
        }
    }
}

void lrp_picture_cyclical(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "the rate of three triangles", "step", "share of max_lr");
    lrp_picture_draw_rate(lrp_picture_add_curve(picture, "triangular"), lrp_rate_triangle);
}

static void descend(struct lrp_picture_curve *curve, double lr, double most)
{
    double w = 1;
    for (int k = 0; k < 40 && 0.5 * w * w < most; k++) {
        lrp_picture_add_point(curve, k, 0.5 * w * w);
        w -= lr * w;
    }
}

void lrp_picture_divergence(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a parabola of curvature 1", "step", "loss");
    picture->log_y = true;
    descend(lrp_picture_add_curve(picture, "lr 0.3"), 0.3, 1e6);
    descend(lrp_picture_add_curve(picture, "lr 1.9"), 1.9, 1e6);
    descend(lrp_picture_add_curve(picture, "lr 2.1"), 2.1, 1e6);
}

void lrp_picture_dropout(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "one weight whose best value is 1, inputs of size s",
                           "share left out", "weight");
    struct lrp_picture_curve *large = lrp_picture_add_curve(picture, "alone");
    struct lrp_picture_curve *shared =
        lrp_picture_add_curve(picture, "one of ten that carry the same");
    for (int i = 0; i <= 90; i++) {
        double p = i / 100.0;
        /* least of E (s - sum of w mask / (1 - p) s)^2 over w, the same for all of n inputs */
        lrp_picture_add_point(large, p, 1 / (1 + p / (1 - p)));
        lrp_picture_add_point(shared, p, 10 / (10 + p / (1 - p)));
    }
}

void lrp_picture_early_stopping(struct lrp_picture *picture)
{
    enum { N = 20 };
    lrp_picture_set_labels(picture, "a linear model with as many inputs as examples", "step",
                           "squared error");
    picture->log_x = picture->log_y = true;
    struct lrp_picture_curve *training = lrp_picture_add_curve(picture, "training");
    struct lrp_picture_curve *validation = lrp_picture_add_curve(picture, "validation");
    double scale[N];
    double noisy[N];
    double w[N] = {0};
    struct lrp_random random;
    lrp_random_seed(&random, 8, 0);
    for (int i = 0; i < N; i++) {
        scale[i] = pow(10, -1.5 * i / (N - 1));
        noisy[i] = 1 + 0.3 * lrp_random_normal(&random) / scale[i]; /* what the examples say */
    }
    double next = 1;
    for (int k = 0; k < 20000; k++) {
        double seen = 1e-4;
        double unseen = 0.02;
        for (int i = 0; i < N; i++) {
            seen += pow(scale[i] * (w[i] - noisy[i]), 2) / N;
            unseen += pow(scale[i] * (w[i] - 1), 2) / N;
            w[i] -= 0.1 * scale[i] * scale[i] * (w[i] - noisy[i]);
        }
        if (k + 1 >= next) {
            lrp_picture_add_point(training, k + 1, seen);
            lrp_picture_add_point(validation, k + 1, unseen);
            next *= 1.05;
        }
    }
}

/* Accuracy of a direction that begins 60 degrees off and has an old task's direction to keep. */
void lrp_picture_fine_tuning(struct lrp_picture *picture)
{
    enum { STEPS = 200 };
    lrp_picture_set_labels(picture, "200 steps from good weights of another task", "learning rate",
                           "loss");
    picture->log_x = true;
    struct lrp_picture_curve *training = lrp_picture_add_curve(picture, "training loss");
    struct lrp_picture_curve *validation = lrp_picture_add_curve(picture, "validation loss");
    for (double lr = 1e-5; lr < 1.9; lr *= 1.2) {
        /* one weight has much to learn, the others are right already and have noisy examples */
        double w[2] = {0, 1};
        for (int k = 0; k < STEPS; k++) {
            w[0] -= lr * (w[0] - 1);
            w[1] -= lr * 0.02 * (w[1] - 0);
        }
        lrp_picture_add_point(training, lr, 0.5 * pow(w[0] - 1, 2) + 0.01 * w[1] * w[1] + 0.05);
        lrp_picture_add_point(validation, lr,
                              0.5 * pow(w[0] - 1, 2) + 0.5 * pow(w[1] - 1, 2) + 0.1);
    }
}

void lrp_picture_learning_rate(struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "loss after 200 steps in a noisy valley", "learning rate",
                           "loss");
    picture->log_x = picture->log_y = true;
    struct lrp_picture_curve *curve = lrp_picture_add_curve(picture, NULL);
    for (double lr = 1e-4; lr < 3; lr *= 1.1) {
        struct lrp_valley valley;
        lrp_valley_init(&valley, 0.2, 4);
        for (int k = 0; k < 200; k++) {
            lrp_valley_step(&valley, lr, 0);
        }
        double loss = lrp_valley_loss(&valley);
        lrp_picture_add_point(curve, lr, loss < 100 ? loss : (double)NAN);
    }
}
