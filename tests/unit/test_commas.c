/* SPDX-License-Identifier: MIT */
/* Numbers with commas, one by one and in logs: read right or refused, never cut at the comma. */
#include "comma_number.h"
#include "lrprobe/lrprobe.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

START_TEST(the_comma_of_one_number)
{
    static const struct {
        const char *text;
        enum lrp_comma kind;
        double value;
    } numbers[] = {
        {"0,69", LRP_COMMA_DECIMAL, 0.69},
        {"-0,69314", LRP_COMMA_DECIMAL, -0.69314},
        {"0,693", LRP_COMMA_DECIMAL, 0.693}, /* no group of thousands begins with 0 */
        {"1234,567", LRP_COMMA_DECIMAL, 1234.567},
        {"12,5", LRP_COMMA_DECIMAL, 12.5},
        {"1,5e-3", LRP_COMMA_DECIMAL, 1.5e-3},
        {"1,234e-3", LRP_COMMA_DECIMAL, 1.234e-3},
        {"1.234,5", LRP_COMMA_DECIMAL, 1234.5},
        {"1.234.567,25", LRP_COMMA_DECIMAL, 1234567.25},
        {"2,816.11", LRP_COMMA_THOUSANDS, 2816.11},
        {"+1,234,567", LRP_COMMA_THOUSANDS, 1234567},
        {"12,345,678.5", LRP_COMMA_THOUSANDS, 12345678.5},
        {"1,234", LRP_COMMA_EITHER, 1.234},
        {"-123,456", LRP_COMMA_EITHER, -123.456},
        {"", LRP_COMMA_NONE, 0},
        {",", LRP_COMMA_NONE, 0},
        {"-", LRP_COMMA_NONE, 0},
        {"-,5", LRP_COMMA_NONE, 0},
        {"5", LRP_COMMA_NONE, 0},
        {"0.5", LRP_COMMA_NONE, 0},
        {"5,", LRP_COMMA_NONE, 0},
        {",5", LRP_COMMA_NONE, 0},
        {"0.5,0.7", LRP_COMMA_NONE, 0},
        {"1,2,3", LRP_COMMA_NONE, 0},
        {"1,2.5", LRP_COMMA_NONE, 0},
        {"0,123.5", LRP_COMMA_NONE, 0},
        {"1,234.5.6", LRP_COMMA_NONE, 0},
        {"1.23,5", LRP_COMMA_NONE, 0},
        {"1,5x", LRP_COMMA_NONE, 0},
        {"1,5e", LRP_COMMA_NONE, 0},
        {"a,b", LRP_COMMA_NONE, 0},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        double value = 0;
        enum lrp_comma kind =
            lrp_parse_comma_number(numbers[i].text, strlen(numbers[i].text), &value);
        ck_assert_msg(kind == numbers[i].kind && value == numbers[i].value, "%s is of kind %d: %g",
                      numbers[i].text, (int)kind, value);
    }
    char longest[200];
    double value = 7;
    memset(longest, '1', sizeof longest);
    longest[1] = ',';
    ck_assert_int_eq(lrp_parse_comma_number(longest, sizeof longest, &value), LRP_COMMA_NONE);
    ck_assert(value == 7);
}
END_TEST

/* What a log has in its second row, or why it is refused. */
static const struct log_case {
    const char *text;
    double loss, lr; /* NaN = do not look */
    const char *refused;
    size_t line;
} logs[] = {
    {"lr;loss\n0,1;0,69314\n0,2;0,5\n", 0.5, 0.2, NULL, 0},
    {"lr,loss\n\"0,1\",\"0,69314\"\n\"0,2\",\"0,5\"\n", 0.5, 0.2, NULL, 0},
    {"lr\tloss\n0.1\t2,816.11\n0.2\t1,900.5\n", 1900.5, 0.2, NULL, 0},
    /* others of the column tell */
    {"lr;loss\n0,1;0,9\n0,2;1,234\n", 1.234, 0.2, NULL, 0},
    {"lr;loss\n0.1;2,816.11\n0.2;1,234\n", 1234, 0.2, NULL, 0},
    {"lr;loss\n0.1;999.5\n0.2;1,234\n", 1234, 0.2, NULL, 0},
    /* ... from a later row, too */
    {"lr;loss\n0.1;999.5\n0.2;1,234\n0.3;0.5\n", 1234, 0.2, NULL, 0},
    {"lr;loss\n0,1;9,125\n0,2;1,234\n0,3;0,5\n", 1.234, 0.2, NULL, 0},
    /* others of the table */
    {"lr;loss\n0,1;1,500\n0,2;1,234\n", 1.234, 0.2, NULL, 0},
    {"lr;loss\n0.1;1,500\n0.2;1,234\n", 1234, 0.2, NULL, 0},
    {"step;lr;loss\n1,000;0.1;1.5\n2,000;0.2;1.25\n", 1.25, 0.2, NULL, 0},
    {"lr;loss;acc\n0,1;1,5;49,2%\n0,2;1,25;51,5%\n", 1.25, 0.2, NULL, 0},
    {"lr;loss\n1e-05;1,5\n1,5e-05;1,25\n", 1.25, 1.5e-5, NULL, 0}, /* a power has no point */
    /* nothing tells */
    {"lr;loss\n1;1,500\n2;1,234\n", 0, 0, "may be 1.5 or 1500", 2},
    {"step;lr;loss\n1;0,1;0.5\n2;0.2;1,234\n3;0.3;0,5\n4;1;2,816.5\n", 0, 0,
     "decimal commas and commas between thousands", 5},
    /* a comma without quotes is one between cells */
    {"lr,loss\n0,1,0,69\n0,2,0,5\n", 0, 0, "decimal commas without quotes?", 2},
    /* printed */
    {"step 1, loss: 2,816.11, lr: 0.1\nstep 2, loss: 1,234, lr: 0.2\n", 1234, 0.2, NULL, 0},
    {"step 1, loss 0,69, lr 0,1\nstep 2, loss 1,234, lr 0,2.\n", 1.234, 0.2, NULL, 0},
    {"step=1 loss=0,69\nstep=2 loss=0,5\n", 0.5, (double)NAN, NULL, 0},
    {"step 1 loss 3,lr 1\nstep 2 loss 4,lr 2\n", 4, 2, NULL, 0},
    {"step 1: loss 1,500\nstep 2: loss 1,234\n", 0, 0, "may be 1.5 or 1500", 1},
    /* commas between numbers */
    {"step 1 loss: 0.5,0.7 lr: 1\nstep 2 loss: 0.25,0.7 lr: 2\n", 0.25, 2, NULL, 0},
    {"[1,  2000] loss: 0.5\n[1,  4000] loss: 0.25\n", 0.25, (double)NAN, NULL, 0},
};

static void check_cell(const struct lrp_record *record, const char *name, double want,
                       const char *text)
{
    size_t column = lrp_record_find_column(record, name);
    double value = column != LRP_NO_COLUMN ? lrp_record_values(record, column)[1] : (double)NAN;
    ck_assert_msg(isnan(want) || close_to(value, want, 1e-12, 0), "%s: %s is %.9g", text, name,
                  value);
}

START_TEST(the_commas_of_a_log)
{
    const struct log_case *log = &logs[_i];
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status =
        lrp_record_read_memory(log->text, strlen(log->text), NULL, &record, &err);
    if (log->refused != NULL) {
        ck_assert_msg(status == LRP_E_FORMAT && strstr(err.message, log->refused) != NULL &&
                          err.line == log->line,
                      "%s: %d, line %zu: %s", log->text, (int)status, err.line, err.message);
        lrp_record_free(record);
        return;
    }
    ck_assert_msg(status == LRP_OK, "%s: %s", log->text, err.message);
    check_cell(record, "loss", log->loss, log->text);
    check_cell(record, "lr", log->lr, log->text);
    lrp_record_free(record);
}
END_TEST

/* A cell that decides among many that do not, in the last row. */
START_TEST(many_commas_wait_for_one_that_tells)
{
    enum { ROWS = 3000 };
    static char text[ROWS * 24 + 100];
    for (int decimal = 0; decimal < 2; decimal++) {
        size_t n = (size_t)snprintf(text, sizeof text, "step;loss\n");
        for (int k = 0; k < ROWS; k++) {
            n +=
                (size_t)snprintf(text + n, sizeof text - n, "%d;%d,%03d\n", k, 1 + k % 9, k % 1000);
        }
        (void)snprintf(text + n, sizeof text - n, "%d;%s\n", ROWS, decimal == 1 ? "0,5" : "0.5");
        struct lrp_record *record = NULL;
        struct lrp_error err = {0};
        ck_assert_msg(lrp_record_read_memory(text, strlen(text), NULL, &record, &err) == LRP_OK,
                      "%s", err.message);
        size_t loss = lrp_record_find_column(record, "loss");
        for (size_t k = 0; k < ROWS; k++) {
            double want = 1 + (double)(k % 9) + 0.001 * (double)(k % 1000);
            ck_assert_close(lrp_record_values(record, loss)[k], decimal == 1 ? want : 1000 * want,
                            1e-12, 0);
        }
        lrp_record_free(record);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("commas");
    TCase *tests = tcase_create("commas");
    tcase_add_test(tests, the_comma_of_one_number);
    tcase_add_loop_test(tests, the_commas_of_a_log, 0, sizeof logs / sizeof logs[0]);
    tcase_add_test(tests, many_commas_wait_for_one_that_tells);
    suite_add_tcase(suite, tests);
    return suite;
}
