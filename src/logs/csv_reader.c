/* SPDX-License-Identifier: MIT */
/* Tables with a header row: our own run records, and what other tools write. */
#include "log_reader.h"

#include "comma_number.h"
#include "loss_names.h"
#include "nameless_table.h"
#include "number.h"
#include "rate_names.h"
#include "record_reader.h"
#include "several_runs.h"
#include "text.h"

#include <string.h>
#include <strings.h>

enum { ROWS_PROBED = 40, NAME_MOST = 120, WORDS_MOST = 60 };

/* ---- what the columns are called ----------------------------------------------------------- */

struct name_part {
    const char *text;
    size_t length;
};

static struct name_part trim(struct name_part part)
{
    while (part.length > 0 && memchr(" \t", part.text[0], 2) != NULL) {
        part.text++;
        part.length--;
    }
    while (part.length > 0 && memchr(" \t", part.text[part.length - 1], 2) != NULL) {
        part.length--;
    }
    return part;
}

static bool is_word(struct name_part part, const char *word)
{
    return part.length == strlen(word) && strncasecmp(part.text, word, part.length) == 0;
}

static bool ends_with(struct name_part part, const char *end)
{
    size_t length = strlen(end);
    return part.length >= length && memcmp(part.text + part.length - length, end, length) == 0;
}

/* W&B calls a column "RUN - metric": the part before. Empty where there is none. */
static struct name_part run_of(struct name_part part)
{
    return (struct name_part){part.text, lrp_run_name_length(part.text, part.length)};
}

static struct name_part without_run(struct name_part part)
{
    size_t length = run_of(part).length;
    return length == 0 ? part
                       : trim((struct name_part){part.text + length + 3, part.length - length - 3});
}

static bool is_limit(struct name_part part)
{
    return ends_with(part, "__MIN") || ends_with(part, "__MAX");
}

/* Whether the columns are those of more than one run. */
static bool has_several_runs(const struct lrp_csv_field *fields, size_t n)
{
    struct name_part first = {NULL, 0};
    for (size_t i = 0; i < n; i++) {
        struct name_part run = run_of(trim((struct name_part){fields[i].text, fields[i].length}));
        if (run.length > 0 && first.length == 0) {
            first = run;
        }
        if (run.length > 0 &&
            (run.length != first.length || memcmp(run.text, first.text, run.length) != 0)) {
            return true;
        }
    }
    return false;
}

static bool is_tensorboard(const struct lrp_csv_field *fields, size_t n)
{
    static const char *const words[] = {"Wall time", "Step", "Value"};
    for (size_t i = 0; i < 3; i++) {
        if (n != 3 || !is_word((struct name_part){fields[i].text, fields[i].length}, words[i])) {
            return false;
        }
    }
    return true;
}

/* TensorBoard's download is called "run-RUN-tag-TAG.csv"; the loss where that is not so. */
static enum lrp_status name_value(const struct lrp_log_hints *hints, struct lrp_text *name,
                                  struct lrp_record *record, struct lrp_error *err)
{
    const char *file = hints->file_name;
    const char *tag = file != NULL ? strstr(file, "-tag-") : NULL;
    if (tag == NULL) {
        lrp_text_append(name, "loss");
        return lrp_record_add_note(
            record, err, "the table does not say what Value is: it was taken as the loss");
    }
    struct name_part run = {file, (size_t)(tag - file)};
    struct name_part label = {tag + 5, strlen(tag + 5)};
    label.length -= label.length > 4 && ends_with(label, ".csv") ? 4 : 0;
    lrp_text_append(name, ends_with(run, "val") || ends_with(run, "validation") ? "val_" : "");
    lrp_text_append_bytes(name, label.text, label.length);
    return LRP_OK;
}

/* A column of one of several runs keeps the run's name in front of our word. */
static void put_run_before(struct name_part run, char *name)
{
    char whole[2 * LRP_COLUMN_NAME_MOST + 4];
    size_t room = (size_t)LRP_COLUMN_NAME_MOST - strlen(" - ");
    size_t length = strnlen(name, room - 1);
    size_t before = run.length < room - length ? run.length : room - length;
    memcpy(whole, run.text, before);
    memcpy(whole + before, " - ", 3);
    memcpy(whole + before + 3, name, length + 1);
    memcpy(name, whole, before + 3 + length);
    name[before + 3 + length] = '\0';
}

static bool is_rate_run(struct name_part part)
{
    double rate = 0;
    return lrp_rate_in_name(part.text, part.length, &rate);
}

/* Columns that are called by rates hold the losses of runs at these rates, unless there is a loss.
 */
static bool has_rate_runs(const struct lrp_csv_field *fields, size_t n)
{
    size_t runs = 0;
    for (size_t i = 0; i < n; i++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        lrp_copy_column_name(fields[i].text, fields[i].length, name);
        if (lrp_names_a_loss(name)) {
            return false;
        }
        runs += is_rate_run(trim((struct name_part){fields[i].text, fields[i].length})) ? 1 : 0;
    }
    return runs > 1;
}

/* W&B exports: "run - loss" is loss, with the run's name before it if there are several
 * (lrp_split_runs); "__MIN" and "__MAX" are left out. TensorBoard exports (Wall time, Step, Value):
 * Value is called by the tag in the file's name. "learning_rate_0.01" is the loss of a run. */
static enum lrp_status label_columns(void *user, struct lrp_record *record,
                                     const struct lrp_csv_field *fields, size_t n,
                                     struct lrp_column_label *labels, struct lrp_error *err)
{
    struct lrp_column_names *names = user;
    bool tensorboard = is_tensorboard(fields, n);
    bool several = has_several_runs(fields, n);
    bool rates = has_rate_runs(fields, n);
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < n && status == LRP_OK; i++) {
        struct name_part part = trim((struct name_part){fields[i].text, fields[i].length});
        struct name_part run = {NULL, 0};
        struct lrp_text value;
        lrp_text_init(&value, LRP_COLUMN_NAME_MOST);
        if (!lrp_column_is_mapped(names->hints, part.text, part.length)) {
            part.length = is_limit(part) ? 0 : part.length;
            run = several ? run_of(part) : run;
            part = without_run(part);
            if (rates && is_rate_run(part)) {
                run = part;
                part = (struct name_part){"loss", 4};
            }
            if (tensorboard && i == 2) {
                status = name_value(names->hints, &value, record, err);
                part = (struct name_part){lrp_text_string(&value), value.length};
            }
        }
        labels[i].exact = lrp_column_names_take(names, part.text, part.length, labels[i].name);
        if (run.length > 0 && labels[i].name[0] != '\0') {
            put_run_before(run, labels[i].name);
        }
        lrp_text_fini(&value);
    }
    return status;
}

/* ---- the reader ---------------------------------------------------------------------------- */

struct csv_state {
    struct lrp_table_reader *table;
    struct lrp_column_names names;
};

static enum lrp_status begin(struct lrp_log_reader *reader, struct lrp_error *err)
{
    struct csv_state *self = reader->state;
    lrp_column_names_init(&self->names, reader->hints);
    const struct lrp_table_options options = {.label = label_columns, .user = &self->names};
    return lrp_table_reader_new(&options, &self->table, err);
}

static void release(struct lrp_log_reader *reader)
{
    struct csv_state *self = reader->state;
    lrp_table_reader_free(self->table);
    lrp_column_names_fini(&self->names);
}

static enum lrp_status take_bytes(struct lrp_log_reader *reader, const void *bytes, size_t length,
                                  struct lrp_error *err)
{
    struct csv_state *self = reader->state;
    return lrp_table_reader_feed(self->table, bytes, length, err);
}

static enum lrp_status give(struct lrp_log_reader *reader, struct lrp_record **out,
                            struct lrp_error *err)
{
    struct csv_state *self = reader->state;
    struct lrp_record *record = NULL;
    enum lrp_status status = lrp_table_reader_finish(self->table, &record, err);
    if (status == LRP_OK || (status == LRP_E_NODATA && self->names.seen > 0)) {
        /* without the columns that maps want there may be no row left: then that is the reason */
        enum lrp_status named = lrp_column_names_check(&self->names, err);
        status = named != LRP_OK ? named : status;
    }
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    *out = record;
    return LRP_OK;
}

/* ---- is a text a table? Its first rows tell ------------------------------------------------ */

struct table_look {
    char delimiter;
    size_t n; /* columns */
    size_t rows;
    size_t fitting;             /* rows with as many fields, mostly numbers */
    bool known;                 /* one of our columns among the names */
    bool names;                 /* the first row looks like names */
    bool all_numbers;           /* the first row is one of numbers */
    char words[WORDS_MOST + 1]; /* the first field of the first row without its numbers */
    size_t alike;               /* rows whose first field has the same words */
};

/* "step=1 loss=0" is "step= loss=": what printed lines have in common. Empty where there is no
 * number in it. */
static void words_of(const struct lrp_csv_field *field, char *words)
{
    size_t n = 0;
    bool number = false;
    for (size_t i = 0; i < field->length && n < WORDS_MOST; i++) {
        bool digit = field->text[i] >= '0' && field->text[i] <= '9';
        number = number || digit;
        if (!digit && strchr(".+-", field->text[i]) == NULL) {
            words[n] = field->text[i];
            n++;
        }
    }
    words[number ? n : 0] = '\0';
}

static bool is_number(const struct lrp_csv_field *field)
{
    double number = 0;
    return lrp_parse_double(field->text, field->length, &number) ||
           lrp_parse_comma_number(field->text, field->length, &number) != LRP_COMMA_NONE;
}

static void look_at_header(struct table_look *look, const struct lrp_csv_field *fields, size_t n)
{
    size_t numbers = 0;
    look->n = n;
    look->names = true;
    words_of(&fields[0], look->words);
    for (size_t i = 0; i < n; i++) {
        char name[LRP_COLUMN_NAME_MOST + 1];
        lrp_canonical_column(fields[i].text, fields[i].length, name);
        numbers +=
            is_number(&fields[i]) || lrp_is_cell_value(fields[i].text, fields[i].length) ? 1 : 0;
        look->known = look->known || lrp_is_known_column(name) ||
                      strcasestr(name, "loss") != NULL ||
                      lrp_rate_name_of(name) != LRP_RATE_NAME_NONE;
        look->names = look->names && fields[i].length <= NAME_MOST;
    }
    look->all_numbers = numbers == n;
    look->names = look->names && (look->delimiter != ' ' || numbers == 0);
}

static enum lrp_status look_at_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                   size_t n, struct lrp_error *err)
{
    struct table_look *look = user;
    size_t numbers = 0;
    size_t words = 0;
    char first[WORDS_MOST + 1];
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
    words_of(&fields[0], first);
    look->alike += first[0] != '\0' && strcmp(first, look->words) == 0 ? 1 : 0;
    look->fitting += n == look->n && (numbers > 0 || words < n) ? 1 : 0;
    return look->rows == ROWS_PROBED ? lrp_fail(err, LRP_E_INTERRUPTED, 0, "enough") : LRP_OK;
}

static int judge(const struct table_look *look)
{
    enum { TABLE = 75, WORDS = 60, HEADER = 40, BROKEN = 8, NUMBERS = 20 };
    bool blanks = look->delimiter == ' ';
    if (look->all_numbers) {
        return NUMBERS; /* the reader says that it wants names */
    }
    if (look->rows > 0 && 2 * look->alike >= look->rows) {
        return 0; /* printed lines with commas between or in their numbers */
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

static int probe(const unsigned char *bytes, size_t length)
{
    size_t begin = 0;
    size_t end = 0;
    struct lrp_csv *csv = NULL;
    struct table_look look = {.delimiter = ' '};
    if (!lrp_csv_first_line(bytes, length, 0, '#', true, &begin, &end) || bytes[begin] == '<' ||
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
        status = lrp_csv_finish(csv, NULL);
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

const struct lrp_log_format lrp_log_format_csv = {
    .name = "csv",
    .description =
        "run records and any table with a header row: commas, semicolons, tabs or blanks",
    .probe = probe,
    .take_bytes = take_bytes,
    .state_size = sizeof(struct csv_state),
    .begin = begin,
    .give = give,
    .release = release,
};
