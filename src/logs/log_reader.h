/* SPDX-License-Identifier: MIT */
/* What all readers of logs share; only the files of formats see into it. */
#ifndef LRP_LOGS_LOG_READER_H
#define LRP_LOGS_LOG_READER_H

#include "formats.h"
#include "lines.h"
#include "rows.h"

struct lrp_log_reader {
    const struct lrp_log_format *format; /* printed text may be known by a later line */
    const struct lrp_log_hints *hints;   /* never NULL */
    struct lrp_rows *rows;               /* NULL where the format gives a record of its own */
    struct lrp_lines *lines;             /* for take_line */
    char *document;                      /* for take_document: the text so far */
    size_t document_length, document_capacity;
    void *state; /* of the format */

    /* What the lines so far have said; each format uses what it needs. NaN = not known. */
    double step;
    double epoch;
    double lr;   /* a rate that holds until another one is logged */
    double last; /* the position before, where that shows a new epoch */
    bool in_validation;
    bool waiting; /* the open row waits for a later line to end it */
    bool begun;   /* printed text had a loss: it is not of another format any more */
};
#endif
