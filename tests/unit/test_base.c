/* SPDX-License-Identifier: MIT */
#include "alloc.h"
#include "files.h"
#include "number.h"
#include "random.h"
#include "test_main.h"
#include "text.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

START_TEST(parse_double_accepts)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0.0},
        {"-1.5", -1.5},
        {"+2", 2.0},
        {".5", 0.5},
        {"5.", 5.0},
        {"1e-3", 1e-3},
        {"1E+10", 1e10},
        {"1e999", HUGE_VAL},
        {"-1e999", -HUGE_VAL},
        {"1e-999", 0.0},
        {"inf", HUGE_VAL},
        {"-Infinity", -HUGE_VAL},
        {"0.1", 0.1},
        {"1e23", 1e23},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"0.00000000000000000000000000000000000012345678901234567890123",
         1.2345678901234567890123e-37},
    };
    double value = 0.0;
    ck_assert_msg(lrp_parse_double(rows[_i].text, strlen(rows[_i].text), &value), "%s",
                  rows[_i].text);
    ck_assert_msg(value == rows[_i].value, "%s gave %.17g", rows[_i].text, value);
}
END_TEST

START_TEST(parse_double_rejects)
{
    static const char *const rows[] = {"",      " 1",    "1 ",  "0x1p3",   "nan(abc)", "1,5",
                                       "e5",    "1e",    "1e+", "--1",     ".",        "+",
                                       "infin", "1.2.3", "1f",  "\xc2\xa0"};
    double value = 7.0;
    ck_assert_msg(!lrp_parse_double(rows[_i], strlen(rows[_i]), &value), "'%s' accepted", rows[_i]);
    ck_assert(value == 7.0);
}
END_TEST

START_TEST(double_text_round_trip)
{
    struct lrp_random random;
    lrp_random_seed(&random, 1, 0);
    char buffer[LRP_NUMBER_SIZE];
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = lrp_random_bits(&random);
        double value = 0.0;
        memcpy(&value, &bits, sizeof value);
        if (i % 2 == 0) {
            value = lrp_random_normal(&random);
        }
        if (isnan(value)) {
            continue;
        }
        double back = 0.0;
        lrp_format_double(value, buffer);
        ck_assert_msg(lrp_parse_double(buffer, strlen(buffer), &back) && back == value,
                      "%.17g -> %s -> %.17g", value, buffer, back);
    }
    ck_assert_str_eq(lrp_format_double((double)NAN, buffer), "nan");
    ck_assert_str_eq(lrp_format_double(0.1, buffer), "0.1");
}
END_TEST

START_TEST(short_text_is_for_people)
{
    static const struct {
        double value;
        int digits;
        const char *text;
    } cases[] = {{100, 2, "100"},         {1234.5, 2, "1200"}, {-99999, 3, "-100000"},
                 {10, 1, "10"},           {12, 1, "10"},       {0.0123, 2, "0.012"},
                 {1.24e-5, 2, "1.2e-05"}, {2e7, 2, "2e+07"},   {10000000, 12, "10000000"},
                 {99.6, 2, "100"},        {4000, 3, "4000"},   {0, 2, "0"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buffer[LRP_NUMBER_SIZE];
        ck_assert_str_eq(lrp_format_short(cases[i].value, cases[i].digits, buffer), cases[i].text);
    }
}
END_TEST

START_TEST(parse_int)
{
    int64_t v = 0;
    ck_assert(lrp_parse_int64("-9223372036854775808", 20, INT64_MIN, INT64_MAX, &v));
    ck_assert(v == INT64_MIN);
    ck_assert(!lrp_parse_int64("9223372036854775808", 19, INT64_MIN, INT64_MAX, &v));
    ck_assert(!lrp_parse_int64("12", 2, 0, 11, &v));
    ck_assert(!lrp_parse_int64("1e3", 3, 0, 10000, &v));
    ck_assert(!lrp_parse_int64("", 0, 0, 1, &v));
}
END_TEST

START_TEST(text_has_a_maximum)
{
    struct lrp_text text;
    struct lrp_error err;
    lrp_text_init(&text, 10);
    lrp_text_append(&text, "12345");
    lrp_text_printf(&text, "%s", "67890");
    ck_assert_int_eq(lrp_text_check(&text, &err), LRP_OK);
    lrp_text_append(&text, "x");
    ck_assert_int_eq(lrp_text_check(&text, &err), LRP_E_LIMIT);
    ck_assert_str_eq(lrp_text_string(&text), "1234567890");
    lrp_text_fini(&text);
}
END_TEST

START_TEST(untrusted_text_is_cleaned)
{
    struct lrp_text text;
    lrp_text_init(&text, 1000);
    static const char hostile[] = "a\x1b[2Jb\xc2\x9b"
                                  "c\xff\xed\xa0\x80<&>\"'\n\xc3\xa9";
    lrp_text_append_html(&text, hostile, strlen(hostile));
    ck_assert_str_eq(
        lrp_text_string(&text),
        "a\xEF\xBF\xBD[2Jb\xEF\xBF\xBD"
        "c\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD&lt;&amp;&gt;&quot;&#39; \xc3\xa9");
    lrp_text_fini(&text);
}
END_TEST

START_TEST(random_is_seeded_and_sound)
{
    struct lrp_random a;
    struct lrp_random b;
    lrp_random_seed(&a, 5, 1);
    lrp_random_seed(&b, 5, 1);
    double sum = 0.0;
    double square = 0.0;
    size_t counts[7] = {0};
    enum { N = 70000 };
    for (int i = 0; i < N; i++) {
        double x = lrp_random_normal(&a);
        ck_assert(x == lrp_random_normal(&b));
        sum += x;
        square += x * x;
        counts[lrp_random_below(&a, 7)]++;
        (void)lrp_random_below(&b, 7);
    }
    /* five standard errors: 1/sqrt(N), sqrt(2/N), sqrt(N/7) */
    ck_assert_close(sum / N, 0.0, 0.0, 5.0 / sqrt(N));
    ck_assert_close(square / N, 1.0, 0.0, 5.0 * sqrt(2.0 / N));
    for (size_t i = 0; i < 7; i++) {
        ck_assert_close((double)counts[i], N / 7.0, 0.0, 5.0 * sqrt(N / 7.0));
    }
    lrp_random_seed(&b, 5, 2);
    ck_assert(lrp_random_bits(&a) != lrp_random_bits(&b));
}
END_TEST

START_TEST(size_overflow_is_refused)
{
    size_t out = 3;
    ck_assert(!lrp_multiply_size(SIZE_MAX, 2, &out));
    ck_assert_uint_eq(out, 3);
    ck_assert_ptr_null(lrp_calloc_array(SIZE_MAX, 16));
    ck_assert_ptr_null(lrp_calloc_aligned(SIZE_MAX / 2, 4));
    void *p = lrp_calloc_array(0, 8);
    ck_assert_ptr_nonnull(p);
    free(p);
}
END_TEST

/* A pipe (a device would need root) stays what it is; an ordinary file is replaced. */
START_TEST(only_ordinary_files_are_replaced)
{
    char path[] = "/tmp/lrprobe-test-XXXXXX";
    struct stat there;
    struct lrp_error err;
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    (void)close(file);
    ck_assert_int_eq(lrp_write_whole(path, "abc", 3, &err), LRP_OK);
    ck_assert_int_eq(stat(path, &there), 0);
    ck_assert_int_eq(there.st_size, 3);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(lrp_write_whole(path, "abc", 3, &err), LRP_E_IO);
    ck_assert_ptr_nonnull(strstr(err.message, "no ordinary file"));
    ck_assert_int_eq(stat(path, &there), 0);
    ck_assert(S_ISFIFO(there.st_mode));
    ck_assert_int_eq(unlink(path), 0);
}
END_TEST

START_TEST(words_are_wrapped_by_characters)
{
    struct lrp_text text;
    lrp_text_init(&text, 1000);
    lrp_text_append_wrapped(&text, "eins zwei \xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4 vier\nnext", 0, 2,
                            9);
    ck_assert_str_eq(lrp_text_string(&text),
                     "eins zwei\n  \xC3\xA4\xC3\xB6\xC3\xBC\xC3\xA4\n  vier\n  next\n");
    lrp_text_fini(&text);
    ck_assert_uint_eq(lrp_utf8_count("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 10), 4);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("base");
    TCase *tcase = tcase_create("numbers");
    tcase_add_loop_test(tcase, parse_double_accepts, 0, 17);
    tcase_add_loop_test(tcase, parse_double_rejects, 0, 16);
    tcase_add_test(tcase, double_text_round_trip);
    tcase_add_test(tcase, only_ordinary_files_are_replaced);
    tcase_add_test(tcase, words_are_wrapped_by_characters);
    tcase_add_test(tcase, short_text_is_for_people);
    tcase_add_test(tcase, parse_int);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("text");
    tcase_add_test(tcase, text_has_a_maximum);
    tcase_add_test(tcase, untrusted_text_is_cleaned);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("memory and random numbers");
    tcase_add_test(tcase, random_is_seeded_and_sound);
    tcase_add_test(tcase, size_overflow_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
