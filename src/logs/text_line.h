/* SPDX-License-Identifier: MIT */
/* One line of printed text as named numbers. */
#ifndef LRP_LOGS_TEXT_LINE_H
#define LRP_LOGS_TEXT_LINE_H

#include "lines.h"
#include "text_names.h"

enum { LRP_TEXT_FIELDS_MOST = 64 };

struct lrp_named_number {
    const struct lrp_text_name *name;
    enum lrp_text_side side; /* by its name, else by the words before it in its line */
    double value;
    double of; /* "3/10": 10; NaN */
    enum lrp_comma comma;
};
struct lrp_text_fields {
    struct lrp_named_number list[LRP_TEXT_FIELDS_MOST];
    size_t n;
    enum lrp_text_side side; /* the last word for one in the line */
    bool best;               /* it tells of the best so far, before its first metric */
    bool box;                /* a box of "| name | number |" */
    bool bar;                /* a progress bar: the next line may be the same again */
};

/* A line as it came, without what stands in front of the words of the program (time, level) and
 * with signs and words of other scripts written out: "验证损失：0.5" is "val loss:0.5". Into buffer
 * (LRP_LINE_MOST + 1 bytes) where something is changed. */
const char *lrp_text_clean(const char *text, size_t length, char *buffer);
/* What a clean line says. */
void lrp_text_find_fields(struct lrp_text_names *names, const char *text,
                          struct lrp_text_fields *out);
/* One more field, of a name that was found elsewhere (a table's heading). */
void lrp_text_add_field(struct lrp_text_names *names, struct lrp_text_fields *fields,
                        const char *name, size_t length, double value, double of);
/* Behind time stamps, levels and the like that a logger writes in front. */
const char *lrp_text_skip_prefix(const char *text);
#endif
