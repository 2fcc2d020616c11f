/* SPDX-License-Identifier: MIT */
#include "peers.h"

#include "alloc.h"
#include "peers_internal.h"

#include <math.h>
#include <stdlib.h>

static const char *const peer_names[LRP_PEERS] = {"fastai_valley", "fastai_slide",
                                                  "fastai_steep",  "fastai_minimum",
                                                  "lightning",     "torch_lr_finder"};
enum { VALLEY, SLIDE, STEEP, MINIMUM, LIGHTNING, TORCH_LR_FINDER };

const char *lrp_peer_name(size_t index)
{
    return index < LRP_PEERS ? peer_names[index] : NULL;
}

struct work { /* n values each */
    float *lr;
    float *loss;
    double *recorded;
    float *fastai;
    size_t *tails;
};

/* Longest decreasing subsequence; the answer lies int(w/3) + int(w/6) after its start, which the
 * tool estimates as end - length. A start of -1 counts from the end, as Python does. The tool
 * compares all pairs; here tails[k] is where the subsequence of k + 1 values ends that ends
 * highest, which gives the same lengths in n log n. */
static double valley(const float *lr, const float *loss, size_t n, size_t *tails)
{
    size_t longest = 0;
    long start = 0;
    size_t end = 0;
    if (n == 0) {
        return (double)NAN;
    }
    for (size_t i = 0; i < n; i++) {
        size_t low = 0;
        size_t high = longest;
        while (low < high) { /* how many of them loss[i] goes on */
            size_t middle = low + (high - low) / 2;
            if (loss[tails[middle]] > loss[i]) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        tails[low] = i;
        if (low == longest) {
            longest++;
            end = i;
            start = i == 0 ? 0 : (long)i - (long)longest;
        }
    }
    double third = (double)((long)end - start) / 3;
    long pick = start + (long)third + (long)(third / 2);
    if (pick < 0) {
        pick += (long)n;
    }
    return pick >= 0 && pick < (long)n ? (double)lr[pick] : (double)NAN;
}

/* numpy.gradient by index, float32. */
static float index_gradient(const float *y, size_t n, size_t i)
{
    if (i == 0) {
        return y[1] - y[0];
    }
    if (i == n - 1) {
        return y[n - 1] - y[n - 2];
    }
    return (y[i + 1] - y[i - 1]) / 2.0f;
}

/* A window of 15 slides left while the gradients at its ends differ by more than 0.005. */
static double slide(const float *lr, const float *loss, size_t n)
{
    enum { WINDOW = 15 };
    if (n < WINDOW + 1) {
        return (double)NAN;
    }
    size_t right = n - 1;
    size_t left = n - 1 - WINDOW;
    size_t pick = left;
    for (;;) {
        float difference = fabsf(index_gradient(loss, n, right) - index_gradient(loss, n, left));
        if (!((double)difference > 0.005)) {
            break;
        }
        pick = left;
        if (left == 0) {
            break;
        }
        right--;
        left--;
    }
    return (double)lr[pick];
}

/* The steepest fall over the logarithm of the rate. */
static double steep(const float *lr, const float *loss, size_t n)
{
    size_t pick = 0;
    float least = 0;
    if (n < 2) {
        return (double)NAN;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        float slope = (loss[i + 1] - loss[i]) / (logf(lr[i + 1]) - logf(lr[i]));
        /* numpy's argmin: the first NaN wins */
        if (isnan(slope)) {
            return (double)lr[i];
        }
        if (i == 0 || slope < least) {
            least = slope;
            pick = i;
        }
    }
    return (double)lr[pick];
}

static double minimum_tenth(const float *lr, const float *loss, size_t n)
{
    if (n == 0) {
        return (double)NAN;
    }
    size_t pick = 0;
    for (size_t i = 1; i < n; i++) {
        if (loss[i] < loss[pick]) {
            pick = i;
        }
    }
    return (double)lr[pick] / 10;
}

static void suggest_fastai(const double *lr, const double *loss, size_t n, size_t planned,
                           struct work *work, double *suggestions)
{
    size_t kept = lrp_fastai_record(loss, n, work->fastai);
    size_t begin = planned / 10;
    size_t end = kept > 5 ? kept - 5 : 0;
    size_t count = 0;
    for (size_t i = begin; i < end && !isnan(work->fastai[i]); i++) {
        work->lr[count] = (float)lr[i];
        work->loss[count] = work->fastai[i];
        count++;
    }
    suggestions[VALLEY] = valley(work->lr, work->loss, count, work->tails);
    suggestions[SLIDE] = slide(work->lr, work->loss, count);
    suggestions[STEEP] = steep(work->lr, work->loss, count);
    suggestions[MINIMUM] = minimum_tenth(work->lr, work->loss, count);
}

/* torch.gradient with coordinates, float32. */
static float gradient_over_rate(const float *x, const float *y, size_t n, size_t i)
{
    if (i == 0) {
        return (y[1] - y[0]) / (x[1] - x[0]);
    }
    if (i == n - 1) {
        return (y[n - 1] - y[n - 2]) / (x[n - 1] - x[n - 2]);
    }
    float a = x[i] - x[i - 1];
    float b = x[i + 1] - x[i];
    return (-b / (a * (a + b))) * y[i - 1] + ((b - a) / (a * b)) * y[i] +
           (a / (b * (a + b))) * y[i + 1];
}

/* Lightning 2.5.3 and later: steepest in the linear rate, 10 rows left out before and 1 after. */
static double suggest_lightning(const double *lr, const double *loss, size_t n, struct work *work)
{
    size_t kept = lrp_lightning_record(loss, n, work->recorded);
    size_t count = 0;
    for (size_t i = 10; i + 1 < kept; i++) {
        float value = (float)work->recorded[i];
        if (isfinite(value)) {
            work->lr[count] = (float)lr[i];
            work->loss[count] = value;
            count++;
        }
    }
    if (count < 2) {
        return (double)NAN;
    }
    size_t pick = 0;
    float least = 0;
    for (size_t i = 0; i < count; i++) {
        float slope = gradient_over_rate(work->lr, work->loss, count, i);
        if (isnan(slope)) {
            return (double)work->lr[i];
        }
        if (i == 0 || slope < least) {
            least = slope;
            pick = i;
        }
    }
    return (double)work->lr[pick];
}

/* torch-lr-finder: steepest by index, 10 rows left out before and 5 after; a NaN counts as the
 * least, as in numpy's argmin. */
static double suggest_torch_lr_finder(const double *lr, const double *loss, size_t n,
                                      struct work *work)
{
    size_t kept = lrp_torch_lr_finder_record(loss, n, work->recorded);
    if (kept < 17) {
        return (double)NAN;
    }
    const double *y = work->recorded + 10;
    size_t count = kept - 15;
    size_t pick = 0;
    double least = 0;
    for (size_t i = 0; i < count; i++) {
        double slope = i == 0           ? y[1] - y[0]
                       : i == count - 1 ? y[count - 1] - y[count - 2]
                                        : (y[i + 1] - y[i - 1]) / 2;
        if (isnan(slope)) {
            pick = i;
            break;
        }
        if (i == 0 || slope < least) {
            least = slope;
            pick = i;
        }
    }
    return lr[10 + pick];
}

enum lrp_status lrp_peers_suggest(const double *lr, const double *loss, size_t n,
                                  size_t planned_steps, double *suggestions, struct lrp_error *err)
{
    struct work work = {
        .lr = lrp_calloc_array(n, sizeof *work.lr),
        .loss = lrp_calloc_array(n, sizeof *work.loss),
        .recorded = lrp_calloc_array(n, sizeof *work.recorded),
        .fastai = lrp_calloc_array(n, sizeof *work.fastai),
        .tails = lrp_calloc_array(n, sizeof *work.tails),
    };
    enum lrp_status status = LRP_OK;
    if (work.lr == NULL || work.loss == NULL || work.recorded == NULL || work.fastai == NULL ||
        work.tails == NULL) {
        status = lrp_fail_memory(err, n * sizeof(double));
    } else {
        suggest_fastai(lr, loss, n, planned_steps, &work, suggestions);
        suggestions[LIGHTNING] = suggest_lightning(lr, loss, n, &work);
        suggestions[TORCH_LR_FINDER] = suggest_torch_lr_finder(lr, loss, n, &work);
    }
    free(work.lr);
    free(work.loss);
    free(work.recorded);
    free(work.fastai);
    free(work.tails);
    return status;
}
