/* SPDX-License-Identifier: MIT */
#include "list_checks.h"

#include "checklist.h"
#include "help.h"
#include "json.h"
#include "number.h"

#include <string.h>

enum { WIDTH = 80, INDENT = 5 };

/* "D1.ratio=0.95 (0.5 to 2)" */
static void append_param(struct lrp_text *out, const struct lrp_check *check,
                         const struct lrp_check_param *param)
{
    char number[3][LRP_NUMBER_SIZE];
    lrp_text_printf(out, "%s.%s=%s (%s to %s%s%s)", check->id, param->name,
                    lrp_format_short(param->value, 6, number[0]),
                    lrp_format_short(param->low, 6, number[1]),
                    lrp_format_short(param->high, 6, number[2]), param->unit[0] != '\0' ? " " : "",
                    param->unit);
}

void lrp_list_checks_words(struct lrp_text *out)
{
    for (size_t c = 0; lrp_checks[c] != NULL; c++) {
        const struct lrp_check *check = lrp_checks[c];
        const char *end = strstr(check->method, ". ");
        size_t length = end != NULL ? (size_t)(end - check->method) + 1 : strlen(check->method);
        struct lrp_text line;
        lrp_text_init(&line, 1 << 16);
        lrp_text_append_bytes(&line, check->method, length);
        lrp_text_printf(out, "%-*s%s (needs %s)\n%*s", INDENT, check->id, check->title,
                        check->needs, INDENT, "");
        lrp_text_append_wrapped(out, lrp_text_string(&line), INDENT, INDENT, WIDTH);
        lrp_text_fini(&line);
        for (size_t p = 0; p < check->n_params; p++) {
            lrp_text_init(&line, 1 << 16);
            append_param(&line, check, &check->params[p]);
            lrp_text_printf(&line, ": %s", check->params[p].help);
            lrp_text_printf(out, "%*s", INDENT, "");
            lrp_text_append_wrapped(out, lrp_text_string(&line), INDENT, INDENT + 2, WIDTH);
            lrp_text_fini(&line);
        }
    }
}

static struct lrp_json *param_json(const struct lrp_check_param *param)
{
    struct lrp_json *object = lrp_json_object();
    lrp_json_set_string(object, "name", param->name);
    lrp_json_set_number(object, "value", param->value);
    lrp_json_set_number(object, "low", param->low);
    lrp_json_set_number(object, "high", param->high);
    lrp_json_set_string(object, "unit", param->unit);
    lrp_json_set_string(object, "help", param->help);
    lrp_json_set_string(object, "source", param->source);
    return object;
}

enum lrp_status lrp_list_checks_json(char **text, struct lrp_error *err)
{
    struct lrp_json *root = lrp_json_array();
    for (size_t c = 0; lrp_checks[c] != NULL; c++) {
        const struct lrp_check *check = lrp_checks[c];
        struct lrp_json *object = lrp_json_object();
        struct lrp_json *params = lrp_json_array();
        bool argues = check->verdict != LRP_VERDICT_UNDECIDED;
        lrp_json_set_string(object, "id", check->id);
        lrp_json_set_string(object, "title", check->title);
        lrp_json_set_string(object, "needs", check->needs);
        lrp_json_set_string(object, "verdict", argues ? lrp_verdict_name(check->verdict) : NULL);
        lrp_json_set_string(object, "method", check->method);
        lrp_json_set_string(object, "remedy", check->remedy);
        lrp_json_set_string(object, "source", check->source);
        for (size_t p = 0; p < check->n_params; p++) {
            lrp_json_add(params, param_json(&check->params[p]));
        }
        lrp_json_set(object, "params", params);
        lrp_json_add(root, object);
    }
    enum lrp_status status = lrp_json_text(root, text, err);
    lrp_json_free(root);
    return status;
}

static void man_check(const struct lrp_check *check, struct lrp_text *out)
{
    lrp_text_printf(out, ".SS \"%s ", check->id);
    lrp_troff_append(out, check->title);
    lrp_text_append(out, "\"\nNeeds: ");
    lrp_troff_append(out, check->needs);
    if (check->verdict != LRP_VERDICT_UNDECIDED) {
        lrp_text_append(out, ". Argues for: ");
        lrp_troff_append(out, lrp_verdict_name(check->verdict));
    }
    lrp_text_append(out, ".\n.PP\n");
    lrp_troff_append(out, check->method);
    for (size_t p = 0; p < check->n_params; p++) {
        struct lrp_text head;
        lrp_text_init(&head, 1 << 16);
        append_param(&head, check, &check->params[p]);
        lrp_text_append(out, "\n.TP\n.B ");
        lrp_troff_append(out, lrp_text_string(&head));
        lrp_text_append(out, "\n");
        lrp_troff_append(out, check->params[p].help);
        lrp_text_append(out, " [");
        lrp_troff_append(out, check->params[p].source);
        lrp_text_append(out, "]");
        lrp_text_fini(&head);
    }
    lrp_text_append(out, "\n.PP\nWhat to try: ");
    lrp_troff_append(out, check->remedy);
    lrp_text_append(out, "\n.PP\nSource: ");
    lrp_troff_append(out, check->source);
    lrp_text_append(out, ".\n");
}

void lrp_list_checks_man(struct lrp_text *out)
{
    lrp_text_append(out, ".SH CHECKS\nEach check passes, warns, fails, tells something that is no "
                         "alarm (info), or is not assessed and says why. "
                         "A parameter is changed by ");
    lrp_troff_append(out, "--set CHECK.PARAM=VALUE");
    lrp_text_append(out, "; in parentheses what is allowed, in brackets where the default comes "
                         "from.\n");
    for (size_t c = 0; lrp_checks[c] != NULL; c++) {
        man_check(lrp_checks[c], out);
    }
}
