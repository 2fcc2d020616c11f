/* SPDX-License-Identifier: MIT */
/* Places in the words of a command where a run's own values belong: {lr} {seed} {steps} {dir}. */
#ifndef LRP_SESSION_TEMPLATE_H
#define LRP_SESSION_TEMPLATE_H

#include "status.h"

#include <stdbool.h>
#include <stdint.h>

struct lrp_template_values {
    double lr;
    uint64_t seed;
    size_t steps;
    const char *folder; /* {dir} */
};
/* Whether the word has that place: name without braces. */
bool lrp_template_has(const char *word, const char *name);
bool lrp_template_any_has(const char *const *words, const char *name);
/* A copy of the word with the four places filled in, heap memory. The rate is the shortest decimal
 * text that reads back as the same double, whatever the locale. Everything else stays as it is, and
 * so does a place right behind $ or {: ${lr} is the shell's, {{lr}} is Python's. as_pattern: what
 * glob() takes for special in the values is escaped. LRP_E_LIMIT: more than a megabyte. */
enum lrp_status lrp_template_fill(const char *word, const struct lrp_template_values *values,
                                  bool as_pattern, char **out, struct lrp_error *err);
/* All words of a NULL-terminated list; ended by lrp_template_words_free, which accepts NULL. */
enum lrp_status lrp_template_fill_words(const char *const *words,
                                        const struct lrp_template_values *values, char ***out,
                                        struct lrp_error *err);
void lrp_template_words_free(char **words);
#endif
