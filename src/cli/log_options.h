/* SPDX-License-Identifier: MIT */
/* The options that say how logs are read, the same for all commands that read them. */
#ifndef LRP_CLI_LOG_OPTIONS_H
#define LRP_CLI_LOG_OPTIONS_H

#include "log_read.h"
#include "options.h"

struct lrp_log_options {
    const char *format;
    struct lrp_option_list maps;
    const char *run;
    const char *line_pattern;
};
/* The last two are for logs that are there already: a trainer's own log has one run, and what it
 * prints is described by --loss-pattern. */
enum { LRP_LOG_OPTIONS = 4, LRP_TRAINER_LOG_OPTIONS = 2 };
extern const struct lrp_option lrp_log_option_table[LRP_LOG_OPTIONS];
/* What they stand for; *out borrows from *maps, which is to be freed in any case. LRP_E_ARG. */
enum lrp_status lrp_log_options_take(const struct lrp_log_options *options,
                                     struct lrp_column_maps *maps, struct lrp_read_options *out,
                                     struct lrp_error *err);

typedef enum lrp_status lrp_take_log(void *user, const char *path,
                                     const struct lrp_read_options *options, struct lrp_error *err);
/* Calls take for each operand; each file that cannot be read is reported, and the next one is
 * taken. keep_order: as in the read options. An exit code, the worst of them. */
int lrp_read_logs(const struct lrp_log_options *options, bool keep_order, char **operands,
                  size_t n_operands, lrp_take_log *take, void *user);
#endif
