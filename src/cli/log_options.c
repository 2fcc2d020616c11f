/* SPDX-License-Identifier: MIT */
#include "log_options.h"

#include <stddef.h>

const struct lrp_option lrp_log_option_table[LRP_LOG_OPTIONS] = {
    {.name = "format",
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct lrp_log_options, format),
     .argument = "NAME",
     .help = "format of the logs; else told by their first bytes (lrprobe list formats)"},
    {.name = "map",
     .type = LRP_OPTION_LIST,
     .offset = offsetof(struct lrp_log_options, maps),
     .argument = "NEW=OLD",
     .help = "takes the log's column OLD as our NEW, as in loss=objective"},
    {.name = "run",
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct lrp_log_options, run),
     .argument = "NAME|N",
     .help =
         "which of several runs in one file (columns \"RUN - loss\", a column repeat): its name, "
         "its number, last or all"},
    {.name = "line-pattern",
     .type = LRP_OPTION_STRING,
     .offset = offsetof(struct lrp_log_options, line_pattern),
     .argument = "REGEX",
     .help = "where printed lines have their numbers: a regular expression (POSIX extended) with "
             "names in braces, as in 'epoch {epoch} .* loss {loss} val {val_loss}'"},
};

enum lrp_status lrp_log_options_take(const struct lrp_log_options *options,
                                     struct lrp_column_maps *maps, struct lrp_read_options *out,
                                     struct lrp_error *err)
{
    LRP_TRY(lrp_column_maps_parse(options->maps.values, options->maps.n, maps, err));
    *out = (struct lrp_read_options){.format = options->format,
                                     .maps = maps->list,
                                     .n_maps = maps->n,
                                     .run = options->run,
                                     .line_pattern = options->line_pattern};
    return lrp_check_read_options(out, err);
}

int lrp_read_logs(const struct lrp_log_options *options, bool keep_order, char **operands,
                  size_t n_operands, lrp_take_log *take, void *user)
{
    struct lrp_error err = {0};
    struct lrp_column_maps maps;
    struct lrp_read_options read;
    int code = LRP_EXIT_OK;
    if (lrp_log_options_take(options, &maps, &read, &err) != LRP_OK) {
        code = lrp_report_error(&err, NULL);
        n_operands = 0;
    }
    read.keep_order = keep_order;
    for (size_t i = 0; i < n_operands; i++) {
        if (take(user, operands[i], &read, &err) == LRP_OK) {
            continue;
        }
        const char *source = err.status == LRP_E_IO ? NULL : operands[i]; /* it names the file */
        if (err.status == LRP_E_IO) {
            err.status = LRP_E_NODATA; /* bad input, not a broken system */
        }
        code = lrp_exit_worse(code, lrp_report_error(&err, source));
    }
    lrp_column_maps_fini(&maps);
    return code;
}
