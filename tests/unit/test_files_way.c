/* SPDX-License-Identifier: MIT */
/* Which way of keeping a trainer from the user's files is taken, on any system: where no overlay is
 * wanted, the folder of work has more links than there can be overlays. */
#include "folder.h"
#include "launcher.h"
#include "private_covers.h"
#include "private_files.h"
#include "string_list.h"
#include "test_main.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char parent[64];
static char out[80];
static const char *trainer[4];
static struct lrp_session session;
static struct lrp_session_result result;
static struct lrp_private_files *files;
static char **environment;
static struct lrp_error err;

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)type;
    (void)where;
    return remove(path);
}

static void set_up(void)
{
    (void)snprintf(parent, sizeof parent, "/tmp/lrprobe-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(parent));
    ck_assert_int_eq(chdir(parent), 0);
    (void)snprintf(out, sizeof out, "%s/out", parent);
    ck_assert_int_eq(mkdir("out", 0700) | mkdir("work", 0700), 0);
    ck_assert_int_eq(chdir("work"), 0);
    for (int i = 0; i < LRP_COVERS_MAX; i++) { /* the folder of work is one more */
        char other[32];
        (void)snprintf(other, sizeof other, "../other%d", i);
        ck_assert_int_eq(mkdir(other, 0700), 0);
        ck_assert_int_eq(symlink(other, other + 3), 0);
    }
    memset(trainer, 0, sizeof trainer);
    trainer[0] = "python3";
    trainer[1] = "train";
    session = (struct lrp_session){.result = &result};
    session.options = (struct lrp_session_options){.argv = trainer, .external = true};
    session.options.folder = out;
    memset(&result, 0, sizeof result);
    files = NULL;
    environment = NULL;
    err.message[0] = '\0';
}

static void tear_down(void)
{
    lrp_private_files_free(files);
    lrp_string_list_free(environment);
    (void)nftw(parent, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void check_decision(const char *sentence)
{
    enum lrp_status status = lrp_private_files_new(&session, &environment, &files, &err);
    ck_assert_msg(status == LRP_OK, "%s", err.message);
    ck_assert_msg(strncmp(result.files, sentence, strlen(sentence)) == 0, "\"%s\"", result.files);
}

static void write_file(const char *name, off_t size)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(ftruncate(fd, size) | close(fd), 0);
}

START_TEST(python_is_redirected_without_overlays)
{
    check_decision("what Python writes is kept apart");
    ck_assert_ptr_nonnull(environment);
    ck_assert_ptr_nonnull(strstr(environment[0], out));
    session.files = files;
    ck_assert(lrp_private_files_are_for_copies(&session));
    write_file("new", 1);
    ck_assert_int_eq(lrp_private_files_verify(&session, &err), LRP_OK); /* a new one is no harm */
}
END_TEST

START_TEST(another_program_gets_copies)
{
    trainer[0] = "./trainer";
    write_file("data", 63L * 1024 * 1024);
    check_decision("each run works in a copy of ");
    session.files = files;
    ck_assert(!lrp_private_files_are_for_copies(&session));
}
END_TEST

START_TEST(large_folders_are_watched)
{
    trainer[0] = "./trainer";
    write_file("data", 65L * 1024 * 1024);
    check_decision("the trainer writes its files as always; the sweep stops when it changes one");
    ck_assert_ptr_null(environment);
    session.files = files;
    ck_assert_int_eq(lrp_private_files_verify(&session, &err), LRP_OK);
    write_file("data", 10);
    ck_assert_int_eq(lrp_private_files_verify(&session, &err), LRP_E_CHILD);
    ck_assert_ptr_nonnull(strstr(err.message, "data, which was there before"));
}
END_TEST

START_TEST(paths_out_of_a_copy_forbid_it)
{
    static const char *const paths[] = {"--data=../other0", ".."};
    trainer[0] = "./trainer";
    trainer[1] = paths[_i];
    check_decision("the trainer writes its files as always; the sweep stops");
}
END_TEST

START_TEST(what_is_asked_for_is_taken)
{
    session.options.files = LRP_FILES_COPY;
    check_decision("each run works in a copy of ");
    lrp_private_files_free(files);
    session.options.files = LRP_FILES_IN_PLACE;
    check_decision("the trainer writes its files as always (--files in-place)");
    lrp_private_files_free(files);
    trainer[0] = "./trainer";
    session.options.files = LRP_FILES_REDIRECT;
    check_decision("what Python writes is kept apart");
}
END_TEST

START_TEST(what_cannot_be_had_is_an_error)
{
    session.options.files = LRP_FILES_OVERLAY;
    ck_assert_int_eq(lrp_private_files_new(&session, &environment, &files, &err), LRP_E_LIMIT);
    lrp_private_files_free(files);
    session.options.launch.launcher = lrp_launcher_find("slurm");
    ck_assert_ptr_nonnull(session.options.launch.launcher);
    session.options.files = LRP_FILES_REDIRECT;
    ck_assert_int_eq(lrp_private_files_new(&session, &environment, &files, &err), LRP_E_ARG);
    lrp_private_files_free(files);
    session.options.files = LRP_FILES_AUTO;
    check_decision("the trainer writes its files as always: on a cluster");
    ck_assert_ptr_null(environment);
}
END_TEST

START_TEST(the_built_in_trainer_needs_nothing)
{
    session.options.external = false;
    check_decision("");
    ck_assert_ptr_null(files);
}
END_TEST

START_TEST(python_by_its_name)
{
    static const char *const python[] = {"python", "/usr/bin/python3.11", "torchrun", "uv"};
    static const char *const others[] = {"sh", "./train", "/python/bin/train", "mypython"};
    for (size_t i = 0; i < sizeof python / sizeof python[0]; i++) {
        trainer[0] = python[i];
        ck_assert_msg(lrp_runs_python(&session.options), "%s", python[i]);
        trainer[0] = others[i];
        ck_assert_msg(!lrp_runs_python(&session.options), "%s", others[i]);
    }
    session.options.hook = "torch";
    ck_assert(lrp_runs_python(&session.options));
}
END_TEST

START_TEST(folders_end_at_a_slash)
{
    ck_assert(lrp_path_lies_in("/a", "/a"));
    ck_assert(lrp_path_lies_in("/a/b", "/a"));
    ck_assert(lrp_path_lies_in("/a", "/"));
    ck_assert(!lrp_path_lies_in("/ab", "/a"));
    ck_assert(!lrp_path_lies_in("/", "/a"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("files_way");
    TCase *tests = tcase_create("decision");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, python_is_redirected_without_overlays);
    tcase_add_test(tests, another_program_gets_copies);
    tcase_add_test(tests, large_folders_are_watched);
    tcase_add_loop_test(tests, paths_out_of_a_copy_forbid_it, 0, 2);
    tcase_add_test(tests, what_is_asked_for_is_taken);
    tcase_add_test(tests, what_cannot_be_had_is_an_error);
    tcase_add_test(tests, the_built_in_trainer_needs_nothing);
    tcase_add_test(tests, python_by_its_name);
    tcase_add_test(tests, folders_end_at_a_slash);
    suite_add_tcase(suite, tests);
    return suite;
}
