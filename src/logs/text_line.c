/* SPDX-License-Identifier: MIT */
#include "text_line.h"

#include "number.h"
#include "text_scan.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* What is written out. Longer ones first where one begins another. */
static const struct {
    const char *from;
    const char *to;
} written_out[] = {
    {"：", ":"},
    {"，", ","},
    {"（", "("},
    {"）", ")"},
    {"＝", "="},
    {"、", ","},
    {"。", ". "},
    {"│", "|"},
    {"┃", "|"},
    {"║", "|"},
    {"→", ":"},
    {"训练", " train "},
    {"訓練", " train "},
    {"验证", " val "},
    {"驗證", " val "},
    {"検証", " val "},
    {"测试", " test "},
    {"測試", " test "},
    {"テスト", " test "},
    {"损失", " loss "},
    {"損失", " loss "},
    {"准确率", " accuracy "},
    {"準確率", " accuracy "},
    {"正解率", " accuracy "},
    {"精度", " accuracy "},
    {"学习率", " lr "},
    {"学習率", " lr "},
    {"轮次", " epoch "},
    {"轮数", " epoch "},
    {"周期", " epoch "},
    {"エポック", " epoch "},
    {"步数", " step "},
    {"迭代", " iter "},
    {"ステップ", " step "},
    {"最佳", " best "},
    {"最好", " best "},
    {"最优", " best "},
    {"学習", " train "},
    {"학습률", " lr "},
    {"학습", " train "},
    {"훈련", " train "},
    {"검증", " val "},
    {"테스트", " test "},
    {"손실", " loss "},
    {"정확도", " accuracy "},
    {"에폭", " epoch "},
    {"에포크", " epoch "},
    {"스텝", " step "},
    {"最高", " best "},
    {"平均", " mean "},
    {"평균", " mean "},
    {"总", " total "},
};
enum { N_WRITTEN_OUT = sizeof written_out / sizeof written_out[0] };

/* Bytes of the character of UTF-8 that begins at `at`, or of what is none. */
static size_t character_length(const char *at)
{
    size_t n = 1;
    while (n < 4 && ((unsigned char)at[n] & 0xC0U) == 0x80) {
        n++;
    }
    return n;
}

/* The character at `at` becomes letters, itself, or a blank (bars, arrows, pictures). */
static size_t write_character(const char *at, char **out, const char *end)
{
    for (size_t i = 0; i < N_WRITTEN_OUT; i++) {
        size_t length = strlen(written_out[i].from);
        if (strncmp(at, written_out[i].from, length) == 0) {
            size_t n = strlen(written_out[i].to);
            n = n < (size_t)(end - *out) ? n : (size_t)(end - *out);
            memcpy(*out, written_out[i].to, n);
            *out += n;
            return length;
        }
    }
    unsigned char first = (unsigned char)*at;
    size_t length = character_length(at);
    if (first == 0xE2 || first >= 0xF0 || first == 0xEF) {
        if (*out < end) {
            **out = ' ';
            ++*out;
        }
    } else if ((size_t)(end - *out) >= length) {
        memcpy(*out, at, length);
        *out += length;
    }
    return length;
}

const char *lrp_text_clean(const char *text, size_t length, char *buffer)
{
    size_t plain = 0;
    while (plain < length && (unsigned char)text[plain] < 0x80) {
        plain++;
    }
    if (plain == length) {
        return text;
    }
    char *out = buffer + plain;
    const char *end = buffer + LRP_LINE_MOST;
    memcpy(buffer, text, plain);
    for (size_t at = plain; at < length && out < end;) {
        if ((unsigned char)text[at] >= 0x80) {
            at += write_character(text + at, &out, end);
        } else {
            *out = text[at];
            out++;
            at++;
        }
    }
    *out = '\0';
    return buffer;
}

/* A word of a logger in front: a time, a date, a level. */
static bool is_prefix_word(const char *word, size_t length)
{
    static const char *const levels[] = {"INFO", "DEBUG", "WARNING",  "WARN", "ERROR",
                                         "root", "main",  "__main__", "info", "-"};
    size_t digits = 0;
    size_t signs = 0;
    if (isdigit((unsigned char)*word)) {
        for (size_t i = 0; i < length; i++) {
            bool digit = isdigit((unsigned char)word[i]) != 0;
            bool sign = !digit && strchr("-:/.,TZ+", word[i]) != NULL;
            if (!digit && !sign) {
                return false;
            }
            digits += digit ? 1 : 0;
            signs += sign && word[i] != '.' && word[i] != ',' ? 1 : 0;
        }
        return digits >= 4 && signs >= 2;
    }
    size_t bare = length > 0 && word[length - 1] == ':' ? length - 1 : length;
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        if (strlen(levels[i]) == bare && memcmp(word, levels[i], bare) == 0) {
            return true;
        }
    }
    return false;
}

const char *lrp_text_skip_prefix(const char *text)
{
    for (;;) {
        text += strspn(text, " \t");
        bool bracket = *text == '[';
        size_t length = bracket ? strcspn(text, "]") : strcspn(text, " \t");
        size_t first = bracket ? strcspn(text + 1, " ,]") : length;
        if (text[0] == '\0' || !is_prefix_word(text + (bracket ? 1 : 0), first)) {
            return text;
        }
        text += length + (bracket && text[length] == ']' ? 1 : 0);
    }
}

/* ---- positions without a name -------------------------------------------------------------- */

struct bare_positions {
    double value[2], of[2];
    size_t n;
};

static const char *take_count(const char *at, double *value)
{
    at += strspn(at, " ");
    size_t length = strspn(at, "0123456789");
    return length > 0 && length < 10 && lrp_parse_double(at, length, value) ? at + length : NULL;
}

static void add_bare(struct bare_positions *bare, double value, double of)
{
    if (bare->n < 2) {
        bare->value[bare->n] = value;
        bare->of[bare->n] = of;
        bare->n++;
    }
}

/* "[3]", "[640/60000 (1%)]", "[2,  4000]" at `at`. */
static void take_bracket(const char *at, struct bare_positions *bare)
{
    double first = 0;
    double second = (double)NAN;
    const char *behind = take_count(at + 1, &first);
    char sign = behind != NULL ? behind[strspn(behind, " ")] : '\0';
    if (sign == '/' || sign == ',') {
        behind = take_count(behind + strspn(behind, " ") + 1, &second);
    }
    behind = behind != NULL ? behind + strspn(behind, " ") : NULL;
    if (behind == NULL || (*behind != ']' && *behind != '(') || behind[1] == '<') {
        return;
    }
    add_bare(bare, first, sign == '/' ? second : (double)NAN);
    if (sign == ',') {
        add_bare(bare, second, (double)NAN);
    }
}

/* Positions between two named numbers. */
static void look_for_bare(const char *at, const char *end, struct bare_positions *bare)
{
    double value = 0;
    double of = 0;
    for (; at < end; at++) {
        if (*at == '[') {
            take_bracket(at, bare);
        } else if (*at == '|' && lrp_match(at, "|%/%", &value, &of) != NULL) {
            add_bare(bare, value, of); /* the count of a progress bar, "| 200/ 2983 batches" */
        }
    }
}

/* "17 val 10.9", "0:\tlearn: 0.6", "3/100 loss": a count that begins the line. */
static void look_at_begin(const char *text, struct bare_positions *bare)
{
    double value = 0;
    double of = (double)NAN;
    const char *behind = take_count(text, &value);
    if (behind != NULL && *behind == '/') {
        behind = take_count(behind + 1, &of);
    }
    if (behind == NULL || strchr(" \t:,)|", *behind) == NULL || *behind == '\0') {
        return;
    }
    behind += strspn(behind, " \t:,)|-");
    if (isalpha((unsigned char)*behind)) {
        add_bare(bare, value, of);
    }
}

static bool has_position(const struct lrp_text_fields *fields, const char *column)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct lrp_text_name *name = fields->list[i].name;
        if (name->kind == LRP_TEXT_POSITION && strcmp(name->column, column) == 0) {
            return true;
        }
    }
    return false;
}

void lrp_text_add_field(struct lrp_text_names *names, struct lrp_text_fields *fields,
                        const char *name, size_t length, double value, double of)
{
    const struct lrp_text_name *found = lrp_text_names_find(names, name, length);
    if (found == NULL || fields->n == LRP_TEXT_FIELDS_MOST) {
        return;
    }
    enum lrp_text_side side = found->side != LRP_TEXT_SIDE_NONE ? found->side : fields->side;
    fields->list[fields->n] = (struct lrp_named_number){found, side, value, of, LRP_COMMA_NONE};
    fields->n++;
}

static void add_bare_fields(struct lrp_text_names *names, struct lrp_text_fields *fields,
                            const struct bare_positions *bare)
{
    bool epoch = has_position(fields, "epoch");
    bool step = has_position(fields, "step") || has_position(fields, "batch");
    if (bare->n == 2 && !epoch && !step) {
        lrp_text_add_field(names, fields, "epoch", 5, bare->value[0], bare->of[0]);
        lrp_text_add_field(names, fields, "batch", 5, bare->value[1], bare->of[1]);
    } else if (bare->n > 0 && !step) {
        lrp_text_add_field(names, fields, epoch ? "batch" : "step", epoch ? 5 : 4,
                           bare->value[bare->n - 1], bare->of[bare->n - 1]);
    }
}

/* ---- named numbers -------------------------------------------------------------------------- */

/* A name that means nothing, with only a blank before its number, may be prose: "took 5 of". Behind
 * a sign it is one of a list: "x 0.27, y 0.25". */
static bool is_prose(const char *text, const struct lrp_pair *pair, enum lrp_text_kind kind)
{
    if (pair->sign != ' ' || kind > LRP_TEXT_OTHER) {
        return false;
    }
    const char *before = pair->name;
    while (before > text && before[-1] == ' ') {
        before--;
    }
    return before == text || strchr(",;|[:", before[-1]) == NULL ||
           memchr(pair->name, ' ', pair->name_length) != NULL;
}

static double value_of(const struct lrp_pair *pair, const struct lrp_text_name *name)
{
    bool share = name->kind == LRP_TEXT_SCORE && strcmp(name->column, "accuracy") == 0;
    return !share          ? pair->value
           : pair->percent ? pair->value / 100
           : pair->of > 0  ? pair->value / pair->of /* 9832/10000 were right */
                           : pair->value;
}

/* "0.5 (0.6)": of a validation the mean so far in brackets is the value. */
static const char *take_mean(const char *at, double *mean)
{
    const char *bracket = lrp_skip_word(at, "(");
    double value = 0;
    const char *behind = lrp_skip_number(bracket, &value);
    if (behind == NULL || *behind != ')') {
        return at;
    }
    *mean = value;
    return behind + 1;
}

static void add_pair(struct lrp_text_fields *fields, const struct lrp_text_name *name,
                     const struct lrp_pair *pair, double mean)
{
    if (name->kind == LRP_TEXT_NOTHING || fields->n == LRP_TEXT_FIELDS_MOST) {
        return;
    }
    enum lrp_text_side side = name->side != LRP_TEXT_SIDE_NONE ? name->side : fields->side;
    fields->side = name->carries ? name->side : fields->side;
    bool tested = side == LRP_TEXT_SIDE_VALIDATION || side == LRP_TEXT_SIDE_TEST;
    fields->list[fields->n] = (struct lrp_named_number){
        name, side, tested && !isnan(mean) ? mean : value_of(pair, name), pair->of, pair->comma};
    fields->n++;
}

/* "Epoch 1 (4/128)": of a run that was resumed, the count in brackets is that of the whole run. */
static const char *take_count_of_all(const char *at, struct lrp_pair *pair)
{
    double value = 0;
    double of = 0;
    const char *behind = lrp_match(at, " (%/%)", &value, &of);
    if (behind != NULL) {
        pair->value = value;
        pair->of = of;
    }
    return behind != NULL ? behind : at;
}

/* "Cost after iteration 0: 0.69": a position within the name of a value that follows it. at: behind
 * the position. */
static const char *take_value_at(struct lrp_text_names *names, struct lrp_text_fields *fields,
                                 const struct lrp_text_name *position, const char *at)
{
    static const char *const links[] = {" at ", " after ", " for ", " in ", " of ", " on "};
    struct lrp_pair pair = {.name = position->text, .of = (double)NAN};
    for (size_t i = 0; i < sizeof links / sizeof links[0] && pair.name_length == 0; i++) {
        const char *link = strstr(position->text, links[i]);
        pair.name_length = link != NULL ? (size_t)(link - position->text) : 0;
    }
    const char *behind = pair.name_length > 0 ? lrp_value_behind(at, &pair) : NULL;
    if (behind == NULL) {
        return at;
    }
    if (lrp_has_name(&pair, "Score")) { /* so DL4J calls its loss */
        pair.name = "loss";
        pair.name_length = 4;
    }
    const struct lrp_text_name *name = lrp_text_names_find(names, pair.name, pair.name_length);
    if (name != NULL) {
        add_pair(fields, name, &pair, (double)NAN);
    }
    return behind;
}

static const struct lrp_text_name *find_name(struct lrp_text_names *names,
                                             struct lrp_text_fields *fields,
                                             const struct lrp_pair *pair, const char *text)
{
    static const char total[] = "total loss"; /* among the parts that it is the sum of */
    const struct lrp_text_name *name = lrp_text_names_find(names, pair->name, pair->name_length);
    if (name != NULL && name->only_side && (pair->percent || !isnan(pair->of))) {
        /* "Validation: 50%|", "Test: [49/50]": how far it is */
        fields->side = name->side;
        return pair->percent ? NULL : lrp_text_names_find(names, "batch", 5);
    }
    return lrp_has_name(pair, "total") && strcasestr(text, "loss") != NULL
               ? lrp_text_names_find(names, total, sizeof total - 1)
               : name;
}

/* "Train loss 100 5.02", "Validation loss 100: 5.02": the step between a loss and its value. */
static const char *take_step_before(const char *at, struct lrp_pair *pair,
                                    struct bare_positions *bare)
{
    double value = 0;
    const char *next = at + strspn(at, ": ");
    size_t digits = strspn(next, "0123456789");
    bool is_step = pair->sign == ' ' && pair->value >= 0 && floor(pair->value) == pair->value &&
                   at[-1] >= '0' && at[-1] <= '9' && next > at && digits > 0 && next[digits] == '.';
    const char *behind = is_step ? lrp_skip_number(next, &value) : NULL;
    if (behind == NULL) {
        return at;
    }
    add_bare(bare, pair->value, (double)NAN);
    pair->value = value;
    return behind;
}

static bool is_metric(const struct lrp_text_fields *fields)
{
    return fields->n > 0 && fields->list[fields->n - 1].name->kind >= LRP_TEXT_SCORE;
}

void lrp_text_find_fields(struct lrp_text_names *names, const char *text,
                          struct lrp_text_fields *out)
{
    struct bare_positions bare = {.n = 0};
    struct lrp_pair pair;
    *out = (struct lrp_text_fields){.bar = strstr(text, "%|") != NULL};
    text = lrp_text_skip_prefix(text);
    look_at_begin(text, &bare);
    const char *behind = text;
    bool metric = false;
    for (const char *at = text; lrp_next_pair(&at, &pair);) {
        bool best = false;
        enum lrp_text_side side = lrp_text_side_of(behind, (size_t)(pair.name - behind), &best);
        out->side = side != LRP_TEXT_SIDE_NONE ? side : out->side;
        out->best = out->best || (best && !metric);
        look_for_bare(behind, pair.name, &bare);
        double mean = (double)NAN;
        at = take_mean(at, &mean);
        const struct lrp_text_name *name = find_name(names, out, &pair, text);
        if (name != NULL && name->kind == LRP_TEXT_POSITION) {
            at = take_count_of_all(at, &pair);
        } else if (name != NULL && name->kind == LRP_TEXT_LOSS && isnan(pair.of)) {
            at = take_step_before(at, &pair, &bare);
        }
        if (name != NULL && !is_prose(text, &pair, name->kind)) {
            add_pair(out, name, &pair, mean);
            at = name->kind == LRP_TEXT_POSITION ? take_value_at(names, out, name, at) : at;
        } else if (name != NULL && name->carries) {
            out->side = name->side;
        }
        behind = at;
        metric = metric || is_metric(out);
    }
    const char *end = behind + strlen(behind);
    bool ignored = false;
    look_for_bare(behind, end, &bare);
    enum lrp_text_side side = lrp_text_side_of(behind, (size_t)(end - behind), &ignored);
    out->side = side != LRP_TEXT_SIDE_NONE && !metric ? side : out->side;
    add_bare_fields(names, out, &bare);
}
