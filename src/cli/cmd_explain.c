/* SPDX-License-Identifier: MIT */
/* A screenful on a topic of the subject, with a picture computed on the spot. */
#include "commands.h"

#include "checklist.h"
#include "json.h"
#include "number.h"
#include "optimizer.h"
#include "terminal.h"
#include "topics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 1 << 20 };

/* "momentum=0.9, dampening=0, ..." */
static void append_optimizer_options(const void *given, struct lrp_text *out)
{
    const struct lrp_optimizer_row *row = given;
    const char *separator = "";
    char number[LRP_NUMBER_SIZE];
    for (size_t i = 0; i < row->n_options; i++) {
        const struct lrp_optimizer_option *option = &row->options[i];
        if (option->name != NULL) {
            lrp_text_printf(out, "%s%s=%s", separator, option->name,
                            lrp_format_short(option->value, 6, number));
            separator = ", ";
        }
    }
}

static bool optimizer_topic(size_t index, struct lrp_topic *topic)
{
    const struct lrp_optimizer_row *row = lrp_optimizers[index];
    if (row == NULL) {
        return false;
    }
    const struct lrp_topic *text = lrp_topic_text(lrp_optimizer_texts, row->name);
    *topic = text != NULL ? *text : (struct lrp_topic){.name = row->name};
    topic->title = row->help;
    topic->append_options = append_optimizer_options;
    topic->row = row;
    return true;
}

/* "D1.ratio=0.9: what it is; ..." */
static void append_check_params(const void *given, struct lrp_text *out)
{
    const struct lrp_check *check = given;
    char number[LRP_NUMBER_SIZE];
    for (size_t i = 0; i < check->n_params; i++) {
        const struct lrp_check_param *param = &check->params[i];
        lrp_text_printf(out, "%s%s.%s=%s: %s", i > 0 ? "; " : "", check->id, param->name,
                        lrp_format_short(param->value, 6, number), param->help);
    }
}

static bool check_topic(size_t index, struct lrp_topic *topic)
{
    const struct lrp_check *check = lrp_checks[index];
    if (check == NULL) {
        return false;
    }
    const struct lrp_topic *term = lrp_term_of_check(check->id);
    *topic = (struct lrp_topic){.name = check->id,
                                .title = check->title,
                                .what = check->method,
                                .when = check->remedy,
                                .source = check->source,
                                .see = term != NULL ? term->name : NULL,
                                .picture = term != NULL ? term->picture : NULL,
                                .append_options = append_check_params,
                                .row = check};
    return true;
}

static const struct lrp_topic_kind kinds[] = {
    {"terms", lrp_topic_term},
    {"schedules", lrp_topic_schedule},
    {"optimizers", optimizer_topic},
    {"checks", check_topic},
    {NULL, NULL},
};

static int print_picture(const struct lrp_topic *topic, enum lrp_plot_format format)
{
    struct lrp_error err = {0};
    char *bytes = NULL;
    size_t length = 0;
    if (lrp_topic_draw(topic, format, &bytes, &length, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    (void)fwrite(bytes, 1, length, stdout);
    free(bytes);
    return LRP_EXIT_OK;
}

static int print_names(void)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    lrp_topic_names(kinds, &text);
    (void)fputs(lrp_text_string(&text), stdout);
    lrp_text_fini(&text);
    return LRP_EXIT_OK;
}

static int print_page(const struct lrp_topic *topic, enum lrp_plot_format format)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    lrp_topic_page(topic, &text);
    (void)fputs(lrp_text_string(&text), stdout);
    (void)fflush(stdout);
    lrp_text_fini(&text);
    bool with_picture = topic->picture != NULL && format != LRP_PLOT_NONE;
    return with_picture ? print_picture(topic, format) : LRP_EXIT_OK;
}

static int print_json(const struct lrp_topic *topic, const char *kind)
{
    struct lrp_error err = {0};
    struct lrp_text options;
    char *text = NULL;
    struct lrp_json *root = lrp_json_object();
    lrp_text_init(&options, TEXT_MOST);
    if (topic->append_options != NULL) {
        topic->append_options(topic->row, &options);
    }
    lrp_json_set_string(root, "schema", "lrprobe.topic/1");
    lrp_json_set_string(root, "name", topic->name);
    lrp_json_set_string(root, "kind", kind);
    lrp_json_set_string(root, "title", topic->title);
    lrp_json_set_string(root, "what", topic->what);
    lrp_json_set_string(root, "when", topic->when);
    lrp_json_set_string(root, "formula", topic->formula);
    lrp_json_set_string(root, "options",
                        topic->append_options != NULL ? lrp_text_string(&options) : NULL);
    lrp_json_set_string(root, "source", topic->source);
    lrp_json_set_string(root, "see", topic->see);
    enum lrp_status status = lrp_json_text(root, &text, &err);
    lrp_json_free(root);
    lrp_text_fini(&options);
    if (status != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    (void)fputs(text, stdout);
    free(text);
    return LRP_EXIT_OK;
}

/* The topic that the command line names. */
static enum lrp_status find_topic(char **operands, size_t n_operands, struct lrp_topic *topic,
                                  const char **kind, struct lrp_error *err)
{
    if (n_operands > 1) {
        return lrp_fail(err, LRP_E_ARG, 0, "explain takes one topic");
    }
    *kind = lrp_topic_find(kinds, operands[0], topic);
    if (*kind != NULL) {
        return LRP_OK;
    }
    const char *near = lrp_topic_nearest(kinds, operands[0]);
    return lrp_fail(err, LRP_E_ARG, 0, "there is no topic '%.60s'; %s%s%s", operands[0],
                    near != NULL ? "did you mean " : "lrprobe explain lists them",
                    near != NULL ? near : "", near != NULL ? "?" : "");
}

/* Whether the picture can be printed alone. */
static enum lrp_status check_picture(const struct lrp_topic *topic, enum lrp_plot_format format,
                                     struct lrp_error *err)
{
    if (topic->picture == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "the topic %s has no picture", topic->name);
    }
    if ((format == LRP_PLOT_PNG || format == LRP_PLOT_PDF) && lrp_terminal_columns(stdout) > 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--plot png and pdf go to a file or a pipe, not to a terminal");
    }
    return LRP_OK;
}

static int run(const void *given, char **operands, size_t n_operands)
{
    const struct lrp_common_options *options = given;
    struct lrp_error err = {0};
    struct lrp_topic topic;
    const char *kind = NULL;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    if (n_operands == 0) {
        return print_names();
    }
    if (find_topic(operands, n_operands, &topic, &kind, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    if (options->json) {
        return print_json(&topic, kind);
    }
    (void)lrp_plot_format_parse(options->plot, &format);
    if (format == LRP_PLOT_DUMB || format == LRP_PLOT_NONE) {
        return print_page(&topic, format);
    }
    if (check_picture(&topic, format, &err) != LRP_OK) {
        return lrp_report_error(&err, NULL);
    }
    return print_picture(&topic, format);
}

const struct lrp_command lrp_command_explain = {
    .name = "explain",
    .arguments = "[TOPIC]",
    .summary = "a screenful on a term, schedule, optimizer or check",
    .description =
        "Tells what it is, when to use it, the formula and where it comes from, with a small "
        "picture, computed on the spot, where one shows the point. Without a topic it lists them. "
        "--plot svg prints the picture alone, --plot none leaves it out.",
    .examples = "$ lrprobe explain range-test\n$ lrprobe explain momentum\n"
                "$ lrprobe explain D1\n",
    .options_size = sizeof(struct lrp_common_options),
    .run = run,
};
