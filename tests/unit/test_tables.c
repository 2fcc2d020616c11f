/* SPDX-License-Identifier: MIT */
/* Tables as people have them: what becomes of each kind of column, and what is noted about it. */
#include "dataset.h"
#include "test_main.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64]; /* of the file of the running test */
static struct lrp_text table;

static void begin_table(const char *header)
{
    lrp_text_fini(&table);
    lrp_text_init(&table, 1 << 22);
    lrp_text_append(&table, header);
}

static enum lrp_status try_to_load(const char *text, struct lrp_data_options options,
                                   struct lrp_dataset **dataset, struct lrp_error *err)
{
    (void)snprintf(path, sizeof path, "/tmp/lrprobe-tables-XXXXXX");
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(close(descriptor), 0);
    options.data = path;
    enum lrp_status status = lrp_dataset_load(&options, dataset, err);
    (void)unlink(path);
    return status;
}

static struct lrp_dataset *load(const char *text, struct lrp_data_options options)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = try_to_load(text, options, &dataset, &err);
    ck_assert_msg(status == LRP_OK, "%s in\n%.300s", err.message, text);
    for (size_t i = 0; i < dataset->n * dataset->n_inputs; i++) {
        ck_assert(isfinite(dataset->inputs[i]));
    }
    return dataset;
}

static void check_refused(const char *text, struct lrp_data_options options, enum lrp_status want,
                          size_t line, const char *words)
{
    struct lrp_dataset *dataset = NULL;
    struct lrp_error err = {0};
    enum lrp_status status = try_to_load(text, options, &dataset, &err);
    ck_assert_msg(status == want, "status %d: %s", (int)status, err.message);
    ck_assert_msg(strstr(err.message, words) != NULL, "no \"%s\" in \"%s\"", words, err.message);
    ck_assert_uint_eq(err.line, line);
}

static void check_note(const struct lrp_dataset *dataset, const char *words)
{
    const char *notes = lrp_text_string(&dataset->notes);
    ck_assert_msg(strstr(notes, words) != NULL, "no \"%s\" in the notes\n%s", words, notes);
}

/* The number of a row of a table whose first column counts from 0.5: the shuffle undone. All rows
 * train. */
static size_t row_of(const struct lrp_dataset *dataset, size_t i)
{
    double n = (double)dataset->n;
    double deviation = sqrt((n * n - 1) / 12);
    return (size_t)lround((double)dataset->inputs[i * dataset->n_inputs] * deviation + (n - 1) / 2);
}

/* ---- missing cells -------------------------------------------------------------------------- */

/* 60 rows: a number that grows fast, so that mean and median lie far apart, missing in every fifth
 * row; and one that validates nothing. */
static void make_gaps(const char *gap, const char *changed, size_t changed_row)
{
    begin_table("price,size,kind\n");
    for (size_t i = 0; i < 60; i++) {
        char price[32];
        (void)snprintf(price, sizeof price, "%g", exp((double)i / 6));
        lrp_text_printf(&table, "%s,%g,%s\n",
                        i == changed_row ? changed : (i % 5 == 2 ? gap : price), sin((double)i),
                        i % 2 == 0 ? "low" : "high");
    }
}

START_TEST(missing_numbers_are_the_median_of_the_training_part)
{
    static const char *const gaps[] = {"", "?", "NA", "NaN", "null", "-", "None"};
    struct lrp_dataset *first = NULL;
    for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++) {
        make_gaps(gaps[g], "", 999);
        struct lrp_dataset *dataset =
            load(lrp_text_string(&table), (struct lrp_data_options){.val_split = 0.25});
        ck_assert_uint_eq(dataset->n_inputs, 3); /* price, its mark, size */
        ck_assert_uint_eq(dataset->n_train, 45);
        check_note(dataset, "60 rows, 3 inputs, target kind (2 classes)\nmissing, ");
        check_note(dataset, "price 12 (");
        double known[60];
        size_t n = 0;
        size_t marked = 0;
        double filled = (double)NAN;
        for (size_t i = 0; i < 60; i++) {
            const float *row = dataset->inputs + 3 * i;
            ck_assert(row[1] == 0 || row[1] == 1);
            marked += row[1] == 1 ? 1 : 0;
            if (row[1] == 1) {
                ck_assert(isnan(filled) || filled == (double)row[0]); /* all alike */
                filled = (double)row[0];
            } else if (i < dataset->n_train) {
                known[n] = (double)row[0];
                n++;
            }
        }
        ck_assert_uint_eq(marked, 12);
        size_t below = 0;
        size_t above = 0;
        for (size_t i = 0; i < n; i++) {
            below += known[i] < filled ? 1 : 0;
            above += known[i] > filled ? 1 : 0;
        }
        ck_assert_uint_eq(below, above);
        if (first != NULL) { /* whichever way it is written */
            ck_assert_mem_eq(first->inputs, dataset->inputs, 180 * sizeof(float));
        }
        lrp_dataset_free(first);
        first = dataset;
    }
    lrp_dataset_free(first);
}
END_TEST

/* A cell of the validation part moves nothing in the training part, the medians included. */
START_TEST(medians_do_not_see_the_validation_part)
{
    make_gaps("", "", 999);
    const struct lrp_data_options options = {.val_split = 0.25};
    struct lrp_dataset *before = load(lrp_text_string(&table), options);
    size_t validating = 0;
    for (size_t row = 0; row < 60; row++) {
        if (row % 5 == 2) {
            continue;
        }
        make_gaps("", "1e9", row);
        struct lrp_dataset *after = load(lrp_text_string(&table), options);
        bool same = memcmp(before->inputs, after->inputs, 45 * 3 * sizeof(float)) == 0;
        bool validates = memcmp(before->inputs + 45 * 3 + 2, after->inputs + 45 * 3 + 2, 4) == 0;
        ck_assert(validates); /* the split is the same */
        validating += same ? 1 : 0;
        lrp_dataset_free(after);
    }
    /* the 15 of the validation part, less those whose price is missing anyway */
    ck_assert_uint_ge(validating, 8);
    ck_assert_uint_le(validating, 15);
    lrp_dataset_free(before);
}
END_TEST

START_TEST(rows_without_a_target_are_left_out_and_counted)
{
    begin_table("x,id,y\n");
    for (int i = 0; i < 40; i++) {
        /* the ids are unique only without the rows that have no target */
        lrp_text_printf(&table, "%g,%d,%s\n", i + 0.5, i % 8 == 3 ? 0 : i,
                        i % 8 == 3 ? (i % 16 == 3 ? "NA" : "") : (i % 2 == 0 ? "a" : "b"));
    }
    struct lrp_dataset *dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n, 35);
    ck_assert_uint_eq(dataset->n_inputs, 1);
    ck_assert_uint_eq(dataset->n_outputs, 2);
    check_note(dataset, "no target: 5 rows");
    check_note(dataset, "an id: differs in every row: id");
    lrp_dataset_free(dataset);
    check_refused("x,y\n1,\n2,\n3,\n", (struct lrp_data_options){.target = "y"}, LRP_E_NODATA, 0,
                  "has a target in column 2 (y)");
    check_refused("x,y\n1,a\n2,\n3,a\n", (struct lrp_data_options){0}, LRP_E_NODATA, 0,
                  "one class");
}
END_TEST

/* ---- words ---------------------------------------------------------------------------------- */

START_TEST(words_become_inputs_of_0_and_1)
{
    static const char *const colours[] = {"red", "green", "", "blue"};
    static const char *const answers[] = {"yes", "no"};
    static const char *const many[] = {"True", "False", "True"};
    begin_table("at,colour,answer,flag,same,y\n");
    for (int i = 0; i < 60; i++) {
        lrp_text_printf(&table, "%g,%s,%s,%s,only,%d\n", i + 0.5, colours[i % 4], answers[i % 2],
                        many[i % 3], i / 30);
    }
    struct lrp_dataset *dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n_inputs, 1 + 4 + 1 + 1);
    for (size_t i = 0; i < 60; i++) {
        size_t row = row_of(dataset, i);
        const float *x = dataset->inputs + i * 7;
        const size_t at[] = {2, 1, 3, 0}; /* blue, green, red, missing */
        for (size_t k = 0; k < 4; k++) {
            ck_assert((x[1 + k] == 1) == (at[row % 4] == k) &&
                      (x[1 + k] == 0) == (at[row % 4] != k));
        }
        ck_assert(x[5] == (row % 2 == 0 ? 1.0F : 0.0F)); /* no, yes */
        ck_assert(x[6] == (row % 3 == 1 ? 0.0F : 1.0F)); /* False, True */
        ck_assert_uint_eq(dataset->classes[i], row / 30);
    }
    check_note(dataset, "words, an input of 0 and 1 each: colour (3), answer (2), flag (2)");
    check_note(dataset, "missing words are a word of their own: colour (15)");
    check_note(dataset, "one word only: same");
    lrp_dataset_free(dataset);
}
END_TEST

/* Untrained weights of a word that no training row has stay out of the validation. */
START_TEST(words_of_the_validation_part_alone_are_0)
{
    size_t zero = 0;
    for (int rare = 0; rare < 40; rare++) {
        begin_table("word,x,y\n");
        for (int i = 0; i < 40; i++) {
            lrp_text_printf(&table, "%s,%g,%d\n", i == rare ? "rare" : (i % 3 == 0 ? "p" : "q"),
                            sin(i), i % 2);
        }
        struct lrp_dataset *dataset =
            load(lrp_text_string(&table), (struct lrp_data_options){.val_split = 0.25});
        ck_assert_uint_eq(dataset->n_inputs, 4);
        size_t ones = 0;
        size_t in_training = 0;
        for (size_t i = 0; i < 40; i++) {
            ones += dataset->inputs[i * 4 + 2] > 0 ? 1 : 0;
            in_training += i < 30 && dataset->inputs[i * 4 + 2] > 0 ? 1 : 0;
        }
        ck_assert_uint_eq(ones, in_training);
        zero += ones == 0 ? 1 : 0;
        lrp_dataset_free(dataset);
    }
    ck_assert_uint_eq(zero, 10);
}
END_TEST

START_TEST(columns_that_cannot_be_learnt_from_are_left_out)
{
    begin_table("PassengerId,name,ticket,when,empty,humid,year,y,\n");
    for (int i = 0; i < 100; i++) {
        lrp_text_printf(&table, "%d,Smith %d,T%d,2024-%02d-01,,%d,%d,%s,\n", 5000 - 3 * i, i, i / 2,
                        1 + i % 12, i * 7, 1900 + i, i % 2 == 0 ? "0" : "1");
    }
    struct lrp_dataset *dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n_inputs, 2); /* unique, but measurements: humid and year */
    check_note(dataset, "empty: empty, column 9\n");
    check_note(dataset, "differs in every row: PassengerId, name\n");
    check_note(dataset, "more than 32 different words: ticket\n");
    check_note(dataset, "left out, dates: when\n");
    lrp_dataset_free(dataset);
    /* 32 words are few enough, 33 are not */
    for (int n = 32; n <= 33; n++) {
        begin_table("town,x,y\n");
        for (int i = 0; i < 100; i++) {
            lrp_text_printf(&table, "town%d,%g,%d\n", i % n, sin(i), i % 2);
        }
        dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
        ck_assert_uint_eq(dataset->n_inputs, n == 32 ? 33 : 1);
        lrp_dataset_free(dataset);
    }
}
END_TEST

START_TEST(ids_are_told_from_measurements)
{
    static const struct {
        const char *name, *prefix, *suffix; /* around the row's number */
        bool left_out;
    } firsts[] = {
        {"", "", "", true},          {"Unnamed: 0", "", "", true}, {"id", "", "", true},
        {"Id", "1000", "", true},    {"index", "", "", true},      {"customerID", "7", "", true},
        {"user_id", "8", "", true},  {"uuid", "a3-", "-f", true},  {"whatever", "k", "", true},
        {"nr", "", "", true},        {"id", "", ".5", false},      {"paid", "", "", false},
        {"time", "", "", false},     {"x", "", "", false},         {"nr", "3", "", false},
        {"RowNumber", "", "", true}, {"length", "", ".25", false}};
    for (size_t k = 0; k < sizeof firsts / sizeof firsts[0]; k++) {
        begin_table("");
        lrp_text_printf(&table, "%s,w,y\n", firsts[k].name);
        for (int i = 0; i < 40; i++) {
            lrp_text_printf(&table, "%s%d%s,%g,%d\n", firsts[k].prefix, i, firsts[k].suffix, cos(i),
                            i % 2);
        }
        struct lrp_dataset *dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
        ck_assert_msg(dataset->n_inputs == (firsts[k].left_out ? 1 : 2), "%s %s", firsts[k].name,
                      firsts[k].prefix);
        /* whole numbers that rise may be an id without the name of one */
        bool rises = firsts[k].suffix[0] == '\0';
        bool noted = strstr(lrp_text_string(&dataset->notes), "if an id: --drop): ") != NULL;
        ck_assert_msg(noted == (rises && !firsts[k].left_out), "%s", firsts[k].name);
        ck_assert((dataset->notes.length > 0) == (firsts[k].left_out || rises));
        lrp_dataset_free(dataset);
    }
    /* an id that repeats may be a group that says something: kept, and said */
    begin_table("user_id,x,y\n");
    for (int i = 0; i < 40; i++) {
        lrp_text_printf(&table, "%d,%g,%d\n", i / 4, cos(i), i % 2);
    }
    struct lrp_dataset *dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n_inputs, 2);
    check_note(dataset, "kept, though named like an id");
    lrp_dataset_free(dataset);
}
END_TEST

/* 0, 1, 2 and "3+" are categories; a number with a mistake among them is a mistake. */
START_TEST(words_among_numbers_are_categories_or_mistakes)
{
    static const char *const children[] = {"0", "1", "2", "3+"};
    begin_table("x,children,y\n");
    for (int i = 0; i < 40; i++) {
        lrp_text_printf(&table, "%g,%s,%s\n", sin(i), children[i % 4], i % 5 == 0 ? "2+" : "1");
    }
    struct lrp_dataset *dataset = load(lrp_text_string(&table), (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n_inputs, 5);
    ck_assert_uint_eq(dataset->n_outputs, 2); /* the target is of that kind, too */
    lrp_dataset_free(dataset);
    begin_table("x,age,y\n");
    for (int i = 0; i < 40; i++) {
        lrp_text_printf(&table, "%g,%s%d,%d\n", sin(i), i == 20 ? ">" : "", i % 4, i % 2);
    }
    check_refused(lrp_text_string(&table), (struct lrp_data_options){0}, LRP_E_FORMAT, 22,
                  "column 2 (age): \">0\" is not a number");
    static const char *const without[] = {"age"};
    dataset =
        load(lrp_text_string(&table), (struct lrp_data_options){.drop = without, .n_drop = 1});
    ck_assert_uint_eq(dataset->n_inputs, 1);
    lrp_dataset_free(dataset);
}
END_TEST

/* ---- shapes of files ------------------------------------------------------------------------ */

/* The same bits. */
static void check_same(const struct lrp_dataset *want, const char *what,
                       struct lrp_data_options options)
{
    struct lrp_dataset *got = load(lrp_text_string(&table), options);
    ck_assert_msg(got->n == want->n && got->n_inputs == want->n_inputs, "%s: %zu x %zu", what,
                  got->n, got->n_inputs);
    ck_assert_msg(
        memcmp(got->inputs, want->inputs, want->n * want->n_inputs * sizeof *want->inputs) == 0,
        "%s", what);
    ck_assert_msg(memcmp(got->classes, want->classes, want->n * sizeof *want->classes) == 0, "%s",
                  what);
    lrp_dataset_free(got);
}

/* 50 rows of 1000.25 * i, sin(i) and a class; mark: the decimal mark, group: between thousands. */
static void make_dress(const char *header, const char *mark, const char *group, const char *between,
                       const char *sign, const char *end)
{
    begin_table(header);
    for (int i = 0; i < 50; i++) {
        int cents = (int)lround(1e4 * fabs(sin(i)));
        lrp_text_printf(&table, "%s%d%s%03d%s25%s%d%s%04d%s%s%s", sign, i + 1, group, i * 7 % 1000,
                        mark, between, cents / 10000, mark, cents % 10000, between,
                        i % 3 == 0 ? "p" : "q", end);
    }
}

START_TEST(the_same_table_in_any_dress_is_the_same)
{
    make_dress("a,b,y\n", ".", "", ",", "", "\n");
    struct lrp_dataset *want = load(lrp_text_string(&table), (struct lrp_data_options){0});
    ck_assert_uint_eq(want->notes.length, 0);
    static const struct {
        const char *header, *mark, *group, *between, *sign, *end;
    } dresses[] = {
        {"a;b;y\n", ".", "", ";", "", "\n"},
        {"a;b;y\r\n", ",", "", ";", "", "\r\n"},
        {"a;b;y\n", ",", ".", ";", "", "\n"},
        {"a\tb\ty\n", ",", "", "\t", "", "\n"},
        {"a\tb\ty\n", ".", ",", "\t", "$", "\n"},
        {"a|b|y\n", ".", "", "|", "", "\n"},
        {"a|b|y\n", ",", " ", "|", "", "\n"},
        {"\xEF\xBB\xBF"
         "a;b;y\n",
         ",", "", ";", "", "\n"},
        {"sep=;\na;b;y\n", ",", "", ";", "", "\n"},
        {"a,b,y,\n", ".", "", ",", "", ",\n"},
        {"a,b,y\n", ".", "", ",", "", ",\n"}, /* a separator behind the rows alone */
        {"a,b,y,\n", ".", "", ",", "", "\n"}, /* or behind the header */
        {"a,b,y,,\n", ".", "", ",", "", ",,\n\n,,,,\n"},
        {"# made by hand\na,b,y\n", ".", "", ",", "", "\n"},
        {"", ".", "", ",", "", "\n"},
        {"", ",", "", ";", "", "\n"},
        {"0,1,2,3\n", ".", "", ",", "", ",\n"},
        {"'a','b','y'\n", ".", "", ",", "", "\n"},
    };
    for (size_t i = 0; i < sizeof dresses / sizeof dresses[0]; i++) {
        make_dress(dresses[i].header, dresses[i].mark, dresses[i].group, dresses[i].between,
                   dresses[i].sign, dresses[i].end);
        check_same(want, dresses[i].header, (struct lrp_data_options){0});
    }
    check_refused("name,v,y\nSmith, John,1,0\nSmith, Eve,2,1\nMiller, Eve,2,1\n",
                  (struct lrp_data_options){0}, LRP_E_FORMAT, 0,
                  "the header has 3 fields, but each row has 4");
    /* the comma of a quoted cell */
    make_dress("a,b,y\n", ",", "", "\",\"", "\"", "\"\n");
    check_same(want, "quoted", (struct lrp_data_options){0});
    lrp_dataset_free(want);
}
END_TEST

START_TEST(headers_are_told_from_rows)
{
    static const struct {
        const char *text;
        struct lrp_data_options options;
        size_t n, n_inputs;
    } tables[] = {
        /* words in the rows, no header: the first row is not lost */
        {"39,State,13,low\n50,Private,9,high\n38,Private,14,low\n53,State,7,high\n", {0}, 4, 3},
        {"p,x,s\ne,x,t\np,b,s\ne,b,t\n", {0}, 4, 2},
        {"class,cap,gill\ne,x,t\np,b,s\ne,b,s\np,x,t\n", {0}, 4, 2},
        /* names that are numbers */
        {"id,2019,2020,2021,y\n1,2,3,4.5,0\n2,3,4,5.5,1\n3,3,4,5,0\n", {0}, 3, 3},
        {"0,1,2,3\n1.5,2,3,4\n2,2.5,4,5\n7,8,9,9\n", {0}, 3, 3},
        {"0,1,2,3,target\n1.5,2,3,4,0\n2,2.5,4,5,1\n7,8,9,9,1\n", {0}, 3, 4},
        {"1,2,3,4\n1.5,2,3,4\n2,2.5,4,5\n7,8,9,9\n", {0}, 4, 3},
        {"0,1,2,3\n1.5,2,3,4\n2,2.5,4,5\n7,8,9,9\n", {.no_header = true}, 4, 3},
        /* R's row names have no name */
        {"x,y\n\"1\",0.5,1\n\"2\",1.5,2.5\n\"3\",2.5,1\n", {0}, 3, 1},
        {"x,y\nMazda,0.5,1\nFord,1.5,2.5\nOpel,2.5,1\n", {0}, 3, 1},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        struct lrp_dataset *dataset = load(tables[i].text, tables[i].options);
        ck_assert_msg(dataset->n == tables[i].n && dataset->n_inputs == tables[i].n_inputs,
                      "%zu x %zu of\n%s", dataset->n, dataset->n_inputs, tables[i].text);
        lrp_dataset_free(dataset);
    }
}
END_TEST

START_TEST(columns_are_dropped_and_named)
{
    const char *text = "age,Fare,\"b, c\",fare2,x,x,kind\n1,2.5,3,4,5,6,u\n2,3.5,3,5,6,8,v\n"
                       "4,1.5,2,5,9,8,v\n";
    static const struct {
        const char *drop[3];
        size_t n, n_inputs;
    } drops[] = {
        {{"age"}, 1, 5},  {{"AGE"}, 1, 5},          {{"age,fare"}, 1, 4}, {{"age", "Fare"}, 2, 4},
        {{"b, c"}, 1, 5}, {{"b, c", "1, 2"}, 2, 3}, {{"4"}, 1, 5},        {{"x"}, 1, 5},
        {{"x.1"}, 1, 5},  {{"age", "age"}, 2, 5},
    };
    for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++) {
        struct lrp_dataset *dataset =
            load(text, (struct lrp_data_options){.drop = drops[i].drop, .n_drop = drops[i].n});
        ck_assert_msg(dataset->n_inputs == drops[i].n_inputs, "%s: %zu", drops[i].drop[0],
                      dataset->n_inputs);
        lrp_dataset_free(dataset);
    }
    struct lrp_dataset *twice = load(text, (struct lrp_data_options){0});
    check_note(twice, "a name that stands in the header before: x.1\n");
    lrp_dataset_free(twice);
    static const char *const wrong[] = {"Fre", "kind", "colour", "9"};
    static const char *const words[] = {"did you mean \"Fare\"?", "is the target",
                                        "the columns are age, Fare, b, c, fare2, x, x.1, kind",
                                        "a number from 1 to 7"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        check_refused(text, (struct lrp_data_options){.drop = wrong + i, .n_drop = 1}, LRP_E_ARG, 0,
                      words[i]);
    }
    check_refused(text, (struct lrp_data_options){.target = "ages"}, LRP_E_ARG, 0,
                  "did you mean \"age\"");
    static const char *const all[] = {"1,2,3,4,5,6"};
    check_refused(text, (struct lrp_data_options){.drop = all, .n_drop = 1}, LRP_E_NODATA, 0,
                  "no column is left");
}
END_TEST

START_TEST(targets_of_all_kinds_are_learnt)
{
    /* "none" and "-" are classes among other words, and missing among numbers */
    struct lrp_dataset *dataset =
        load("x,y\n1,none\n2,mild\n3,none\n4,severe\n", (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n_outputs, 3);
    lrp_dataset_free(dataset);
    dataset = load("x,y\n1,+\n2,-\n3,-\n4,+\n", (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n, 4);
    lrp_dataset_free(dataset);
    dataset = load("x,y\n1,0.5\n2,-\n3,1.5\n4,2\n", (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n, 3);
    lrp_dataset_free(dataset);
    /* a price */
    dataset =
        load("x,price\n1,\"$1,250.50\"\n2,\"$2,000\"\n3,\"$900\"\n", (struct lrp_data_options){0});
    ck_assert_ptr_nonnull(dataset->values);
    check_note(dataset, "without signs and thousands separators: price");
    lrp_dataset_free(dataset);
    /* commas that may be either: decimal marks beside semicolons, unless points are */
    dataset = load("a;y\n1,250;1\n2,500;2\n", (struct lrp_data_options){0});
    check_note(dataset, "decimal commas: a\n");
    lrp_dataset_free(dataset);
    dataset = load("a;b;y\n1,250;0.5;1\n2,500;1.5;2\n", (struct lrp_data_options){0});
    check_note(dataset, "thousands separators: a\n");
    lrp_dataset_free(dataset);
    /* points between thousands in a table with decimal commas */
    dataset =
        load("pop;v;y\n1.000;0,5;1\n12.250;0,25;2\n3.500;1,5;4\n", (struct lrp_data_options){0});
    check_note(dataset, "decimal commas: v\n");
    check_note(dataset, "without signs and thousands separators: pop\n");
    lrp_dataset_free(dataset);
    dataset = load("0,1,2,3\n1.5,2,3,4\n2,2.5,4,5\n7,8,9,9\n", (struct lrp_data_options){0});
    check_note(dataset, "the first row, 0 to 3, is taken as the header\n");
    lrp_dataset_free(dataset);
    /* the last column that is not empty */
    dataset = load("x,y,Unnamed: 2\n1,a,\n2,b,\n3,a,\n", (struct lrp_data_options){0});
    ck_assert_uint_eq(dataset->n_outputs, 2);
    lrp_dataset_free(dataset);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("tables");
    TCase *tests = tcase_create("tables");
    tcase_add_test(tests, missing_numbers_are_the_median_of_the_training_part);
    tcase_add_test(tests, medians_do_not_see_the_validation_part);
    tcase_add_test(tests, rows_without_a_target_are_left_out_and_counted);
    tcase_add_test(tests, words_become_inputs_of_0_and_1);
    tcase_add_test(tests, words_of_the_validation_part_alone_are_0);
    tcase_add_test(tests, columns_that_cannot_be_learnt_from_are_left_out);
    tcase_add_test(tests, ids_are_told_from_measurements);
    tcase_add_test(tests, words_among_numbers_are_categories_or_mistakes);
    tcase_add_test(tests, the_same_table_in_any_dress_is_the_same);
    tcase_add_test(tests, headers_are_told_from_rows);
    tcase_add_test(tests, columns_are_dropped_and_named);
    tcase_add_test(tests, targets_of_all_kinds_are_learnt);
    suite_add_tcase(suite, tests);
    return suite;
}
