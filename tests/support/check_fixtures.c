/* SPDX-License-Identifier: MIT */
#include "check_fixtures.h"

#include "test_main.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lrp_record *read_record(const char *folder, const char *name)
{
    char path[PATH_MOST];
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(lrp_record_read(path, NULL, &record, &err) == LRP_OK, "%s: %s", path,
                  err.message);
    return record;
}

/* Next word of a meta value; false at its end. */
static bool next_word(const char **text, char *word, size_t size)
{
    size_t length = 0;
    while (**text == ' ') {
        (*text)++;
    }
    while (**text != '\0' && **text != ' ') {
        ck_assert_uint_lt(length + 1, size);
        word[length] = **text;
        length++;
        (*text)++;
    }
    word[length] = '\0';
    return length > 0;
}

static void set_bounds(const char *text, struct lrp_bounds *bounds)
{
    char word[100];
    double *const targets[] = {&bounds->base_lr.value, &bounds->max_lr.value,
                               &bounds->suggested_lr.value, &bounds->evidence.diverged_lr};
    bounds->one_cycle.max_lr = (double)NAN;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        *targets[i] = next_word(&text, word, sizeof word) ? strtod(word, NULL) : (double)NAN;
    }
    ck_assert(bounds->base_lr.value > 0);
}

struct check_fixture *open_fixture(const struct lrp_check *check, const char *name)
{
    struct check_fixture *fixture = calloc(1, sizeof *fixture);
    char word[100];
    ck_assert_ptr_nonnull(fixture);
    fixture->check = check;
    (void)snprintf(fixture->folder, sizeof fixture->folder, "%s/checks/%s", test_data(), check->id);
    (void)snprintf(fixture->path, sizeof fixture->path, "%s/%s", fixture->folder, name);
    fixture->record = read_record(fixture->folder, name);
    struct lrp_diagnose_options *options = &fixture->options;
    lrp_diagnose_options_default(options);
    const char *text = lrp_record_meta(fixture->record, "bounds");
    if (text != NULL) {
        set_bounds(text, &fixture->bounds);
        options->bounds = &fixture->bounds;
    }
    text = lrp_record_meta(fixture->record, "baseline");
    if (text != NULL) {
        options->baseline = fixture->baseline = read_record(fixture->folder, text);
    }
    text = lrp_record_meta(fixture->record, "zero_input");
    if (text != NULL) {
        options->zero_input = fixture->zero_input = read_record(fixture->folder, text);
    }
    text = lrp_record_meta(fixture->record, "siblings");
    while (text != NULL && next_word(&text, word, sizeof word)) {
        ck_assert_uint_lt(options->n_siblings, SIBLINGS_MOST);
        fixture->siblings[options->n_siblings] = read_record(fixture->folder, word);
        options->n_siblings++;
    }
    options->siblings = (const struct lrp_record *const *)(const void *)fixture->siblings;
    return fixture;
}

void close_fixture(struct check_fixture *fixture)
{
    for (size_t i = 0; i < SIBLINGS_MOST; i++) {
        lrp_record_free(fixture->siblings[i]);
    }
    lrp_record_free(fixture->record);
    lrp_record_free(fixture->baseline);
    lrp_record_free(fixture->zero_input);
    free(fixture);
}

struct lrp_diagnosis *diagnose(const struct check_fixture *fixture, const struct lrp_record *record)
{
    struct lrp_diagnosis *diagnosis = NULL;
    struct lrp_error err = {0};
    ck_assert_msg(lrp_diagnose(record, &fixture->options, &diagnosis, &err) == LRP_OK, "%s: %s",
                  fixture->path, err.message);
    ck_assert_uint_eq(lrp_diagnosis_findings(diagnosis), lrp_n_checks);
    return diagnosis;
}

const struct lrp_finding *finding_of(const struct lrp_diagnosis *diagnosis, const char *id)
{
    for (size_t i = 0; i < diagnosis->n_findings; i++) {
        if (strcmp(diagnosis->findings[i].id, id) == 0) {
            return &diagnosis->findings[i];
        }
    }
    ck_abort_msg("no finding %s", id);
    return NULL;
}

size_t each_fixture(const struct lrp_check *check, const char *prefix, visit_fixture *visit)
{
    char folder[PATH_MOST];
    struct dirent **entries = NULL;
    size_t count = 0;
    (void)snprintf(folder, sizeof folder, "%s/checks/%s", test_data(), check->id);
    int n = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        if (strncmp(name, prefix, strlen(prefix)) == 0) {
            struct check_fixture *fixture = open_fixture(check, name);
            visit(fixture, name);
            close_fixture(fixture);
            count++;
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}
