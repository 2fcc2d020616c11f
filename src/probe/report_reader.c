/* SPDX-License-Identifier: MIT */
#include "report_reader.h"

#include "alloc.h"
#include "csv_rows.h"
#include "number.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lrp_report_reader {
    int fd;
    char *path;
    struct lrp_csv *csv;
    lrp_report_row *on_row;
    void *user;
    bool has_header;
    size_t n_fields;
    size_t step, lr, loss; /* columns, LRP_NO_COLUMN = absent */
    size_t rows, passed;
    size_t last_line; /* line of the row after which enough was known, 0 = not yet */
};

static enum lrp_status take_header(struct lrp_report_reader *reader, size_t line,
                                   const struct lrp_csv_field *fields, size_t n_fields,
                                   struct lrp_error *err)
{
    const struct {
        const char *name;
        size_t *column;
    } wanted[] = {
        {"step", &reader->step},
        {"lr", &reader->lr},
        {"loss", &reader->loss},
    };
    for (size_t i = 0; i < n_fields; i++) {
        for (size_t k = 0; k < sizeof wanted / sizeof wanted[0]; k++) {
            if (fields[i].length == strlen(wanted[k].name) &&
                memcmp(fields[i].text, wanted[k].name, fields[i].length) == 0) {
                *wanted[k].column = i;
            }
        }
    }
    if (reader->loss == LRP_NO_COLUMN) {
        return lrp_fail(err, LRP_E_FORMAT, line,
                        "its report begins with no header row that names a column loss");
    }
    reader->has_header = true;
    reader->n_fields = n_fields;
    return LRP_OK;
}

static enum lrp_status take_number(const struct lrp_csv_field *field, size_t line, double *value,
                                   struct lrp_error *err)
{
    if (field->length == 0 || lrp_parse_double(field->text, field->length, value)) {
        return LRP_OK;
    }
    struct lrp_text shown;
    lrp_text_init(&shown, 200);
    lrp_text_append_clean(&shown, field->text, field->length < 40 ? field->length : 40);
    enum lrp_status status =
        lrp_fail(err, LRP_E_FORMAT, line, "line %zu of its report has '%s' where a number belongs",
                 line, lrp_text_string(&shown));
    lrp_text_fini(&shown);
    return status;
}

static enum lrp_status take_row(void *user, size_t line, const struct lrp_csv_field *fields,
                                size_t n_fields, struct lrp_error *err)
{
    struct lrp_report_reader *reader = user;
    if (reader->last_line > 0) {
        reader->passed++;
        return LRP_OK;
    }
    if (!reader->has_header) {
        return take_header(reader, line, fields, n_fields, err);
    }
    if (n_fields != reader->n_fields) {
        return lrp_fail(err, LRP_E_FORMAT, line,
                        "line %zu of its report has %zu fields, but the header has %zu", line,
                        n_fields, reader->n_fields);
    }
    double values[3] = {(double)NAN, (double)NAN, (double)NAN};
    const size_t columns[3] = {reader->step, reader->lr, reader->loss};
    for (size_t i = 0; i < 3; i++) {
        if (columns[i] != LRP_NO_COLUMN) {
            enum lrp_status status = take_number(&fields[columns[i]], line, &values[i], err);
            if (status != LRP_OK) {
                return status;
            }
        }
    }
    bool measured = fields[reader->loss].length > 0;
    if (!reader->on_row(reader->user, reader->rows++, values[0], values[1], values[2], measured)) {
        reader->last_line = line;
    }
    return LRP_OK;
}

enum lrp_status lrp_report_reader_new(const char *path, bool keep, lrp_report_row *on_row,
                                      void *user, struct lrp_report_reader **out,
                                      struct lrp_error *err)
{
    struct lrp_report_reader *reader = lrp_calloc_array(1, sizeof *reader);
    if (reader == NULL) {
        return lrp_fail_memory(err, sizeof *reader);
    }
    enum lrp_status status = LRP_OK;
    const struct lrp_csv_options options = {.delimiter = ',', .comment = '#'};
    const struct lrp_csv_handlers handlers = {.on_row = take_row, .user = reader};
    reader->on_row = on_row;
    reader->user = user;
    reader->step = reader->lr = reader->loss = LRP_NO_COLUMN;
    reader->fd =
        open(path, keep ? O_RDWR | O_CLOEXEC : O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (reader->fd < 0) {
        status = lrp_fail_errno(err, errno, "write", path);
    }
    if (status == LRP_OK && (reader->path = lrp_strdup(path)) == NULL) {
        status = lrp_fail_memory(err, 0);
    }
    if (status == LRP_OK) {
        status = lrp_csv_new(&options, &handlers, &reader->csv, err);
    }
    if (status != LRP_OK) {
        lrp_report_reader_free(reader);
        return status;
    }
    *out = reader;
    return LRP_OK;
}

/* A trainer may write its report under another name and rename it onto ours: then the file that we
 * hold is no longer the one that grows. That is not supported; trainers append. */
enum lrp_status lrp_report_reader_read(struct lrp_report_reader *reader, struct lrp_error *err)
{
    char buffer[16384];
    for (;;) {
        ssize_t n = read(reader->fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return lrp_fail_errno(err, errno, "read", reader->path);
        }
        if (n == 0) {
            return LRP_OK;
        }
        enum lrp_status status = lrp_csv_feed(reader->csv, buffer, (size_t)n, err);
        if (status != LRP_OK) {
            return status;
        }
    }
}

/* Length of the first n lines of the file, -1 where it has fewer. */
static off_t length_of_lines(int fd, size_t n)
{
    char buffer[16384];
    off_t at = 0;
    for (;;) {
        ssize_t length = pread(fd, buffer, sizeof buffer, at);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            return -1;
        }
        for (ssize_t i = 0; i < length; i++) {
            if (buffer[i] == '\n' && --n == 0) {
                return at + i + 1;
            }
        }
        at += length;
    }
}

enum lrp_status lrp_report_reader_cut(struct lrp_report_reader *reader, struct lrp_error *err)
{
    if (reader->last_line == 0) {
        return LRP_OK;
    }
    off_t length = length_of_lines(reader->fd, reader->last_line);
    struct stat info;
    bool longer = fstat(reader->fd, &info) != 0 || info.st_size > length;
    if (length >= 0 && longer && ftruncate(reader->fd, length) != 0) {
        return lrp_fail_errno(err, errno, "shorten", reader->path);
    }
    return LRP_OK;
}

size_t lrp_report_reader_rows(const struct lrp_report_reader *reader)
{
    return reader->rows;
}

size_t lrp_report_reader_passed(const struct lrp_report_reader *reader)
{
    return reader->passed;
}

void lrp_report_reader_free(struct lrp_report_reader *reader)
{
    if (reader == NULL) {
        return;
    }
    lrp_csv_free(reader->csv);
    if (reader->fd >= 0) {
        close(reader->fd);
    }
    free(reader->path);
    free(reader);
}
