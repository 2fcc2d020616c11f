/* SPDX-License-Identifier: MIT */
#include "peers.h"

#include "alloc.h"

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

/* ---- what a tool writes down --------------------------------------------------------------- */

/* How other finders smooth, and when they stop. Number types follow the tools: float32 decides
 * ties. Each fills recorded (room for n) from the raw losses and returns how many steps the tool
 * would have made before its own stop rule. */

static const double BETA = 0.98;

/* fastai: exponential average from 0 with bias correction, in float32, by torch.lerp, which for a
 * weight of 0.5 and more computes end - (end - start) * (1 - weight) with one rounding. Stops at
 * four times the best. */
static size_t fastai_record(const double *loss, size_t n, float *recorded)
{
    const float beta = (float)BETA;
    const double weight = (double)(1.0f - beta);
    float average = 0;
    float best = INFINITY;
    for (size_t i = 0; i < n; i++) {
        float value = (float)loss[i];
        float difference = average - value;
        average = (float)((double)average - (double)difference * weight);
        float correction = (float)(1.0 - pow(BETA, (double)(i + 1)));
        float smooth = average / correction;
        recorded[i] = smooth;
        if (smooth < best) {
            best = smooth;
        }
        if (smooth > 4.0f * best) {
            return i + 1;
        }
    }
    return n;
}

/* Lightning: the same average in double, but corrected with one power too many (its step counter
 * is ahead), and a best value that starts from the first smoothed one. */
static size_t lightning_record(const double *loss, size_t n, double *recorded)
{
    double average = 0;
    double best = 0;
    for (size_t i = 0; i < n; i++) {
        size_t step = i + 1;
        average = BETA * average + (1 - BETA) * loss[i];
        double smooth = average / (1 - pow(BETA, (double)(step + 1)));
        recorded[i] = smooth;
        int stop = step > 1 && smooth > 4.0 * best;
        if (smooth < best || step == 1) {
            best = smooth;
        }
        if (stop) {
            return i + 1;
        }
    }
    return n;
}

/* torch-lr-finder: an average that starts at the first raw loss, weight 0.05, and a stop at five
 * times the best. */
static size_t torch_lr_finder_record(const double *loss, size_t n, double *recorded)
{
    double best = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double value = loss[i];
        if (i == 0) {
            best = value;
        } else {
            value = 0.05 * value + (1 - 0.05) * recorded[i - 1];
            if (value < best) {
                best = value;
            }
        }
        recorded[i] = value;
        if (value > 5.0 * best) {
            return i + 1;
        }
    }
    return n;
}

/* ---- what it reads out of that ------------------------------------------------------------- */

struct work { /* n values each */
    float *lr;
    float *loss;
    double *recorded;
    double *slopes;
    float *fastai;
    size_t *tails;
};

/* numpy's argmin of n (1 or more) values: the first NaN wins. */
static size_t first_least(const double *values, size_t n)
{
    size_t pick = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) {
            return i;
        }
        pick = values[i] < values[pick] ? i : pick;
    }
    return pick;
}

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
static double steep(const float *lr, const float *loss, size_t n, double *slopes)
{
    if (n < 2) {
        return (double)NAN;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        slopes[i] = (double)((loss[i + 1] - loss[i]) / (logf(lr[i + 1]) - logf(lr[i])));
    }
    return (double)lr[first_least(slopes, n - 1)];
}

static double minimum_tenth(const float *lr, const float *loss, size_t n, double *values)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = (double)loss[i];
    }
    return n > 0 ? (double)lr[first_least(values, n)] / 10 : (double)NAN;
}

static void suggest_fastai(const double *lr, const double *loss, size_t n, size_t planned,
                           struct work *work, double *suggestions)
{
    size_t kept = fastai_record(loss, n, work->fastai);
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
    suggestions[STEEP] = steep(work->lr, work->loss, count, work->slopes);
    suggestions[MINIMUM] = minimum_tenth(work->lr, work->loss, count, work->slopes);
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
    size_t kept = lightning_record(loss, n, work->recorded);
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
    for (size_t i = 0; i < count; i++) {
        work->slopes[i] = (double)gradient_over_rate(work->lr, work->loss, count, i);
    }
    return (double)work->lr[first_least(work->slopes, count)];
}

/* torch-lr-finder: steepest by index, 10 rows left out before and 5 after. */
static double suggest_torch_lr_finder(const double *lr, const double *loss, size_t n,
                                      struct work *work)
{
    size_t kept = torch_lr_finder_record(loss, n, work->recorded);
    if (kept < 17) {
        return (double)NAN;
    }
    const double *y = work->recorded + 10;
    size_t count = kept - 15;
    for (size_t i = 0; i < count; i++) {
        work->slopes[i] = i == 0           ? y[1] - y[0]
                          : i == count - 1 ? y[count - 1] - y[count - 2]
                                           : (y[i + 1] - y[i - 1]) / 2;
    }
    return lr[10 + first_least(work->slopes, count)];
}

enum lrp_status lrp_peers_suggest(const double *lr, const double *loss, size_t n,
                                  size_t planned_steps, double *suggestions, struct lrp_error *err)
{
    struct work work = {
        .lr = lrp_calloc_array(n, sizeof *work.lr),
        .loss = lrp_calloc_array(n, sizeof *work.loss),
        .recorded = lrp_calloc_array(n, sizeof *work.recorded),
        .slopes = lrp_calloc_array(n, sizeof *work.slopes),
        .fastai = lrp_calloc_array(n, sizeof *work.fastai),
        .tails = lrp_calloc_array(n, sizeof *work.tails),
    };
    enum lrp_status status = LRP_OK;
    if (work.lr == NULL || work.loss == NULL || work.recorded == NULL || work.fastai == NULL ||
        work.slopes == NULL || work.tails == NULL) {
        status = lrp_fail_memory(err, n * sizeof(double));
    } else {
        suggest_fastai(lr, loss, n, planned_steps, &work, suggestions);
        suggestions[LIGHTNING] = suggest_lightning(lr, loss, n, &work);
        suggestions[TORCH_LR_FINDER] = suggest_torch_lr_finder(lr, loss, n, &work);
    }
    free(work.lr);
    free(work.loss);
    free(work.recorded);
    free(work.slopes);
    free(work.fastai);
    free(work.tails);
    return status;
}
