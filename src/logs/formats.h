/* SPDX-License-Identifier: MIT */
/* The formats of logs that can be read: one row a format, one file a reader. */
#ifndef LRP_LOGS_FORMATS_H
#define LRP_LOGS_FORMATS_H

#include "aliases.h"
#include "column_map.h"
#include "record.h"

struct lrp_log_reader; /* each format has its own */

struct lrp_log_format {
    const char *name;        /* for --format */
    const char *description; /* one line, small letter, no full stop */
    /* How surely the first bytes of a file are of this format: 0 not at all, 100 certainly;
     * negative: memory was short. */
    int (*probe)(const unsigned char *bytes, size_t length);
    /* hints may be NULL. */
    enum lrp_status (*open)(const struct lrp_log_hints *hints, struct lrp_log_reader **out,
                            struct lrp_error *err);
    /* Bytes in any slices. */
    enum lrp_status (*feed)(struct lrp_log_reader *reader, const void *bytes, size_t length,
                            struct lrp_error *err);
    /* End of input; on LRP_OK the record belongs to the caller. */
    enum lrp_status (*finish)(struct lrp_log_reader *reader, struct lrp_record **out,
                              struct lrp_error *err);
    void (*free)(struct lrp_log_reader *reader);
};
/* In the order of their names; ends with NULL. */
extern const struct lrp_log_format *const lrp_log_formats[];
/* The first bytes that a probe sees; fewer only where the input is shorter. */
enum { LRP_PROBE_BYTES = 1 << 16 };
/* *out: the format of that name; NULL where name is NULL. LRP_E_ARG: there is none. */
enum lrp_status lrp_find_format(const char *name, const struct lrp_log_format **out,
                                struct lrp_error *err);
/* The format whose probe is the surest. LRP_E_FORMAT: none of them, and what it is instead. */
enum lrp_status lrp_guess_format(const unsigned char *bytes, size_t length,
                                 const struct lrp_log_format **out, struct lrp_error *err);
extern const struct lrp_log_format lrp_log_format_caffe;
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
extern const struct lrp_log_format lrp_log_format_megatron;
extern const struct lrp_log_format lrp_log_format_mlflow;
extern const struct lrp_log_format lrp_log_format_modded_nanogpt;
extern const struct lrp_log_format lrp_log_format_mxnet;
extern const struct lrp_log_format lrp_log_format_nanogpt;
extern const struct lrp_log_format lrp_log_format_text;
extern const struct lrp_log_format lrp_log_format_tfevents;
extern const struct lrp_log_format lrp_log_format_torchvision;
extern const struct lrp_log_format lrp_log_format_tqdm;

/* How to read; NULL in place of it: as lrp_record_read does without a format. */
struct lrp_read_options {
    const char *format; /* NULL = told by the first bytes */
    const struct lrp_column_map *maps;
    size_t n_maps;
};
/* lrp_record_read, and: LRP_E_ARG for too many maps or an empty name in one; LRP_E_NODATA where the
 * log has no column that a map wants, with the names that it has. */
enum lrp_status lrp_record_read_with(const char *path, const struct lrp_read_options *options,
                                     struct lrp_record **out, struct lrp_error *err);
/* The same from memory; file_name (NULL allowed) is what the bytes are called. */
enum lrp_status lrp_record_read_memory_with(const void *bytes, size_t length, const char *file_name,
                                            const struct lrp_read_options *options,
                                            struct lrp_record **out, struct lrp_error *err);

/* Splits a pooled file (column repeat) into its repeats, in the order of their first rows; a record
 * without that column gives itself once, as a copy. *parts: heap array of *n_parts records, all of
 * the caller's. */
enum lrp_status lrp_split_repeats(const struct lrp_record *record, struct lrp_record ***parts,
                                  size_t *n_parts, struct lrp_error *err);
#endif
