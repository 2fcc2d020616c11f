/* SPDX-License-Identifier: MIT */
#include "pictures.h"

#include "random.h"
#include "schedule.h"

#include <math.h>
#include <string.h>

#define PI 3.14159265358979323846
enum { POINTS = LRP_PICTURE_POINTS, DIRECTIONS = 20 };

/* Begins the next curve. */
static void add_curve(struct lrp_picture *picture, const char *title)
{
    static const enum lrp_curve_role roles[LRP_PICTURE_CURVES] = {
        LRP_CURVE_MAIN, LRP_CURVE_VALIDATION, LRP_CURVE_FIT};
    size_t i = picture->figure.n_curves++;
    picture->curves[i] = (struct lrp_plot_curve){
        .title = title, .x = picture->x[i], .y = picture->y[i], .role = roles[i]};
}

/* Adds a point to the last curve; what does not fit is left out. */
static void add_point(struct lrp_picture *picture, double x, double y)
{
    size_t i = picture->figure.n_curves - 1;
    size_t n = picture->curves[i].n;
    if (n < POINTS) {
        picture->x[i][n] = x;
        picture->y[i][n] = y;
        picture->curves[i].n++;
    }
}

/* A valley with curvatures from 0.01 to 1 and noisy gradients, as mini-batches give them. */
struct valley {
    double curvature[DIRECTIONS];
    double w[DIRECTIONS];
    double velocity[DIRECTIONS];
    double noise;
    struct lrp_random random;
};

static void valley_init(struct valley *valley, double noise, uint64_t seed)
{
    *valley = (struct valley){.noise = noise};
    lrp_random_seed(&valley->random, seed, 0);
    for (int i = 0; i < DIRECTIONS; i++) {
        valley->curvature[i] = pow(10, -2.0 * i / (DIRECTIONS - 1));
        valley->w[i] = 1;
    }
}

/* A step of gradient descent with momentum; returns the loss before it. */
static double valley_step(struct valley *valley, double lr, double momentum)
{
    double loss = 0;
    for (int i = 0; i < DIRECTIONS; i++) {
        double slope = valley->curvature[i] * valley->w[i];
        loss += 0.5 * slope * valley->w[i];
        slope += valley->noise * lrp_random_normal(&valley->random);
        valley->velocity[i] = momentum * valley->velocity[i] + slope;
        valley->w[i] -= lr * valley->velocity[i];
    }
    return loss;
}

/* A curve: the losses of a training in the valley at the rates of a schedule. */
static void add_training(struct lrp_picture *picture, const char *title, const char *spec,
                         size_t n_steps, double noise, double momentum)
{
    struct lrp_schedule schedule;
    struct valley valley;
    add_curve(picture, title);
    if (lrp_schedule_parse(spec, NULL, &schedule, NULL) != LRP_OK) {
        return; /* never: a test wants points in every curve */
    }
    valley_init(&valley, noise, 1);
    for (size_t k = 0; k < n_steps; k++) {
        double lr = lrp_schedule_at(&schedule, n_steps, k).lr;
        add_point(picture, (double)k, valley_step(&valley, lr, momentum));
    }
}

/* A curve: gradient descent on a parabola of curvature 1 from weight 1; its loss or its weight. */
static void add_descent(struct lrp_picture *picture, const char *title, double lr, bool loss)
{
    double w = 1;
    add_curve(picture, title);
    for (int k = 0; k < 40 && fabs(w) < 1e3; k++) {
        add_point(picture, k, loss ? 0.5 * w * w : w);
        w -= lr * w;
    }
}

/* Adam on one weight. */
struct adam {
    double mean, square; /* running means of the gradient and of its square */
    double beta2;
    int steps;
};

/* What the rate is multiplied with in the step along a gradient. */
static double adam_step(struct adam *adam, double gradient)
{
    const double beta1 = 0.9;
    adam->steps++;
    adam->mean = beta1 * adam->mean + (1 - beta1) * gradient;
    adam->square = adam->beta2 * adam->square + (1 - adam->beta2) * gradient * gradient;
    return adam->mean / (1 - pow(beta1, adam->steps)) /
           (sqrt(adam->square / (1 - pow(adam->beta2, adam->steps))) + 1e-8);
}

static void annealing(struct lrp_picture *picture)
{
    add_training(picture, "constant rate", "constant:lr=0.5", POINTS, 0.3, 0);
    add_training(picture, "cosine", "cosine:max_lr=0.5", POINTS, 0.3, 0);
}

/* Squared error of the mean of k neighbours of noisy points of a sine that closes in itself. */
static void bias_variance(struct lrp_picture *picture)
{
    enum { N = 60, SETS = 60 };
    struct lrp_random random;
    for (int fresh = 0; fresh < 2; fresh++) {
        add_curve(picture, fresh ? "new points" : "training points");
        for (int k = N - 1; k >= 1; k -= k > 20 ? 8 : 2) {
            double error = 0;
            lrp_random_seed(&random, 5, 0);
            for (int set = 0; set < SETS; set++) {
                double truth[N], seen[N], wanted[N];
                for (int i = 0; i < N; i++) {
                    truth[i] = sin(2 * PI * i / N);
                    seen[i] = truth[i] + 0.5 * lrp_random_normal(&random);
                    wanted[i] = fresh ? truth[i] + 0.5 * lrp_random_normal(&random) : seen[i];
                }
                for (int i = 0; i < N; i++) {
                    double sum = 0;
                    for (int j = i - k / 2; j <= i + k / 2; j++) {
                        sum += seen[(j + N) % N];
                    }
                    error += pow(sum / k - wanted[i], 2) / (N * SETS);
                }
            }
            add_point(picture, 1.0 / k, error);
        }
    }
}

static void divergence(struct lrp_picture *picture)
{
    add_descent(picture, "lr 0.3", 0.3, true);
    add_descent(picture, "lr 1.9", 1.9, true);
    add_descent(picture, "lr 2.1", 2.1, true);
}

static void learning_rate(struct lrp_picture *picture)
{
    add_curve(picture, NULL);
    for (double lr = 1e-4; lr < 3; lr *= 1.1) {
        struct valley valley;
        double loss = 0;
        valley_init(&valley, 0.2, 4);
        for (int k = 0; k <= 200; k++) {
            loss = valley_step(&valley, lr, 0);
        }
        add_point(picture, lr, loss < 100 ? loss : (double)NAN);
    }
}

static void momentum(struct lrp_picture *picture)
{
    add_training(picture, "without momentum", "constant:lr=1.5", 200, 0, 0);
    add_training(picture, "momentum 0.9", "constant:lr=1", 200, 0, 0.9);
}

static void oscillation(struct lrp_picture *picture)
{
    add_descent(picture, "lr 0.5", 0.5, false);
    add_descent(picture, "lr 1.9", 1.9, false);
}

static void range_test(struct lrp_picture *picture)
{
    static const char *const labels[LRP_PICTURE_MARKS] = {"base_lr", "max_lr"};
    const double *rates = picture->x[0];
    const double *losses = picture->y[0];
    struct valley valley;
    size_t lowest = 0;
    size_t begins = 0;
    add_curve(picture, NULL);
    valley_init(&valley, 0.25, 2);
    for (size_t k = 0; k < POINTS; k++) {
        double lr = 1e-4 * pow(5e4, (double)k / (POINTS - 1));
        add_point(picture, lr, valley_step(&valley, lr, 0));
        if (losses[k] > 4) {
            break;
        }
        lowest = losses[k] < losses[lowest] ? k : lowest;
    }
    while (begins < lowest && losses[begins] > losses[0] - 0.05 * (losses[0] - losses[lowest])) {
        begins++;
    }
    for (size_t i = 0; i < LRP_PICTURE_MARKS; i++) {
        picture->marks[i] = (struct lrp_plot_mark){.label = labels[i],
                                                   .x = rates[i == 0 ? begins : lowest],
                                                   .low = (double)NAN,
                                                   .high = (double)NAN,
                                                   .role = i == 0 ? LRP_MARK_BASE : LRP_MARK_MAX};
    }
    picture->figure.n_marks = LRP_PICTURE_MARKS;
}

static void saddle(struct lrp_picture *picture)
{
    for (int quick = 0; quick < 2; quick++) {
        double lr = quick ? 0.1 : 0.02;
        double x = 1;
        double y = 1e-4;
        add_curve(picture, quick ? "lr 0.1" : "lr 0.02");
        for (int k = 0; k < 300; k++) {
            add_point(picture, k, x * x - y * y + y * y * y * y / 2);
            x -= lr * 2 * x;
            y -= lr * (-2 * y + 2 * y * y * y);
        }
    }
}

/* Calm gradients make Adam's denominator small when a large one comes. */
static void spikes(struct lrp_picture *picture)
{
    for (int quick = 0; quick < 2; quick++) {
        struct adam adam = {.beta2 = quick ? 0.95 : 0.999};
        double w = 1;
        add_curve(picture, quick ? "beta2 0.95" : "beta2 0.999");
        for (int k = 1; k <= POINTS; k++) {
            add_point(picture, k, 1e-3 + w * w);
            w -= 0.02 * adam_step(&adam, k == 250 ? 3 : 0.2 * w);
        }
    }
}

static void three_rates(struct lrp_picture *picture)
{
    add_training(picture, "lr 0.003", "constant:lr=0.003", POINTS, 0, 0);
    add_training(picture, "lr 0.03", "constant:lr=0.03", POINTS, 0, 0);
    add_training(picture, "lr 0.3", "constant:lr=0.3", POINTS, 0, 0);
}

static void weight_decay(struct lrp_picture *picture)
{
    for (int decoupled = 0; decoupled < 2; decoupled++) {
        struct adam adam = {.beta2 = 0.999};
        struct lrp_random random;
        double w = 1;
        lrp_random_seed(&random, 6, 0);
        add_curve(picture, decoupled ? "decoupled (AdamW)" : "coupled");
        for (int k = 1; k <= POINTS; k++) {
            double gradient = 3 * lrp_random_normal(&random) + (decoupled ? 0 : 0.3 * w);
            add_point(picture, k, w);
            w -= 0.01 * (adam_step(&adam, gradient) + (decoupled ? 0.3 * w : 0));
        }
    }
}

static void zigzag(struct lrp_picture *picture)
{
    const double curvature[2] = {0.02, 1};
    for (int heavy = 0; heavy < 2; heavy++) {
        double w[2] = {-3, 1};
        double v[2] = {0, 0};
        add_curve(picture, heavy ? "momentum 0.7" : "without");
        for (int k = 0; k < 40; k++) {
            add_point(picture, w[0], w[1]);
            for (int d = 0; d < 2; d++) {
                v[d] = (heavy ? 0.7 : 0) * v[d] + curvature[d] * w[d];
                w[d] -= (heavy ? 0.6 : 1.85) * v[d];
            }
        }
    }
}

static const struct {
    const char *name;
    void (*make)(struct lrp_picture *picture);
    const char *title;
    const char *x_label;
    const char *y_label;
    bool log_x;
    bool log_y;
} simulations[] = {
    {"annealing", annealing, "a noisy valley", "step", "loss", false, true},
    {"bias-variance", bias_variance, "nearest neighbours on noisy points: complex to the right",
     "1 / neighbours", "squared error", true, false},
    {"divergence", divergence, "a parabola of curvature 1", "step", "loss", false, true},
    {"learning-rate", learning_rate, "loss after 200 steps in a noisy valley", "learning rate",
     "loss", true, true},
    {"momentum", momentum, "a long valley, no noise", "step", "loss", false, true},
    {"oscillation", oscillation, "a parabola of curvature 1", "step", "weight", false, false},
    {"range-test", range_test, "where a sweep begins to fall, and where it stops", "learning rate",
     "loss", true, false},
    {"saddle", saddle, "from near a saddle of x^2 - y^2 + y^4 / 2", "step", "loss", false, false},
    {"spikes", spikes, "Adam, one weight, a gradient of 3 at step 250", "step", "loss", false,
     true},
    {"three-rates", three_rates, "one valley, three rates", "step", "loss", false, false},
    {"weight-decay", weight_decay, "Adam at rate 0.01 on gradients of pure noise, decay 0.3",
     "step", "weight", false, false},
    {"zigzag", zigzag, "paths in a valley with curvatures 1 and 0.02", "along the valley",
     "across it", false, false},
};

/* Rates over a run; losses that fall to a floor which goes with the rate, for the schedules that
 * wait for them. */
static enum lrp_status schedule_picture(const char *spec, struct lrp_picture *picture,
                                        struct lrp_error *err)
{
    struct lrp_schedule_run *run = NULL;
    struct lrp_random random;
    double losses[POINTS];
    double loss = 2;
    LRP_TRY(lrp_schedule_run_new(spec, NULL, POINTS, 0, &run, err));
    bool by_losses = lrp_schedule_run_metric(run) != NULL;
    lrp_random_seed(&random, 9, 0);
    add_curve(picture, "rate");
    for (size_t k = 0; k < POINTS; k++) {
        double rate = lrp_schedule_run_at(run, k).lr;
        add_point(picture, (double)k, rate);
        loss += 0.05 * (0.2 + 12 * rate - loss);
        losses[k] = loss + 0.02 * lrp_random_normal(&random);
        if (by_losses) {
            lrp_schedule_run_observe(run, k, losses[k]);
        }
    }
    lrp_schedule_run_free(run);
    picture->figure.y_label = by_losses ? "rate, and loss / 20" : "learning rate";
    if (by_losses) {
        add_curve(picture, "loss / 20");
        for (size_t k = 0; k < POINTS; k++) {
            add_point(picture, (double)k, losses[k] / 20);
        }
    }
    return LRP_OK;
}

enum lrp_status lrp_picture_make(const char *name, struct lrp_picture *picture,
                                 struct lrp_error *err)
{
    picture->figure = (struct lrp_figure){.name = "explain",
                                          .title = name,
                                          .x_label = "step",
                                          .y_low = (double)NAN,
                                          .y_high = (double)NAN,
                                          .curves = picture->curves,
                                          .marks = picture->marks};
    for (size_t i = 0; i < sizeof simulations / sizeof simulations[0]; i++) {
        if (strcmp(simulations[i].name, name) == 0) {
            picture->figure.title = simulations[i].title;
            picture->figure.x_label = simulations[i].x_label;
            picture->figure.y_label = simulations[i].y_label;
            picture->figure.log_x = simulations[i].log_x;
            picture->figure.log_y = simulations[i].log_y;
            simulations[i].make(picture);
            return LRP_OK;
        }
    }
    return schedule_picture(name, picture, err);
}
