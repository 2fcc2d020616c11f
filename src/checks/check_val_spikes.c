/* SPDX-License-Identifier: MIT */
/* Spikes of the validation loss, which the training loss need not have. */
#include "alloc.h"
#include "checks_table.h"
#include "measure.h"
#include "outliers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K3_HEIGHT, K3_TIMES, K3_LEAST, K3_RATE };
static const struct lrp_check_param k3_params[] = {
    [K3_HEIGHT] = {"height", 7, 3, 100, "deviations", "height over the 16 values before", "as K1"},
    [K3_TIMES] = {"times", 2, 1, 1e9, "x", "what came before, that a spike must reach", "design"},
    [K3_LEAST] = {"least", 3, 1, 1000, "spikes", "fewer are told only", "as K1"},
    [K3_RATE] = {"rate", 15, 0, 1000, "per 1000 values", "rate from which it warns",
                 "no good run of step-back or AlgoPerf has one such spike; fitted on none"},
};
enum {
    WINDOW = 16,
    BEFORE = 8,
    APART = 2
};                                   /* evaluations are few: more of them would hold the fall */
static const double smallest = 0.02; /* deviation of ln(val_loss) that the calmest curve has */

struct val_spikes {
    size_t count;
    size_t first, last, highest; /* values among the finite ones */
};

/* The finite values' logarithms and positions, n_finite each. False where one is not positive. */
static bool take_levels(const struct lrp_metric_series *series, double *level, double *at)
{
    size_t n = 0;
    for (size_t i = 0; i < series->n; i++) {
        if (!isfinite(series->value[i])) {
            continue;
        }
        if (!(series->value[i] > 0)) {
            return false;
        }
        level[n] = log(series->value[i]);
        at[n] = series->at[i];
        n++;
    }
    return true;
}

static enum lrp_status find(const struct lrp_check_input *in, const double *level, size_t n,
                            struct val_spikes *out)
{
    struct lrp_outlier *points = NULL;
    size_t n_points = 0;
    double highest = 0;
    LRP_TRY(lrp_rolling_outliers(level, n, WINDOW, BEFORE, in->params[K3_HEIGHT], smallest, &points,
                                 &n_points, in->err));
    for (size_t p = 0; p < n_points; p++) {
        double above = level[points[p].index] - points[p].median;
        if (!(above > log(in->params[K3_TIMES]))) {
            continue;
        }
        bool same = out->count > 0 && points[p].index - out->last <= APART;
        out->first = out->count == 0 ? points[p].index : out->first;
        out->count += same ? 0 : 1;
        out->last = points[p].index;
        out->highest = above > highest ? points[p].index : out->highest;
        highest = fmax(highest, above);
    }
    free(points);
    return LRP_OK;
}

static void judge(const struct lrp_check_input *in, const struct val_spikes *spikes,
                  const double *level, const double *at, size_t n, struct lrp_finding *out)
{
    double rate = 1000 * (double)spikes->count / (double)(n - BEFORE);
    lrp_finding_measure(out, rate, in->params[K3_RATE]);
    if (spikes->count == 0) {
        lrp_finding_pass(out, "no value of val_loss is %g times what came before",
                         in->params[K3_TIMES]);
        return;
    }
    bool many = (double)spikes->count >= in->params[K3_LEAST] && rate > in->params[K3_RATE];
    lrp_finding_span(out, at[spikes->first], at[spikes->last]);
    lrp_finding_set(out, many ? LRP_CHECK_WARN : LRP_CHECK_INFO,
                    "val_loss has %zu spike%s in %zu values; the highest is %.4g at %s %.8g",
                    spikes->count, spikes->count == 1 ? "" : "s", n, exp(level[spikes->highest]),
                    in->run->position, at[spikes->highest]);
}

static enum lrp_status k3_run(const struct lrp_check_input *in, struct lrp_finding *out)
{
    const struct lrp_metric_series *series = &in->run->metric[LRP_METRIC_VAL_LOSS];
    size_t n = series->n_finite;
    struct val_spikes spikes = {0};
    double *level = lrp_calloc_array(2 * n, sizeof *level);
    LRP_TRY_MEMORY(level, in->err);
    double *at = level + n;
    if (!take_levels(series, level, at)) {
        free(level);
        return lrp_finding_skip(out, "val_loss has values of 0 and below");
    }
    enum lrp_status status = find(in, level, n, &spikes);
    if (status == LRP_OK) {
        judge(in, &spikes, level, at, n, out);
    }
    free(level);
    return status;
}

const struct lrp_check lrp_check_K3 = {
    .id = "K3",
    .title = "validation loss spikes",
    .needs = "val_loss",
    .metrics = LRP_NEEDS(VAL_LOSS),
    .least = 30,
    .verdict = LRP_VERDICT_SPIKES,
    .family = LRP_FAMILY_OSCILLATION,
    .method = "Values of the validation loss that are at least twice the rolling median of the 16 "
              "before them and stand seven robust deviations out on the logarithm; neighbours "
              "count once. The rate decides; fewer than three are told.",
    .remedy = "Look at what training and validation do differently: running statistics of batch "
              "normalisation that lag behind the weights, dropout, precision. Lower the learning "
              "rate by 2 to 3, average the weights, or evaluate on more examples.",
    .source =
        "Ioffe 2017, Batch Renormalization (statistics that differ in evaluation); thresholds "
        "ours",
    LRP_CHECK_PARAM_TABLE(k3_params),
    .run = k3_run,
};
