/* SPDX-License-Identifier: MIT */
/* The options of sweep: their tables, what goes together, and what they make of a session. */
#ifndef LRP_CLI_SWEEP_OPTIONS_H
#define LRP_CLI_SWEEP_OPTIONS_H

#include "log_options.h"
#include "session.h"
#include "trainer_options.h"

/* A number of a header as text, for help. */
#define LRP_AS_WRITTEN(number) #number
#define LRP_AS_TEXT(number)    LRP_AS_WRITTEN(number)

struct lrp_range_options {
    double lr_min, lr_max; /* 0 = left to lrprobe */
    double around;         /* 0 = not given */
    size_t steps, scout_steps, repeats, jobs;
    const char *shape;
    double steps_planned;
    double steps_per_epoch;
    const char *title;
};
struct lrp_fresh_options { /* one run per rate */
    const char *mode;      /* inline|fresh */
    size_t rates;
    const char *loss_pattern;
    const char *log;
};
struct lrp_command_options { /* for trainers that are commands, and for all that can fail */
    const char *hook;        /* "torch", NULL = none */
    const char *record;      /* columns on request, NULL = none */
    const char *start;       /* copy|anew */
    const char *files;       /* how the user's files are kept from it */
    const char *validate;    /* function of the script, or auto; NULL = none */
    double start_limit;      /* seconds */
    double step_limit;
    const char *resume; /* folder, NULL = a new sweep */
};
struct lrp_cluster_options {
    const char *launcher;
    const char *partition;
    const char *time_limit;
    struct lrp_option_list sbatch;
};
struct lrp_sweep_options {
    struct lrp_common_options common;
    struct lrp_trainer_options trainer;
    struct lrp_range_options range;
    struct lrp_fresh_options fresh;
    struct lrp_log_options logs;
    struct lrp_command_options command;
    struct lrp_cluster_options cluster;
};
enum { LRP_SWEEP_GROUPS = 6 };
extern const struct lrp_option_group lrp_sweep_groups[LRP_SWEEP_GROUPS];

/* Whether the options go together, and with the n_words words of the command behind --. LRP_E_ARG.
 */
enum lrp_status lrp_sweep_options_check(const struct lrp_sweep_options *options, char **words,
                                        size_t n_words, struct lrp_error *err);
/* What they ask for, with the defaults of the mode; the command, the folder and what is said of the
 * sweep are left out. Borrows from the options. */
void lrp_sweep_options_take(const struct lrp_sweep_options *options,
                            struct lrp_session_options *session);
#endif
