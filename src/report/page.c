/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "files.h"
#include "number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Light and dark colours; the frame; cards; figures and tables; what diagnoses need. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1d2530;--soft:#5b6573;--line:#d9dee6;--card:#f5f7fa;"
    "--page:#fff;--good:#1f8a4c;--bad:#b3394a;--warn:#9a5b00}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b4;--line:#313a47;"
    "--card:#1b222c;--page:#12171e;--good:#58c98a;--bad:#f08392;--warn:#e8b04a}}"

    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:60rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.5rem;margin:.5rem 0;overflow-wrap:anywhere}"
    "h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:.2rem 0}"
    "p{margin:.5rem 0;overflow-wrap:anywhere}a{color:inherit}"
    "ul,ol{margin:.5rem 0;padding-left:1.4rem}li{margin:.2rem 0;overflow-wrap:anywhere}"
    ".soft{color:var(--soft)}.ok,.good{color:var(--good)}.not,.bad{color:var(--bad)}"
    ".warn{color:var(--warn)}"
    "pre{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:.75rem;overflow-x:auto;font-size:.85rem}"

    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem}"
    ".card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:.75rem}"
    ".cards b{display:block;font-size:1.5rem;font-variant-numeric:tabular-nums}"
    ".cards span{display:block;color:var(--soft);font-size:.85rem}"

    "figure{margin:1rem 0;overflow-x:auto}"
    "figure svg{width:100%;height:auto;min-width:30rem;display:block}"
    ".pair svg{min-width:0}.pair svg+svg{display:none}"
    "@media(max-width:34rem){.pair svg{display:none}.pair svg+svg{display:block}}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "td,th{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid var(--line);"
    "vertical-align:top;overflow-wrap:break-word}"
    "td.n{font-variant-numeric:tabular-nums;white-space:nowrap}"

    ".verdict{font-size:1.6rem;font-weight:700;margin:.25rem 0}"
    ".found,ul.soft{list-style:none;padding-left:0}.alarm{margin:.75rem 0}"
    ".tag{display:inline-block;border:1px solid currentColor;border-radius:.3rem;"
    "padding:0 .4rem;font-size:.78rem;font-weight:400;white-space:nowrap}"
    ".small{grid-template-columns:repeat(auto-fit,minmax(7rem,1fr))}"
    /* a long table becomes a list of cards where it would not fit */
    "@media(max-width:44rem){.list,.list tbody,.list tr,.list td{display:block;width:100%}"
    ".list tr{padding:.5rem 0;border-bottom:1px solid var(--line)}"
    ".list tr:first-child{display:none}.list td{border:0;padding:.1rem 0}"
    ".list td.n,.list td:first-child,.list td:first-child+td{display:inline-block;width:auto;"
    "padding-right:.75rem}"
    ".list td:empty{display:none}"
    ".list td[data-name]::before{content:attr(data-name) \" \";color:var(--soft)}}";

const char *lrp_page_number(double value, char *buffer)
{
    return isfinite(value) ? lrp_format_short(value, 3, buffer) : "\xE2\x80\x93";
}

const char *lrp_page_loss(double value, bool broken, char *buffer)
{
    return broken ? "nan" : lrp_page_number(value, buffer);
}

void lrp_page_begin(struct lrp_text *out, const char *title)
{
    lrp_text_append(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                         "'none'; style-src 'unsafe-inline'; img-src data:\">\n<title>");
    lrp_text_append_html(out, title);
    lrp_text_printf(out, "</title><style>%s</style></head><body><main>\n<h1>", style);
    lrp_text_append_html(out, title);
    lrp_text_append(out, "</h1>\n");
}

void lrp_page_end(struct lrp_text *out)
{
    lrp_text_append(out, "</main></body></html>\n");
}

/* For a phone: not the wide picture made small, since its text would be too small to read. */
enum { NARROW_WIDTH = 420, NARROW_HEIGHT = 400 };

/* From gnuplot's file only the svg element: prolog and doctype do not belong into HTML. Ids get a
 * prefix, since two pictures in one page would share them. */
static void inline_svg(struct lrp_text *out, const char *svg, const char *prefix)
{
    const char *at = strstr(svg, "<svg");
    if (at == NULL) {
        return;
    }
    while (*at != '\0') {
        static const char name[] = "<title>Gnuplot</title>"; /* would show under the pointer */
        if (strncmp(at, name, sizeof name - 1) == 0) {
            at += sizeof name - 1;
            continue;
        }
        static const char *const marks[] = {"id=\"", "url(#", "xlink:href='#", "href=\"#", "id='"};
        size_t taken = 0;
        for (size_t i = 0; i < sizeof marks / sizeof marks[0] && taken == 0; i++) {
            size_t length = strlen(marks[i]);
            taken = strncmp(at, marks[i], length) == 0 ? length : 0;
        }
        if (taken > 0) {
            lrp_text_append_bytes(out, at, taken);
            lrp_text_append(out, prefix);
            at += taken;
        } else {
            lrp_text_append_bytes(out, at, 1);
            at++;
        }
    }
}

void lrp_page_figure(struct lrp_text *out, const struct lrp_page_picture *picture,
                     const char *prefix, const char *caption)
{
    bool pair = picture->wide != NULL && picture->narrow != NULL;
    lrp_text_append(out, pair ? "<figure class=\"pair\">" : "<figure>");
    if (picture->wide != NULL) {
        inline_svg(out, picture->wide, prefix);
    } else {
        lrp_text_append(out, "<p class=\"soft\">No plot: gnuplot was not there to draw it.</p>");
    }
    if (pair) {
        char own[24];
        (void)snprintf(own, sizeof own, "%.8s-narrow-", prefix);
        inline_svg(out, picture->narrow, own);
    }
    lrp_text_printf(out, "<figcaption class=\"soft\">%s</figcaption></figure>\n", caption);
}

enum lrp_status lrp_page_draw(const struct lrp_figure *figure, struct lrp_page_picture *picture,
                              struct lrp_error *err)
{
    size_t length = 0;
    struct lrp_figure untitled = *figure;
    untitled.title = NULL; /* the page has it as its heading */
    enum lrp_status status =
        lrp_plot_draw(&untitled, LRP_PLOT_SVG, 0, 0, &picture->wide, &length, err);
    return status == LRP_OK ? lrp_plot_draw(&untitled, LRP_PLOT_SVG, NARROW_WIDTH, NARROW_HEIGHT,
                                            &picture->narrow, &length, err)
                            : status;
}

void lrp_page_picture_fini(struct lrp_page_picture *picture)
{
    free(picture->wide);
    free(picture->narrow);
    *picture = (struct lrp_page_picture){NULL, NULL};
}

enum { PLOT_LINES = 22, NARROWEST = 40, WIDEST = 110 };

enum lrp_status lrp_report_append_plot(const struct lrp_figure *figure, unsigned columns,
                                       struct lrp_text *out, struct lrp_error *err)
{
    char *bytes = NULL;
    size_t length = 0;
    columns = columns == 0 ? 80 : columns < NARROWEST ? NARROWEST : columns;
    columns = columns > WIDEST ? WIDEST : columns;
    enum lrp_status status =
        lrp_plot_draw(figure, LRP_PLOT_DUMB, columns - 1, PLOT_LINES, &bytes, &length, err);
    size_t owed = 0; /* blank lines: told only between others */
    bool begun = false;
    for (const char *line = bytes; status == LRP_OK && *line != '\0';) {
        size_t width = strcspn(line, "\n");
        size_t used = width;
        while (used > 0 && (line[used - 1] == ' ' || line[used - 1] == '\f')) {
            used--;
        }
        owed += used == 0 && begun ? 1 : 0;
        if (used > 0) {
            for (; owed > 0; owed--) {
                lrp_text_append(out, "\n");
            }
            lrp_text_append_bytes(out, line, used);
            lrp_text_append(out, "\n");
            begun = true;
        }
        line += width + (line[width] == '\n' ? 1 : 0);
    }
    lrp_text_append(out, begun ? "\n" : "");
    free(bytes);
    return status == LRP_E_NODATA ? LRP_OK : status;
}

void lrp_markdown_append_plain(struct lrp_text *out, const char *text)
{
    struct lrp_text clean;
    lrp_text_init(&clean, 1 << 16);
    lrp_text_append_clean(&clean, text, strlen(text));
    for (const char *at = lrp_text_string(&clean); *at != '\0'; at++) {
        if (strchr("\\`*_{}[]<>#|!&", *at) != NULL) {
            lrp_text_append(out, "\\");
        }
        lrp_text_append_bytes(out, at, 1);
    }
    lrp_text_fini(&clean);
}

enum lrp_status lrp_first_status(enum lrp_status a, enum lrp_status b)
{
    return a != LRP_OK ? a : b;
}

enum lrp_status lrp_report_write_bytes(const char *folder, const char *name, const char *bytes,
                                       size_t length, struct lrp_error *err)
{
    char *path = lrp_path_join(folder, name);
    if (path == NULL) {
        return lrp_fail_memory(err, strlen(folder));
    }
    enum lrp_status status = lrp_write_whole(path, bytes, length, err);
    free(path);
    return status;
}

enum lrp_status lrp_report_write_text(const char *folder, const char *name, struct lrp_text *text,
                                      struct lrp_error *err)
{
    enum lrp_status status = lrp_text_check(text, err);
    status = status == LRP_OK
                 ? lrp_report_write_bytes(folder, name, lrp_text_string(text), text->length, err)
                 : status;
    lrp_text_fini(text);
    return status;
}
