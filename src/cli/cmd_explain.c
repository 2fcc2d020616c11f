/* SPDX-License-Identifier: MIT */
/* A screenful on a topic of the subject, with a picture computed on the spot. */
#include "commands.h"
#include "explain_topics.h"
#include "terminal.h"

#include "alloc.h"
#include "json.h"
#include "plot.h"
#include "suggest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 80, PLOT_LINES = 16, TEXT_MOST = 1 << 20, NAMES_MOST = 400 };

struct explain_options {
    struct lrp_common_options common;
};

static void append_part(struct lrp_text *out, const char *label, const char *words)
{
    struct lrp_text line;
    if (words == NULL || words[0] == '\0') {
        return;
    }
    lrp_text_init(&line, TEXT_MOST);
    lrp_text_printf(&line, "%s%s", label, words);
    lrp_text_append_wrapped(out, lrp_text_string(&line), 0, label[0] == '\0' ? 0 : 2, WIDTH);
    lrp_text_fini(&line);
}

static enum lrp_status draw(const struct lrp_picture *picture, enum lrp_plot_format format,
                            char **bytes, size_t *length, struct lrp_error *err)
{
    static const enum lrp_curve_role roles[LRP_PICTURE_CURVES] = {
        LRP_CURVE_MAIN, LRP_CURVE_VALIDATION, LRP_CURVE_FIT};
    struct lrp_plot_curve curves[LRP_PICTURE_CURVES];
    for (size_t i = 0; i < picture->n_curves; i++) {
        const struct lrp_picture_curve *curve = &picture->curves[i];
        curves[i] = (struct lrp_plot_curve){
            .title = curve->title, .x = curve->x, .y = curve->y, .n = curve->n, .role = roles[i]};
    }
    const struct lrp_figure figure = {.name = "explain",
                                      .title = picture->title,
                                      .x_label = picture->x_label,
                                      .y_label = picture->y_label,
                                      .log_x = picture->log_x,
                                      .log_y = picture->log_y,
                                      .y_low = (double)NAN,
                                      .y_high = (double)NAN,
                                      .curves = curves,
                                      .n_curves = picture->n_curves};
    bool words = format == LRP_PLOT_DUMB;
    return lrp_plot_draw(&figure, format, words ? WIDTH - 2 : 0, words ? PLOT_LINES : 0, bytes,
                         length, err);
}

static enum lrp_status print_picture(const struct lrp_topic *topic, enum lrp_plot_format format,
                                     struct lrp_error *err)
{
    struct lrp_picture *picture = lrp_calloc_array(1, sizeof *picture);
    char *bytes = NULL;
    size_t length = 0;
    if (picture == NULL) {
        return lrp_fail_memory(err, sizeof *picture);
    }
    topic->draw(topic, picture);
    enum lrp_status status = draw(picture, format, &bytes, &length, err);
    if (status == LRP_OK) {
        (void)fwrite(bytes, 1, length, stdout);
    }
    free(bytes);
    free(picture);
    return status;
}

static int print_words(const struct lrp_topic *topic, const struct lrp_common_options *common)
{
    struct lrp_error err = {0};
    struct lrp_text text;
    int code = LRP_EXIT_OK;
    bool with_picture = topic->draw != NULL && strcmp(common->plot, "none") != 0;
    lrp_text_init(&text, TEXT_MOST);
    struct lrp_text head;
    lrp_text_init(&head, TEXT_MOST);
    lrp_text_printf(&head, "%s: %s", topic->name, topic->title);
    append_part(&text, "", lrp_text_string(&head));
    lrp_text_fini(&head);
    lrp_text_append(&text, "\n");
    append_part(&text, "", topic->what);
    append_part(&text, "When: ", topic->when);
    append_part(&text, "Formula: ", topic->formula);
    append_part(&text, "Options: ", topic->options);
    append_part(&text, "Source: ", topic->source);
    append_part(&text, "See also: ", topic->see);
    (void)fputs(lrp_text_string(&text), stdout);
    lrp_text_fini(&text);
    if (with_picture) {
        (void)fflush(stdout);
        if (print_picture(topic, LRP_PLOT_DUMB, &err) != LRP_OK) {
            code = lrp_report_error(&err, NULL);
        }
    }
    return code;
}

static int print_json(const struct lrp_topic *topic)
{
    struct lrp_error err = {0};
    char *text = NULL;
    struct lrp_json *root = lrp_json_object();
    lrp_json_set_string(root, "schema", "lrprobe.topic/1");
    lrp_json_set_string(root, "name", topic->name);
    lrp_json_set_string(root, "kind", topic->kind);
    lrp_json_set_string(root, "title", topic->title);
    lrp_json_set_string(root, "what", topic->what);
    lrp_json_set_string(root, "when", topic->when);
    lrp_json_set_string(root, "formula", topic->formula);
    lrp_json_set_string(root, "options", topic->options);
    lrp_json_set_string(root, "source", topic->source);
    lrp_json_set_string(root, "see", topic->see);
    enum lrp_status status = lrp_json_text(root, &text, &err);
    lrp_json_free(root);
    if (status != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    (void)fputs(text, stdout);
    free(text);
    return LRP_EXIT_OK;
}

/* The names of all topics, by kind. */
static int print_names(void)
{
    struct lrp_text text;
    struct lrp_topic topic;
    lrp_text_init(&text, TEXT_MOST);
    for (size_t kind = 0; kind < LRP_TOPIC_KINDS; kind++) {
        struct lrp_text names;
        lrp_text_init(&names, TEXT_MOST);
        for (size_t i = 0; lrp_topic_at(kind, i, &topic); i++) {
            lrp_text_printf(&names, "%s%s", i > 0 ? " " : "", topic.name);
        }
        lrp_text_printf(&text, "%s:\n  ", lrp_topic_kind(kind));
        lrp_text_append_wrapped(&text, lrp_text_string(&names), 2, 2, WIDTH);
        lrp_text_fini(&names);
    }
    (void)fputs(lrp_text_string(&text), stdout);
    lrp_text_fini(&text);
    return LRP_EXIT_OK;
}

static int unknown_topic(const char *name)
{
    static char all[NAMES_MOST][40];
    const char *names[NAMES_MOST];
    struct lrp_error err = {0};
    struct lrp_topic topic;
    size_t n = 0;
    for (size_t kind = 0; kind < LRP_TOPIC_KINDS; kind++) {
        for (size_t i = 0; n < NAMES_MOST && lrp_topic_at(kind, i, &topic); i++) {
            (void)snprintf(all[n], sizeof all[n], "%s", topic.name);
            names[n] = all[n];
            n++;
        }
    }
    const char *near = lrp_nearest_name(name, names, n);
    (void)lrp_fail(&err, LRP_E_ARG, 0, "there is no topic '%.60s'; %s%s%s", name,
                   near != NULL ? "did you mean " : "lrprobe explain lists them",
                   near != NULL ? near : "", near != NULL ? "?" : "");
    return lrp_report_error(&err, NULL);
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct explain_options *options = given;
    struct lrp_error err = {0};
    struct lrp_topic topic;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    if (n_operands == 0) {
        return print_names();
    }
    if (n_operands > 1) {
        (void)lrp_fail(&err, LRP_E_ARG, 0, "explain takes one topic");
        return lrp_report_error(&err, NULL);
    }
    if (!lrp_topic_find(operands[0], &topic)) {
        return unknown_topic(operands[0]);
    }
    if (options->common.json) {
        return print_json(&topic);
    }
    (void)lrp_plot_format_parse(options->common.plot, &format);
    if (format == LRP_PLOT_DUMB || format == LRP_PLOT_NONE) {
        return print_words(&topic, &options->common);
    }
    if (topic.draw == NULL) {
        (void)lrp_fail(&err, LRP_E_ARG, 0, "the topic %s has no picture", topic.name);
        return lrp_report_error(&err, NULL);
    }
    if ((format == LRP_PLOT_PNG || format == LRP_PLOT_PDF) && lrp_terminal_columns(stdout) > 0) {
        (void)lrp_fail(&err, LRP_E_ARG, 0,
                       "--plot png and pdf go to a file or a pipe, not to a terminal");
        return lrp_report_error(&err, NULL);
    }
    return print_picture(&topic, format, &err) == LRP_OK ? LRP_EXIT_OK
                                                         : lrp_report_error(&err, NULL);
}

const struct lrp_command lrp_command_explain = {
    .name = "explain",
    .arguments = "[TOPIC]",
    .summary = "a screenful on a term, schedule, optimizer or check",
    .description =
        "Tells what it is, when to use it, the formula and where it comes from, with a small "
        "picture that is computed on the spot. Without a topic it lists them. --plot svg prints "
        "the picture alone, --plot none leaves it out.",
    .examples = "$ lrprobe explain range-test\n$ lrprobe explain momentum\n"
                "$ lrprobe explain D1\n",
    .options_size = sizeof(struct explain_options),
    .run = run,
};
