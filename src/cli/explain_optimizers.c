/* SPDX-License-Identifier: MIT */
#include "explain_optimizers.h"

#include "explain_valley.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct lrp_optimizer_words words[] = {
    {"adadelta", "Rarely today; it needs no rate to begin with (1).",
     "E <- rho E + (1 - rho) g^2; d = sqrt(D + eps) / sqrt(E + eps) g; D <- rho D + (1 - rho) d^2; "
     "w <- w - lr d",
     "Zeiler, arXiv 1212.5701, algorithm 1", "adagrad rmsprop"},
    {"adagrad", "Sparse inputs (words, clicks): rare ones keep a high rate. Its rates only fall.",
     "s <- s + g^2; w <- w - lr g / (sqrt(s) + eps)", "Duchi, Hazan, Singer, JMLR 12, 2011",
     "rmsprop adadelta"},
    {"adam",
     "Transformers, recurrent networks, generative models, and where nothing is known: it "
     "bears bad scaling. For weight decay take adamw.",
     "m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w - lr (m / (1 - b1^t)) / "
     "(sqrt(v / (1 - b2^t)) + eps)",
     "Kingma, Ba, arXiv 1412.6980, algorithm 1", "adamw amsgrad nadam radam"},
    {"adamw", "The usual choice for transformers and modern convolutional networks.",
     "as adam, and w <- w - lr decay w apart from it",
     "Loshchilov, Hutter, arXiv 1711.05101, algorithm 2", "adam weight-decay"},
    {"amsgrad", "Where Adam does not settle: its denominator never falls again.",
     "as adam, with the largest v so far", "Reddi, Kale, Kumar, arXiv 1904.09237, algorithm 2",
     "adam"},
    {"diffgrad",
     "As Adam, with smaller steps where the gradient hardly changes. Its best rate is about twice "
     "Adam's. In the code used for the paper the last gradient was kept by reference, so the "
     "difference was always 0 and the factor always 1/2: Adam at half the rate (paper_bug=1).",
     "as adam, its step times 1 / (1 + exp(-|g_last - g|))",
     "Dubey et al., arXiv 1909.11015, equations 5 to 8", "adam"},
    {"lion",
     "Large models with large batches: half of Adam's memory. Rates a third to a tenth of "
     "Adam's, weight decay larger by as much.",
     "w <- w - lr (sign(b1 m + (1 - b1) g) + decay w); m <- b2 m + (1 - b2) g",
     "Chen et al., arXiv 2302.06675, algorithm 2", "adamw"},
    {"momentum", "Convolutional networks on images, where it often ends better than Adam.",
     "v <- m v + g; w <- w - lr v", "Polyak 1964; Sutskever et al. 2013", "nesterov zigzag sgd"},
    {"nadam", "As Adam, a little quicker at the start.",
     "as adam, with the momentum of the step to come", "Dozat, ICLR workshop 2016",
     "adam nesterov"},
    {"nesterov", "As momentum; it sees the slope ahead, and overshoots less.",
     "v <- m v + g; w <- w - lr (g + m v)", "Nesterov 1983; Sutskever et al. 2013",
     "momentum nadam"},
    {"radam", "Adam without a warm-up to set.",
     "as adam, its first steps without the denominator, then scaled by how certain that is",
     "Liu et al., arXiv 1908.03265, algorithm 2", "adam warm-up"},
    {"rmsprop", "Recurrent networks, reinforcement learning; older convolutional networks.",
     "v <- a v + (1 - a) g^2; w <- w - lr g / (sqrt(v) + eps)",
     "Tieleman, Hinton, lecture 6.5, 2012", "adam adagrad"},
    {"sgd",
     "The plain step, to compare with; with a falling rate it ends well where the problem is "
     "well scaled.",
     "w <- w - lr g", "Robbins, Monro 1951", "momentum annealing"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct lrp_optimizer_words *lrp_optimizer_words(const char *name)
{
    for (size_t i = 0; words[i].name != NULL; i++) {
        if (strcmp(words[i].name, name) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

enum { STEPS = 300 };

/* The losses of a training with a row's update; the last loss. */
static double train(const struct lrp_optimizer_row *row, double lr, double *losses)
{
    float weights[LRP_VALLEY_DIRECTIONS];
    float gradients[LRP_VALLEY_DIRECTIONS];
    float state[LRP_OPTIMIZER_STATES][LRP_VALLEY_DIRECTIONS] = {{0}};
    struct lrp_optimizer_spec spec;
    (void)lrp_optimizer_parse(row->name, &spec, NULL);
    struct lrp_valley valley;
    double carried = 1;
    lrp_valley_init(&valley, 0.05, 7);
    double tail = 0;
    for (int k = 0; k < STEPS; k++) {
        for (int i = 0; i < LRP_VALLEY_DIRECTIONS; i++) {
            weights[i] = (float)valley.w[i];
            gradients[i] = (float)(valley.curvature[i] * valley.w[i] +
                                   valley.noise * lrp_random_normal(&valley.random));
        }
        struct lrp_optimizer_step step = {.parameters = weights,
                                          .gradients = gradients,
                                          .n = LRP_VALLEY_DIRECTIONS,
                                          .lr = lr,
                                          .momentum = lrp_optimizer_momentum(&spec),
                                          .gradient_scale = 1,
                                          .step = (unsigned long long)k + 1};
        for (size_t i = 0; i < LRP_OPTIMIZER_STATES; i++) {
            step.state[i] = state[i];
        }
        carried = step.carried = lrp_optimizer_carry(&spec, &step, carried);
        losses[k] = lrp_valley_loss(&valley);
        tail += k >= STEPS - 30 ? losses[k] / 30 : 0;
        row->update(spec.options, &step);
        for (int i = 0; i < LRP_VALLEY_DIRECTIONS; i++) {
            valley.w[i] = (double)weights[i];
        }
    }
    return tail;
}

static void best_curve(const struct lrp_optimizer_row *row, struct lrp_picture *picture)
{
    double losses[STEPS];
    double best = HUGE_VAL;
    double best_lr = 0;
    for (double lr = 1e-4; lr < 20; lr *= 1.5) {
        double end = train(row, lr, losses);
        if (end < best) {
            best = end;
            best_lr = lr;
        }
    }
    struct lrp_picture_curve *curve = lrp_picture_add_curve(picture, row->name);
    (void)train(row, best_lr, losses);
    for (int k = 0; k < STEPS; k++) {
        lrp_picture_add_point(curve, k, losses[k]);
    }
}

void lrp_optimizer_picture(const struct lrp_optimizer_row *row, struct lrp_picture *picture)
{
    lrp_picture_set_labels(picture, "a noisy valley, each at its best rate", "step", "loss");
    picture->log_y = true;
    best_curve(row, picture);
    if (row != &lrp_optimizer_sgd) {
        best_curve(&lrp_optimizer_sgd, picture);
    }
}
