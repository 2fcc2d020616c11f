/* SPDX-License-Identifier: MIT */
/* What the readers of printed text share: a format is a test for its lines and what to do with
 * them; lines, rows and the probe are the same for all. */
#ifndef LRP_LOGS_TEXT_FORMAT_H
#define LRP_LOGS_TEXT_FORMAT_H

#include "formats.h"
#include "lines.h"
#include "rows.h"

/* What the lines so far have told. Each format uses what it needs. */
struct lrp_text_state {
    struct lrp_rows *rows;
    double step;  /* NaN = not known */
    double epoch; /* NaN = not known */
    double lr;    /* a rate that holds until another one is told; NaN = not known */
    double last;  /* the position before, where that tells a new epoch */
    bool in_validation;
    bool waiting; /* the open row waits for a later line to end it */
};

struct lrp_text_kind {
    /* A line that no other program prints. */
    bool (*is_line)(const char *text);
    /* Any line of the log. */
    enum lrp_status (*take)(struct lrp_text_state *state, const struct lrp_line *line,
                            struct lrp_error *err);
};

/* The readers' functions, see struct lrp_log_format. */
enum lrp_status lrp_text_open(const struct lrp_text_kind *kind, const struct lrp_log_hints *hints,
                              struct lrp_log_reader **out, struct lrp_error *err);
enum lrp_status lrp_text_feed(struct lrp_log_reader *reader, const void *bytes, size_t length,
                              struct lrp_error *err);
enum lrp_status lrp_text_finish(struct lrp_log_reader *reader, struct lrp_record **out,
                                struct lrp_error *err);
void lrp_text_free(struct lrp_log_reader *reader);
/* 0 without a line of that kind, else 72 to 96: the more lines the surer. */
int lrp_text_probe(const struct lrp_text_kind *kind, const unsigned char *bytes, size_t length);
/* The format whose line this is, told by its first sure line; NULL if it is none's. */
const struct lrp_log_format *lrp_text_format_of(const char *text,
                                                const struct lrp_text_kind **kind);

/* The format lrp_log_format_<symbol>, whose kind is lrp_text_kind_<symbol>. */
#define LRP_TEXT_FORMAT(symbol, name, description)                                                 \
    static int probe_##symbol(const unsigned char *bytes, size_t length)                           \
    {                                                                                              \
        return lrp_text_probe(&lrp_text_kind_##symbol, bytes, length);                             \
    }                                                                                              \
    static enum lrp_status open_##symbol(const struct lrp_log_hints *hints,                        \
                                         struct lrp_log_reader **out, struct lrp_error *err)       \
    {                                                                                              \
        return lrp_text_open(&lrp_text_kind_##symbol, hints, out, err);                            \
    }                                                                                              \
    const struct lrp_log_format lrp_log_format_##symbol = {                                        \
        name,          description,     probe_##symbol, open_##symbol,                             \
        lrp_text_feed, lrp_text_finish, lrp_text_free,                                             \
    }

extern const struct lrp_text_kind lrp_text_kind_caffe;
extern const struct lrp_text_kind lrp_text_kind_coqui;
extern const struct lrp_text_kind lrp_text_kind_darknet;
extern const struct lrp_text_kind lrp_text_kind_fairseq;
extern const struct lrp_text_kind lrp_text_kind_keras;
extern const struct lrp_text_kind lrp_text_kind_llmc;
extern const struct lrp_text_kind lrp_text_kind_llmc_stdout;
extern const struct lrp_text_kind lrp_text_kind_megatron;
extern const struct lrp_text_kind lrp_text_kind_modded_nanogpt;
extern const struct lrp_text_kind lrp_text_kind_mxnet;
extern const struct lrp_text_kind lrp_text_kind_nanogpt;
extern const struct lrp_text_kind lrp_text_kind_torchvision;
extern const struct lrp_text_kind lrp_text_kind_tqdm;

/* Helpers for lines. Each gives the text behind what it took, NULL where that is not there. */
/* A literal, blanks skipped before it. */
const char *lrp_skip_word(const char *at, const char *word);
/* A number as lrp_parse_double knows it, blanks skipped before it. It ends at a character that
 * belongs to no word; units and a percent sign are left where they are. */
const char *lrp_skip_number(const char *at, double *value);
/* Behind the first place where word occurs. */
const char *lrp_behind(const char *at, const char *word);

/* Sets a cell by a name that is a string. */
enum lrp_status lrp_text_set(struct lrp_text_state *state, const char *name, double value,
                             struct lrp_error *err);
/* The same for "val_" and the name. */
enum lrp_status lrp_text_set_validation(struct lrp_text_state *state, const char *name,
                                        size_t length, double value, struct lrp_error *err);
/* Ends the open row if it is another position's; then column (step, epoch) is value. */
enum lrp_status lrp_text_at(struct lrp_text_state *state, const char *column, double value,
                            struct lrp_error *err);
#endif
