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

static enum lrp_status print_picture(const struct lrp_topic *topic, enum lrp_plot_format format,
                                     struct lrp_error *err)
{
    char *bytes = NULL;
    size_t length = 0;
    LRP_TRY(lrp_topic_draw(topic, format, &bytes, &length, err));
    (void)fwrite(bytes, 1, length, stdout);
    free(bytes);
    return LRP_OK;
}

/* A topic's page, or of NULL the names of all topics. */
static enum lrp_status print_words(const struct lrp_topic *topic, struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, TEXT_MOST);
    if (topic != NULL) {
        lrp_topic_page(topic, &text);
    } else {
        lrp_topic_names(kinds, &text);
    }
    (void)fputs(lrp_text_string(&text), stdout);
    (void)fflush(stdout);
    enum lrp_status status = lrp_text_check(&text, err);
    lrp_text_fini(&text);
    return status;
}

static enum lrp_status print_json(const struct lrp_topic *topic, const char *kind,
                                  struct lrp_error *err)
{
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
    enum lrp_status status = lrp_json_text(root, &text, err);
    lrp_json_free(root);
    lrp_text_fini(&options);
    LRP_TRY(status);
    (void)fputs(text, stdout);
    free(text);
    return LRP_OK;
}

static enum lrp_status unknown_topic(const char *name, struct lrp_error *err)
{
    const char *near = lrp_topic_nearest(kinds, name);
    return lrp_fail(err, LRP_E_ARG, 0, "there is no topic '%.60s'; %s%s%s", name,
                    near != NULL ? "did you mean " : "lrprobe explain lists them",
                    near != NULL ? near : "", near != NULL ? "?" : "");
}

static enum lrp_status explain(const struct lrp_common_options *options, const char *name,
                               struct lrp_error *err)
{
    struct lrp_topic topic;
    enum lrp_plot_format format = LRP_PLOT_DUMB;
    const char *kind = lrp_topic_find(kinds, name, &topic);
    if (kind == NULL) {
        return unknown_topic(name, err);
    }
    if (options->json) {
        return print_json(&topic, kind, err);
    }
    (void)lrp_plot_format_parse(options->plot, &format); /* the option table knows the names */
    if (format == LRP_PLOT_DUMB || format == LRP_PLOT_NONE) {
        LRP_TRY(print_words(&topic, err));
        bool with_picture = topic.picture != NULL && format == LRP_PLOT_DUMB;
        return with_picture ? print_picture(&topic, format, err) : LRP_OK;
    }
    if (topic.picture == NULL) {
        return lrp_fail(err, LRP_E_ARG, 0, "the topic %s has no picture", topic.name);
    }
    if ((format == LRP_PLOT_PNG || format == LRP_PLOT_PDF) && lrp_terminal_columns(stdout) > 0) {
        return lrp_fail(err, LRP_E_ARG, 0,
                        "--plot png and pdf go to a file or a pipe, not to a terminal");
    }
    return print_picture(&topic, format, err);
}

static int run(const void *given, char **operands, size_t n_operands)
{
    struct lrp_error err = {0};
    enum lrp_status status = LRP_OK;
    if (n_operands == 0) {
        status = print_words(NULL, &err);
    } else if (n_operands == 1) {
        status = explain(given, operands[0], &err);
    } else {
        status = lrp_fail(&err, LRP_E_ARG, 0, "explain takes one topic");
    }
    return status == LRP_OK ? LRP_EXIT_OK : lrp_report_error(&err, NULL);
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
