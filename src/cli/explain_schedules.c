/* SPDX-License-Identifier: MIT */
#include "explain_schedules.h"

#include "explain_valley.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const struct lrp_schedule_words words[] = {
    {"constant", "constant:lr=0.1", "To compare with, and for short tries.", "lr",
     "annealing learning-rate"},
    {"step", "step:lr=0.1,step_size=100,gamma=0.5",
     "The classical one of image classification, with falls by 10 where the loss stands still; "
     "cosine needs fewer numbers.",
     "lr gamma^floor(t / step_size)", "multistep cosine plateau"},
    {"multistep", "multistep:lr=0.1,milestones=150/300,gamma=0.1",
     "Published trainings that name their milestones (lrprobe list recipes).",
     "lr gamma^(milestones passed)", "step"},
    {"exponential", "exponential:lr=0.1,gamma=0.99",
     "A steady fall by factors, where the length of the run is known roughly.", "lr gamma^t",
     "step inverse_time"},
    {"polynomial", "polynomial:lr=0.1,end_lr=0.001,power=1",
     "Power 1 is a straight line, the schedule of BERT; 0.9 that of segmentation networks.",
     "end + (lr - end) (1 - t / T)^power", "cosine"},
    {"inverse_time", "inverse_time:lr=0.1,decay=0.05",
     "The theory of stochastic approximation; in practice its tail is long.", "lr / (1 + decay t)",
     "annealing"},
    {"cosine", "cosine:max_lr=0.1,min_lr=0",
     "The usual choice for a run of known length; often behind a warm-up.",
     "min + (max - min) (1 + cos(pi t / T)) / 2", "sgdr annealing warm-up"},
    {"triangular", "triangular:base_lr=0.01,max_lr=0.1,step_size=66",
     "Cyclical rates between the bounds of a range test.",
     "base + (max - base) (1 - |t / step_size - 2 c + 1|), c = floor(1 + t / (2 step_size))",
     "cyclical-rates triangular2 exp_range"},
    {"triangular2", "triangular2:base_lr=0.01,max_lr=0.1,step_size=66",
     "As triangular, and it settles: each cycle is half as high.",
     "as triangular, its height times 2^-(c - 1)", "triangular"},
    {"exp_range", "exp_range:base_lr=0.01,max_lr=0.1,step_size=50,gamma=0.995",
     "As triangular, and it settles gradually. Smith's text lets both bounds fall; here, as in "
     "PyTorch, the height of the cycle falls.",
     "as triangular, its height times gamma^t", "triangular"},
    {"sgdr", "sgdr:max_lr=0.1,min_lr=0,t_0=57,t_mult=2",
     "Runs whose length is not known in advance: each end of a cycle is a good place to stop.",
     "min + (max - min) (1 + cos(pi T_cur / T_i)) / 2", "warm-restarts cosine"},
    {"onecycle", "onecycle:max_lr=0.1",
     "A short training of known length; max_lr from a range test with --steps-planned.",
     "up from max / 25 over the first 30 %, down to max / 250,000, by half cosines",
     "one-cycle super-convergence"},
    {"wsd", "wsd:max_lr=0.1,warmup=40,decay=80",
     "Long runs that may be prolonged: only the decay depends on the end.",
     "warm-up, then max_lr, then a fall over the last steps", "cosine warm-up"},
    {"plateau", "plateau:lr=0.1,factor=0.3,patience=60",
     "Runs of unknown length, on a loss with noise: the rate falls when the loss has demonstrably "
     "stopped falling.",
     NULL, "plateau_torch annealing"},
    {"plateau_torch", "plateau_torch:lr=0.1,factor=0.3,patience=30",
     "To reproduce ReduceLROnPlateau. It compares with the best value so far, so noise decides "
     "when it fires; give it a validation loss, not losses of steps.",
     "times factor after patience values not below best (1 - threshold)", "plateau"},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct lrp_schedule_words *lrp_schedule_words(const char *name)
{
    for (size_t i = 0; words[i].name != NULL; i++) {
        if (strcmp(words[i].name, name) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

enum { STEPS = LRP_PICTURE_POINTS };

void lrp_schedule_picture(const struct lrp_schedule_words *schedule, struct lrp_picture *picture)
{
    struct lrp_schedule_run *run = NULL;
    struct lrp_error err;
    if (lrp_schedule_run_new(schedule->example, NULL, STEPS, 0, &run, &err) != LRP_OK) {
        return; /* examples are tested */
    }
    bool by_losses = lrp_schedule_run_metric(run) != NULL;
    lrp_picture_set_labels(picture, schedule->example, "step",
                           by_losses ? "rate, and loss / 20" : "learning rate");
    struct lrp_picture_curve *rates = lrp_picture_add_curve(picture, "rate");
    struct lrp_picture_curve *losses =
        by_losses ? lrp_picture_add_curve(picture, "loss / 20") : NULL;
    struct lrp_random random;
    lrp_random_seed(&random, 9, 0);
    double loss = 2;
    for (size_t k = 0; k < STEPS; k++) {
        double rate = lrp_schedule_run_at(run, k).lr;
        lrp_picture_add_point(rates, (double)k, rate);
        if (by_losses) { /* falls to a floor that goes with the rate */
            loss += 0.05 * (0.2 + 12 * rate - loss);
            double seen = loss + 0.02 * lrp_random_normal(&random);
            lrp_picture_add_point(losses, (double)k, seen / 20);
            lrp_schedule_run_observe(run, k, seen);
        }
    }
    lrp_schedule_run_free(run);
}
