/* SPDX-License-Identifier: MIT */
#include "notes.h"

#include "alloc.h"
#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The sentence of a line "# note: SENTENCE", NULL for any other; *length is what is left of it. */
static const char *sentence_of(const char *line, size_t *length)
{
    static const char key[] = "note:";
    const char *at = line;
    const char *end = line + *length;
    if (at == end || *at != '#') {
        return NULL;
    }
    at++;
    while (at < end && *at == ' ') {
        at++;
    }
    if ((size_t)(end - at) < sizeof key - 1 || memcmp(at, key, sizeof key - 1) != 0) {
        return NULL;
    }
    at += sizeof key - 1;
    while (at < end && *at == ' ') {
        at++;
    }
    while (end > at && (unsigned char)end[-1] <= ' ') {
        end--;
    }
    *length = (size_t)(end - at);
    return at < end ? at : NULL;
}

static bool is_known(char *const *notes, size_t n, const char *sentence)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(notes[i], sentence) == 0) {
            return true;
        }
    }
    return false;
}

static enum lrp_status add(char **notes, size_t *n, const char *sentence, size_t length,
                           struct lrp_error *err)
{
    struct lrp_text clean;
    lrp_text_init(&clean, (size_t)4 * LRP_NOTE_LENGTH);
    lrp_text_append_clean(&clean, sentence, length < LRP_NOTE_LENGTH ? length : LRP_NOTE_LENGTH);
    enum lrp_status status = lrp_text_check(&clean, err);
    if (status != LRP_OK || is_known(notes, *n, lrp_text_string(&clean))) {
        lrp_text_fini(&clean);
        return status;
    }
    notes[*n] = clean.bytes; /* taken over */
    (*n)++;
    return LRP_OK;
}

/* A line longer than the buffer comes in pieces, of which only the first can be a note. */
static enum lrp_status read_notes(FILE *file, char **notes, size_t *n, struct lrp_error *err)
{
    char line[4096];
    bool begins = true;
    while (*n < LRP_NOTES_MOST && fgets(line, sizeof line, file) != NULL) {
        size_t length = strlen(line);
        bool ends = length > 0 && line[length - 1] == '\n';
        const char *sentence = begins ? sentence_of(line, &length) : NULL;
        enum lrp_status status = sentence == NULL ? LRP_OK : add(notes, n, sentence, length, err);
        if (status != LRP_OK) {
            return status;
        }
        begins = ends;
    }
    return LRP_OK;
}

enum lrp_status lrp_report_notes(const char *path, char ***notes, size_t *n, struct lrp_error *err)
{
    *notes = lrp_calloc_array(LRP_NOTES_MOST, sizeof **notes);
    *n = 0;
    LRP_TRY_MEMORY(*notes, err);
    FILE *file = fopen(path, "re");
    enum lrp_status status =
        file == NULL ? lrp_fail_errno(err, errno, "read", path) : read_notes(file, *notes, n, err);
    if (status == LRP_OK && ferror(file)) {
        status = lrp_fail_errno(err, EIO, "read", path);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (status != LRP_OK || *n == 0) {
        lrp_notes_free(*notes, *n);
        *notes = NULL;
        *n = 0;
    }
    return status;
}

void lrp_notes_free(char **notes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(notes[i]);
    }
    free(notes);
}
