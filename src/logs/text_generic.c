/* SPDX-License-Identifier: MIT */
/* Whatever else prints its losses: "name: number", "name=number" and "name number" line by line. */
#include "log_reader.h"
#include "rate_names.h"
#include "text_scan.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { FIELDS_MOST = 64 };

enum field_kind { FIELD_OTHER, FIELD_KNOWN, FIELD_POSITION, FIELD_METRIC };

struct text_cell {
    char name[LRP_COLUMN_NAME_MOST + 1];   /* as it goes to the rows */
    char column[LRP_COLUMN_NAME_MOST + 1]; /* what it is there: another one where a map says so */
    double value;
    enum lrp_comma comma;
    enum field_kind kind;
};
struct text_cells {
    struct text_cell list[FIELDS_MOST];
    size_t n;
    bool metric;
    bool position;
};

static enum field_kind kind_of(const char *name)
{
    static const struct {
        const char *name;
        enum field_kind kind;
    } kinds[] = {{"loss", FIELD_METRIC},     {"val_loss", FIELD_METRIC},
                 {"accuracy", FIELD_METRIC}, {"val_accuracy", FIELD_METRIC},
                 {"step", FIELD_POSITION},   {"epoch", FIELD_POSITION},
                 {"batch", FIELD_POSITION}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(name, kinds[i].name) == 0) {
            return kinds[i].kind;
        }
    }
    return lrp_is_known_column(name) || lrp_rate_name_of(name) != LRP_RATE_NAME_NONE ? FIELD_KNOWN
                                                                                     : FIELD_OTHER;
}

/* The column for a name; words before it are dropped until it is one of ours, or one of a map. */
static enum field_kind name_field(const struct lrp_log_hints *hints, const struct lrp_pair *pair,
                                  char *out)
{
    const char *end = pair->name + pair->name_length;
    for (const char *name = pair->name; name != NULL;) {
        if (lrp_column_is_mapped(hints, name, (size_t)(end - name))) {
            lrp_copy_column_name(name, (size_t)(end - name), out);
            return FIELD_KNOWN;
        }
        lrp_canonical_column(name, (size_t)(end - name), out);
        if (kind_of(out) != FIELD_OTHER) {
            return kind_of(out);
        }
        name = memchr(name, ' ', (size_t)(end - name));
        name = name != NULL ? name + 1 : NULL;
    }
    lrp_canonical_column(pair->name, pair->name_length, out);
    return FIELD_OTHER;
}

/* A line about validation: "Test set: Average loss: 0.05". */
static bool is_validation(const char *text)
{
    static const char *const words[] = {"test", "val",        "valid", "validation",
                                        "eval", "evaluation", "dev",   "testing"};
    text = lrp_skip_word(text, "");
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == length && strncasecmp(words[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}

static void add_field(const struct lrp_log_hints *hints, struct text_cells *fields,
                      const char *name, double value, enum lrp_comma comma, enum field_kind kind)
{
    if (fields->n == FIELDS_MOST) {
        return;
    }
    struct text_cell *field = &fields->list[fields->n];
    size_t length = strlen(name);
    memcpy(field->name, name, length + 1);
    if (lrp_column_map_name(hints, name, length, field->column)) {
        kind = kind_of(field->column) != FIELD_OTHER ? kind_of(field->column) : FIELD_KNOWN;
    }
    field->value = value;
    field->comma = comma;
    field->kind = kind;
    fields->n++;
    fields->metric = fields->metric || kind == FIELD_METRIC;
    fields->position = fields->position || kind == FIELD_POSITION;
}

/* "[2,  4000] loss: 2.1" of PyTorch's tutorials. */
static bool is_tutorial(const char *text, double *epoch, double *batch)
{
    return lrp_match(text, " [% ,%]", epoch, batch) != NULL;
}

/* "[2,  4000]" is epoch and batch, "[640/60000 (1%)]" the example. */
static void take_bracket(const struct lrp_log_hints *hints, struct text_cells *fields,
                         const char *text)
{
    double first = 0;
    double second = 0;
    if (is_tutorial(text, &first, &second)) {
        add_field(hints, fields, "epoch", first, LRP_COMMA_NONE, FIELD_POSITION);
        add_field(hints, fields, "batch", second, LRP_COMMA_NONE, FIELD_POSITION);
    } else if (lrp_match(lrp_behind(text, "["), "%/%", &first, &second) != NULL) {
        add_field(hints, fields, "batch", first, LRP_COMMA_NONE, FIELD_POSITION);
    }
}

static void find_fields(const struct lrp_log_hints *hints, struct text_cells *fields,
                        const char *text)
{
    const char *at = text;
    struct lrp_pair pair;
    bool validation = is_validation(text);
    fields->n = 0;
    fields->metric = fields->position = false;
    while (lrp_next_pair(&at, &pair)) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        enum field_kind kind = name_field(hints, &pair, name);
        bool plain_metric = kind == FIELD_METRIC && strncmp(name, "val_", 4) != 0;
        double value = pair.value;
        if (kind == FIELD_OTHER && pair.sign == ' ') {
            continue; /* "took 5 of ..." */
        }
        if (plain_metric && validation) {
            size_t length = strlen(name);
            memmove(name + 4, name, length + 1);
            memcpy(name, "val_", 4);
        }
        bool share = kind == FIELD_METRIC && strstr(name, "accuracy") != NULL;
        if (share && pair.percent) {
            value /= 100;
        } else if (share && pair.of > 0) {
            value /= pair.of; /* 9832/10000 were right */
        }
        add_field(hints, fields, name, value, pair.comma, kind);
    }
    if (fields->metric) {
        take_bracket(hints, fields, text);
    }
}

/* Whether a line's values belong to the row that is open: no position or metric is another one. */
static bool same_row(const struct lrp_log_reader *reader, const struct text_cells *fields)
{
    double before = 0;
    for (size_t i = 0; i < fields->n; i++) {
        const struct text_cell *field = &fields->list[i];
        bool counts = field->kind == FIELD_POSITION || field->kind == FIELD_METRIC;
        if (counts && lrp_rows_get(reader->rows, field->column, &before) &&
            before != field->value && !(isnan(before) && isnan(field->value))) {
            return false;
        }
    }
    return true;
}

/* For a map that no name fits, the message has the names that there are. */
static enum lrp_status note_names(struct lrp_log_reader *reader, const struct text_cells *fields,
                                  struct lrp_error *err)
{
    size_t ignored = 0;
    for (size_t i = 0; i < fields->n && reader->hints->n_maps > 0; i++) {
        const char *name = fields->list[i].name;
        LRP_TRY(lrp_rows_find(reader->rows, name, strlen(name), &ignored, err));
    }
    return LRP_OK;
}

/* A line with a position but no metric is a heading: what follows belongs to it. */
static enum lrp_status take(struct lrp_log_reader *reader, const struct lrp_line *line,
                            struct lrp_error *err)
{
    struct text_cells fields;
    bool has_epoch = false;
    find_fields(reader->hints, &fields, line->text);
    if (!fields.metric) {
        LRP_TRY(note_names(reader, &fields, err));
    }
    if (!fields.metric && !fields.position) {
        return LRP_OK;
    }
    LRP_TRY(same_row(reader, &fields) ? LRP_OK : lrp_rows_end(reader->rows, err));
    for (size_t i = 0; i < fields.n; i++) {
        const struct text_cell *field = &fields.list[i];
        if (strcmp(field->column, "epoch") == 0) {
            reader->epoch = field->value;
            has_epoch = true;
        }
        if (fields.metric) {
            LRP_TRY(lrp_rows_set_comma(reader->rows, field->name, strlen(field->name), field->value,
                                       field->comma, line->number, err));
        }
    }
    return fields.metric && !has_epoch && !isnan(reader->epoch)
               ? lrp_rows_put(reader->rows, "epoch", reader->epoch, err)
               : LRP_OK;
}

struct impression {
    size_t metric_lines, tutorial_lines, code_lines;
};

static bool is_code(const struct lrp_line *line)
{
    static const char *const begins[] = {"import ", "from ",    "def ",     "class ", "#include",
                                         "return ", "static ",  "const ",   "if (",   "for (",
                                         "while (", "public ",  "package ", "using ", "let ",
                                         "var ",    "function "};
    const char *text = lrp_skip_word(line->text, "");
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
        if (strncmp(text, begins[i], strlen(begins[i])) == 0) {
            return true;
        }
    }
    size_t length = line->length;
    while (length > 0 && line->text[length - 1] == ' ') {
        length--;
    }
    char last = length > 0 ? line->text[length - 1] : ' ';
    return last == ';' || last == '{' || (last == ':' && strstr(text, "):") != NULL);
}

static enum lrp_status look(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct impression *seen = user;
    struct text_cells fields;
    double ignored = 0;
    (void)err;
    find_fields(&lrp_no_hints, &fields, line->text);
    seen->tutorial_lines += fields.metric && is_tutorial(line->text, &ignored, &ignored) ? 1 : 0;
    seen->code_lines += is_code(line) ? 1 : 0;
    seen->metric_lines += fields.metric ? 1 : 0;
    return LRP_OK;
}

/* Low: any other format that knows the file knows it better. Where the first bytes tell nothing,
 * something may come later, unless it is a program. */
static int probe(const unsigned char *bytes, size_t length)
{
    struct impression seen = {0, 0, 0};
    size_t at = 0;
    while (at < length && memchr(" \t\r\n", bytes[at], 4) != NULL) {
        at++;
    }
    if (at == length || bytes[at] == '<') {
        return 0;
    }
    int scanned = lrp_scan_lines(bytes, length, look, &seen);
    if (scanned < 1) {
        return scanned;
    }
    if (seen.tutorial_lines >= 2) {
        return 85; /* it begins like JSON */
    }
    if (seen.metric_lines >= 2 && seen.metric_lines > 3 * seen.code_lines) {
        return 45;
    }
    return length == LRP_PROBE_BYTES || (seen.metric_lines > 0 && seen.code_lines == 0) ? 1 : 0;
}

/* No test for lines: it is what is left where no other format is. */
const struct lrp_log_format lrp_log_format_text = {
    .name = "text",
    .description = "printed lines with losses in them: name: number, name=number, name number",
    .probe = probe,
    .take_line = take,
};
