/* SPDX-License-Identifier: MIT */
/* Which column of a log is its learning rate. */
#include "aliases.h"
#include "lrprobe/lrprobe.h"
#include "rate_names.h"
#include "record.h"
#include "test_main.h"

#include <math.h>
#include <string.h>

START_TEST(rates_are_known_by_a_rule)
{
    static const struct {
        const char *name;
        enum lrp_rate_name kind;
    } names[] = {
        {"lr", LRP_RATE_NAME_PLAIN},
        {"LR", LRP_RATE_NAME_PLAIN},
        {"Learning Rate", LRP_RATE_NAME_PLAIN},
        {"train/learning_rate", LRP_RATE_NAME_PLAIN},
        {"learningRate", LRP_RATE_NAME_PLAIN},
        {"optimizer/lr", LRP_RATE_NAME_PLAIN},
        {"epoch_learning_rate", LRP_RATE_NAME_PLAIN},
        {"trainer/lr_step", LRP_RATE_NAME_PLAIN},
        {"lr-Adam", LRP_RATE_NAME_OWN},
        {"lr-RAdam", LRP_RATE_NAME_OWN},
        {"lr-ScheduleFreeMuon", LRP_RATE_NAME_OWN},
        {"lr-Adam-1", LRP_RATE_NAME_OWN},
        {"lr-AdamW/pg2", LRP_RATE_NAME_OWN},
        {"param_group_0/lr", LRP_RATE_NAME_OWN},
        {"lr/group0", LRP_RATE_NAME_OWN},
        {"learning_rate/pg2", LRP_RATE_NAME_OWN},
        {"lr_0", LRP_RATE_NAME_OWN},
        {"x/lr0", LRP_RATE_NAME_OWN},
        {"backbone_lr", LRP_RATE_NAME_OWN},
        {"policy/learning_rate", LRP_RATE_NAME_OWN},
        {"log10_lr", LRP_RATE_NAME_LOG10},
        {"log10(learning rate)", LRP_RATE_NAME_LOG10},
        {"log_10(lr)", LRP_RATE_NAME_LOG10},
        {"lr (ln)", LRP_RATE_NAME_LN},
        {"log_lr", LRP_RATE_NAME_LOG},
        {"loss", LRP_RATE_NAME_NONE},
        {"", LRP_RATE_NAME_NONE},
        {"clr", LRP_RATE_NAME_NONE},
        {"rate", LRP_RATE_NAME_NONE},
        {"lrscale", LRP_RATE_NAME_NONE},
        {"lr_scale", LRP_RATE_NAME_NONE},
        {"min_lr", LRP_RATE_NAME_NONE},
        {"lr-Adam-momentum", LRP_RATE_NAME_NONE},
        {"lr-Adam-weight_decay", LRP_RATE_NAME_NONE},
        {"lr_find/loss", LRP_RATE_NAME_NONE},
        {"lr_scheduler_step", LRP_RATE_NAME_NONE},
        {"val/lr", LRP_RATE_NAME_NONE},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_msg(lrp_rate_name_of(names[i].name) == names[i].kind, "%s is of kind %d",
                      names[i].name, (int)lrp_rate_name_of(names[i].name));
    }
    char name[1000]; /* words and signs without end */
    memset(name, '-', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(lrp_rate_name_of(name), LRP_RATE_NAME_NONE);
    memset(name, 'l', sizeof name - 1);
    ck_assert_int_eq(lrp_rate_name_of(name), LRP_RATE_NAME_NONE);
}
END_TEST

static struct lrp_record *read_text(const char *text)
{
    struct lrp_record *record = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = lrp_record_read_memory(text, strlen(text), NULL, &record, &err);
    ck_assert_msg(status == LRP_OK, "%s: %s", text, err.message);
    return record;
}

static bool has_note(const struct lrp_record *record, const char *words)
{
    const char *note = NULL;
    for (size_t i = 0; (note = lrp_record_note(record, i)) != NULL; i++) {
        if (strstr(note, words) != NULL) {
            return true;
        }
    }
    return false;
}

START_TEST(the_rate_column_is_found)
{
    static const struct {
        const char *text;
        double second;    /* lr of the second row; NaN = there is no column lr */
        const char *note; /* NULL = none at all */
    } logs[] = {
        {"step,lr-RAdam,train_loss\n0,0.1,3\n1,0.2,2\n", 0.2, NULL},
        {"step,lr,train_loss\n0,0.1,3\n1,0.2,2\n", 0.2, NULL},
        /* the fastest group, whichever comes first */
        {"step,lr-A/pg1,lr-A/pg2,loss\n0,0.01,0.1,3\n1,0.02,0.2,2\n", 0.2,
         "lr-A/pg1, lr-A/pg2: lr-A/pg2, the fastest, is taken"},
        {"step,lr-A/pg1,lr-A/pg2,loss\n0,0.1,0.01,3\n1,0.2,0.02,2\n", 0.2,
         "lr-A/pg1, the fastest, is taken"},
        {"step,lr/pg0,lr/pg1,loss\n0,0.1,0.1,3\n1,0.2,0.2,2\n", 0.2, NULL},
        /* a warm-up of its own makes no faster group: YOLO's biases */
        {"step,x/lr0,x/lr1,loss\n0,0.01,0.9,3\n1,0.2,0.2,2\n2,0.1,0.1,1\n", 0.2, NULL},
        {"step,lr-G,lr-D,loss\n0,0.1,,3\n1,,0.2,2\n", 0.2, "lr-D, the fastest, is taken"},
        /* a column that is just the rate is taken, and what else there is is said */
        {"step,lr-head,lr,loss\n0,1,0.1,3\n1,2,0.2,2\n", 0.2, "lr is taken"},
        {"step,lr-head,lr-body,loss\n0,,0.1,3\n1,,0.2,2\n", 0.2, NULL},
        {"log10_lr,loss\n-2,3\n-1,2\n", 0.1, "log10_lr holds decimal logarithms"},
        {"ln(lr),loss\n-2,3\n0,2\n", 1, "natural"},
        {"log_lr,loss\n-16,3\n0,2\n", 1, "natural"},
        {"log_lr,loss\n-6,3\n0,2\n", (double)NAN, NULL},
        {"log/lr,loss\n0.1,3\n0.2,2\n", 0.2, NULL},
        {"min_lr,loss\n0.1,3\n0.2,2\n", (double)NAN, NULL},
        {"lr,log10_lr,loss\n0.1,-1,3\n0.01,-2,2\n", 0.01, NULL},
        {"lr,lr-A,loss\nnan,0.1,3\nnan,0.2,2\n", (double)NAN, "lr is taken"},
        {"{\"optimizer/lr\": 0.1, \"loss\": 3}\n{\"optimizer/lr\": 0.2, \"loss\": 2}\n", 0.2, NULL},
        {"step: 1 lr-Lion: 0.1 loss: 3\nstep: 2 lr-Lion: 0.2 loss: 2\n", 0.2, NULL},
    };
    for (size_t i = 0; i < sizeof logs / sizeof logs[0]; i++) {
        struct lrp_record *record = read_text(logs[i].text);
        size_t column = lrp_record_find_column(record, "lr");
        double second =
            column == LRP_NO_COLUMN ? (double)NAN : lrp_record_values(record, column)[1];
        ck_assert_msg(close_to(second, logs[i].second, 1e-12, 0), "%s: %g", logs[i].text, second);
        ck_assert_msg(logs[i].note == NULL ? lrp_record_note(record, 0) == NULL
                                           : has_note(record, logs[i].note),
                      "%s: %s", logs[i].text,
                      lrp_record_note(record, 0) != NULL ? lrp_record_note(record, 0) : "no note");
        lrp_record_free(record);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("rates");
    TCase *tests = tcase_create("rates");
    tcase_add_test(tests, rates_are_known_by_a_rule);
    tcase_add_test(tests, the_rate_column_is_found);
    suite_add_tcase(suite, tests);
    return suite;
}
