/* SPDX-License-Identifier: MIT */
#include "fresh_run.h"

#include "alloc.h"
#include "files.h"
#include "log_source.h"
#include "output_source.h"
#include "private_files.h"
#include "template.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Each run needs a log of its own: by its folder, or by what tells runs apart. */
static enum lrp_status check_log(const struct lrp_session_options *options, struct lrp_error *err)
{
    const char *log = options->log;
    bool folder = lrp_template_has(log, "dir");
    bool rate = lrp_template_has(log, "lr");
    bool seed = lrp_template_has(log, "seed");
    if (!folder && !(rate && (seed || options->repeats == 1))) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--log names the same file for several runs; write {dir}, the folder of "
                        "each run, or {lr} and {seed} in it, as in --log '{dir}/log.csv'");
    }
    if (folder && !lrp_template_any_has(options->argv, "dir")) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--log looks into {dir}, but the command is not told that folder; write "
                        "{dir} where it takes one");
    }
    return LRP_OK;
}

/* How logs are to be read. */
static enum lrp_status check_reading(const struct lrp_session_options *options,
                                     struct lrp_error *err)
{
    struct lrp_column_maps maps;
    enum lrp_status status = lrp_column_maps_parse(options->maps, options->n_maps, &maps, err);
    if (status == LRP_OK) {
        const struct lrp_read_options read = {
            .format = options->format, .maps = maps.list, .n_maps = maps.n};
        status = lrp_check_read_options(&read, err);
    }
    lrp_column_maps_fini(&maps);
    return status;
}

enum lrp_status lrp_fresh_check(const struct lrp_session_options *options, struct lrp_error *err)
{
    struct lrp_line_pattern *pattern = NULL;
    const bool elsewhere = options->loss_pattern != NULL || options->log != NULL;
    const bool reading = options->format != NULL || options->n_maps > 0;
    if (options->loss_pattern != NULL && options->log != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern and --log exclude each other");
    }
    if ((elsewhere || reading) && (!options->external || options->hook != NULL)) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "%s reports its losses itself: --loss-pattern and --log are for other "
                        "trainers",
                        options->external ? "the hook" : "the built-in trainer");
    }
    if (reading && options->loss_pattern != NULL) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--format and --map are for logs; --loss-pattern says all by itself");
    }
    if (elsewhere && !lrp_template_any_has(options->argv, "lr")) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "the command has no {lr}, so every run would have the same rate; write "
                        "{lr} where the rate belongs, as in --lr {lr}");
    }
    LRP_TRY(check_reading(options, err));
    if (options->log != NULL) {
        return check_log(options, err);
    }
    if (options->loss_pattern != NULL) {
        LRP_TRY(lrp_loss_pattern_new(options->loss_pattern, &pattern, err));
        lrp_line_pattern_free(pattern);
    }
    return LRP_OK;
}

/* What a run that was not finished left in its folder may not be taken for this one's. */
static enum lrp_status set_work_aside(const struct lrp_session *session, size_t run,
                                      const char *work, struct lrp_error *err)
{
    char *path = NULL;
    unsigned k = 0;
    if (rmdir(work) == 0 || errno == ENOENT) { /* empty: it had not begun */
        return LRP_OK;
    }
    LRP_TRY(lrp_folder_broken(session, run, "work", &k, &path, err));
    bool moved = rename(work, path) == 0;
    free(path);
    return moved ? LRP_OK
                 : lrp_fail(err, LRP_E_IO, 0, "cannot move the folder %.200s to broken/", work);
}

static enum lrp_status make_work(const struct lrp_session *session, size_t run,
                                 struct lrp_run_entry *item, struct lrp_error *err)
{
    char name[64];
    (void)snprintf(name, sizeof name, "work/%03zu", run);
    item->work = lrp_path_join(session->options.folder, name);
    LRP_TRY_MEMORY(item->work, err);
    LRP_TRY(set_work_aside(session, run, item->work, err));
    return lrp_make_folder(item->work, err);
}

static enum lrp_status make_log_source(const struct lrp_session *session,
                                       const struct lrp_template_values *values,
                                       struct lrp_run_entry *item, struct lrp_error *err)
{
    char *pattern = NULL;
    char *found = NULL;
    LRP_TRY(lrp_template_fill(session->options.log, values, true, &pattern, err));
    enum lrp_status status =
        lrp_private_files_find(session, (size_t)(item - session->runs), pattern, &found, err);
    if (status != LRP_OK) {
        free(pattern);
        return status;
    }
    status =
        lrp_log_is_there(pattern)
            ? lrp_fail(err, LRP_E_ARG, 0,
                       "the log %.200s is there already, and would be taken for that of a new run; "
                       "move it away, or write {dir} in --log",
                       pattern)
            : lrp_log_source_new(found, &session->read, item->lr, &item->run.source, err);
    free(found);
    free(pattern);
    return status;
}

static enum lrp_status make_source(const struct lrp_session *session,
                                   const struct lrp_template_values *values,
                                   struct lrp_run_entry *item, struct lrp_error *err)
{
    const struct lrp_session_options *options = &session->options;
    if (!options->external || options->hook != NULL) {
        return LRP_OK;
    }
    if (options->loss_pattern == NULL && options->log == NULL) {
        return lrp_log_source_new(NULL, &session->read, item->lr, &item->run.source, err);
    }
    /* the user has said where the losses are: a client in the script is not heard twice */
    item->told_report = lrp_path_join(item->work, "report.csv");
    LRP_TRY_MEMORY(item->told_report, err);
    item->run.told_report = item->told_report;
    return options->log != NULL
               ? make_log_source(session, values, item, err)
               : lrp_output_source_new(session->loss_pattern, item->lr, &item->run.source, err);
}

enum lrp_status lrp_fresh_run_prepare(struct lrp_session *session, size_t run,
                                      struct lrp_error *err)
{
    struct lrp_run_entry *item = &session->runs[run];
    if (!session->options.external) {
        return LRP_OK;
    }
    LRP_TRY(make_work(session, run, item, err));
    const struct lrp_template_values values = {
        .lr = item->lr, .seed = item->run.seed, .steps = item->run.steps, .folder = item->work};
    LRP_TRY(lrp_template_fill_words(session->options.argv, &values, &item->words, err));
    item->run.argv = (const char *const *)item->words;
    return make_source(session, &values, item, err);
}

void lrp_fresh_run_fini(const struct lrp_session *session, struct lrp_run_entry *item)
{
    item->run.argv = session->options.argv;
    if (item->run.source != NULL) {
        item->run.source->free(item->run.source);
        item->run.source = NULL;
    }
    lrp_template_words_free(item->words);
    free(item->work);
    free(item->told_report);
    item->words = NULL;
    item->work = NULL;
    item->told_report = NULL;
}
