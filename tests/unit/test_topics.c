/* SPDX-License-Identifier: MIT */
/* The texts of `lrprobe explain` and `lrprobe list recipes` against the tables that they speak of.
 */
#include "checklist.h"
#include "optimizer.h"
#include "pictures.h"
#include "schedule.h"
#include "test_main.h"
#include "topics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct lrp_topic *const tables[] = {lrp_term_texts, lrp_schedule_texts,
                                                 lrp_optimizer_texts};

/* Whether a word is the name of a page. */
static bool is_a_topic(const char *word)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        if (lrp_topic_text(tables[t], word) != NULL) {
            return true;
        }
    }
    for (size_t i = 0; lrp_checks[i] != NULL; i++) {
        if (strcmp(lrp_checks[i]->id, word) == 0) {
            return true;
        }
    }
    return false;
}

/* words: with single blanks between them; NULL = none. */
static void each_word_is_a_topic(const char *page, const char *words)
{
    char word[64];
    while (words != NULL && *words != '\0') {
        size_t length = strcspn(words, " ");
        ck_assert_uint_lt(length, sizeof word);
        memcpy(word, words, length);
        word[length] = '\0';
        ck_assert_msg(is_a_topic(word), "%s points to '%s'", page, word);
        words += length + (words[length] == ' ' ? 1 : 0);
    }
}

START_TEST(what_pages_point_to_is_there)
{
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct lrp_topic *topic = tables[t]; topic->name != NULL; topic++) {
            each_word_is_a_topic(topic->name, topic->see);
            each_word_is_a_topic(topic->name, topic->checks);
        }
    }
}
END_TEST

START_TEST(terms_are_sorted)
{
    for (const struct lrp_topic *term = lrp_term_texts; term[1].name != NULL; term++) {
        ck_assert_msg(strcmp(term->name, term[1].name) < 0, "%s is before %s", term->name,
                      term[1].name);
    }
}
END_TEST

static void expect_page(const struct lrp_topic *text, const char *name, const char *file)
{
    ck_assert_msg(text->name != NULL && strcmp(text->name, name) == 0,
                  "src/topics/%s: the page \"= %s\" is missing here: \"= %s\" was found. Pages "
                  "have the order of the table.",
                  file, name, text->name != NULL ? text->name : "(end)");
}

START_TEST(each_schedule_has_its_page)
{
    size_t i = 0;
    for (; lrp_schedules[i] != NULL; i++) {
        struct lrp_topic topic;
        expect_page(&lrp_schedule_texts[i], lrp_schedules[i]->name, "schedules.txt");
        ck_assert(lrp_topic_schedule(i, &topic));
        ck_assert(topic.title != NULL && topic.source != NULL && topic.source[0] != '\0');
        /* its picture is one of this schedule */
        size_t length = strlen(topic.name);
        ck_assert_msg(topic.picture != NULL && strncmp(topic.picture, topic.name, length) == 0 &&
                          topic.picture[length] == ':',
                      "src/topics/schedules.txt: the picture of %s is no spec of it", topic.name);
    }
    ck_assert_ptr_null(lrp_schedule_texts[i].name);
}
END_TEST

START_TEST(each_optimizer_has_its_page)
{
    size_t i = 0;
    for (; lrp_optimizers[i] != NULL; i++) {
        expect_page(&lrp_optimizer_texts[i], lrp_optimizers[i]->name, "optimizers.txt");
    }
    ck_assert_ptr_null(lrp_optimizer_texts[i].name);
}
END_TEST

START_TEST(pictures_have_points)
{
    struct lrp_picture *picture = calloc(1, sizeof *picture);
    size_t n_pictures = 0;
    ck_assert_ptr_nonnull(picture);
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (const struct lrp_topic *topic = tables[t]; topic->name != NULL; topic++) {
            struct lrp_error err = {0};
            if (topic->picture == NULL) {
                continue;
            }
            memset(picture, 0, sizeof *picture);
            ck_assert_msg(lrp_picture_make(topic->picture, picture, &err) == LRP_OK, "%s: %s",
                          topic->name, err.message);
            ck_assert_uint_ge(picture->figure.n_curves, 1);
            for (size_t c = 0; c < picture->figure.n_curves; c++) {
                ck_assert_msg(picture->curves[c].n > 10, "%s: curve %zu", topic->picture, c);
                ck_assert(isfinite(picture->x[c][0]) && isfinite(picture->y[c][0]));
            }
            n_pictures++;
        }
    }
    ck_assert_uint_gt(n_pictures, 30);
    ck_assert_int_eq(lrp_picture_make("no-such-picture", picture, NULL), LRP_E_ARG);
    free(picture);
}
END_TEST

/* Falls, has its marks in their order, and rises again above where it began. */
START_TEST(the_range_test_shows_its_rise)
{
    struct lrp_picture *picture = calloc(1, sizeof *picture);
    ck_assert_ptr_nonnull(picture);
    ck_assert_int_eq(lrp_picture_make("range-test", picture, NULL), LRP_OK);
    const struct lrp_plot_curve *curve = &picture->curves[0];
    size_t lowest = 0;
    for (size_t i = 0; i < curve->n; i++) {
        lowest = curve->y[i] < curve->y[lowest] ? i : lowest;
    }
    ck_assert(curve->y[lowest] < 0.3 * curve->y[0]);
    ck_assert(curve->y[curve->n - 1] > curve->y[0]);
    ck_assert(picture->marks[1].x == curve->x[lowest]);
    ck_assert(picture->marks[0].x > curve->x[0] && picture->marks[0].x < picture->marks[1].x);
    free(picture);
}
END_TEST

START_TEST(checks_have_the_term_that_names_them)
{
    ck_assert_str_eq(lrp_term_of_check("D1")->name, "divergence");
    ck_assert_str_eq(lrp_term_of_check("A2")->name, "divergence");
    ck_assert_str_eq(lrp_term_of_check("O6")->name, "oscillation");
    ck_assert_ptr_null(lrp_term_of_check("D"));
    ck_assert_ptr_null(lrp_term_of_check("D11"));
    ck_assert_ptr_null(lrp_term_of_check("L1"));
}
END_TEST

START_TEST(names_are_found)
{
    static const struct lrp_topic_kind kinds[] = {
        {"terms", lrp_topic_term}, {"schedules", lrp_topic_schedule}, {NULL, NULL}};
    struct lrp_topic topic;
    ck_assert_str_eq(lrp_topic_find(kinds, "Range-Test", &topic), "terms");
    ck_assert_str_eq(topic.name, "range-test");
    ck_assert_str_eq(lrp_topic_find(kinds, "cosine", &topic), "schedules");
    ck_assert_ptr_null(lrp_topic_find(kinds, "range", &topic));
    ck_assert_str_eq(lrp_topic_nearest(kinds, "momentun"), "momentum");
    ck_assert_str_eq(lrp_topic_nearest(kinds, "cosin"), "cosine");
    ck_assert_ptr_null(lrp_topic_nearest(kinds, "wholly-other"));
}
END_TEST

START_TEST(a_page_has_its_parts)
{
    struct lrp_topic topic;
    struct lrp_text page;
    size_t cosine = 0;
    while (strcmp(lrp_schedules[cosine]->name, "cosine") != 0) {
        cosine++;
    }
    ck_assert(lrp_topic_schedule(cosine, &topic));
    lrp_text_init(&page, 1 << 16);
    lrp_topic_page(&topic, &page);
    const char *parts[] = {"cosine: ",
                           "\n\nWhen: ",
                           "\nFormula: ",
                           "\nOptions: max_lr, min_lr=0,",
                           "as in cosine:max_lr=0.1,min_lr=0\n",
                           "\nSource: ",
                           "\nSee also: sgdr"};
    const char *at = lrp_text_string(&page);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        at = strstr(at, parts[i]);
        ck_assert_msg(at != NULL, "no '%s' in its place", parts[i]);
    }
    lrp_text_fini(&page);
}
END_TEST

START_TEST(recipes_are_complete)
{
    size_t n = 0;
    for (const struct lrp_recipe *recipe = lrp_recipes; recipe->name != NULL; recipe++, n++) {
        ck_assert_msg(recipe->lr > 0 && recipe->lr < 100, "%s", recipe->name);
    }
    ck_assert_uint_ge(n, 30);
    ck_assert_str_eq(lrp_recipes[0].name, "alexnet");
    ck_assert(lrp_recipes[0].lr == 0.01);
    ck_assert_str_eq(lrp_recipes[0].weight_decay, "5e-4");
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("topics");
    TCase *tests = tcase_create("topics");
    tcase_add_test(tests, what_pages_point_to_is_there);
    tcase_add_test(tests, terms_are_sorted);
    tcase_add_test(tests, each_schedule_has_its_page);
    tcase_add_test(tests, each_optimizer_has_its_page);
    tcase_add_test(tests, pictures_have_points);
    tcase_add_test(tests, the_range_test_shows_its_rise);
    tcase_add_test(tests, checks_have_the_term_that_names_them);
    tcase_add_test(tests, names_are_found);
    tcase_add_test(tests, a_page_has_its_parts);
    tcase_add_test(tests, recipes_are_complete);
    suite_add_tcase(suite, tests);
    return suite;
}
