/* SPDX-License-Identifier: MIT */
/* The training loop: which rate a step has, when it validates, what the record says, what ends it.
 */
#include "loop.h"
#include "record_cells.h"
#include "record_reader.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STEPS = 20 };

struct bench {
    char path[64]; /* of the plan and then of the record */
    struct lrp_dataset *dataset;
    struct lrp_training *training;
    struct lrp_loop_options options;
    struct lrp_loop_result result;
    size_t told; /* calls of on_step */
    double last_loss;
};

static void on_step(void *user, double loss)
{
    struct bench *bench = user;
    bench->told++;
    bench->last_loss = loss;
}

static void set_up(struct bench *bench, const char *data)
{
    struct lrp_training_options options = {.batch_size = 32, .seed = 1, .record_every = 4};
    const struct lrp_data_options source = {.data = data, .val_split = 0.2};
    memset(bench, 0, sizeof *bench);
    (void)snprintf(bench->path, sizeof bench->path, "/tmp/lrp-loop-XXXXXX");
    int file = mkstemp(bench->path);
    ck_assert_int_ge(file, 0);
    (void)close(file);
    ck_assert_int_eq(lrp_dataset_load(&source, &bench->dataset, NULL), LRP_OK);
    ck_assert_int_eq(lrp_model_parse("mlp:8", &options.model, NULL), LRP_OK);
    ck_assert_int_eq(lrp_optimizer_parse("momentum", &options.optimizer, NULL), LRP_OK);
    ck_assert_int_eq(lrp_measures_parse("grad_norm,dead_fraction", &options.record, NULL), LRP_OK);
    ck_assert_int_eq(lrp_training_new(bench->dataset, &options, &bench->training, NULL), LRP_OK);
    bench->options = (struct lrp_loop_options){
        .n_steps = STEPS, .record_path = bench->path, .on_step = on_step, .user = bench};
}

static void tear_down(struct bench *bench)
{
    lrp_training_free(bench->training);
    lrp_dataset_free(bench->dataset);
    (void)unlink(bench->path);
}

static void write_plan(const struct bench *bench, const char *text)
{
    FILE *file = fopen(bench->path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

static struct lrp_record *run(struct bench *bench)
{
    struct lrp_record *record = NULL;
    ck_assert_int_eq(lrp_loop_run(bench->training, &bench->options, &bench->result, NULL), LRP_OK);
    ck_assert_int_eq(lrp_run_record_read(bench->path, &record, NULL), LRP_OK);
    ck_assert_uint_eq(lrp_record_rows(record), bench->result.steps);
    ck_assert_uint_eq(bench->told, bench->result.steps);
    return record;
}

static struct lrp_schedule_run *schedule(const char *spec)
{
    struct lrp_schedule_run *rates = NULL;
    ck_assert_int_eq(lrp_schedule_run_new(spec, NULL, STEPS, 10, &rates, NULL), LRP_OK);
    return rates;
}

START_TEST(rates_and_momentum_are_those_of_the_plan)
{
    struct bench bench;
    struct lrp_record *plan = NULL;
    set_up(&bench, "spirals");
    write_plan(&bench, "step,lr,momentum\n0,0.1,0.5\n1,0.2,\n2,0,0.25\n");
    ck_assert_int_eq(lrp_loop_read_plan(bench.path, &plan, NULL), LRP_OK);
    bench.options.plan = plan;
    bench.options.n_steps = lrp_record_rows(plan);
    struct lrp_record *record = run(&bench);
    ck_assert_uint_eq(bench.result.steps, 3);
    ck_assert_double_eq(cell(record, "lr", 1), 0.2);
    ck_assert_double_eq(cell(record, "lr", 2), 0);
    ck_assert_double_eq(cell(record, "momentum", 0), 0.5);
    ck_assert_double_eq(cell(record, "momentum", 1), 0.9); /* the optimizer's own */
    ck_assert_double_eq(cell(record, "momentum", 2), 0.25);
    lrp_record_free(record);
    lrp_record_free(plan);
    tear_down(&bench);
}
END_TEST

START_TEST(bad_plans_are_refused)
{
    static const struct {
        const char *text;
        enum lrp_status want;
    } cases[] = {{"step,rate_of_nothing\n0,1\n", LRP_E_NODATA},
                 {"step,lr\n0,-1\n", LRP_E_FORMAT},
                 {"step,lr\n0,nan\n", LRP_E_FORMAT},
                 {"step,lr\n0,inf\n", LRP_E_FORMAT}};
    struct bench bench;
    set_up(&bench, "spirals");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lrp_record *plan = NULL;
        write_plan(&bench, cases[i].text);
        ck_assert_int_eq(lrp_loop_read_plan(bench.path, &plan, NULL), cases[i].want);
        ck_assert_ptr_null(plan);
    }
    tear_down(&bench);
}
END_TEST

/* Validation after every fifth step, norms at every fourth, an inspection at every eighth and the
 * last; _i = 1: neither at the end. */
START_TEST(what_is_due_is_in_the_row)
{
    struct bench bench;
    set_up(&bench, "spirals");
    bench.options.schedule = schedule("constant:lr=0.01");
    bench.options.n_steps = STEPS - 1;
    bench.options.val_every = 5;
    bench.options.inspect_every = 8;
    bench.options.bare_end = _i == 1;
    struct lrp_record *record = run(&bench);
    for (size_t k = 0; k < STEPS - 1; k++) {
        bool last = k == STEPS - 2 && _i == 0;
        ck_assert_double_eq(cell(record, "step", k), (double)k);
        ck_assert_double_eq(cell(record, "lr", k), 0.01);
        ck_assert(isfinite(cell(record, "accuracy", k)));
        ck_assert_int_eq(isnan(cell(record, "val_loss", k)) == 0, (k + 1) % 5 == 0 || last);
        ck_assert_int_eq(isnan(cell(record, "val_accuracy", k)) == 0, (k + 1) % 5 == 0 || last);
        ck_assert_int_eq(isnan(cell(record, "grad_norm", k)) == 0, k % 4 == 0);
        ck_assert_int_eq(isnan(cell(record, "dead_fraction", k)) == 0, k % 8 == 0 || last);
    }
    ck_assert(!bench.result.ended);
    ck_assert_double_eq(bench.result.loss, bench.last_loss);
    size_t validated = _i == 0 ? STEPS - 2 : 14; /* the last validation is the result's */
    ck_assert_double_eq(cell(record, "val_loss", validated), bench.result.val_loss);
    ck_assert_close(cell(record, "epoch", STEPS - 2), bench.result.epochs, 1e-12, 0);
    lrp_record_free(record);
    lrp_schedule_run_free(bench.options.schedule);
    tear_down(&bench);
}
END_TEST

/* No rate worth the name: the validation loss stays, and each validation after the first halves the
 * rate of the steps to come. */
START_TEST(a_schedule_is_told_what_it_goes_by)
{
    struct bench bench;
    set_up(&bench, "regression");
    bench.options.schedule =
        schedule("plateau_torch:lr=1e-12,factor=0.5,patience=0,eps=0,metric=val_loss");
    bench.options.val_every = 5;
    struct lrp_record *record = run(&bench);
    for (size_t k = 0; k < STEPS; k++) {
        double halvings = k < 10 ? 0 : floor((double)k / 5) - 1;
        ck_assert_close(cell(record, "lr", k), 1e-12 * pow(0.5, halvings), 1e-9, 0);
    }
    ck_assert(isnan(bench.result.val_accuracy)); /* of values there is none */
    lrp_record_free(record);
    lrp_schedule_run_free(bench.options.schedule);
    tear_down(&bench);
}
END_TEST

START_TEST(a_loss_that_is_not_finite_ends_the_run)
{
    struct bench bench;
    set_up(&bench, "regression");
    bench.options.schedule = schedule("constant:lr=1e20");
    struct lrp_record *record = run(&bench);
    ck_assert(bench.result.ended);
    ck_assert(bench.result.steps > 1 && bench.result.steps < STEPS);
    ck_assert(!isfinite(bench.result.loss));
    ck_assert(!isfinite(cell(record, "loss", bench.result.steps - 1)));
    lrp_record_free(record);
    lrp_schedule_run_free(bench.options.schedule);
    tear_down(&bench);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("loop");
    TCase *tests = tcase_create("loop");
    tcase_add_test(tests, rates_and_momentum_are_those_of_the_plan);
    tcase_add_test(tests, bad_plans_are_refused);
    tcase_add_loop_test(tests, what_is_due_is_in_the_row, 0, 2);
    tcase_add_test(tests, a_schedule_is_told_what_it_goes_by);
    tcase_add_test(tests, a_loss_that_is_not_finite_ends_the_run);
    suite_add_tcase(suite, tests);
    return suite;
}
