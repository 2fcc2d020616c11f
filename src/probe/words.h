/* SPDX-License-Identifier: MIT */
/* What a trainer said last, and what it wants its user to know. */
#ifndef LRP_PROBE_WORDS_H
#define LRP_PROBE_WORDS_H

#include "probe.h"
#include "text.h"

enum {
    LRP_LAST_LINE = 240, /* bytes of one line */
    LRP_LAST_LINES_MOST = 50,
    LRP_NOTES_MOST = 20,
    LRP_NOTE_LENGTH = 400 /* bytes */
};

/* Appends the last lines of the run's captured standard error, or of its standard output where
 * standard error has none: n_lines at most, oldest first, without terminal sequences, of a line
 * that was drawn over (progress bars) what was drawn last, cut to LRP_LAST_LINE bytes and ended by
 * a newline. Lines without a letter or a digit are left out. */
void lrp_last_words(const struct lrp_trainer_run *run, size_t n_lines, struct lrp_text *out);

/* Lines "# note: SENTENCE", or with another key "# KEY: SENTENCE", of a report or any run record:
 * what the trainer wants its user to know, for example which of several optimizers was chosen. They
 * may stand anywhere in the file, and all of them count, where of other lines "# key: value" the
 * last one with a key does. *notes: the first LRP_NOTES_MOST different ones in their order, clean
 * text, cut to LRP_NOTE_LENGTH bytes; a string list (string_list.h). LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_report_notes(const char *path, const char *key, char ***notes,
                                 struct lrp_error *err);
#endif
