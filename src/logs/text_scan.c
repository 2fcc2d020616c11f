/* SPDX-License-Identifier: MIT */
#include "text_scan.h"

#include "number.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t word_number(const char *at)
{
    static const char *const words[] = {"infinity", "inf", "nan"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (strncasecmp(at, words[i], length) == 0) {
            return length;
        }
    }
    return 0;
}

static size_t digits(const char *at)
{
    return strspn(at, "0123456789");
}

size_t lrp_number_length(const char *text)
{
    size_t n = *text == '+' || *text == '-' ? 1 : 0;
    size_t word = word_number(text + n);
    if (word > 0) {
        n += word;
    } else {
        size_t whole = digits(text + n);
        n += whole;
        size_t fraction = text[n] == '.' ? digits(text + n + 1) : 0;
        if (whole + fraction == 0) {
            return 0;
        }
        /* a full stop after a whole number ends a sentence */
        n += fraction > 0 ? fraction + 1 : 0;
        if (text[n] == 'e' || text[n] == 'E') {
            size_t sign = text[n + 1] == '+' || text[n + 1] == '-' ? 1 : 0;
            size_t power = digits(text + n + 1 + sign);
            n += power > 0 ? 1 + sign + power : 0;
        }
    }
    bool goes_on = is_letter(text[n]) || is_digit(text[n]) || text[n] == '_' ||
                   (text[n] == '.' && is_digit(text[n + 1])) ||
                   (text[n] == ':' && is_digit(text[n + 1])) ||
                   (text[n] == '-' && is_digit(text[n + 1]));
    return goes_on ? 0 : n;
}

static bool is_name_byte(char c)
{
    return is_letter(c) || is_digit(c) || (unsigned char)c >= 0x80 ||
           (c != '\0' && strchr("_-.@/#", c) != NULL);
}

/* LightGBM's "valid_0's l2" */
static bool is_genitive(const char *at)
{
    return at[0] == '\'' && at[1] == 's' && at[2] == ' ';
}

/* Where "(x)" of "D(x)" or "Loss (train)" begins, for a text that ends behind it; end where there
 * is none. */
static const char *bracket_before(const char *begin, const char *end)
{
    enum { LONGEST = 24 };
    if (end == begin || end[-1] != ')') {
        return end;
    }
    for (const char *at = end - 2; at > begin && end - at < LONGEST; at--) {
        if (*at == '(') {
            at -= at[-1] == ' ' ? 1 : 0;
            return at > begin && (is_letter(at[-1]) || is_digit(at[-1])) ? at : end;
        }
        if (!is_name_byte(*at) && *at != '%' && *at != ' ' && *at != '(' && *at != ')') {
            return end;
        }
    }
    return end;
}

/* The name that ends at end, not reaching before begin. */
static bool name_before(const char *begin, const char *end, struct lrp_pair *pair)
{
    enum { WORDS = 4 };
    const char *last = end;
    while (last > begin && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }
    if (last > begin && (last[-1] == '\'' || last[-1] == '"')) { /* 'loss': 0.5 */
        char quote = last[-1];
        const char *open = last - 1;
        while (open > begin && open[-1] != quote) {
            open--;
        }
        pair->name = open;
        pair->name_length = (size_t)(last - 1 - open);
        return open > begin && pair->name_length > 0;
    }
    const char *first = NULL;
    const char *at = bracket_before(begin, last);
    for (int words = 0; words < WORDS && at > begin; words++) {
        const char *word = at;
        while (word > begin && (is_name_byte(word[-1]) || is_genitive(word - 1))) {
            word--;
        }
        const char *start = word;
        while (start < at && !is_letter(*start) && (unsigned char)*start < 0x80) {
            start++;
        }
        if (start == at) {
            break; /* no letter in it: a number, or a sign */
        }
        first = start;
        if (start > word || word == begin || word[-1] != ' ' || word - 1 == begin ||
            !is_name_byte(word[-2])) {
            break;
        }
        at = word - 1;
    }
    pair->name = first;
    pair->name_length = first != NULL ? (size_t)(last - first) : 0;
    return first != NULL;
}

/* What comes after a number. */
static const char *take_tail(const char *at, struct lrp_pair *pair)
{
    pair->percent = *at == '%';
    pair->of = (double)NAN;
    if (*at == '%') {
        return at + 1;
    }
    const char *slash = at + strspn(at, " ");
    if (*slash == '/') {
        const char *of = slash + 1 + strspn(slash + 1, " ");
        size_t length = lrp_number_length(of);
        if (length > 0 && lrp_parse_double(of, length, &pair->of)) {
            return of + length;
        }
    }
    return at;
}

/* Length of a number with commas in it, "2,816.11" or "0,69"; 0 where commas stand between numbers.
 */
static size_t comma_number_length(const char *at, struct lrp_pair *pair)
{
    size_t sign = *at == '+' || *at == '-' ? 1 : 0;
    size_t n = sign + strspn(at + sign, "0123456789.,");
    while (n > 0 && (at[n - 1] == ',' || at[n - 1] == '.')) {
        n--; /* what ends a part of a sentence */
    }
    if (at[n] == 'e' || at[n] == 'E') {
        size_t power = at[n + 1] == '+' || at[n + 1] == '-' ? n + 2 : n + 1;
        n = is_digit(at[power]) ? power + digits(at + power) : n;
    }
    pair->comma = memchr(at, ',', n) != NULL && !is_letter(at[n]) && at[n] != '_'
                      ? lrp_parse_comma_number(at, n, &pair->value)
                      : LRP_COMMA_NONE;
    return pair->comma != LRP_COMMA_NONE ? n : 0;
}

/* The number at `at` into the pair; its length, 0 where there is none. */
static size_t take_number(const char *at, struct lrp_pair *pair)
{
    size_t length = comma_number_length(at, pair);
    if (length > 0) {
        return length;
    }
    length = lrp_number_length(at);
    return length > 0 && lrp_parse_double(at, length, &pair->value) ? length : 0;
}

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t') {
        at++;
    }
    return at;
}

/* What stands around a number: "tensor(0.5, device=...)", "[0.5]", "(1e-4,)", "'0.5'". */
static const char *open_wrapping(const char *at)
{
    static const char *const openings[] = {
        "tensor([",     "tensor(", "np.float32(", "np.float64(", "Array([", "Array(",
        "DeviceArray(", "[[",      "[",           "(",           "'",       "\""};
    for (size_t i = 0; !is_digit(*at) && i < sizeof openings / sizeof openings[0]; i++) {
        size_t length = strlen(openings[i]);
        if (strncmp(at, openings[i], length) == 0) {
            return at + length + strspn(at + length, " ");
        }
    }
    return at;
}

/* Where a number may begin after a name: behind ':' or '=' and blanks, or "is"; "->" and ":=" are
 * as ':'. */
static const char *number_after(const char *at, char *sign)
{
    at = skip_blanks(at);
    size_t length = (*at == '-' || *at == '=') && at[1] == '>' ? 2
                    : *at == ':' || *at == '='                 ? 1
                    : strncmp(at, "is ", 3) == 0               ? 3
                    : strncmp(at, "was ", 4) == 0              ? 4
                                                               : 0;
    *sign = length == 0 ? ' ' : *at == '=' ? '=' : ':';
    at = skip_blanks(at + length);
    if (*sign == ' ') { /* "Epoch [3/10]", "Epoch[3]" */
        at = *at == '[' ? skip_blanks(at + 1) : at;
        size_t first = digits(at);
        /* "Batch [50-100]" are a batch and those before it */
        return first > 0 && at[first] == '-' && is_digit(at[first + 1]) && at[-1] == '['
                   ? at + first + 1
                   : at;
    }
    return open_wrapping(at);
}

const char *lrp_value_behind(const char *at, struct lrp_pair *pair)
{
    const char *number = number_after(at, &pair->sign);
    size_t length = pair->sign != ' ' ? take_number(number, pair) : 0;
    return length > 0 ? take_tail(number + length, pair) : NULL;
}

/* "loss nan" is a loss, "is nan" is prose. */
static bool ends_with_loss(const struct lrp_pair *pair)
{
    static const char loss[] = "loss";
    const size_t length = sizeof loss - 1;
    return pair->name_length >= length &&
           strncasecmp(pair->name + pair->name_length - length, loss, length) == 0;
}

bool lrp_next_pair(const char **at, struct lrp_pair *pair)
{
    const char *begin = *at;
    for (const char *here = begin; *here != '\0'; here++) {
        bool blank = *here == ' ' || *here == '\t';
        bool separator = blank || *here == ':' || *here == '=' ||
                         (*here == '[' && here > begin && is_letter(here[-1]));
        if (!separator || here == begin || (blank && (here[-1] == ' ' || here[-1] == '\t'))) {
            continue; /* the first of many blanks speaks for all */
        }
        const char *number = number_after(here, &pair->sign);
        size_t length = take_number(number, pair);
        bool word = length > 0 && is_letter(number[length - 1]) && pair->sign == ' ';
        if (length == 0 || !name_before(begin, here, pair) || (word && !ends_with_loss(pair))) {
            continue;
        }
        *at = take_tail(number + length, pair);
        return true;
    }
    return false;
}

const char *lrp_skip_word(const char *at, const char *word)
{
    if (at == NULL) {
        return NULL;
    }
    size_t length = strlen(word);
    at += strspn(at, " \t");
    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

const char *lrp_skip_number(const char *at, double *value)
{
    if (at == NULL) {
        return NULL;
    }
    at += strspn(at, " \t");
    size_t length = lrp_number_length(at);
    return length > 0 && lrp_parse_double(at, length, value) ? at + length : NULL;
}

const char *lrp_behind(const char *at, const char *word)
{
    const char *found = at != NULL ? strstr(at, word) : NULL;
    return found != NULL ? found + strlen(word) : NULL;
}

const char *lrp_match(const char *at, const char *pattern, ...)
{
    va_list values;
    va_start(values, pattern);
    for (; *pattern != '\0' && at != NULL; pattern++) {
        if (*pattern == '%') {
            at = lrp_skip_number(at, va_arg(values, double *));
        } else if (*pattern == ' ') {
            at += strspn(at, " \t");
        } else {
            at = *at == *pattern ? at + 1 : NULL;
        }
    }
    va_end(values);
    return at;
}

bool lrp_has_name(const struct lrp_pair *pair, const char *name)
{
    return pair->name_length == strlen(name) && memcmp(pair->name, name, pair->name_length) == 0;
}

enum lrp_status lrp_put_number(struct lrp_rows *rows, const char *name, const char *at,
                               struct lrp_error *err)
{
    double value = 0;
    return lrp_skip_number(at, &value) != NULL ? lrp_rows_put(rows, name, value, err) : LRP_OK;
}

enum lrp_status lrp_put_fields(struct lrp_rows *rows, const char *text,
                               const struct lrp_text_field *fields, size_t n, struct lrp_error *err)
{
    for (size_t i = 0; i < n; i++) {
        LRP_TRY(lrp_put_number(rows, fields[i].name, lrp_behind(text, fields[i].mark), err));
    }
    return LRP_OK;
}
