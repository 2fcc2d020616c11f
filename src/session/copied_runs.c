/* SPDX-License-Identifier: MIT */
#include "copied_runs.h"

#include "alloc.h"
#include "copies.h"
#include "files.h"
#include "launcher.h"
#include "private_files.h"
#include "rounds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lrp_copied_runs {
    struct lrp_copies *copies;   /* NULL = there can be none, or no more */
    struct lrp_run_files *files; /* the template's own */
};

/* Only Python can be copied, and only where the command is the same for all runs. */
static bool is_wanted(const struct lrp_session *session)
{
    const struct lrp_session_options *options = &session->options;
    return options->external && !options->anew && !options->strategy->one_rate &&
           !lrp_launcher_of(&options->launch)->whole_set && lrp_runs_python(options) &&
           lrp_private_files_are_for_copies(session);
}

static enum lrp_status start(struct lrp_session *session, const struct lrp_trainer_run *first,
                             struct lrp_copied_runs *copied, struct lrp_error *err)
{
    const char *const names[] = {"files/template.csv", "logs/template.out", "logs/template.err"};
    char *paths[] = {NULL, NULL, NULL};
    struct lrp_trainer_run run = *first;
    enum lrp_status status = lrp_private_files_lend(session, "template", &run, &copied->files, err);
    for (size_t i = 0; i < sizeof names / sizeof names[0] && status == LRP_OK; i++) {
        paths[i] = lrp_path_join(session->options.folder, names[i]);
        status = paths[i] == NULL ? lrp_fail_memory(err, 0) : LRP_OK;
    }
    if (status == LRP_OK) {
        run.report_path = paths[0]; /* of a script that never comes to where it can be copied */
        run.out_path = paths[1];
        run.err_path = paths[2];
        struct lrp_error why; /* the runs meet and name it, too */
        status = lrp_copies_start(&run, false, &copied->copies, &why);
        if (status != LRP_OK) {
            lrp_copies_free(copied->copies);
            copied->copies = NULL;
            status = status == LRP_E_NOMEM ? lrp_fail_memory(err, 0) : LRP_OK;
        }
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        free(paths[i]);
    }
    return status;
}

enum lrp_status lrp_copied_runs_begin(struct lrp_session *session, struct lrp_trainer_run *runs,
                                      size_t n_runs, struct lrp_error *err)
{
    if (!is_wanted(session) || n_runs == 0) {
        return LRP_OK;
    }
    if (session->copied == NULL) {
        session->copied = lrp_calloc_array(1, sizeof *session->copied);
        LRP_TRY_MEMORY(session->copied, err);
        LRP_TRY(start(session, &runs[0], session->copied, err));
    }
    for (size_t i = 0; i < n_runs && session->copied->copies != NULL; i++) {
        runs[i].copies = lrp_copies_socket(session->copied->copies);
    }
    return LRP_OK;
}

/* Whether two reports have the same rows, to the last digit. Their heads tell of different seeds.
 */
static bool have_same_rows(const char *path, const char *other)
{
    FILE *files[] = {fopen(path, "re"), fopen(other, "re")};
    char *lines[] = {NULL, NULL};
    size_t sizes[] = {0, 0};
    bool same = files[0] != NULL && files[1] != NULL;
    bool more = same;
    while (same && more) {
        ssize_t n[] = {0, 0};
        for (size_t i = 0; i < 2; i++) {
            do {
                n[i] = getline(&lines[i], &sizes[i], files[i]);
            } while (n[i] > 0 && lines[i][0] == '#');
        }
        more = n[0] > 0 && n[1] > 0;
        same = more ? strcmp(lines[0], lines[1]) == 0 : n[0] <= 0 && n[1] <= 0;
    }
    for (size_t i = 0; i < 2; i++) {
        if (files[i] != NULL) {
            (void)fclose(files[i]);
        }
        free(lines[i]);
    }
    return same;
}

/* As a copy, it has differed from an earlier one in nothing: chance has had its say before the
 * copies were made. */
static bool is_same_again(const struct lrp_trainer_run *runs, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (runs[i].copies > 0 && runs[k].copies > 0 && runs[i].rows > 0 &&
            runs[k].rows == runs[i].rows && runs[k].plan_path != NULL &&
            strcmp(runs[k].plan_path, runs[i].plan_path) == 0 &&
            have_same_rows(runs[k].report_path, runs[i].report_path)) {
            return true;
        }
    }
    return false;
}

static bool has_failed(const struct lrp_trainer_run *run)
{
    return run->copies > 0 && run->rows == 0 &&
           (run->end == LRP_RUN_FAILED || run->end == LRP_RUN_SHORT ||
            run->end == LRP_RUN_TIMEOUT || run->end == LRP_RUN_BAD_REPORT);
}

enum lrp_status lrp_copied_runs_again(struct lrp_session *session, struct lrp_trainer_run *runs,
                                      size_t n_runs, size_t *n, struct lrp_error *err)
{
    *n = 0;
    for (size_t i = n_runs; i-- > 0;) {
        if (has_failed(&runs[i]) || is_same_again(runs, i)) {
            const size_t place = n_runs - ++*n;
            const struct lrp_trainer_run moved = runs[place];
            runs[place] = runs[i];
            runs[i] = moved;
        }
    }
    if (*n == 0) {
        return LRP_OK;
    }
    lrp_copied_runs_end(session);
    for (size_t i = n_runs - *n; i < n_runs; i++) {
        struct lrp_run_entry *item = runs[i].user;
        runs[i].copies = 0;
        lrp_divergence_init(&item->divergence);
        item->diverged = false;
        item->last_loss = (double)NAN;
        runs[i].end = LRP_RUN_NOT_STARTED;
        item->run = runs[i];
        LRP_TRY(lrp_private_files_prepare(session, (size_t)(item - session->runs), err));
        runs[i] = item->run;
    }
    return LRP_OK;
}

void lrp_copied_runs_end(struct lrp_session *session)
{
    if (session->copied != NULL) {
        lrp_copies_free(session->copied->copies);
        session->copied->copies = NULL;
        lrp_private_files_release(session->copied->files);
        session->copied->files = NULL;
    }
}
