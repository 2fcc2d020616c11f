/* SPDX-License-Identifier: MIT */
#include "session.h"

#include "answer.h"
#include "child_setup.h"
#include "copied_runs.h"
#include "json.h"
#include "launcher.h"
#include "loss_pattern.h"
#include "manifest.h"
#include "old_ends.h"
#include "private_files.h"
#include "rounds.h"
#include "scout_reading.h"
#include "string_list.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* A sweep over less than this factor shows nothing but one place. */
static const double NARROWEST_RANGE = 2;

static size_t processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) {
        return 1;
    }
    int n = CPU_COUNT(&set);
    return n > 0 ? (size_t)n : 1;
}

static enum lrp_status check_options(const struct lrp_session_options *options,
                                     struct lrp_error *err)
{
    double low = 0;
    double high = 0;
    lrp_scout_ends(options->lr_min, options->lr_max, &low, &high);
    LRP_TRY(lrp_plan_check(low, high, options->steps, err));
    if (high < NARROWEST_RANGE * low) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "lr-max is %g, but a range test needs at least %g times lr-min, which is "
                        "%g",
                        high, NARROWEST_RANGE, low);
    }
    return options->strategy->check(options, err);
}

/* Defaults, the folder, and what trainers are given. */
static enum lrp_status set_up(struct lrp_session *session, char **folder, struct lrp_error *err)
{
    struct lrp_session_options *options = &session->options;
    lrp_session_fill_defaults(options);
    /* nobody knows what a strange trainer takes of the machine */
    if (options->jobs == 0 && !lrp_launcher_of(&options->launch)->whole_set) {
        options->jobs = options->external ? 1 : processors();
    }
    LRP_TRY(check_options(options, err));
    LRP_TRY(lrp_folder_make(session, err));
    /* absolute paths: a trainer may change its folder before it reads its plan */
    *folder = realpath(options->folder, NULL);
    if (*folder == NULL) {
        return lrp_fail_errno(err, errno, "use the folder", options->folder);
    }
    options->folder = *folder;
    options->launch.folder = *folder;
    options->limits.launch = &options->launch;
    LRP_TRY(lrp_folder_lock(*folder, &session->lock, err));
    if (options->loss_pattern != NULL) {
        LRP_TRY(lrp_loss_pattern_new(options->loss_pattern, &session->loss_pattern, err));
    }
    LRP_TRY(lrp_column_maps_parse(options->maps, options->n_maps, &session->maps, err));
    session->read = (struct lrp_read_options){.format = options->format,
                                              .maps = session->maps.list,
                                              .n_maps = session->maps.n,
                                              .keep_order = true};
    if (options->external) {
        LRP_TRY(lrp_child_files_write(*folder, err));
    }
    LRP_TRY(lrp_child_environment(options, processors(), &session->environment, err));
    LRP_TRY(lrp_private_files_new(session, &session->environment, &session->files, err));
    if (session->result->files[0] != '\0' && session->handlers != NULL &&
        session->handlers->on_files != NULL) {
        session->handlers->on_files(session->handlers->user, session->result->files);
    }
    return LRP_OK;
}

static void tear_down(struct lrp_session *session)
{
    for (size_t i = 0; i < session->n_runs; i++) {
        struct lrp_run_entry *item = &session->runs[i];
        lrp_private_files_end(session, i);
        free(item->plan_path);
        free(item->report_path);
        free(item->out_path);
        free(item->err_path);
    }
    lrp_copied_runs_end(session);
    free(session->copied);
    lrp_private_files_free(session->files);
    lrp_json_free(session->old);
    lrp_column_maps_fini(&session->maps);
    lrp_line_pattern_free(session->loss_pattern);
    free(session->runs);
    free(session->phases);
    lrp_string_list_free(session->environment);
    lrp_string_list_free(session->warnings);
    if (session->lock >= 0) {
        close(session->lock);
    }
}

/* A resumed sweep has something to lose, whatever its runs come to. */
static bool recorded_anything(const struct lrp_session *session)
{
    bool any = session->options.resume;
    for (size_t i = 0; i < session->n_runs; i++) {
        any |= session->runs[i].run.rows > 0;
    }
    return any;
}

enum lrp_status lrp_session_run(const struct lrp_session_options *options,
                                const struct lrp_session_handlers *handlers,
                                struct lrp_session_result *result, struct lrp_error *err)
{
    struct lrp_session session = {.options = *options,
                                  .handlers = handlers,
                                  .result = result,
                                  .lock = -1,
                                  .budget = options->steps_most,
                                  .steps_per_decade = (double)NAN};
    char *folder = NULL;
    *result = (struct lrp_session_result){0};
    lrp_bounds_clear(&result->bounds);
    enum lrp_status status = set_up(&session, &folder, err);
    if (status == LRP_OK) {
        session.old = options->resume ? lrp_old_manifest(&session) : NULL;
        status = lrp_rounds_run(&session, err);
        enum lrp_status written = lrp_manifest_write(&session, status == LRP_OK ? err : NULL);
        status = status == LRP_OK ? written : status;
    }
    if ((status == LRP_E_CHILD || status == LRP_E_ARG || status == LRP_E_NODATA) &&
        session.lock >= 0 && !recorded_anything(&session)) {
        lrp_folder_withdraw(&session);
        result->withdrawn = true;
    }
    tear_down(&session);
    free(folder);
    return status;
}

void lrp_session_result_fini(struct lrp_session_result *result)
{
    struct lrp_evidence evidence = {.records = result->records, .n = result->n_records};
    lrp_evidence_fini(&evidence);
    for (size_t i = 0; i < result->n_events; i++) {
        free(result->events[i]);
    }
    free(result->events);
    for (size_t i = 0; i < result->n_outputs; i++) {
        free(result->outputs[i].lines);
    }
    lrp_curve_free(result->curve);
    *result = (struct lrp_session_result){0};
}
