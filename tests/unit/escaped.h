/* SPDX-License-Identifier: MIT */
/* Whether a report in one of its forms keeps the text of strangers from being taken for marks. */
#ifndef LRP_TESTS_ESCAPED_H
#define LRP_TESTS_ESCAPED_H

#include "document.h"
#include "test_main.h"

#include <string.h>

/* Neither control bytes nor bytes that are no UTF-8. */
static void check_clean(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        ck_assert_msg((byte >= 0x20 || byte == '\n') && byte != 0x7f && byte < 0xf8,
                      "control byte 0x%02x", byte);
    }
}

/* Outside of fences, what would begin HTML, a link or emphasis stands after a backslash; a fence is
 * closed by its own length only. */
static void check_markdown(const char *text)
{
    size_t fence = 0; /* length of the one that is open */
    for (const char *line = text; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        size_t ticks = strspn(line, "`");
        if (ticks >= 3 && (fence == 0 || (ticks >= fence && ticks == length))) {
            fence = fence == 0 ? ticks : 0;
        } else if (fence == 0) {
            for (size_t i = 0; i < length; i++) {
                bool mark = line[i] == '<' || line[i] == '`' ||
                            (line[i] == ']' && strncmp(line + i, "](javascript", 12) == 0);
                ck_assert_msg(!mark || (i > 0 && line[i - 1] == '\\'), "mark in \"%.*s\"",
                              (int)length, line);
            }
        }
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    ck_assert_uint_eq(fence, 0);
}

static void check_escaped(const char *text, enum lrp_audience audience)
{
    static const char *const banned[] = {"<script",
                                         "<img",
                                         "<b>B",
                                         "onerror=alert(1)>",
                                         "src=\"",
                                         "url(",
                                         "javascript:alert(1)\"",
                                         "href=\"http"};
    check_clean(text);
    if (audience == LRP_FOR_MARKDOWN) {
        check_markdown(text);
    }
    for (size_t i = 0; i < sizeof banned / sizeof banned[0] && audience == LRP_FOR_HTML; i++) {
        ck_assert_msg(strstr(text, banned[i]) == NULL, "%s in the page", banned[i]);
    }
}

/* The hostile text is there, in its escaped form: it is not left out. code: its lines are kept. */
static inline void check_shown(const char *text, const char *untrusted, enum lrp_audience audience,
                               bool code)
{
    bool script = strncmp(untrusted, "<script", 7) == 0;
    const char *wanted = audience == LRP_FOR_HTML ? "&lt;script&gt;alert(1)&lt;/script&gt;"
                         : audience == LRP_FOR_TERMINAL || code
                             ? "<script>alert(1)</script>"
                             : "\\<script\\>alert(1)\\</script\\>";
    ck_assert_msg(!script || strstr(text, wanted) != NULL, "%s is missing", wanted);
    if (strncmp(untrusted, "```\n", 4) == 0 && code && audience != LRP_FOR_TERMINAL) {
        ck_assert_ptr_nonnull(
            strstr(text, audience == LRP_FOR_HTML ? "```\n&lt;script" : "\n````\n```\n<script"));
    }
}
#endif
