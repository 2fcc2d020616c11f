/* SPDX-License-Identifier: MIT */
#include "table_cell.h"

#include "number.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_MOST = 80, GROUP = 3 };

/* Those of pandas.read_csv, and the question mark of the UCI archive. */
static const char *const missing[] = {"?",    "NA",   "N/A",  "n/a",  "#N/A",    "#NA",
                                      "<NA>", "NULL", "null", "Null", "#N/A N/A"};
/* Compared in any case. */
static const char *const perhaps_missing[] = {"-",
                                              "--",
                                              ".",
                                              "..",
                                              "na",
                                              "n.a.",
                                              "n.a",
                                              "n/d",
                                              "none",
                                              "missing",
                                              "unknown",
                                              "not available",
                                              "not a number",
                                              "(missing)"};
/* Characters that stand between thousands besides comma and point. */
static const char *const blanks[] = {" ", "\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x89"};
static const char *const apostrophes[] = {"'", "\xE2\x80\x99"};
static const char *const currencies[] = {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5",
                                         "\xE2\x82\xB9"};
static const char minus_sign[] = "\xE2\x88\x92";

/* The bytes of cell from `from` on that are one of the texts; 0 if they are none of them. */
static size_t match(const struct lrp_csv_field *cell, size_t from, const char *const *texts,
                    size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(texts[i]);
        if (cell->length - from >= length && memcmp(cell->text + from, texts[i], length) == 0) {
            return length;
        }
    }
    return 0;
}

/* The same at the end of the cell. */
static size_t match_end(const struct lrp_csv_field *cell, const char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(texts[i]);
        if (cell->length >= length &&
            memcmp(cell->text + cell->length - length, texts[i], length) == 0) {
            return length;
        }
    }
    return 0;
}
#define MATCH(cell, from, texts) match(cell, from, texts, sizeof(texts) / sizeof(texts)[0])
#define MATCH_END(cell, texts)   match_end(cell, texts, sizeof(texts) / sizeof(texts)[0])

static void skip(struct lrp_csv_field *cell, size_t length)
{
    cell->text += length;
    cell->length -= length;
}

static void trim(struct lrp_csv_field *cell)
{
    for (size_t n = 1; n > 0 && cell->length > 0;) {
        n = MATCH(cell, 0, blanks);
        skip(cell, n);
    }
    for (size_t n = 1; n > 0 && cell->length > 0;) {
        n = MATCH_END(cell, blanks);
        cell->length -= n;
    }
}

struct lrp_csv_field lrp_cell_bare(const struct lrp_csv_field *cell)
{
    struct lrp_csv_field bare = *cell;
    unsigned char first = cell->length > 0 ? (unsigned char)cell->text[0] : '0';
    unsigned char last = cell->length > 0 ? (unsigned char)cell->text[cell->length - 1] : '0';
    if (first > '\'' && first < 0x80 && last > ' ' && last < 0x80) {
        return bare; /* by far the most */
    }
    trim(&bare);
    if (bare.length >= 2 && bare.text[0] == '\'' && bare.text[bare.length - 1] == '\'') {
        bare.text++;
        bare.length -= 2;
        trim(&bare);
    }
    return bare;
}

/* One sign at the front: 1, -1, or 0 for none. */
static int take_sign(struct lrp_csv_field *body)
{
    static const char *const minuses[] = {"-", minus_sign};
    static const char *const pluses[] = {"+"};
    size_t minus = MATCH(body, 0, minuses);
    size_t plus = MATCH(body, 0, pluses);
    skip(body, minus + plus);
    return minus > 0 ? -1 : (plus > 0 ? 1 : 0);
}

/* Takes off what stands around the digits; false if signs contradict. */
static bool undress(struct lrp_csv_field *body, bool *negative)
{
    bool bracket = body->length > 2 && body->text[0] == '(' && body->text[body->length - 1] == ')';
    if (bracket) {
        body->text++;
        body->length -= 2;
    }
    int before = take_sign(body);
    trim(body);
    skip(body, MATCH(body, 0, currencies));
    trim(body);
    int after = take_sign(body);
    size_t end = MATCH_END(body, currencies);
    if (end == 0 && body->length > 0 && body->text[body->length - 1] == '%') {
        end = 1;
    }
    body->length -= end;
    trim(body);
    *negative = bracket || before < 0 || after < 0;
    return !(bracket && before != 0) && !(before != 0 && after != 0);
}

/* A mark between thousands at `at`: its length, and in *kind which it is. */
static size_t thousands_mark(const struct lrp_csv_field *body, size_t at, char point, int *kind)
{
    char other = point == ',' ? '.' : ',';
    if (body->text[at] == other) {
        *kind = 1;
        return 1;
    }
    size_t length = MATCH(body, at, blanks);
    *kind = length > 0 ? 2 : 3;
    return length > 0 ? length : MATCH(body, at, apostrophes);
}

/* The digits with a decimal point and without marks between thousands, as plain text in out; its
 * length, 0 if the body is no such number. */
static size_t plain_digits(const struct lrp_csv_field *body, char point, char *out)
{
    size_t n = 0;
    size_t run = 0; /* digits since the last mark */
    int mark = 0;   /* its kind, 0 = none */
    for (size_t at = 0; at < body->length;) {
        char byte = body->text[at];
        int kind = 0;
        if (byte >= '0' && byte <= '9') {
            out[n++] = byte;
            run++;
            at++;
            continue;
        }
        if (byte == point || ((byte == 'e' || byte == 'E') && n > 0)) {
            out[n] = byte == point ? '.' : byte;
            memcpy(out + n + 1, body->text + at + 1, body->length - at - 1);
            n += body->length - at;
            break;
        }
        size_t length = thousands_mark(body, at, point, &kind);
        bool first = mark == 0 && run > 0 && run <= GROUP && out[0] != '0';
        if (length == 0 || !(first || (kind == mark && run == GROUP))) {
            return 0;
        }
        mark = kind;
        run = 0;
        at += length;
    }
    return mark == 0 || run == GROUP ? n : 0;
}

static bool read_dressed(const struct lrp_csv_field *cell, char point, double *number)
{
    struct lrp_csv_field body = *cell;
    char digits[NUMBER_MOST];
    bool negative = false;
    double value = 0;
    if (cell->length >= NUMBER_MOST || !undress(&body, &negative) || body.length == 0 ||
        body.text[0] == '+' || body.text[0] == '-') {
        return false;
    }
    size_t n = plain_digits(&body, point, digits);
    if (n == 0 || !lrp_parse_double(digits, n, &value) || isnan(value)) {
        return false;
    }
    *number = negative ? -value : value;
    return true;
}

static bool is_one_of(const struct lrp_csv_field *cell, const char *const *texts, size_t n,
                      bool any_case)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(texts[i]) == cell->length &&
            (any_case ? strncasecmp(texts[i], cell->text, cell->length)
                      : strncmp(texts[i], cell->text, cell->length)) == 0) {
            return true;
        }
    }
    return false;
}

enum lrp_cell_kind lrp_cell_read(const struct lrp_csv_field *cell, bool decimal_comma,
                                 double *number)
{
    double value = 0;
    if (cell->length == 0) {
        return LRP_CELL_MISSING;
    }
    /* with decimal commas, "1.234" is a thousand */
    bool points = decimal_comma && memchr(cell->text, '.', cell->length) != NULL;
    if (points && read_dressed(cell, ',', number)) {
        return LRP_CELL_NUMBER;
    }
    if (lrp_parse_double(cell->text, cell->length, &value)) {
        *number = isnan(value) ? *number : value;
        return isnan(value) ? LRP_CELL_MISSING : LRP_CELL_NUMBER;
    }
    if (is_one_of(cell, missing, sizeof missing / sizeof missing[0], false)) {
        return LRP_CELL_MISSING;
    }
    if (is_one_of(cell, perhaps_missing, sizeof perhaps_missing / sizeof perhaps_missing[0],
                  true)) {
        return LRP_CELL_PERHAPS_MISSING;
    }
    return read_dressed(cell, decimal_comma ? ',' : '.', number) ? LRP_CELL_NUMBER : LRP_CELL_WORD;
}

enum lrp_cell_comma lrp_cell_comma_meaning(const struct lrp_csv_field *cell)
{
    double number = 0;
    if (cell->length == 0 || memchr(cell->text, ',', cell->length) == NULL) {
        return LRP_COMMA_NONE;
    }
    bool decimal = read_dressed(cell, ',', &number);
    bool thousands = read_dressed(cell, '.', &number);
    return decimal ? (thousands ? LRP_COMMA_EITHER : LRP_COMMA_DECIMAL)
                   : (thousands ? LRP_COMMA_THOUSANDS : LRP_COMMA_NONE);
}

bool lrp_cell_has_decimal_point(const struct lrp_csv_field *cell)
{
    double number = 0;
    return cell->length > 0 && memchr(cell->text, '.', cell->length) != NULL &&
           lrp_parse_double(cell->text, cell->length, &number) && !read_dressed(cell, ',', &number);
}

bool lrp_cell_is_date(const struct lrp_csv_field *cell)
{
    size_t lengths[GROUP] = {0};
    size_t n = 0;
    char mark = 0;
    size_t at = 0;
    for (; at < cell->length; at++) {
        char byte = cell->text[at];
        if (byte >= '0' && byte <= '9') {
            lengths[n]++;
        } else if ((byte == '-' || byte == '/' || byte == '.') && (mark == 0 || mark == byte) &&
                   n < GROUP - 1 && lengths[n] > 0) {
            mark = byte;
            n++;
        } else {
            break;
        }
    }
    bool ends = at == cell->length ||
                ((cell->text[at] == ' ' || cell->text[at] == 'T') && at + 1 < cell->length &&
                 cell->text[at + 1] >= '0' && cell->text[at + 1] <= '9');
    bool month = n == 1 && mark == '-' && lengths[0] == 4 && lengths[1] == 2;
    bool year_first = n == 2 && lengths[0] == 4 && lengths[1] <= 2 && lengths[2] <= 2;
    bool year_last =
        n == 2 && lengths[0] <= 2 && lengths[1] <= 2 && (lengths[2] == 2 || lengths[2] == 4);
    return ends && lengths[n] > 0 && (month || year_first || year_last);
}
