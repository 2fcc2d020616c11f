/* SPDX-License-Identifier: MIT */
#include "words.h"

#include "string_list.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Read from the end of the file: enough for LRP_LAST_LINES_MOST lines. */
enum { TAIL_BYTES = 1 << 14, ESCAPE = 0x1b };
struct piece {
    const char *text;
    size_t length;
};

/* Takes terminal sequences (ESC [ ... letter, and ESC with one byte) out of the text; returns its
 * length. */
static size_t without_sequences(char *text, size_t length)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] != ESCAPE) {
            text[n++] = text[i];
            continue;
        }
        i++;
        if (i < length && text[i] == '[') {
            do {
                i++;
            } while (i < length && (text[i] < '@' || text[i] > '~'));
        }
    }
    return n;
}

static struct piece without_blanks(const char *text, size_t length)
{
    while (length > 0 && (unsigned char)text[length - 1] <= ' ') {
        length--;
    }
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    return (struct piece){text, length};
}

/* What can be seen of a line: after the last carriage return, without blanks at both ends. */
static struct piece visible(const char *text, size_t length)
{
    struct piece line = without_blanks(text, length);
    const char *return_at = line.length > 0 ? memrchr(line.text, '\r', line.length) : NULL;
    if (return_at == NULL) {
        return line;
    }
    return without_blanks(return_at + 1, (size_t)(line.text + line.length - return_at - 1));
}

static bool says_something(struct piece line)
{
    for (size_t i = 0; i < line.length; i++) {
        unsigned char c = (unsigned char)line.text[i];
        if (c >= 0x80 || isalnum(c)) {
            return true;
        }
    }
    return false;
}

/* The end of the file in buffer; its length. */
static size_t read_end(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    off_t length = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, buffer, size, length > (off_t)size ? length - (off_t)size : 0);
    close(fd);
    return n > 0 ? (size_t)n : 0;
}

static void append_last_lines(const char *path, size_t n_lines, struct lrp_text *out)
{
    char tail[TAIL_BYTES];
    struct piece lines[LRP_LAST_LINES_MOST];
    size_t most = n_lines < LRP_LAST_LINES_MOST ? n_lines : LRP_LAST_LINES_MOST;
    size_t n = 0;
    size_t end = without_sequences(tail, read_end(path, tail, sizeof tail));
    while (end > 0 && n < most) {
        const char *newline = memrchr(tail, '\n', end);
        size_t begin = newline == NULL ? 0 : (size_t)(newline + 1 - tail);
        struct piece line = visible(tail + begin, end - begin);
        if (says_something(line)) {
            lines[n] = line;
            n++;
        }
        end = begin > 0 ? begin - 1 : 0;
    }
    while (n > 0) {
        n--;
        lrp_text_append_clean(out, lines[n].text,
                              lines[n].length < LRP_LAST_LINE ? lines[n].length : LRP_LAST_LINE);
        lrp_text_append(out, "\n");
    }
}

void lrp_last_words(const struct lrp_trainer_run *run, size_t n_lines, struct lrp_text *out)
{
    size_t before = out->length;
    append_last_lines(run->err_path, n_lines, out);
    if (out->length == before) {
        append_last_lines(run->out_path, n_lines, out);
    }
}

/* The sentence of a line "# KEY: SENTENCE"; empty for any other line. */
static struct piece sentence_of(const char *line, const char *key)
{
    const size_t length = strlen(key);
    const struct piece none = {line, 0};
    if (line[0] != '#') {
        return none;
    }
    line += 1 + strspn(line + 1, " ");
    if (strncmp(line, key, length) != 0 || line[length] != ':') {
        return none;
    }
    line += length + 1;
    return without_blanks(line, strlen(line));
}

/* Adds a note that is not there yet; *n is the number of notes. */
static enum lrp_status add_note(char ***notes, size_t *n, struct piece note, struct lrp_error *err)
{
    struct lrp_text clean;
    lrp_text_init(&clean, (size_t)4 * LRP_NOTE_LENGTH);
    lrp_text_append_clean(&clean, note.text,
                          note.length < LRP_NOTE_LENGTH ? note.length : LRP_NOTE_LENGTH);
    enum lrp_status status = lrp_text_check(&clean, err);
    bool known = false;
    for (size_t i = 0; i < *n; i++) {
        known |= strcmp((*notes)[i], lrp_text_string(&clean)) == 0;
    }
    if (status == LRP_OK && !known) {
        status = lrp_string_list_add(notes, err, "%s", lrp_text_string(&clean));
        *n += status == LRP_OK ? 1 : 0;
    }
    lrp_text_fini(&clean);
    return status;
}

/* A line longer than the buffer comes in pieces, of which only the first can be a note. */
static enum lrp_status read_notes(FILE *file, const char *key, char ***notes, struct lrp_error *err)
{
    char line[4096];
    bool begins = true;
    size_t n = 0;
    while (n < LRP_NOTES_MOST && fgets(line, sizeof line, file) != NULL) {
        struct piece note = begins ? sentence_of(line, key) : (struct piece){0};
        if (note.length > 0) {
            LRP_TRY(add_note(notes, &n, note, err));
        }
        begins = strchr(line, '\n') != NULL;
    }
    return LRP_OK;
}

enum lrp_status lrp_report_notes(const char *path, const char *key, char ***notes,
                                 struct lrp_error *err)
{
    *notes = NULL;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return lrp_fail_errno(err, errno, "read", path);
    }
    enum lrp_status status = read_notes(file, key, notes, err);
    if (status == LRP_OK && ferror(file)) {
        status = lrp_fail_errno(err, EIO, "read", path);
    }
    (void)fclose(file);
    if (status != LRP_OK) {
        lrp_string_list_free(*notes);
        *notes = NULL;
    }
    return status;
}
