/* SPDX-License-Identifier: MIT */
#include "gnuplot_text.h"
#include "plot.h"
#include "test_main.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 50 };

struct sample {
    double x[N], y[N], low[N], high[N];
    struct lrp_plot_curve curve;
    struct lrp_plot_band band;
    struct lrp_plot_mark mark;
    struct lrp_figure figure;
};

static void make_sample(struct sample *sample, const char *text)
{
    memset(sample, 0, sizeof *sample);
    for (size_t i = 0; i < N; i++) {
        sample->x[i] = pow(10, -5 + 0.1 * (double)i);
        sample->y[i] = 2 - 0.02 * (double)i;
        sample->low[i] = sample->y[i] - 0.1;
        sample->high[i] = sample->y[i] + 0.1;
    }
    sample->curve = (struct lrp_plot_curve){text, sample->x, sample->y, N, LRP_CURVE_MAIN};
    sample->band =
        (struct lrp_plot_band){text, sample->x, sample->low, sample->high, N, LRP_CURVE_MAIN};
    sample->mark = (struct lrp_plot_mark){text, 1e-3, 5e-4, 2e-3, LRP_MARK_MAX};
    sample->figure = (struct lrp_figure){.name = "sample",
                                         .title = text,
                                         .x_label = text,
                                         .y_label = text,
                                         .log_x = true,
                                         .y_low = (double)NAN,
                                         .y_high = (double)NAN,
                                         .curves = &sample->curve,
                                         .n_curves = 1,
                                         .bands = &sample->band,
                                         .n_bands = 1,
                                         .marks = &sample->mark,
                                         .n_marks = 1};
}

static char *script_of(const struct lrp_figure *figure)
{
    struct lrp_text text;
    lrp_text_init(&text, 1 << 20);
    ck_assert_int_eq(lrp_gnuplot_script(figure, LRP_PLOT_SVG, 0, 0, "'x.dat'", NULL, &text, NULL),
                     LRP_OK);
    char *copy = strdup(lrp_text_string(&text));
    lrp_text_fini(&text);
    ck_assert_ptr_nonnull(copy);
    return copy;
}

static const char *const hostile[] = {"'; system('touch lrprobe-was-here'); print '",
                                      "`touch lrprobe-was-here`",
                                      "\"; system(\"touch lrprobe-was-here\") #",
                                      "a\nsystem('touch lrprobe-was-here')\n",
                                      "\\\nset output 'lrprobe-was-here'\n",
                                      "%s %n %d $x @x ${x} {/Symbol a}^2_3",
                                      "\x1b]0;owned\x07\x1b[31mred",
                                      "\xff\xfe\x80 broken utf-8 \xc3",
                                      "</text><script>alert(1)</script>&amp;"};

START_TEST(hostile_text_stays_text)
{
    struct sample sample;
    char folder[] = "/tmp/lrprobe-plot-XXXXXX";
    char *picture = NULL;
    size_t length = 0;
    struct lrp_error err = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    make_sample(&sample, hostile[_i]);
    char *script = script_of(&sample.figure);
    size_t lines = 0;
    size_t quotes = 0;
    for (const char *at = script; *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
        quotes += *at == '\'' ? 1 : 0;
        ck_assert(*at == '\n' || (unsigned char)*at >= 0x20);
    }
    make_sample(&sample, "harmless");
    char *plain = script_of(&sample.figure);
    for (const char *at = plain; *at != '\0'; at++) {
        lines -= *at == '\n' ? 1 : 0;
        quotes -= *at == '\'' ? 1 : 0;
    }
    ck_assert_uint_eq(lines, 0); /* no line and no quote more than with a harmless text */
    ck_assert_uint_eq(quotes, 0);
    free(script);
    free(plain);
    make_sample(&sample, hostile[_i]);
    const enum lrp_plot_format formats[] = {LRP_PLOT_SVG, LRP_PLOT_DUMB};
    for (size_t f = 0; f < 2; f++) {
        enum lrp_status status =
            lrp_plot_draw(&sample.figure, formats[f], 0, 0, &picture, &length, &err);
        ck_assert_msg(status == LRP_OK, "%s", err.message);
        ck_assert(formats[f] != LRP_PLOT_SVG || memmem(picture, length, "<script", 7) == NULL);
        ck_assert_ptr_null(memchr(picture, 0x1b, length));
        free(picture);
    }
    ck_assert_int_ne(access("lrprobe-was-here", F_OK), 0);
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_msg(rmdir(folder) == 0, "something was left in the folder");
}
END_TEST

/* A label stands on the right of its tick, so the ticks on the right have to be the lower ones. */
START_TEST(no_tick_crosses_a_label_of_a_peer)
{
    struct sample sample;
    const double x[] = {1e-3, 1e-4, 1e-2};
    struct lrp_plot_mark marks[3];
    make_sample(&sample, "loss");
    for (size_t i = 0; i < 3; i++) {
        marks[i] = (struct lrp_plot_mark){"peer", x[i], (double)NAN, (double)NAN, LRP_MARK_PEER};
    }
    sample.figure.marks = marks;
    sample.figure.n_marks = 3;
    char *script = script_of(&sample.figure);
    double top[3] = {0, 0, 0};
    const char *at = script;
    for (size_t i = 0; i < 3; i++) {
        at = strstr(at, "set arrow from ");
        ck_assert_ptr_nonnull(at);
        ck_assert_int_eq(sscanf(at, "set arrow from %*[^,], graph 0 to %*[^,], graph %lf", &top[i]),
                         1);
        at++;
    }
    ck_assert(top[1] > top[0] && top[0] > top[2]);
    free(script);
}
END_TEST

START_TEST(decades_are_named_only_where_there_is_room)
{
    struct sample sample;
    struct lrp_text text;
    make_sample(&sample, "loss");
    for (size_t wide = 0; wide < 2; wide++) {
        lrp_text_init(&text, 1 << 20);
        ck_assert_int_eq(lrp_gnuplot_script(&sample.figure, LRP_PLOT_DUMB, wide == 1 ? 79 : 25, 20,
                                            "'x.dat'", NULL, &text, NULL),
                         LRP_OK);
        ck_assert((strstr(lrp_text_string(&text), "set xtics") == NULL) == (wide == 1));
        lrp_text_fini(&text);
    }
}
END_TEST

START_TEST(positions_do_not_run_into_each_other)
{
    static const struct {
        unsigned width;
        double last;
        const char *marks; /* NULL: left to gnuplot */
    } rows[] = {{760, 1999, NULL},
                {400, 1999, "set xtics 500\n"},
                {400, 99, NULL},
                {760, 123456789, "set xtics 2e+07\n"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double x[] = {0, rows[i].last};
        const double y[] = {2, 1};
        const struct lrp_plot_curve curve = {"loss", x, y, 2, LRP_CURVE_MAIN};
        const struct lrp_figure figure = {.name = "a",
                                          .x_label = "step",
                                          .y_label = "loss",
                                          .y_low = (double)NAN,
                                          .y_high = (double)NAN,
                                          .curves = &curve,
                                          .n_curves = 1};
        struct lrp_text text;
        lrp_text_init(&text, 1 << 20);
        ck_assert_int_eq(lrp_gnuplot_script(&figure, LRP_PLOT_SVG, rows[i].width, 300, "'x.dat'",
                                            NULL, &text, NULL),
                         LRP_OK);
        const char *marks = strstr(lrp_text_string(&text), "set xtics");
        ck_assert_int_eq(marks != NULL, rows[i].marks != NULL);
        ck_assert(marks == NULL || strncmp(marks, rows[i].marks, strlen(rows[i].marks)) == 0);
        lrp_text_fini(&text);
    }
}
END_TEST

START_TEST(pictures_are_what_they_claim)
{
    static const struct {
        enum lrp_plot_format format;
        const char *begins;
    } cases[] = {{LRP_PLOT_SVG, "<?xml"}, {LRP_PLOT_PNG, "\x89PNG"}, {LRP_PLOT_PDF, "%PDF"}};
    struct sample sample;
    char *picture = NULL;
    size_t length = 0;
    struct lrp_error err = {0};
    make_sample(&sample, "loss");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum lrp_status status =
            lrp_plot_draw(&sample.figure, cases[i].format, 0, 0, &picture, &length, &err);
        if (status == LRP_E_TOOL && cases[i].format != LRP_PLOT_SVG) {
            continue; /* gnuplot without cairo */
        }
        ck_assert_msg(status == LRP_OK, "%s", err.message);
        ck_assert_uint_gt(length, 1000);
        ck_assert_mem_eq(picture, cases[i].begins, strlen(cases[i].begins));
        free(picture);
    }
    ck_assert_int_eq(lrp_plot_draw(&sample.figure, LRP_PLOT_DUMB, 60, 15, &picture, &length, NULL),
                     LRP_OK);
    size_t width = 0;
    for (const char *at = picture; at < picture + length; at++) {
        ck_assert((unsigned char)*at < 0x80);
        width = *at == '\n' ? 0 : width + 1;
        ck_assert_uint_le(width, 61); /* gnuplot adds one blank */
    }
    free(picture);
}
END_TEST

START_TEST(what_cannot_be_drawn_is_refused)
{
    struct sample sample;
    char *picture = NULL;
    size_t length = 0;
    struct lrp_error err = {0};
    make_sample(&sample, "loss");
    for (size_t i = 0; i < N; i++) {
        sample.y[i] = i % 2 == 0 ? (double)NAN : HUGE_VAL;
    }
    ck_assert_int_eq(lrp_plot_draw(&sample.figure, LRP_PLOT_SVG, 0, 0, &picture, &length, &err),
                     LRP_E_NODATA);
    make_sample(&sample, "loss");
    for (size_t i = 0; i < N; i++) {
        sample.x[i] = -1; /* none of them on a logarithmic axis */
    }
    ck_assert_int_eq(lrp_plot_draw(&sample.figure, LRP_PLOT_SVG, 0, 0, &picture, &length, &err),
                     LRP_E_NODATA);
}
END_TEST

START_TEST(extreme_values_are_drawn)
{
    static const double sizes[] = {0, 1e-300, 1e300, -1e300, 1e-12};
    char *picture = NULL;
    size_t length = 0;
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        struct sample sample;
        struct lrp_error err = {0};
        make_sample(&sample, "loss");
        for (size_t i = 0; i < N; i++) {
            sample.y[i] = sizes[k];
        }
        sample.y[7] = (double)NAN;
        sample.y[8] = -HUGE_VAL;
        sample.mark.x = (double)NAN;
        enum lrp_status status =
            lrp_plot_draw(&sample.figure, LRP_PLOT_SVG, 0, 0, &picture, &length, &err);
        ck_assert_msg(status == LRP_OK, "%g: %s", sizes[k], err.message);
        free(picture);
        sample.curve.n = 1; /* a single point */
        sample.figure.n_bands = 0;
        status = lrp_plot_draw(&sample.figure, LRP_PLOT_DUMB, 0, 0, &picture, &length, &err);
        ck_assert_msg(status == LRP_OK, "%g: %s", sizes[k], err.message);
        free(picture);
    }
}
END_TEST

START_TEST(without_gnuplot_data_and_script_are_there)
{
    struct sample sample;
    char folder[] = "/tmp/lrprobe-plot-XXXXXX";
    char path[100];
    struct lrp_error err = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *kept = strdup(getenv("PATH"));
    ck_assert_ptr_nonnull(kept);
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
    make_sample(&sample, "loss");
    ck_assert_int_eq(lrp_plot_save(&sample.figure, folder, &err), LRP_E_TOOL);
    ck_assert_int_eq(setenv("PATH", kept, 1), 0);
    free(kept);
    ck_assert_ptr_nonnull(strstr(err.message, "gnuplot"));
    static const char *const left[] = {"sample.dat", "sample.gp"};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, left[i]);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Anyone can draw a saved figure again: gnuplot NAME.gp in its folder. */
START_TEST(a_saved_script_draws_the_same_picture)
{
    struct sample sample;
    char folder[] = "/tmp/lrprobe-plot-XXXXXX";
    struct lrp_error err = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    make_sample(&sample, "it's \"loss\"");
    ck_assert_msg(lrp_plot_save(&sample.figure, ".", &err) == LRP_OK, "%s", err.message);
    ck_assert_int_eq(rename("sample.svg", "first.svg"), 0);
    const char *const argv[] = {"gnuplot", "sample.gp", NULL};
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int ended = 0;
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_int_eq(ended, 0);
    char first[60000];
    char again[60000];
    FILE *file = fopen("first.svg", "rb");
    size_t n_first = fread(first, 1, sizeof first, file);
    (void)fclose(file);
    file = fopen("sample.svg", "rb");
    size_t n_again = fread(again, 1, sizeof again, file);
    (void)fclose(file);
    ck_assert_uint_gt(n_first, 2000);
    ck_assert_uint_eq(n_first, n_again);
    ck_assert_mem_eq(first, again, n_first);
    static const char *const names[] = {"first.svg", "sample.svg", "sample.gp", "sample.dat"};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(unlink(names[i]), 0);
    }
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* Curves of all roles in one figure, on a logarithmic axis. */
START_TEST(each_role_looks_different)
{
    static const char *const looks[] = {
        [LRP_CURVE_MAIN] = "with lines lw 2.4", [LRP_CURVE_FAINT] = "with lines lw 0.7",
        [LRP_CURVE_SECOND] = "lines lw 1.6",    [LRP_CURVE_VALIDATION] = "with lines lw 2 lc",
        [LRP_CURVE_FIT] = "dashtype (8,5)",     [LRP_CURVE_POINTS] = "with points pt 7",
    };
    enum { ROLES = sizeof looks / sizeof looks[0] };
    struct sample sample;
    struct lrp_plot_curve curves[ROLES];
    make_sample(&sample, "x");
    for (size_t i = 0; i < ROLES; i++) {
        curves[i] = sample.curve;
        curves[i].role = (enum lrp_curve_role)i;
    }
    sample.figure.curves = curves;
    sample.figure.n_curves = ROLES;
    sample.figure.log_y = true;
    char *script = script_of(&sample.figure);
    for (size_t i = 0; i < ROLES; i++) {
        const char *found = strstr(script, looks[i]);
        ck_assert_msg(found != NULL, "%s is not in the script", looks[i]);
        ck_assert_ptr_null(strstr(found + 1, looks[i]));
    }
    free(script);
    char *picture = NULL;
    size_t length = 0;
    ck_assert_int_eq(lrp_plot_draw(&sample.figure, LRP_PLOT_DUMB, 79, 20, &picture, &length, NULL),
                     LRP_OK);
    free(picture);
}
END_TEST

START_TEST(logarithmic_axes_have_room_and_numbers)
{
    struct sample sample;
    make_sample(&sample, "x");
    for (size_t i = 0; i < N; i++) {
        sample.y[i] = 0.03 * pow(40, (double)i / (N - 1)); /* 0.03 to 1.2 */
    }
    sample.figure.log_y = true;
    sample.figure.n_bands = 0;
    char *script = script_of(&sample.figure);
    ck_assert_ptr_nonnull(
        strstr(script, "set ytics ('0.05' 0.05, '0.1' 0.1, '0.2' 0.2, '0.5' 0.5, '1' 1)"));
    double low = 0;
    double high = 0;
    const char *range = strstr(script, "set yrange [");
    ck_assert_ptr_nonnull(range);
    ck_assert_int_eq(sscanf(range, "set yrange [%lf:%lf]", &low, &high), 2);
    ck_assert(low > 0 && low < 0.03 && high > 1.2);
    free(script);
    sample.y[0] = 1e-9; /* many decades: one mark each */
    script = script_of(&sample.figure);
    ck_assert_ptr_null(strstr(script, "set ytics ("));
    ck_assert_ptr_nonnull(strstr(script, "set format y"));
    free(script);
}
END_TEST

START_TEST(the_view_holds_marks_and_a_spike_in_a_long_curve)
{
    enum { LONG = 100000 };
    struct sample sample;
    double *x = calloc(LONG, sizeof *x);
    double *y = calloc(LONG, sizeof *y);
    ck_assert(x != NULL && y != NULL);
    make_sample(&sample, "x");
    for (size_t i = 0; i < LONG; i++) {
        x[i] = (double)i;
        y[i] = 1;
    }
    y[77777] = 9;
    sample.curve = (struct lrp_plot_curve){"x", x, y, LONG, LRP_CURVE_MAIN};
    sample.figure.n_bands = 0;
    sample.figure.log_x = false;
    sample.mark = (struct lrp_plot_mark){"later", 120000, (double)NAN, (double)NAN, LRP_MARK_MAX};
    char *script = script_of(&sample.figure);
    ck_assert_ptr_nonnull(strstr(script, "set xrange [0:120000]"));
    free(script);
    struct lrp_text data;
    lrp_text_init(&data, 1 << 24);
    lrp_gnuplot_data(&sample.figure, &data);
    size_t lines = 0;
    for (const char *at = lrp_text_string(&data); *at != '\0'; at++) {
        lines += *at == '\n' ? 1 : 0;
    }
    ck_assert_uint_le(lines, 4010);
    ck_assert_ptr_nonnull(strstr(lrp_text_string(&data), "77777 9\n"));
    lrp_text_fini(&data);
    free(x);
    free(y);
}
END_TEST

/* Two blank lines are gnuplot's end of a block: gaps of any length must not look like one. */
START_TEST(gaps_keep_the_blocks_apart)
{
    struct sample sample;
    make_sample(&sample, "x");
    struct lrp_plot_curve curves[2] = {sample.curve, sample.curve};
    double holes[N];
    for (size_t i = 0; i < N; i++) {
        holes[i] = i < 5 || (i > 10 && i < 30) || i > 40 ? (double)NAN : 1;
    }
    curves[0].y = holes;
    sample.figure.curves = curves;
    sample.figure.n_curves = 2;
    sample.figure.n_bands = 0;
    struct lrp_text data;
    lrp_text_init(&data, 1 << 20);
    lrp_gnuplot_data(&sample.figure, &data);
    size_t blocks = 0;
    for (const char *at = lrp_text_string(&data); (at = strstr(at, "\n\n\n")) != NULL; at += 3) {
        blocks++;
    }
    ck_assert_uint_eq(blocks, 2);
    ck_assert_ptr_null(strstr(lrp_text_string(&data), "\n\n\n\n"));
    lrp_text_fini(&data);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("plot");
    TCase *tests = tcase_create("plot");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, hostile_text_stays_text, 0,
                        (int)(sizeof hostile / sizeof hostile[0]));
    tcase_add_test(tests, no_tick_crosses_a_label_of_a_peer);
    tcase_add_test(tests, decades_are_named_only_where_there_is_room);
    tcase_add_test(tests, positions_do_not_run_into_each_other);
    tcase_add_test(tests, pictures_are_what_they_claim);
    tcase_add_test(tests, what_cannot_be_drawn_is_refused);
    tcase_add_test(tests, extreme_values_are_drawn);
    tcase_add_test(tests, without_gnuplot_data_and_script_are_there);
    tcase_add_test(tests, a_saved_script_draws_the_same_picture);
    tcase_add_test(tests, each_role_looks_different);
    tcase_add_test(tests, logarithmic_axes_have_room_and_numbers);
    tcase_add_test(tests, the_view_holds_marks_and_a_spike_in_a_long_curve);
    tcase_add_test(tests, gaps_keep_the_blocks_apart);
    suite_add_tcase(suite, tests);
    return suite;
}
