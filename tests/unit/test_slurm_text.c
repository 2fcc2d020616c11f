/* SPDX-License-Identifier: MIT */
/* What Slurm's programs print. */
#include "slurm/slurm_text.h"
#include "test_main.h"

#include <string.h>

START_TEST(jobs_are_named)
{
    static const struct {
        const char *said, *job;
    } answers[] = {{"123\n", "123"},
                   {"123;north\n", "123;north"},
                   {"Welcome to 4 nodes\n77\n\n", "77"},
                   {"12 34\n", NULL},
                   {"Submitted batch job 12\n", NULL},
                   {"", NULL},
                   {"5;\n", NULL},
                   {"5;$(x)\n", NULL},
                   {"99999999999999999999999\n", NULL}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        char job[LRP_SLURM_JOB_SIZE] = "";
        bool found = lrp_slurm_parse_job(answers[i].said, job);
        ck_assert_msg(found == (answers[i].job != NULL), "'%s'", answers[i].said);
        ck_assert_str_eq(job, found ? answers[i].job : "");
    }
}
END_TEST

START_TEST(rows_of_squeue_are_read)
{
    const char *text = "CLUSTER: north\n12 0 RUNNING lrprobe-ab\n13 N/A PENDING x\n12 1\n12 2 \n"
                       "12 3 PENDING \n\nsqueue: hello\n12 40 COMPLETED a name with blanks";
    struct lrp_slurm_row row;
    ck_assert(lrp_slurm_next_row(&text, &row));
    ck_assert(row.job == 12 && row.index == 0);
    ck_assert(row.name_length == 10 && memcmp(row.name, "lrprobe-ab", 10) == 0);
    ck_assert(lrp_slurm_state_find(row.state, row.state_length)->under_way);
    ck_assert(lrp_slurm_next_row(&text, &row));
    ck_assert(row.index == 3 && row.name_length == 0);
    ck_assert(lrp_slurm_next_row(&text, &row));
    ck_assert(row.index == 40 && row.name_length == 18);
    ck_assert(!lrp_slurm_state_find(row.state, row.state_length)->under_way);
    ck_assert(!lrp_slurm_next_row(&text, &row));
    ck_assert_ptr_null(lrp_slurm_state_find("PEND", 4));
}
END_TEST

START_TEST(last_words_of_slurm)
{
    ck_assert_ptr_nonnull(
        strstr(lrp_slurm_last_word("slurmstepd-vm: error: *** JOB 4 ON vm CANCELLED AT "
                                   "2026-11-25T03:11:29 DUE TO TIME LIMIT ***\n"),
               "time limit"));
    ck_assert_ptr_nonnull(
        strstr(lrp_slurm_last_word("slurmstepd: error: *** JOB 2 ON vm CANCELLED AT 2026 ***\n"),
               "cancelled"));
    ck_assert_ptr_null(lrp_slurm_last_word("slurmstepd: all is well\n"));
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("slurm_text");
    TCase *tcase = tcase_create("text");
    tcase_add_test(tcase, jobs_are_named);
    tcase_add_test(tcase, rows_of_squeue_are_read);
    tcase_add_test(tcase, last_words_of_slurm);
    suite_add_tcase(suite, tcase);
    return suite;
}
