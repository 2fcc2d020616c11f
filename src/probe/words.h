/* SPDX-License-Identifier: MIT */
/* What a trainer said last, and what it wants its user to know. */
#ifndef LRP_PROBE_WORDS_H
#define LRP_PROBE_WORDS_H

#include "probe.h"
#include "text.h"

/* Appends the last lines of a captured output, n_lines at most, oldest first: clean, without
 * terminal sequences, of a line that was drawn over (progress bars) what was drawn last, each at
 * most LRP_LAST_LINE bytes and ended by a newline. Lines without a letter or a digit are left out.
 * Nothing where the file is empty or cannot be read. */
enum { LRP_LAST_LINE = 240, LRP_LAST_LINES_MOST = 50 };
void lrp_last_lines(const char *path, size_t n_lines, struct lrp_text *out);
/* The same of standard error, or of standard output where standard error has nothing to say. */
void lrp_last_words(const struct lrp_trainer_run *run, size_t n_lines, struct lrp_text *out);
#endif
