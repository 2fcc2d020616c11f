/* SPDX-License-Identifier: MIT */
/* The table of formats, and which of them a file is. */
#include "formats.h"

#include "lines.h"
#include "suggest.h"

#include <string.h>
#include <strings.h>

enum { FORMATS_MOST = 64 };

const struct lrp_log_format *const lrp_log_formats[] = {
    &lrp_log_format_coqui,       &lrp_log_format_csv,      &lrp_log_format_darknet,
    &lrp_log_format_fairseq,     &lrp_log_format_hf,       &lrp_log_format_json,
    &lrp_log_format_jsonl,       &lrp_log_format_keras,    &lrp_log_format_llmc,
    &lrp_log_format_llmc_stdout, &lrp_log_format_mlflow,   &lrp_log_format_pattern,
    &lrp_log_format_text,        &lrp_log_format_tfevents, NULL,
};

enum lrp_status lrp_find_format(const char *name, const struct lrp_log_format **out,
                                struct lrp_error *err)
{
    *out = NULL;
    if (name == NULL) {
        return LRP_OK;
    }
    const char *names[FORMATS_MOST];
    size_t n = 0;
    for (; lrp_log_formats[n] != NULL && n < FORMATS_MOST; n++) {
        names[n] = lrp_log_formats[n]->name;
        if (strcmp(name, names[n]) == 0) {
            *out = lrp_log_formats[n];
            return LRP_OK;
        }
    }
    return lrp_fail_unknown("there is no log format", name, strlen(name), names, n, "there are",
                            err);
}

/* What people hand over by mistake; NULL where it is nothing that is known. */
static const char *mistaken_for(const unsigned char *bytes, size_t length)
{
    static const struct {
        const char *begin;
        size_t length;
        const char *what;
    } known[] = {
        {"\x89PNG", 4, "a PNG picture"},
        {"\xFF\xD8\xFF", 3, "a JPEG picture"},
        {"GIF8", 4, "a GIF picture"},
        {"%PDF", 4, "a PDF document"},
        {"PK\x03\x04", 4, "a zip archive (a PyTorch checkpoint is one)"},
        {"\x89HDF", 4, "an HDF5 file (Keras saves models so)"},
        {"\x93NUMPY", 6, "a NumPy array"},
        {"\x7F"
         "ELF",
         4, "a program"},
        {"SQLite format 3", 15, "an SQLite database"},
        {"PAR1", 4, "a Parquet table"},
        {"BZh", 3, "bzip2 data; decompress it first"},
        {"\xFD"
         "7zXZ",
         5, "xz data; decompress it first"},
        {"\x28\xB5\x2F\xFD", 4, "zstd data; decompress it first"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (length >= known[i].length && memcmp(bytes, known[i].begin, known[i].length) == 0) {
            return known[i].what;
        }
    }
    size_t at = 0;
    while (at < length && memchr(" \t\r\n", bytes[at], 4) != NULL) {
        at++;
    }
    const char *text = (const char *)bytes + at;
    if (length - at >= 14 && strncasecmp(text, "<!doctype html", 14) == 0) {
        return "an HTML page";
    }
    if (length - at >= 5 && strncasecmp(text, "<html", 5) == 0) {
        return "an HTML page";
    }
    if (length - at >= 5 && strncasecmp(text, "<?xml", 5) == 0) {
        return "XML";
    }
    return memchr(bytes, 0, length) != NULL ? "binary data" : NULL;
}

/* Our own diagnosis.json or bounds.json beside the logs that it is about. */
static bool is_our_result(const unsigned char *bytes, size_t length)
{
    static const char begin[] = "{\"schema\":\"lrprobe.";
    size_t matched = 0;
    for (size_t at = 0; at < length && matched < sizeof begin - 1; at++) {
        if (memchr(" \t\r\n", bytes[at], 4) != NULL) {
            continue;
        }
        if (bytes[at] != (unsigned char)begin[matched]) {
            return false;
        }
        matched++;
    }
    return matched == sizeof begin - 1;
}

/* Lines that a format knows for its own. */
struct line_count {
    const struct lrp_log_format *format;
    int lines;
};

static enum lrp_status count_line(void *user, const struct lrp_line *line, struct lrp_error *err)
{
    struct line_count *count = user;
    (void)err;
    count->lines += count->format->is_line(line->text) ? 1 : 0;
    return LRP_OK;
}

int lrp_probe_format(const struct lrp_log_format *format, const unsigned char *bytes, size_t length)
{
    enum { LEAST = 70, MOST = 96 };
    if (format->probe != NULL) {
        return format->probe(bytes, length);
    }
    struct line_count count = {format, 0};
    int scanned = lrp_scan_lines(bytes, length, count_line, &count);
    if (scanned < 1 || count.lines == 0) {
        return scanned < 0 ? scanned : 0;
    }
    int sure = LEAST + 2 * count.lines;
    return sure < MOST ? sure : MOST;
}

enum lrp_status lrp_guess_format(const unsigned char *bytes, size_t length,
                                 const struct lrp_log_format **out, struct lrp_error *err)
{
    int surest = 0;
    if (length == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the file is empty");
    }
    if (is_our_result(bytes, length)) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "this is a result of lrprobe, no training log");
    }
    enum lrp_status status = lrp_refuse_utf16(bytes, length, err);
    for (size_t i = 0; status == LRP_OK && lrp_log_formats[i] != NULL; i++) {
        int sure = lrp_probe_format(lrp_log_formats[i], bytes, length);
        if (sure < 0) {
            return lrp_fail_memory(err, length);
        }
        if (sure > surest) {
            surest = sure;
            *out = lrp_log_formats[i];
        }
    }
    if (status != LRP_OK || surest > 0) {
        return status;
    }
    const char *what = mistaken_for(bytes, length);
    if (what != NULL) {
        return lrp_fail(err, LRP_E_FORMAT, 0, "this is %s, no training log", what);
    }
    return lrp_fail(err, LRP_E_FORMAT, 0,
                    "not a log of a known format; lrprobe list formats names them, --format NAME "
                    "says which it is");
}
