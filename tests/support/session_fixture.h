/* SPDX-License-Identifier: MIT */
/* What the tests of sessions share: an empty working folder of the trainers, a folder for the
 * sweep beside it, and what the session gave. An empty one, since a session may cover, copy or
 * watch the working folder, and other tests write in the folder that all of them start in. */
#ifndef LRP_TESTS_SESSION_FIXTURE_H
#define LRP_TESTS_SESSION_FIXTURE_H

#include "gz.h"
#include "session.h"
#include "test_main.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char parent[64];
static char folder[80];
static struct lrp_session_options options;
static struct lrp_session_result result;
static struct lrp_error err;

static inline void make_session_folders(void)
{
    (void)snprintf(parent, sizeof parent, "/tmp/lrprobe-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(parent));
    ck_assert_int_eq(chdir(parent), 0);
    ck_assert_int_eq(mkdir("work", 0700), 0);
    ck_assert_int_eq(chdir("work"), 0);
    (void)snprintf(folder, sizeof folder, "%s/sweep", parent);
    memset(&result, 0, sizeof result);
    memset(&err, 0, sizeof err);
}

/* The command line of the trainer of the tests, which is gradient descent on parabolas.
 * curvature: its largest; it diverges above 2 / curvature. */
static inline void use_fake_trainer(const char *words[6], const char *curvature)
{
    memset(words, 0, 6 * sizeof words[0]);
    words[0] = getenv("LRPROBE_FAKE_TRAINER");
    ck_assert_msg(words[0] != NULL, "LRPROBE_FAKE_TRAINER is not set");
    words[1] = curvature;
}

static inline int remove_entry(const char *path, const struct stat *info, int type,
                               struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static inline void remove_session(void)
{
    lrp_session_result_fini(&result);
    (void)chdir("/");
    (void)nftw(parent, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline bool has_event(const char *part)
{
    for (size_t i = 0; i < result.n_events; i++) {
        if (strstr(result.events[i], part) != NULL) {
            return true;
        }
    }
    return false;
}

/* A file of the sweep's folder, as a string that the caller frees. */
static inline char *contents(const char *name)
{
    char path[160];
    unsigned char *bytes = NULL;
    size_t length = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert_msg(lrp_read_whole(path, 1 << 24, &bytes, &length, &err) == LRP_OK, "%s",
                  err.message);
    char *text = calloc(length + 1, 1);
    ck_assert_ptr_nonnull(text);
    memcpy(text, bytes, length);
    free(bytes);
    return text;
}
#endif
