/* SPDX-License-Identifier: MIT */
#include "command_line.h"

#include <stdio.h>
#include <string.h>

static void append_quoted(struct lrp_text *text, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_./:=,+-@%";
    if (word[0] != '\0' && strspn(word, safe) == strlen(word)) {
        lrp_text_append(text, word);
        return;
    }
    lrp_text_append(text, "'");
    for (const char *c = word; *c != '\0'; c++) {
        if (*c == '\'') {
            lrp_text_append(text, "'\\''");
        } else {
            lrp_text_append_bytes(text, c, 1);
        }
    }
    lrp_text_append(text, "'");
}

void lrp_command_line(struct lrp_text *out)
{
    char buffer[8192];
    FILE *file = fopen("/proc/self/cmdline", "re");
    lrp_text_init(out, 1 << 16);
    if (file == NULL) {
        return;
    }
    size_t length = fread(buffer, 1, sizeof buffer - 1, file);
    (void)fclose(file);
    buffer[length] = '\0'; /* a line that is longer is cut, and shows it */
    for (size_t i = 0; i < length; i += strlen(buffer + i) + 1) {
        if (i == 0) {
            lrp_text_append(out, "lrprobe");
        } else {
            lrp_text_append(out, " ");
            append_quoted(out, buffer + i);
        }
    }
    lrp_text_append(out, length == sizeof buffer - 1 ? " ..." : "");
}
