/* SPDX-License-Identifier: MIT */
/* Is a text a table? Its first rows tell. */
#include "csv_columns.h"
#include "formats.h"
#include "number.h"

#include <string.h>

enum { ROWS_PROBED = 40, NAME_MOST = 120 };

struct look {
    char delimiter;
    size_t n; /* columns */
    size_t rows;
    size_t fitting;   /* rows with as many fields, mostly numbers */
    bool known;       /* one of our columns among the names */
    bool names;       /* the first row looks like names */
    bool all_numbers; /* the first row is one of numbers */
};

static bool is_number(const struct lrp_csv_field *field)
{
    double number = 0;
    return lrp_parse_double(field->text, field->length, &number);
}

static void look_at_header(struct look *look, const struct lrp_csv_field *fields, size_t n)
{
    size_t numbers = 0;
    look->n = n;
    look->names = true;
    for (size_t i = 0; i < n; i++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        lrp_canonical_column(fields[i].text, fields[i].length, name);
        numbers += is_number(&fields[i]) ? 1 : 0;
        look->known = look->known || lrp_is_known_column(name) || strcasestr(name, "loss") != NULL;
        look->names = look->names && fields[i].length <= NAME_MOST;
    }
    look->all_numbers = numbers == n;
    look->names = look->names && (look->delimiter != ' ' || numbers == 0);
}

static enum lrp_status look_at_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                   size_t n, struct lrp_error *err)
{
    struct look *look = user;
    size_t numbers = 0;
    size_t words = 0;
    (void)line;
    if (look->n == 0) {
        look_at_header(look, fields, n);
        return LRP_OK;
    }
    for (size_t i = 0; i < n; i++) {
        bool number = is_number(&fields[i]);
        numbers += number ? 1 : 0;
        words += !number && fields[i].length > 0 ? 1 : 0;
    }
    look->rows++;
    look->fitting += n == look->n && (numbers > 0 || words < n) ? 1 : 0;
    return look->rows == ROWS_PROBED ? lrp_fail(err, LRP_E_INTERRUPTED, 0, "enough") : LRP_OK;
}

static int judge(const struct look *look)
{
    enum { TABLE = 75, WORDS = 60, HEADER = 40, BROKEN = 8, NUMBERS = 20 };
    bool blanks = look->delimiter == ' ';
    if (look->all_numbers) {
        return NUMBERS; /* the reader says that it wants names */
    }
    if (!look->names || (blanks && !look->known && look->n < 2)) {
        return 0;
    }
    if (look->rows == 0) {
        return look->known ? HEADER : 0;
    }
    if (blanks) {
        return 10 * look->fitting >= 9 * look->rows ? WORDS : 0;
    }
    if (2 * look->fitting >= look->rows) {
        return TABLE;
    }
    return look->known ? BROKEN : 0; /* the reader says what is wrong */
}

int lrp_csv_probe(const unsigned char *bytes, size_t length)
{
    size_t begin = 0;
    size_t end = 0;
    struct lrp_csv *csv = NULL;
    struct look look = {' ', 0, 0, 0, false, false, false};
    if (!lrp_csv_first_line(bytes, length, 0, '#', 1, &begin, &end) || bytes[begin] == '<' ||
        bytes[begin] == '{' || bytes[begin] == '[') {
        return 0; /* HTML, XML, JSON */
    }
    for (size_t i = begin; i < end; i++) {
        if (bytes[i] < 32 && bytes[i] != '\t') {
            return 0; /* binary */
        }
    }
    look.delimiter = lrp_csv_guess_delimiter(bytes + begin, end - begin);
    const struct lrp_csv_options options = {look.delimiter, '#', 0};
    const struct lrp_csv_handlers handlers = {look_at_row, NULL, &look};
    enum lrp_status status = lrp_csv_new(&options, &handlers, &csv, NULL);
    status = status == LRP_OK ? lrp_csv_feed(csv, bytes, length, NULL) : status;
    if (status == LRP_OK && length < LRP_PROBE_BYTES) {
        status = lrp_csv_finish(csv, NULL, NULL);
    }
    lrp_csv_free(csv);
    if (status == LRP_E_NOMEM) {
        return -1;
    }
    if (look.n == 0) {
        return status == LRP_E_LIMIT || end == length ? 8 : 0; /* a header row without end */
    }
    return judge(&look);
}
