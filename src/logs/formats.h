/* SPDX-License-Identifier: MIT */
/* The formats of logs that can be read: one row a format, one file a reader. */
#ifndef LRP_LOGS_FORMATS_H
#define LRP_LOGS_FORMATS_H

#include "column_map.h"
#include "record.h"

struct lrp_json;
struct lrp_line;
struct lrp_log_reader;

/* A format takes its input as lines, as one JSON document or as bytes: exactly one of the three
 * take_ functions is there. begin, end, give and release may be NULL. */
struct lrp_log_format {
    const char *name;        /* for --format */
    const char *description; /* one line, small letter, no full stop */
    /* How surely the first bytes of a file are of this format: 0 not at all, 100 certainly;
     * negative: memory was short. NULL: by the number of lines that is_line knows, 72 to 96. */
    int (*probe)(const unsigned char *bytes, size_t length);
    /* A line that no other program prints: a printed log that begins with much else is known by
     * it. NULL: there is no such line. */
    bool (*is_line)(const char *text);
    enum lrp_status (*take_line)(struct lrp_log_reader *reader, const struct lrp_line *line,
                                 struct lrp_error *err);
    enum lrp_status (*take_document)(struct lrp_log_reader *reader, const struct lrp_json *root,
                                     struct lrp_error *err);
    enum lrp_status (*take_bytes)(struct lrp_log_reader *reader, const void *bytes, size_t length,
                                  struct lrp_error *err);
    size_t line_most;  /* bytes kept of a line, 0 = LRP_LINE_MOST */
    size_t state_size; /* bytes of the reader's own state, zeroed */
    enum lrp_status (*begin)(struct lrp_log_reader *reader, struct lrp_error *err);
    /* After the last byte. NULL with take_line: a text without a row is refused. */
    enum lrp_status (*end)(struct lrp_log_reader *reader, struct lrp_error *err);
    /* The record; NULL: the rows that were filled. */
    enum lrp_status (*give)(struct lrp_log_reader *reader, struct lrp_record **out,
                            struct lrp_error *err);
    void (*release)(struct lrp_log_reader *reader); /* what the state owns */
};
/* In the order of their names; ends with NULL. */
extern const struct lrp_log_format *const lrp_log_formats[];
/* The first bytes that a probe sees; fewer only where the input is shorter. */
enum { LRP_PROBE_BYTES = 1 << 16 };
/* *out: the format of that name; NULL where name is NULL. LRP_E_ARG: there is none. */
enum lrp_status lrp_find_format(const char *name, const struct lrp_log_format **out,
                                struct lrp_error *err);
/* The probe of one format, see there. */
int lrp_probe_format(const struct lrp_log_format *format, const unsigned char *bytes,
                     size_t length);
/* The format whose probe is the surest. LRP_E_FORMAT: none of them, and what it is instead. */
enum lrp_status lrp_guess_format(const unsigned char *bytes, size_t length,
                                 const struct lrp_log_format **out, struct lrp_error *err);
extern const struct lrp_log_format lrp_log_format_coqui;
extern const struct lrp_log_format lrp_log_format_csv;
extern const struct lrp_log_format lrp_log_format_darknet;
extern const struct lrp_log_format lrp_log_format_fairseq;
extern const struct lrp_log_format lrp_log_format_hf;
extern const struct lrp_log_format lrp_log_format_json;
extern const struct lrp_log_format lrp_log_format_jsonl;
extern const struct lrp_log_format lrp_log_format_keras;
extern const struct lrp_log_format lrp_log_format_llmc;
extern const struct lrp_log_format lrp_log_format_llmc_stdout;
extern const struct lrp_log_format lrp_log_format_mlflow;
extern const struct lrp_log_format lrp_log_format_pattern;
extern const struct lrp_log_format lrp_log_format_text;
extern const struct lrp_log_format lrp_log_format_tfevents;

/* A log that is being read. hints (NULL = none) are borrowed until the reader is freed. */
enum lrp_status lrp_log_reader_open(const struct lrp_log_format *format,
                                    const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                                    struct lrp_error *err);
/* Bytes in any slices. */
enum lrp_status lrp_log_reader_feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                                    struct lrp_error *err);
/* End of input; on LRP_OK the record belongs to the caller. */
enum lrp_status lrp_log_reader_finish(struct lrp_log_reader *reader, struct lrp_record **out,
                                      struct lrp_error *err);
void lrp_log_reader_free(struct lrp_log_reader *reader);
#endif
