/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lrp_text_init(struct lrp_text *text, size_t maximum)
{
    *text = (struct lrp_text){.maximum = maximum, .status = LRP_OK};
}

void lrp_text_fini(struct lrp_text *text)
{
    free(text->bytes);
    *text = (struct lrp_text){.status = LRP_OK};
}

/* Room for extra more bytes and the NUL; sets the sticky status where there is none. */
static bool reserve(struct lrp_text *text, size_t extra)
{
    if (text->status != LRP_OK) {
        return false;
    }
    if (extra > text->maximum - text->length) {
        text->status = LRP_E_LIMIT;
        return false;
    }
    size_t needed = text->length + extra + 1;
    if (needed <= text->capacity) {
        return true;
    }
    size_t wanted = text->capacity < 64 ? 64 : text->capacity * 2;
    if (wanted < needed) {
        wanted = needed;
    }
    char *bigger = realloc(text->bytes, wanted);
    if (bigger == NULL) {
        text->status = LRP_E_NOMEM;
        return false;
    }
    text->bytes = bigger;
    text->capacity = wanted;
    return true;
}

void lrp_text_append_bytes(struct lrp_text *text, const void *bytes, size_t length)
{
    if (!reserve(text, length)) {
        return;
    }
    if (length > 0) {
        memcpy(text->bytes + text->length, bytes, length);
    }
    text->length += length;
    text->bytes[text->length] = '\0';
}

void lrp_text_append(struct lrp_text *text, const char *string)
{
    lrp_text_append_bytes(text, string, strlen(string));
}

void lrp_text_vprintf(struct lrp_text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        text->status = LRP_E_FORMAT;
    } else if (reserve(text, (size_t)length)) {
        (void)vsnprintf(text->bytes + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
}

void lrp_text_printf(struct lrp_text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    lrp_text_vprintf(text, format, arguments);
    va_end(arguments);
}

const char *lrp_text_string(const struct lrp_text *text)
{
    return text->bytes == NULL ? "" : text->bytes;
}

enum lrp_status lrp_text_check(const struct lrp_text *text, struct lrp_error *err)
{
    if (text->status == LRP_E_LIMIT) {
        return lrp_fail(err, LRP_E_LIMIT, 0, "a text of more than %zu bytes, the limit here",
                        text->maximum);
    }
    if (text->status == LRP_E_NOMEM) {
        return lrp_fail_memory(err, 0);
    }
    if (text->status != LRP_OK) {
        return lrp_fail(err, text->status, 0, "a text could not be formatted");
    }
    return LRP_OK;
}

size_t lrp_utf8_length(const unsigned char *bytes, size_t available)
{
    if (available == 0) {
        return 0;
    }
    unsigned char first = bytes[0];
    if (first < 0x80) {
        return 1;
    }
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || available < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    /* overlong forms, surrogates, beyond U+10FFFF */
    if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F) ||
        (first == 0xF0 && bytes[1] < 0x90) || (first == 0xF4 && bytes[1] > 0x8F)) {
        return 0;
    }
    return length;
}

/* Bytes of the character at s to copy as they are; 0 where it must be replaced, *skip bytes long.
 */
static size_t clean_length(const unsigned char *s, size_t available, size_t *skip)
{
    size_t length = lrp_utf8_length(s, available);
    *skip = length == 0 ? 1 : length;
    if (length == 1 && (s[0] < 0x20 || s[0] == 0x7F)) {
        return 0;
    }
    if (length == 2 && s[0] == 0xC2 && s[1] < 0xA0) { /* C1 controls: some terminals obey them */
        return 0;
    }
    return length;
}

static const char replacement[] = "\xEF\xBF\xBD";

void lrp_text_append_clean(struct lrp_text *text, const char *untrusted, size_t length)
{
    const unsigned char *s = (const unsigned char *)untrusted;
    size_t skip = 0;
    for (size_t i = 0; i < length; i += skip) {
        size_t keep = clean_length(s + i, length - i, &skip);
        if (keep > 0) {
            lrp_text_append_bytes(text, s + i, keep);
        } else {
            bool blank = s[i] == '\n' || s[i] == '\t' || s[i] == '\r';
            lrp_text_append(text, blank ? " " : replacement);
        }
    }
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void lrp_text_append_html(struct lrp_text *text, const char *untrusted, size_t length)
{
    size_t start = 0;
    for (size_t i = 0; i < length; i++) {
        const char *name = entity(untrusted[i]);
        if (name != NULL) {
            lrp_text_append_clean(text, untrusted + start, i - start);
            lrp_text_append(text, name);
            start = i + 1;
        }
    }
    lrp_text_append_clean(text, untrusted + start, length - start);
}

size_t lrp_utf8_count(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++) {
        count += ((unsigned char)text[i] & 0xC0) != 0x80 ? 1 : 0;
    }
    return count;
}

void lrp_text_append_wrapped(struct lrp_text *text, const char *words, size_t column, size_t indent,
                             size_t width)
{
    const char *at = words;
    size_t blank = 0; /* owed before the next word of this line */
    while (*at != '\0') {
        size_t length = strcspn(at, " \n");
        size_t columns = lrp_utf8_count(at, length);
        if (column + blank + columns > width && column > indent) {
            lrp_text_printf(text, "\n%*s", (int)indent, "");
            column = indent;
            blank = 0;
        }
        lrp_text_printf(text, "%*s", (int)blank, "");
        lrp_text_append_bytes(text, at, length);
        column += blank + columns;
        blank = length > 0 ? 1 : 0;
        at += length;
        at += strspn(at, " ");
        for (; *at == '\n'; at++) {
            lrp_text_append(text, "\n");
            if (at[1] != '\n') {
                lrp_text_printf(text, "%*s", (int)indent, "");
            }
            column = indent;
            blank = 0;
        }
    }
    lrp_text_append(text, "\n");
}

bool lrp_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}
