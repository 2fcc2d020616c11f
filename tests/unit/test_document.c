/* SPDX-License-Identifier: MIT */
/* What each writer makes of every kind of node, and of text that tries to be a mark. */
#include "escaped.h"
#include "run_table.h"

#include <stdlib.h>
#include <string.h>

/* One document with every kind of block, all words of it the same. */
static void build(struct lrp_document *document, const char *words)
{
    lrp_document_init(document, LRP_FOR_TERMINAL | LRP_FOR_PAGES);
    static const double x[] = {1, 2};
    struct lrp_drawing *drawing = lrp_drawing_new("name", "title", "x");
    ck_assert_ptr_nonnull(drawing);
    lrp_drawing_curve(drawing, "curve", x, x, 2, LRP_CURVE_MAIN);
    drawing->wide = strdup("<svg>p</svg>");
    document->audience = LRP_FOR_PAGES;
    lrp_document_add(document, LRP_NODE_TITLE, "%s", words);
    lrp_document_add(document, LRP_NODE_HEADING, "%s", words);
    lrp_document_target(document, "%s", words);
    lrp_document_figure(document, drawing, words, words);
    lrp_document_begin(document, LRP_NODE_LIST);
    lrp_document_begin(document, LRP_NODE_ITEM);
    lrp_document_add(document, LRP_NODE_TAG, "%s", words);
    lrp_document_add(document, LRP_NODE_LINK, "%s", words);
    lrp_document_target(document, "#a");
    lrp_document_end(document);
    lrp_document_end(document);
    lrp_document_begin(document, LRP_NODE_TABLE);
    lrp_document_row(document, LRP_NODE_HEADER, words, words, NULL);
    lrp_document_fact(document, words, "%s", words);
    lrp_document_end(document);
    document->audience = LRP_FOR_TERMINAL | LRP_FOR_PAGES;
    lrp_document_stress(document, LRP_NODE_LINE, words, LRP_TONE_BAD, words, "%s", words);
    lrp_document_add(document, LRP_NODE_PARAGRAPH, "%s", words);
    lrp_document_indent(document, 2, 4);
    lrp_document_add(document, LRP_NODE_CODE, "%s\n%s", words, words);
}

static char *written(const struct lrp_document *document, enum lrp_audience audience, bool color)
{
    struct lrp_text out;
    lrp_text_init(&out, 1 << 20);
    enum lrp_status status =
        audience == LRP_FOR_TERMINAL ? lrp_document_terminal(document, 80, color, &out, NULL)
        : audience == LRP_FOR_HTML   ? lrp_document_html(document, &out, NULL)
                                     : lrp_document_markdown(document, &out, NULL);
    ck_assert_int_eq(status, LRP_OK);
    char *text = strdup(lrp_text_string(&out));
    ck_assert_ptr_nonnull(text);
    lrp_text_fini(&out);
    return text;
}

START_TEST(each_node_has_its_form)
{
    struct lrp_document document;
    build(&document, "a<b>");
    char *terminal = written(&document, LRP_FOR_TERMINAL, false);
    ck_assert_str_eq(terminal, "a<b>a<b>a<b>\n  a<b>\na<b>\na<b>\n");
    char *painted = written(&document, LRP_FOR_TERMINAL, true);
    ck_assert_str_eq(painted, "a<b>\033[1;31ma<b>\033[0ma<b>\n  a<b>\na<b>\na<b>\n");
    char *markdown = written(&document, LRP_FOR_MARKDOWN, false);
    ck_assert_str_eq(markdown,
                     "# a\\<b\\>\n\n## a\\<b\\>\n\n![a\\<b\\>](plots/name.svg)\n\n"
                     "a\\<b\\>\n\n- a\\<b\\>[a\\<b\\>](#a)\n\n"
                     "| a\\<b\\> | a\\<b\\> |\n|---|---|\n| a\\<b\\> | a\\<b\\> |\n\n"
                     "a\\<b\\>**a\\<b\\>**a\\<b\\>\n\na\\<b\\>\n\n```\na<b>\na<b>\n```\n");
    char *html = written(&document, LRP_FOR_HTML, false);
    ck_assert_str_eq(
        strstr(html, "<h1>"),
        "<h1>a&lt;b&gt;</h1>\n<h2 id=\"a&lt;b&gt;\">a&lt;b&gt;</h2>\n"
        "<figure><svg>p</svg><figcaption class=\"soft\">a&lt;b&gt;</figcaption></figure>\n"
        "<ul><li><span class=\"tag\">a&lt;b&gt;</span><a href=\"#a\">a&lt;b&gt;</a></li>\n</ul>\n"
        "<div class=\"wide\"><table><tr><th>a&lt;b&gt;</th><th>a&lt;b&gt;</th></tr>\n"
        "<tr><td>a&lt;b&gt;</td><td>a&lt;b&gt;</td></tr>\n</table></div>\n"
        "<p>a&lt;b&gt;<b class=\"bad\">a&lt;b&gt;</b>a&lt;b&gt;</p>\n<p>a&lt;b&gt;</p>\n"
        "<pre>a&lt;b&gt;\na&lt;b&gt;</pre>\n</main></body></html>\n");
    ck_assert_ptr_nonnull(strstr(html, "<title>a&lt;b&gt;</title>"));
    free(terminal);
    free(painted);
    free(markdown);
    free(html);
    lrp_document_fini(&document);
}
END_TEST

START_TEST(no_words_become_a_mark)
{
    static const char *const words[] = {"\"><script>",  "' onload='x", "&amp;",
                                        "\x1b[31m\x07", "\x7f\x01",    "\xff\xfe",
                                        "`<b>`",        "```\n<b>",    "](javascript:x)"};
    static const enum lrp_audience audiences[] = {LRP_FOR_TERMINAL, LRP_FOR_MARKDOWN, LRP_FOR_HTML};
    struct lrp_document document;
    build(&document, words[_i]);
    for (size_t a = 0; a < 3; a++) {
        char *text = written(&document, audiences[a], false);
        check_escaped(text, audiences[a]);
        ck_assert(audiences[a] != LRP_FOR_HTML || strstr(text, "onload='") == NULL);
        ck_assert(audiences[a] != LRP_FOR_HTML || strstr(text, "&amp;amp;") != NULL || _i != 2);
        free(text);
    }
    lrp_document_fini(&document);
}
END_TEST

/* What Markdown takes for a mark at the beginning of a block, and within words. */
START_TEST(markdown_marks_are_words)
{
    static const char *const cases[][2] = {
        {"- x", "\\- x\n"},         {"+ x", "\\+ x\n"},           {"=== x", "\\=== x\n"},
        {"12. x", "12\\. x\n"},     {"1.5 x", "1\\.5 x\n"},       {"x - 1. y", "x - 1. y\n"},
        {"val_loss", "val_loss\n"}, {"_x_ y_", "\\_x\\_ y\\_\n"}, {"a*b~c#", "a\\*b\\~c\\#\n"}};
    struct lrp_document document;
    lrp_document_init(&document, LRP_FOR_PAGES);
    lrp_document_add(&document, LRP_NODE_PARAGRAPH, "%s", cases[_i][0]);
    char *markdown = written(&document, LRP_FOR_MARKDOWN, false);
    ck_assert_str_eq(markdown, cases[_i][1]);
    free(markdown);
    lrp_document_fini(&document);
}
END_TEST

START_TEST(cards_hide_their_header_on_a_page)
{
    struct lrp_document document;
    lrp_document_init(&document, LRP_FOR_PAGES);
    lrp_document_begin(&document, LRP_NODE_CARDS);
    lrp_document_row(&document, LRP_NODE_HEADER, "name", "value", NULL);
    lrp_document_row(&document, LRP_NODE_ROW, "rate", "0.1", NULL);
    lrp_document_end(&document);
    char *markdown = written(&document, LRP_FOR_MARKDOWN, false);
    ck_assert_str_eq(markdown, "| name | value |\n|---|---|\n| rate | 0.1 |\n");
    char *html = written(&document, LRP_FOR_HTML, false);
    ck_assert_ptr_nonnull(strstr(html, "<main>\n<div class=\"cards\"><div class=\"card\"><span>rate"
                                       "</span><b>0.1</b></div>\n</div>\n</main>"));
    free(markdown);
    free(html);
    lrp_document_fini(&document);
}
END_TEST

/* Blocks deeper than a document holds are an error, not a broken page. */
START_TEST(a_builders_mistake_is_an_error)
{
    struct lrp_document document;
    struct lrp_text out;
    lrp_document_init(&document, LRP_FOR_PAGES);
    for (size_t i = 0; i <= LRP_DOCUMENT_DEPTH; i++) {
        lrp_document_begin(&document, LRP_NODE_PANEL);
    }
    lrp_text_init(&out, 1 << 16);
    ck_assert_int_eq(lrp_document_html(&document, &out, NULL), LRP_E_LIMIT);
    lrp_text_fini(&out);
    lrp_document_fini(&document);
}
END_TEST

START_TEST(each_verdict_has_its_colour)
{
    static const enum lrp_tone wanted[] = {
        LRP_TONE_BAD,  LRP_TONE_BAD,  LRP_TONE_BAD,  LRP_TONE_WARN, LRP_TONE_WARN, LRP_TONE_WARN,
        LRP_TONE_WARN, LRP_TONE_WARN, LRP_TONE_WARN, LRP_TONE_GOOD, LRP_TONE_PLAIN};
    for (int v = 0; v < LRP_VERDICTS; v++) {
        ck_assert_int_eq((int)lrp_verdict_tone((enum lrp_verdict)v), (int)wanted[v]);
    }
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("document");
    TCase *all = tcase_create("all");
    tcase_add_test(all, each_node_has_its_form);
    tcase_add_loop_test(all, no_words_become_a_mark, 0, 9);
    tcase_add_loop_test(all, markdown_marks_are_words, 0, 9);
    tcase_add_test(all, cards_hide_their_header_on_a_page);
    tcase_add_test(all, a_builders_mistake_is_an_error);
    tcase_add_test(all, each_verdict_has_its_colour);
    suite_add_tcase(suite, all);
    return suite;
}
