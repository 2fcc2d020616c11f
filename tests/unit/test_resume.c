/* SPDX-License-Identifier: MIT */
/* Going on with a session, and what trainers that are strange programs are given. */
#include "gz.h"
#include "launcher.h"
#include "manifest.h"
#include "session_fixture.h"

#include <math.h>
#include <stddef.h>
#include <sys/stat.h>

static volatile int stop;
static const char *trainer[6];

static void set_up(void)
{
    make_session_folders();
    stop = 0;
    use_fake_trainer(trainer, "1");
    options = (struct lrp_session_options){.argv = trainer,
                                           .folder = folder,
                                           .lr_min = 1e-3,
                                           .lr_max = 100,
                                           .repeats = 3,
                                           .jobs = 2,
                                           .seed = 11,
                                           .stop = &stop};
}

static enum lrp_status go(void)
{
    lrp_session_result_fini(&result);
    return lrp_session_run(&options, NULL, &result, &err);
}

static void path_of(const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", folder, name);
}

static void overwrite(const char *name, const char *mode, const char *text)
{
    char path[160];
    path_of(name, path, sizeof path);
    FILE *file = fopen(path, mode);
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static bool exists(const char *name)
{
    char path[160];
    path_of(name, path, sizeof path);
    return access(path, F_OK) == 0;
}

START_TEST(the_manifest_tells_how_to_go_on)
{
    static const char *const facts[] = {"model", "mlp:3", "data", "a \"b\" \xc3\xa9"};
    options.lr_max = (double)NAN;
    options.shape = LRP_SWEEP_LINEAR;
    options.seed = (UINT64_C(1) << 53) + 1; /* no double holds it */
    options.record = "grad_norm";
    options.external = true;
    options.command = "lrprobe sweep -- 'a b'";
    options.title = "A title";
    options.facts = facts;
    options.n_facts = 2;
    options.limits.start_seconds = 7.5;
    options.repeats = 1;
    options.steps = 40;
    trainer[2] = "a b";
    trainer[3] = "\xc3\xa9";
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    struct lrp_saved_session saved;
    ck_assert_msg(lrp_saved_session_read(folder, &saved, &err) == LRP_OK, "%s", err.message);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(saved.options.argv[i], trainer[i]);
    }
    ck_assert_ptr_null(saved.options.argv[4]);
    ck_assert(saved.options.lr_min == 1e-3 && isnan(saved.options.lr_max));
    ck_assert(saved.options.seed == options.seed);
    ck_assert(saved.options.shape == LRP_SWEEP_LINEAR && saved.options.external);
    ck_assert(saved.options.limits.start_seconds == 7.5);
    ck_assert_uint_eq(saved.options.steps, 40);
    ck_assert_str_eq(saved.options.record, "grad_norm");
    ck_assert_ptr_null(saved.options.hook);
    ck_assert_str_eq(saved.options.title, "A title");
    ck_assert_uint_eq(saved.options.n_facts, 2);
    ck_assert_str_eq(saved.options.facts[3], facts[3]);
    lrp_saved_session_fini(&saved);
}
END_TEST

/* Sets each member to what is not its default; the bytes between members stay 0. */
static void set_everything(struct lrp_session_options *given, const char *const *words,
                           const char *const *facts)
{
    static const struct lrp_launch_options elsewhere;
    memset(given, 0, sizeof *given);
    given->argv = words;
    given->external = true;
    given->hook = "torch";
    given->validate = "auto";
    given->val_every = 47;
    given->record = "grad_norm";
    given->folder = folder;
    given->anew = true;
    given->files = LRP_FILES_REDIRECT;
    given->resume = true;
    given->strategy = &lrp_strategy_fresh;
    given->rates = 7;
    given->loss_pattern = "loss {loss}";
    given->log = "{dir}/log.csv";
    given->format = "csv";
    given->maps = words;
    given->n_maps = 2;
    given->around = 0.25;
    given->lr_min = 0.125;
    given->lr_max = 3.5;
    given->steps = 41;
    given->steps_most = 46;
    given->scout_steps = 42;
    given->repeats = 43;
    given->repeats_most = 45;
    given->jobs = 44;
    given->shape = LRP_SWEEP_LINEAR;
    given->seed = (UINT64_C(1) << 62) + 1; /* no double holds it */
    given->steps_planned = 1234.5;
    given->steps_per_epoch = 99.5;
    given->command = "lrprobe sweep";
    given->title = "A title";
    given->facts = facts;
    given->n_facts = 2;
    given->limits = (struct lrp_probe_limits){11.5, 12.5, 13.5, 14.5, &elsewhere};
    given->launch.launcher = &lrp_launcher_slurm;
    given->launch.folder = folder;
    given->launch.partition = "gpu";
    given->launch.time_limit = "10:00";
    given->launch.extra = words;
    given->launch.n_extra = 2;
    given->launch.pace = (struct lrp_launch_pace){1, 2, 3, 4, 5, 6};
    given->stop = &stop;
}

/* What a manifest does not keep: where it lies itself, what the caller's machine decides. */
static const struct {
    size_t begin, end;
} not_kept[] = {
#define NOT_KEPT(member)                                                                           \
    {                                                                                              \
        offsetof(struct lrp_session_options, member),                                              \
            offsetof(struct lrp_session_options, member) +                                         \
                sizeof(((struct lrp_session_options *)0)->member)                                  \
    }
    NOT_KEPT(folder),
    NOT_KEPT(stop),
    NOT_KEPT(limits.end_seconds),
    NOT_KEPT(limits.grace_seconds),
    NOT_KEPT(limits.launch),
    NOT_KEPT(launch.folder),
    NOT_KEPT(launch.pace),
};

static bool is_kept(size_t at)
{
    for (size_t i = 0; i < sizeof not_kept / sizeof not_kept[0]; i++) {
        if (at >= not_kept[i].begin && at < not_kept[i].end) {
            return false;
        }
    }
    return true;
}

/* Members are words of 8 bytes, or smaller ones that have such a word to themselves: all of the
 * struct is looked at, so that a new member must be set above, and then be kept or be named as one
 * that is not. Texts and lists come back as copies; those are compared one by one. */
START_TEST(every_option_comes_back_from_the_manifest)
{
    static const char *const words[] = {"train", "--rate={lr}", NULL};
    static const char *const facts[] = {"model", "mlp:4", "data", "wine"};
    struct lrp_session_options given;
    set_everything(&given, words, facts);
    const struct lrp_session session = {.options = given, .result = &result};
    struct lrp_saved_session saved;
    ck_assert_int_eq(mkdir(folder, 0700), 0);
    ck_assert(lrp_manifest_write(&session, &err) == LRP_OK);
    ck_assert_msg(lrp_saved_session_read(folder, &saved, &err) == LRP_OK, "%s", err.message);
    struct lrp_session_options *kept = &saved.options;
    ck_assert_str_eq(kept->argv[0], words[0]);
    ck_assert_str_eq(kept->argv[1], words[1]);
    ck_assert_ptr_null(kept->argv[2]);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(kept->facts[i], facts[i]);
    }
    ck_assert_str_eq(kept->launch.extra[1], words[1]);
    ck_assert_str_eq(kept->maps[1], words[1]);
    kept->argv = kept->launch.extra = kept->maps = words;
    kept->facts = facts;
    const struct {
        const char **copy, *text;
    } texts[] = {{&kept->hook, given.hook},
                 {&kept->record, given.record},
                 {&kept->validate, given.validate},
                 {&kept->loss_pattern, given.loss_pattern},
                 {&kept->log, given.log},
                 {&kept->format, given.format},
                 {&kept->command, given.command},
                 {&kept->title, given.title},
                 {&kept->launch.partition, given.launch.partition},
                 {&kept->launch.time_limit, given.launch.time_limit}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        ck_assert_str_eq(*texts[i].copy, texts[i].text);
        *texts[i].copy = texts[i].text;
    }
    for (size_t at = 0; at < sizeof given; at += sizeof(uint64_t)) {
        uint64_t before = 0;
        uint64_t after = 0;
        memcpy(&before, (const char *)&given + at, sizeof before);
        memcpy(&after, (const char *)kept + at, sizeof after);
        ck_assert_msg(before != 0, "the member at byte %zu of the options is not set here", at);
        ck_assert_msg(before == after || !is_kept(at),
                      "the member at byte %zu of the options does not come back: has it a row in "
                      "the manifest's table?",
                      at);
    }
    lrp_saved_session_fini(&saved);
}
END_TEST

START_TEST(a_command_that_json_cannot_hold_is_not_gone_on_with)
{
    struct lrp_saved_session saved;
    trainer[2] = "latin \xe9";
    ck_assert_int_eq(go(), LRP_OK);
    ck_assert_int_eq(lrp_saved_session_read(folder, &saved, &err), LRP_E_NODATA);
    ck_assert_ptr_nonnull(strstr(err.message, "no UTF-8"));
}
END_TEST

START_TEST(what_is_finished_is_not_run_again)
{
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    double max_lr = result.bounds.max_lr.value;
    char *before = contents("runs/001.csv");
    /* a killed lrprobe did not come to cut what a trainer wrote after it had diverged */
    overwrite("runs/001.csv", "a", "200,110,1e30\n201,120,1e30\n");
    trainer[0] = "/bin/false";
    options.resume = true;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert(result.bounds.max_lr.value == max_lr);
    ck_assert(!has_event("not finished"));
    char *after = contents("runs/001.csv");
    ck_assert_str_eq(before, after);
    ck_assert(!exists("broken"));
    free(before);
    free(after);
}
END_TEST

START_TEST(a_broken_run_is_kept_aside_and_run_again)
{
    char *before = NULL;
    char *after = NULL;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    before = contents("runs/002.csv");
    for (unsigned round = 1; round <= 2; round++) { /* the names of an earlier one are not taken */
        char name[40];
        overwrite("runs/002.csv", "w", "step,lr,loss\n0,1e-3,0.5\n1,1.1e-");
        overwrite("runs/001.csv", "w", "");
        options.resume = true;
        ck_assert_msg(go() == LRP_OK, "%s", err.message);
        (void)snprintf(name, sizeof name, "broken/002-%u.csv", round);
        after = contents(name);
        ck_assert_str_eq(after, "step,lr,loss\n0,1e-3,0.5\n1,1.1e-");
        free(after);
        after = contents("runs/002.csv");
        ck_assert_str_eq(before, after);
        free(after);
        ck_assert(has_event("run 002 (seed 13) was not finished"));
        ck_assert(!exists("broken/001-1.csv")); /* there was nothing to keep */
    }
    free(before);
}
END_TEST

START_TEST(runs_of_another_plan_are_not_taken_over)
{
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    options.resume = true;
    options.lr_max = 200;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    ck_assert(exists("broken/000-1.csv") && exists("broken/002-1.csv"));
}
END_TEST

START_TEST(a_strange_trainer_is_given_the_client)
{
    ck_assert_int_eq(setenv("PYTHONPATH", "/users/own", 1), 0);
    ck_assert_int_eq(unsetenv("OMP_NUM_THREADS"), 0);
    trainer[0] = "sh";
    trainer[1] = "-c";
    trainer[2] = "echo $PYTHONPATH; echo $LRPROBE_HOOK $LRPROBE_RECORD "
                 "$LRPROBE_VALIDATE $LRPROBE_VALIDATE_EVERY; "
                 "test -n \"$OMP_NUM_THREADS\" && exec \"$LRPROBE_FAKE_TRAINER\" 1";
    options.external = true;
    options.hook = "torch";
    options.record = "grad_norm";
    options.validate = "evaluate";
    options.val_every = 5;
    options.repeats = 2;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    char expected[400];
    (void)snprintf(expected, sizeof expected,
                   "%s/client/hook:%s/client:/users/own\ntorch grad_norm evaluate 5\n", folder,
                   folder);
    char *out = contents("logs/001.out");
    ck_assert_str_eq(out, expected);
    free(out);
}
END_TEST

START_TEST(a_strange_trainer_has_the_machine_for_itself)
{
    options.external = true;
    options.jobs = 0;
    ck_assert_msg(go() == LRP_OK, "%s", err.message);
    char *manifest = contents("sweep.json");
    ck_assert_ptr_nonnull(strstr(manifest, "\"jobs\":1,"));
    free(manifest);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("resume");
    TCase *tcase = tcase_create("sessions");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, remove_session);
    tcase_add_test(tcase, the_manifest_tells_how_to_go_on);
    tcase_add_test(tcase, every_option_comes_back_from_the_manifest);
    tcase_add_test(tcase, a_command_that_json_cannot_hold_is_not_gone_on_with);
    tcase_add_test(tcase, what_is_finished_is_not_run_again);
    tcase_add_test(tcase, a_broken_run_is_kept_aside_and_run_again);
    tcase_add_test(tcase, runs_of_another_plan_are_not_taken_over);
    tcase_add_test(tcase, a_strange_trainer_is_given_the_client);
    tcase_add_test(tcase, a_strange_trainer_has_the_machine_for_itself);
    suite_add_tcase(suite, tcase);
    return suite;
}
