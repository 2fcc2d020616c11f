/* SPDX-License-Identifier: MIT */
/* Lines "# note: SENTENCE" of a report: what the trainer wants its user to know, for example which
 * of several optimizers was chosen. They may stand anywhere in it, and all of them count, where of
 * other lines "# key: value" the last one with a key does. */
#ifndef LRP_PROBE_NOTES_H
#define LRP_PROBE_NOTES_H

#include "status.h"

enum { LRP_NOTES_MOST = 20, LRP_NOTE_LENGTH = 400 };

/* The notes of a report or of any run record, in their order, without those that repeat an earlier
 * one: clean text of at most LRP_NOTE_LENGTH bytes each, the first LRP_NOTES_MOST of them. *notes
 * is heap memory, ended by lrp_notes_free; NULL where there are none. LRP_E_IO, LRP_E_NOMEM. */
enum lrp_status lrp_report_notes(const char *path, char ***notes, size_t *n, struct lrp_error *err);
void lrp_notes_free(char **notes, size_t n);
#endif
