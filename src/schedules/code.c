/* SPDX-License-Identifier: MIT */
#include "code.h"

#include "number.h"

#include <math.h>
#include <string.h>

enum { FORMULA_MOST = 1 << 16, NAMES_MOST = 32 };

static const struct {
    const char *name;
    enum lrp_code_language language;
} languages[] = {{"pytorch", LRP_CODE_PYTORCH},
                 {"keras", LRP_CODE_KERAS},
                 {"optax", LRP_CODE_OPTAX},
                 {"c", LRP_CODE_C}};

/* How the formula's functions are called elsewhere. */
static const struct {
    const char *name, *python, *jax, *c;
} functions[] = {
    {"floor", "math.floor", "jnp.floor", "floor"},
    {"cos", "math.cos", "jnp.cos", "cos"},
    {"sqrt", "math.sqrt", "jnp.sqrt", "sqrt"},
    {"pow", "math.pow", "jnp.power", "pow"},
    {"min", "min", "jnp.minimum", "fmin"},
    {"max", "max", "jnp.maximum", "fmax"},
    {"where", "where", "jnp.where", "where"},
    {"pi", "math.pi", "jnp.pi", "3.14159265358979323846"},
};

bool lrp_code_language_parse(const char *name, enum lrp_code_language *out)
{
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        if (strcmp(name, languages[i].name) == 0) {
            *out = languages[i].language;
            return true;
        }
    }
    return false;
}

/* Length of the name at text, 0 if none begins there: digits of a number are none. */
static size_t name_length(const char *text)
{
    if (*text >= '0' && *text <= '9') {
        return 0;
    }
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

static size_t number_length(const char *text)
{
    size_t length = strspn(text, "0123456789.");
    if (length > 0 && text[length] == 'e') {
        size_t sign = text[length + 1] == '-' || text[length + 1] == '+' ? 1 : 0;
        length += 1 + sign + strspn(text + length + 1 + sign, "0123456789");
    }
    return length;
}

static bool is_name(const char *at, size_t length, const char *name)
{
    return strlen(name) == length && strncmp(at, name, length) == 0;
}

bool lrp_code_uses(const struct lrp_code *code, const char *name)
{
    for (const char *at = lrp_text_string(&code->formula); *at != '\0';) {
        size_t length = name_length(at);
        size_t number = length == 0 ? number_length(at) : 0;
        if (length > 0 && is_name(at, length, name)) {
            return true;
        }
        at += length + number > 0 ? length + number : 1;
    }
    return false;
}

static const char *translated(const struct lrp_code *code, const char *at, size_t length)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (is_name(at, length, functions[i].name)) {
            return code->language == LRP_CODE_C       ? functions[i].c
                   : code->language == LRP_CODE_OPTAX ? functions[i].jax
                                                      : functions[i].python;
        }
    }
    return NULL;
}

static void append_expression(const struct lrp_code *code, const char *at, const char *end)
{
    while (at < end) {
        size_t length = name_length(at);
        const char *other = length > 0 ? translated(code, at, length) : NULL;
        size_t number = length == 0 ? number_length(at) : 0;
        size_t taken = length + number > 0 ? length + number : 1;
        if (other != NULL) {
            lrp_text_append(code->out, other);
        } else {
            lrp_text_append_bytes(code->out, at, taken);
        }
        at += taken;
    }
}

static void append_constant(const struct lrp_code *code, const char *indent, const char *name,
                            double value)
{
    char number[LRP_NUMBER_SIZE];
    if (lrp_code_uses(code, name)) {
        bool c = code->language == LRP_CODE_C;
        lrp_text_printf(code->out, "%s%s%s = %s%s\n", indent, c ? "const double " : "", name,
                        lrp_format_double(value, number), c ? ";" : "");
    }
}

/* The first setting of a name is its declaration in C. */
static bool is_first(const char *text, const char *line, size_t length)
{
    for (const char *at = text; at < line; at = strchr(at, '\n') + 1) {
        if (strncmp(at, line, length) == 0 && at[length] == ' ') {
            return false;
        }
    }
    return true;
}

void lrp_code_body(const struct lrp_code *code, const char *indent)
{
    const struct lrp_schedule *schedule = code->schedule;
    const char *text = lrp_text_string(&code->formula);
    bool c = code->language == LRP_CODE_C;
    for (size_t k = 0; k < schedule->row->n_keys; k++) {
        const struct lrp_schedule_key *key = &schedule->row->keys[k];
        if (key->words == NULL && !key->list && strcmp(key->name, "warmup") != 0) {
            append_constant(code, indent, key->name, schedule->values[k]);
        }
    }
    append_constant(code, indent, "warmup", code->warmup);
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        bool declare = c && is_first(text, line, name_length(line));
        lrp_text_printf(code->out, "%s%s", indent, declare ? "double " : "");
        append_expression(code, line, end);
        lrp_text_append(code->out, c ? ";\n" : "\n");
        line = end + 1;
    }
}

void lrp_code_python_helpers(const struct lrp_code *code)
{
    if (lrp_code_uses(code, "where")) {
        lrp_text_append(code->out, "def where(condition, yes, no):\n"
                                   "    return yes if condition else no\n\n\n");
    }
}

/* The first lines: what it is, as a comment. */
static void append_heading(const struct lrp_code *code)
{
    struct lrp_text spec;
    double steps = code->n_steps + code->warmup;
    lrp_text_init(&spec, FORMULA_MOST);
    lrp_schedule_spec(code->schedule, &spec);
    if (code->language == LRP_CODE_C) {
        lrp_text_printf(code->out,
                        "/* Written by lrprobe schedule, for a run of %.0f steps:\n * %s */\n",
                        steps, lrp_text_string(&spec));
    } else {
        lrp_text_printf(code->out,
                        "# Written by lrprobe schedule, for a run of %.0f steps:\n# %s\n", steps,
                        lrp_text_string(&spec));
    }
    lrp_text_fini(&spec);
}

static void append_c(const struct lrp_code *code)
{
    lrp_text_append(code->out, "#include <math.h>\n\n");
    if (lrp_code_uses(code, "where")) {
        lrp_text_append(code->out, "static double where(int condition, double yes, double no)\n{\n"
                                   "    return condition ? yes : no;\n}\n\n");
    }
    lrp_text_printf(code->out, "/* The rate of a step, from 0 on%s. */\n",
                    code->momentum ? ", and its momentum" : "");
    lrp_text_printf(code->out, "double learning_rate(double step%s)\n{\n",
                    code->momentum ? ", double *momentum_of_step" : "");
    if (!lrp_code_uses(code, "step")) {
        lrp_text_append(code->out, "    (void)step;\n");
    }
    lrp_code_body(code, "    ");
    lrp_text_printf(code->out, "%s    return rate;\n}\n",
                    code->momentum ? "    *momentum_of_step = momentum;\n" : "");
}

static void append_python_function(const struct lrp_code *code)
{
    lrp_text_printf(code->out,
                    "def schedule(step):\n    \"\"\"The rate%s of a step, from 0 on.\"\"\"\n",
                    code->momentum ? " and the momentum" : "");
    lrp_code_body(code, "    ");
    lrp_text_printf(code->out, "    return rate%s\n", code->momentum ? ", momentum" : "");
}

static void append_keras(const struct lrp_code *code)
{
    lrp_text_append(code->out, "import math\n\nimport keras\n\n\n");
    lrp_code_python_helpers(code);
    append_python_function(code);
    lrp_text_append(code->out, "\n\nclass Schedule(keras.callbacks.Callback):\n"
                               "    \"\"\"model.fit(..., callbacks=[Schedule()]): sets the rate "
                               "before every batch.\"\"\"\n\n"
                               "    def __init__(self):\n"
                               "        super().__init__()\n"
                               "        self.step = 0\n\n"
                               "    def on_train_batch_begin(self, batch, logs=None):\n"
                               "        optimizer = self.model.optimizer\n");
    if (code->momentum) {
        lrp_text_append(
            code->out,
            "        optimizer.learning_rate, momentum = schedule(self.step)\n"
            "        # Keras 3 compiles the momentum in as a constant; before, it can be set\n"
            "        if hasattr(optimizer, \"_set_hyper\"):\n"
            "            optimizer.momentum = momentum\n");
    } else {
        lrp_text_append(code->out, "        optimizer.learning_rate = schedule(self.step)\n");
    }
    lrp_text_append(code->out, "        self.step += 1\n");
}

static void append_optax(const struct lrp_code *code)
{
    lrp_text_append(code->out, "import jax.numpy as jnp\nimport optax\n\n\n");
    append_python_function(code);
    if (code->momentum) {
        lrp_text_append(code->out, "\n\noptimizer = optax.inject_hyperparams(optax.sgd)(\n"
                                   "    learning_rate=lambda step: schedule(step)[0],\n"
                                   "    momentum=lambda step: schedule(step)[1],\n)\n");
    } else {
        lrp_text_append(code->out, "\n\noptimizer = optax.sgd(learning_rate=schedule)\n");
    }
}

/* The row's formula with the warm-up around it. */
static enum lrp_status make_formula(struct lrp_code *code, struct lrp_error *err)
{
    struct lrp_text whole;
    lrp_text_init(&whole, FORMULA_MOST);
    code->schedule->row->formula(code->schedule, code->n_steps, &code->formula);
    if (lrp_code_uses(code, "t")) {
        lrp_text_append(&whole, code->warmup > 0 ? "t = max(0, step - warmup)\n" : "t = step\n");
    }
    lrp_text_append(&whole, lrp_text_string(&code->formula));
    if (code->warmup > 0) {
        lrp_text_append(&whole, "rate = rate * min(1, (step + 1) / (warmup + 1))\n");
    }
    enum lrp_status status = lrp_text_check(&code->formula, err);
    lrp_text_fini(&code->formula);
    code->formula = whole;
    code->momentum = lrp_code_uses(code, "momentum");
    return status == LRP_OK ? lrp_text_check(&code->formula, err) : status;
}

enum lrp_status lrp_schedule_code(const struct lrp_schedule *schedule, size_t n_steps,
                                  size_t steps_per_epoch, enum lrp_code_language language,
                                  struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_schedule settled = *schedule;
    struct lrp_code code = {.schedule = &settled,
                            .warmup = lrp_schedule_warmup(schedule, n_steps),
                            .language = language,
                            .out = out};
    enum lrp_status status = LRP_OK;
    code.n_steps = fmax(1, (double)n_steps - code.warmup);
    lrp_text_init(&code.formula, FORMULA_MOST);
    append_heading(&code);
    if (schedule->row->observe != NULL) {
        settled.row->settle(&settled, code.n_steps, (double)steps_per_epoch);
        settled.row->formula(&settled, code.n_steps, &code.formula);
        status = lrp_code_losses(&code, err);
    } else {
        status = make_formula(&code, err);
    }
    if (status == LRP_OK && schedule->row->observe == NULL) {
        switch (language) {
        case LRP_CODE_KERAS:
            append_keras(&code);
            break;
        case LRP_CODE_OPTAX:
            append_optax(&code);
            break;
        case LRP_CODE_C:
            append_c(&code);
            break;
        case LRP_CODE_PYTORCH:
        default:
            status = lrp_code_pytorch(&code, err);
            break;
        }
    }
    lrp_text_fini(&code.formula);
    return status == LRP_OK ? lrp_text_check(out, err) : status;
}
