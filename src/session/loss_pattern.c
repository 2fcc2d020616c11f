/* SPDX-License-Identifier: MIT */
#include "loss_pattern.h"

#include "line_pattern.h"

#include <math.h>

/* Which groups are which where the names do not say. */
static enum lrp_status choose_groups(struct lrp_line_pattern *pattern, struct lrp_error *err)
{
    static const char advice[] = "write {loss} where the loss stands, as in 'loss {loss}'";
    size_t n = lrp_line_pattern_groups(pattern);
    if (lrp_line_pattern_find_place(pattern, "loss") < LRP_PATTERN_PLACES_MOST) {
        return LRP_OK;
    }
    if (lrp_line_pattern_find_place(pattern, "step") < LRP_PATTERN_PLACES_MOST) {
        return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern has {step} and no {loss}; %s", advice);
    }
    if (n == 0 || n > 2 || lrp_line_pattern_places(pattern) > 0) {
        return lrp_fail(err, LRP_E_ARG, 0, "--loss-pattern has %s; %s",
                        n == 0  ? "no group in parentheses"
                        : n > 2 ? "more than two groups"
                                : "no {loss}",
                        advice);
    }
    if (n == 2) {
        lrp_line_pattern_add_place(pattern, "step", 1);
    }
    lrp_line_pattern_add_place(pattern, "loss", n);
    return LRP_OK;
}

enum lrp_status lrp_loss_pattern_new(const char *text, struct lrp_line_pattern **out,
                                     struct lrp_error *err)
{
    LRP_TRY(lrp_line_pattern_new("--loss-pattern", text, out, err));
    enum lrp_status status = choose_groups(*out, err);
    if (status != LRP_OK) {
        lrp_line_pattern_free(*out);
        *out = NULL;
    }
    return status;
}

enum lrp_pattern_match lrp_loss_pattern_find(const struct lrp_line_pattern *pattern,
                                             const char *line, double *step, double *loss,
                                             enum lrp_comma *comma)
{
    struct lrp_pattern_number numbers[LRP_PATTERN_PLACES_MOST];
    enum lrp_pattern_match match = lrp_line_pattern_match(pattern, line, numbers);
    size_t at_step = lrp_line_pattern_find_place(pattern, "step");
    size_t at_loss = lrp_line_pattern_find_place(pattern, "loss");
    if (match != LRP_PATTERN_FOUND) {
        return match;
    }
    if (!numbers[at_loss].there || (at_step < LRP_PATTERN_PLACES_MOST && !numbers[at_step].there)) {
        return LRP_PATTERN_NO_NUMBER;
    }
    *step = at_step == LRP_PATTERN_PLACES_MOST
                ? (double)NAN
                : numbers[at_step].value *
                      (numbers[at_step].comma == LRP_COMMA_EITHER ? LRP_COMMA_FACTOR : 1);
    *comma = numbers[at_loss].comma;
    *loss = numbers[at_loss].value;
    return LRP_PATTERN_FOUND;
}
