/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdbool.h>
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

/* What can be seen of a line: after the last carriage return, blanks at both ends left out. */
static struct piece visible(const char *text, size_t length)
{
    while (length > 0 && (unsigned char)text[length - 1] <= ' ') {
        length--;
    }
    const char *drawn_over = length > 0 ? memrchr(text, '\r', length) : NULL;
    if (drawn_over != NULL) {
        length -= (size_t)(drawn_over + 1 - text);
        text = drawn_over + 1;
    }
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    return (struct piece){text, length};
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

void lrp_last_lines(const char *path, size_t n_lines, struct lrp_text *out)
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
    lrp_last_lines(run->err_path, n_lines, out);
    if (out->length == before) {
        lrp_last_lines(run->out_path, n_lines, out);
    }
}
