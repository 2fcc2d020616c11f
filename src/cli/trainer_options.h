/* SPDX-License-Identifier: MIT */
/* The built-in trainer's options, shared by train and sweep. */
#ifndef LRP_CLI_TRAINER_OPTIONS_H
#define LRP_CLI_TRAINER_OPTIONS_H

#include "options.h"
#include "training.h"

struct lrp_trainer_options {
    struct lrp_data_options data;         /* without its context, which the model decides; and: */
    struct lrp_option_list drop;          /* its columns to leave out */
    struct lrp_training_options training; /* without model, optimizer and what is recorded */
    const char *model;                    /* "mlp:128,64" */
    const char *optimizer;                /* "momentum:momentum=0.9,weight_decay=0" */
    double weight_decay;                  /* 0 = the optimizer's own */
    double dropout;
    size_t val_every; /* steps; 0 = only at the end */
};
enum { LRP_DATA_NOTES_SIZE = 2048 };
/* A constant, since the groups of sweep and train are const tables. */
enum { LRP_TRAINER_OPTIONS = 22 };
extern const struct lrp_option lrp_trainer_option_table[LRP_TRAINER_OPTIONS];

/* The data set loaded and the rest parsed; the caller frees the data set. The message of an error
 * names the file, and the line where there is one. */
enum lrp_status lrp_trainer_prepare(const struct lrp_trainer_options *options,
                                    struct lrp_dataset **dataset,
                                    struct lrp_training_options *training, struct lrp_error *err);

/* The command line of the trainer process for these options: program, "train", "--data", ... in a
 * NULL-terminated array, each string and the array heap memory; ended by lrp_argv_free. The seed
 * and the steps are not in it: they come from the plan and LRPROBE_SEED. */
enum lrp_status lrp_trainer_argv(const char *program, const struct lrp_trainer_options *options,
                                 char ***argv, struct lrp_error *err);
void lrp_argv_free(char **argv);
/* Before a sweep starts: loads the data set and builds the model as the child would, so that a
 * mistake is one clear line at once; the facts are for the report. steps_per_epoch is of the
 * training part. */
struct lrp_trainer_facts {
    double steps_per_epoch;
    char model[120];
    char data[160];
    char optimizer[120];
    size_t n_parameters, n_train, n_validation;
    char notes[LRP_DATA_NOTES_SIZE]; /* as in the data set, cut at the end of a line */
};
enum lrp_status lrp_trainer_examine(const struct lrp_trainer_options *options,
                                    struct lrp_trainer_facts *facts, struct lrp_error *err);
/* The notes on a table, "data      titanic.csv: ..." on standard error, a line each. */
void lrp_print_data_notes(const char *notes);
#endif
