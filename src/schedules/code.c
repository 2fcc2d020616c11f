/* SPDX-License-Identifier: MIT */
#include "code.h"

#include "code_templates.h"
#include "number.h"
#include "suggest.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MOST = 1 << 16, NAME_MOST = 40, WORDS_MOST = 20 };

struct word {
    const char *name;
    struct lrp_text text;
};
struct code {
    const struct lrp_schedule *schedule;
    double total, n_steps, warmup;   /* of the run; n_steps without the warm-up */
    const struct lrp_bounds *bounds; /* NULL = none */
    const char *language;
    bool c; /* declarations and semicolons */
    bool by_losses;
    struct lrp_text formula;
    struct word words[WORDS_MOST]; /* what templates may name */
    size_t n_words;
};

/* ---- formulas ------------------------------------------------------------------------------- */

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

/* Length of the name, number or character at text; *name: it is a name. */
static size_t token_length(const char *text, bool *name)
{
    size_t length = name_length(text);
    *name = length > 0;
    length = *name ? length : number_length(text);
    return length > 0 ? length : 1;
}

/* Whether the formula has this name. */
static bool uses(const struct code *code, const char *name)
{
    bool named = false;
    size_t length = 0;
    for (const char *at = lrp_text_string(&code->formula); *at != '\0'; at += length) {
        length = token_length(at, &named);
        if (named && is_name(at, length, name)) {
            return true;
        }
    }
    return false;
}

static const char *translated(const struct code *code, const char *at, size_t length)
{
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (is_name(at, length, functions[i].name)) {
            return code->c                                ? functions[i].c
                   : strcmp(code->language, "optax") == 0 ? functions[i].jax
                                                          : functions[i].python;
        }
    }
    return NULL;
}

static void append_expression(const struct code *code, const char *at, const char *end,
                              struct lrp_text *out)
{
    bool named = false;
    size_t length = 0;
    for (; at < end; at += length) {
        length = token_length(at, &named);
        const char *other = named ? translated(code, at, length) : NULL;
        if (other != NULL) {
            lrp_text_append(out, other);
        } else {
            lrp_text_append_bytes(out, at, length);
        }
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

static void append_constant(const struct code *code, const char *name, double value,
                            struct lrp_text *out)
{
    char number[LRP_NUMBER_SIZE];
    const char *before = code->by_losses ? code->c ? "static const double " : ""
                         : code->c       ? "    const double "
                                         : "    ";
    lrp_text_printf(out, "%s%s = %s%s\n", before, name, lrp_format_double(value, number),
                    code->c ? ";" : "");
}

/* The constants and the lines of the formula: the body of a function of step; or in front of a
 * class that goes by losses, which may use any key. */
static void append_lines(const struct code *code, struct lrp_text *out)
{
    const struct lrp_schedule_row *row = code->schedule->row;
    const char *text = lrp_text_string(&code->formula);
    for (size_t k = 0; k < row->n_keys; k++) {
        const char *name = row->keys[k].name;
        if (code->by_losses ? row->keys[k].words == NULL
                            : strcmp(name, "warmup") != 0 && uses(code, name)) {
            append_constant(code, name, code->schedule->values[k], out);
        }
    }
    if (code->by_losses || uses(code, "warmup")) {
        append_constant(code, "warmup", code->warmup, out);
    }
    for (const char *line = text; *line != '\0';) {
        const char *end = strchr(line, '\n');
        lrp_text_append(out, code->by_losses ? "" : "    ");
        if (code->c && is_first(text, line, name_length(line))) {
            lrp_text_append(out, code->by_losses ? "static const int " : "double ");
        }
        append_expression(code, line, end, out);
        lrp_text_append(out, code->c ? ";\n" : "\n");
        line = end + 1;
    }
}

/* ---- templates ------------------------------------------------------------------------------ */

/* A further word; its text is to be filled in by the caller. */
static struct lrp_text *add_word(struct code *code, const char *name)
{
    struct word *word = &code->words[code->n_words++];
    word->name = name;
    lrp_text_init(&word->text, TEXT_MOST);
    return &word->text;
}

static void add_flag(struct code *code, const char *name, bool flag)
{
    lrp_text_append(add_word(code, name), flag ? "1" : "");
}

static const char *find_word(const struct code *code, const char *name, size_t length)
{
    for (size_t i = 0; i < code->n_words; i++) {
        if (is_name(name, length, code->words[i].name)) {
            return lrp_text_string(&code->words[i].text);
        }
    }
    return NULL;
}

/* The value of a key as Python and C have it. */
static void append_key(const struct code *code, const char *name, size_t length,
                       struct lrp_text *out)
{
    const struct lrp_schedule *schedule = code->schedule;
    size_t k = 0;
    while (k < schedule->row->n_keys && !is_name(name, length, schedule->row->keys[k].name)) {
        k++;
    }
    if (k == schedule->row->n_keys) {
        return;
    }
    const struct lrp_schedule_key *key = &schedule->row->keys[k];
    char number[LRP_NUMBER_SIZE];
    double value = lrp_schedule_value(schedule, k, code->n_steps);
    (void)snprintf(number, sizeof number, "%.0f", value);
    lrp_text_append(out, key->whole ? number : lrp_format_double(value, number));
}

/* A line with its $names replaced. */
static void put_line(const struct code *code, const char *line, size_t length, struct lrp_text *out)
{
    const char *end = line + length;
    while (line < end) {
        size_t named = *line == '$' ? name_length(line + 1) : 0;
        const char *text = named > 0 ? find_word(code, line + 1, named) : NULL;
        if (text != NULL) {
            lrp_text_append(out, text);
        } else if (named > 0) {
            append_key(code, line + 1, named, out);
        } else {
            lrp_text_append_bytes(out, line, 1);
        }
        line += 1 + named;
    }
}

static bool put_template(const struct code *code, const char *name, size_t name_size,
                         struct lrp_text *out);

static void put_template_line(const struct code *code, const char *line, size_t length,
                              struct lrp_text *out)
{
    if (*line == '?' || *line == '!') {
        size_t name = name_length(line + 1);
        const char *word = find_word(code, line + 1, name);
        if ((word != NULL && word[0] != '\0') != (*line == '?')) {
            return;
        }
        line += name + 2;
        length -= name + 2;
    }
    const char *block = length > 0 && *line == '$' ? find_word(code, line + 1, length - 1) : NULL;
    if (block != NULL) { /* it ends with a newline of its own */
        lrp_text_append(out, block);
    } else if (length == 0 || *line != '$' || !put_template(code, line + 1, length - 1, out)) {
        put_line(code, line, length, out);
        lrp_text_append(out, "\n");
    }
}

/* False, and nothing is put, if there is none. */
static bool put_template(const struct code *code, const char *name, size_t name_size,
                         struct lrp_text *out)
{
    const char *at = lrp_code_template(name, name_size);
    if (at == NULL) {
        return false;
    }
    while (*at != '\0') {
        size_t length = strcspn(at, "\n");
        put_template_line(code, at, length, out);
        at += length + 1;
    }
    return true;
}

/* The template GROUP.NAME. */
static bool put(const struct code *code, const char *group, const char *name, struct lrp_text *out)
{
    char both[2 * NAME_MOST];
    (void)snprintf(both, sizeof both, "%s.%s", group, name);
    return put_template(code, both, strlen(both), out);
}

/* ---- all together --------------------------------------------------------------------------- */

/* The row's formula, with the warm-up around it where it is a function of the step. */
static void make_formula(struct code *code)
{
    const struct lrp_schedule_row *row = code->schedule->row;
    struct lrp_text own;
    lrp_text_init(&own, TEXT_MOST);
    if (row->formula != NULL) {
        lrp_text_append(&own, row->formula);
    } else {
        row->write_formula(code->schedule, code->n_steps, &own);
    }
    put_line(code, lrp_text_string(&own), own.length, &code->formula);
    lrp_text_fini(&own);
    if (!code->by_losses && uses(code, "t")) {
        struct lrp_text rest = code->formula;
        lrp_text_init(&code->formula, TEXT_MOST);
        lrp_text_append(&code->formula,
                        code->warmup > 0 ? "t = max(0, step - warmup)\n" : "t = step\n");
        lrp_text_append(&code->formula, lrp_text_string(&rest));
        lrp_text_fini(&rest);
    }
    if (!code->by_losses && code->warmup > 0) {
        lrp_text_append(&code->formula, "rate = rate * min(1, (step + 1) / (warmup + 1))\n");
    }
}

/* "AdamW (betas=0.9/0.999)": of texts that come from a stranger's trainer only what cannot end a
 * comment. Nothing where the optimizer is not known. */
static void append_swept(const struct lrp_bounds *bounds, struct lrp_text *out)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  " _.,:=+-/";
    const struct lrp_conditions *conditions = &bounds->conditions;
    const char *const parts[] = {conditions->optimizer, conditions->options[0] != '\0' ? " (" : "",
                                 conditions->options, conditions->options[0] != '\0' ? ")" : ""};
    for (size_t i = 0; conditions->optimizer[0] != '\0' && i < 4; i++) {
        for (const char *at = parts[i]; *at != '\0'; at++) {
            bool own = i % 2 == 1;
            lrp_text_append_bytes(out, own || strchr(allowed, *at) != NULL ? at : "?", 1);
        }
    }
}

static void make_words(struct code *code)
{
    const struct lrp_schedule *schedule = code->schedule;
    const enum lrp_schedule_metric metric = lrp_schedule_metric(schedule);
    const bool beta =
        code->bounds != NULL && strcmp(code->bounds->conditions.momentum, "beta1") == 0;
    lrp_text_printf(add_word(code, "steps"), "%.0f", code->total);
    lrp_text_printf(add_word(code, "last_step"), "%.0f", fmax(0, code->total - 1));
    lrp_text_append(add_word(code, "least"), translated(code, "min", strlen("min")));
    lrp_text_append(add_word(code, "optax"), beta ? "adam" : "sgd");
    lrp_text_append(add_word(code, "optax_momentum"), beta ? "b1" : "momentum");
    add_flag(code, "keras", strcmp(code->language, "keras") == 0);
    add_flag(code, "pytorch", strcmp(code->language, "pytorch") == 0);
    struct lrp_text *swept = add_word(code, "swept");
    if (code->bounds != NULL) {
        append_swept(code->bounds, swept);
    }
    if (code->by_losses) {
        lrp_schedule_spec(schedule, add_word(code, "settled"));
        lrp_text_append(add_word(code, "metric_name"), lrp_schedule_metric_name(metric));
        lrp_text_append(add_word(code, "rises"), lrp_schedule_metric_rises(metric) ? "1" : "0");
        lrp_text_append(add_word(code, "class"),
                        schedule->row == &lrp_schedule_plateau_torch ? "PlateauTorch" : "Plateau");
        add_flag(code, "each_step", lrp_schedule_metric_each_step(metric));
    }
    make_formula(code);
    add_flag(code, "momentum", uses(code, "momentum"));
    add_flag(code, "where", uses(code, "where"));
    add_flag(code, "step", uses(code, "step"));
    append_lines(code, add_word(code, "lines"));
}

static void put_file(const struct code *code, struct lrp_text *out)
{
    const struct lrp_schedule_row *row = code->schedule->row;
    (void)put(code, code->c ? "c" : "python", "heading", out);
    if (!code->by_losses) {
        (void)put(code, code->language, "of_step", out);
    } else if (!put(code, code->language, row->name, out)) {
        (void)put(code, "python", row->name, out);
        (void)put(code, code->language, "by_losses", out);
    }
}

enum lrp_status lrp_schedule_code(const struct lrp_schedule *schedule, size_t n_steps,
                                  size_t steps_per_epoch, const struct lrp_bounds *bounds,
                                  const char *language, struct lrp_text *out, struct lrp_error *err)
{
    struct lrp_schedule settled = *schedule;
    const double warmup = lrp_schedule_warmup(schedule, n_steps);
    struct code code = {.schedule = &settled,
                        .total = (double)n_steps,
                        .n_steps = fmax(1, (double)n_steps - warmup),
                        .warmup = warmup,
                        .bounds = bounds,
                        .language = language,
                        .c = strcmp(language, "c") == 0,
                        .by_losses = schedule->row->observe != NULL};
    lrp_text_init(&code.formula, TEXT_MOST);
    lrp_schedule_spec(schedule, add_word(&code, "spec")); /* as it was given */
    if (code.by_losses) {
        settled.row->settle(&settled, code.n_steps, (double)steps_per_epoch);
    }
    make_words(&code);
    put_file(&code, out);
    enum lrp_status status = lrp_text_check(out, err);
    for (size_t i = 0; i < code.n_words; i++) {
        enum lrp_status made = lrp_text_check(&code.words[i].text, err);
        status = status == LRP_OK ? made : status;
        lrp_text_fini(&code.words[i].text);
    }
    lrp_text_fini(&code.formula);
    return status;
}
