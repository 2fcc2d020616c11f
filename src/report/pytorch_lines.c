/* SPDX-License-Identifier: MIT */
#include "pytorch_lines.h"

#include "document.h"
#include "number.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Whether the groups have rates of their own, all of them known. */
static bool has_ratios(const struct lrp_conditions *conditions)
{
    bool differ = false;
    if (conditions->n_groups < 2 || conditions->n_groups > LRP_GROUPS) {
        return false;
    }
    for (size_t i = 0; i < conditions->n_groups; i++) {
        double ratio = conditions->group_ratios[i];
        if (!(ratio >= 0 && ratio <= 1)) {
            return false;
        }
        differ = differ || ratio < 1;
    }
    return differ;
}

/* A rate, or with several parameter groups the rate of each. */
static void append_group_rates(struct lrp_text *out, const struct lrp_conditions *conditions,
                               double rate)
{
    char number[LRP_NUMBER_SIZE];
    if (!has_ratios(conditions)) {
        lrp_text_append(out, lrp_shown_number(rate, number));
        return;
    }
    for (size_t i = 0; i < conditions->n_groups; i++) {
        lrp_text_printf(out, "%s%s", i == 0 ? "[" : ", ",
                        lrp_shown_number(rate * conditions->group_ratios[i], number));
    }
    lrp_text_append(out, "]");
}

/* CyclicLR of PyTorch 1 cycles only what is called momentum; beta1 it refuses. */
static void append_momentum(struct lrp_text *out, const struct lrp_bounds *bounds, bool beta)
{
    const char *name = bounds->conditions.momentum;
    char number[2][LRP_NUMBER_SIZE];
    if (isfinite(bounds->one_cycle.momentum_low) && (beta || strcmp(name, "momentum") == 0)) {
        lrp_text_printf(out, ", base_momentum=%s, max_momentum=%s)\n",
                        lrp_shown_number(bounds->one_cycle.momentum_low, number[0]),
                        lrp_shown_number(bounds->one_cycle.momentum_high, number[1]));
    } else {
        lrp_text_append(out, ", cycle_momentum=False)\n");
    }
}

void lrp_append_pytorch(struct lrp_text *out, const struct lrp_bounds *bounds)
{
    char number[LRP_NUMBER_SIZE];
    lrp_text_append(out, "torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=");
    append_group_rates(out, &bounds->conditions, bounds->one_cycle.max_lr);
    lrp_text_append(out, ", total_steps=...");
    append_momentum(out, bounds, true);
    if (isfinite(bounds->clr.base_lr)) {
        lrp_text_append(out, "torch.optim.lr_scheduler.CyclicLR(optimizer, base_lr=");
        append_group_rates(out, &bounds->conditions, bounds->clr.base_lr);
        lrp_text_append(out, ", max_lr=");
        append_group_rates(out, &bounds->conditions, bounds->clr.max_lr);
        lrp_text_printf(out, ", step_size_up=%s",
                        isfinite(bounds->clr.step_size)
                            ? lrp_format_double(bounds->clr.step_size, number)
                            : "...");
        append_momentum(out, bounds, false);
    }
    lrp_text_printf(out, "# one constant rate: lr=%s\n",
                    lrp_shown_number(bounds->suggested_lr.value, number));
    lrp_text_append(out,
                    "# code that keeps the ratio of parameter groups and resumes at the right "
                    "rate:\n"
                    "# lrprobe schedule onecycle --from bounds.json --steps N --code pytorch\n");
}
