/* SPDX-License-Identifier: MIT */
#include "measures.h"

#include "alloc.h"
#include "vector_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct lrp_measure_row lrp_measure_table[LRP_MEASURES] = {
    [LRP_GRAD_NORM] = {"grad_norm", "norm of the gradient, before clipping", true},
    [LRP_UPDATE_NORM] = {"update_norm", "norm of the change of the weights", true},
    [LRP_WEIGHT_NORM] = {"weight_norm", "norm of the weights before it", true},
    [LRP_GRAD_COSINE] = {"grad_cosine", "cosine between this gradient and the one before", false},
    [LRP_UPDATE_COSINE] = {"update_cosine", "cosine between this update and the one before", false},
    [LRP_CLIPPED] = {"clipped", "1 where the gradient was clipped", true},
    [LRP_DEAD_FRACTION] = {"dead_fraction",
                           "share of ReLU units that are 0 for all of 512 examples", true},
    [LRP_SHARPNESS] = {"sharpness", "largest eigenvalue of the Hessian, on 512 examples", false},
};

/* A vector that goes from step to step: gradient or update. */
struct course {
    float *last;             /* of the step before; NULL where no cosine is asked for */
    double squares, product; /* of this step so far, and with the last */
    double squares_before;
};
struct lrp_measures {
    struct lrp_measure_set set;
    float *weights; /* before the update of a block; NULL where no update is asked for */
    size_t every;
    size_t steps; /* ended */
    bool now;     /* this step is measured */
    struct course gradient, update;
    double weight_squares;
};

/* Selects what a word stands for: a name, or one of the words for several. */
static bool take_word(struct lrp_measure_set *set, const char *word, size_t length)
{
    bool all = length == 3 && memcmp(word, "all", 3) == 0;
    bool usual = length == 5 && memcmp(word, "usual", 5) == 0;
    bool known = all || usual || (length == 4 && memcmp(word, "none", 4) == 0);
    for (size_t i = 0; i < LRP_MEASURES; i++) {
        const char *name = lrp_measure_table[i].name;
        bool named = strlen(name) == length && memcmp(name, word, length) == 0;
        known = known || named;
        set->wanted[i] = set->wanted[i] || named || all || (usual && lrp_measure_table[i].usual);
    }
    return known;
}

enum lrp_status lrp_measures_parse(const char *text, struct lrp_measure_set *set,
                                   struct lrp_error *err)
{
    struct lrp_measure_set read = {{false}};
    for (const char *at = text;;) {
        size_t length = strcspn(at, ",");
        if (!take_word(&read, at, length)) {
            return lrp_fail(err, LRP_E_ARG, 0,
                            "\"%.*s\" cannot be recorded; grad_norm, update_norm, weight_norm, "
                            "grad_cosine, update_cosine, clipped, dead_fraction and sharpness can, "
                            "and usual, all or none of them",
                            (int)(length < 40 ? length : 40), at);
        }
        if (at[length] == '\0') {
            break;
        }
        at += length + 1;
    }
    *set = read;
    return LRP_OK;
}

static bool reserve(struct lrp_measures *measures, size_t n, size_t block)
{
    const bool *wanted = measures->set.wanted;
    bool good = true;
    if (wanted[LRP_UPDATE_NORM] || wanted[LRP_UPDATE_COSINE]) {
        measures->weights = lrp_calloc_aligned(block, sizeof(float));
        good = measures->weights != NULL;
    }
    if (wanted[LRP_GRAD_COSINE]) {
        measures->gradient.last = lrp_calloc_aligned(n, sizeof(float));
        good = good && measures->gradient.last != NULL;
    }
    if (wanted[LRP_UPDATE_COSINE]) {
        measures->update.last = lrp_calloc_aligned(n, sizeof(float));
        good = good && measures->update.last != NULL;
    }
    return good;
}

enum lrp_status lrp_measures_new(const struct lrp_measure_set *set, size_t n, size_t block,
                                 size_t every, struct lrp_measures **out, struct lrp_error *err)
{
    bool any = false;
    for (size_t i = 0; i <= LRP_UPDATE_COSINE; i++) {
        any = any || set->wanted[i];
    }
    if (!any) {
        *out = NULL;
        return LRP_OK;
    }
    struct lrp_measures *measures = lrp_calloc_array(1, sizeof *measures);
    LRP_TRY_MEMORY(measures, err);
    measures->set = *set;
    measures->every = every;
    if (!reserve(measures, n, block)) {
        lrp_measures_free(measures);
        return lrp_fail_memory(err, 2 * n * sizeof(float));
    }
    *out = measures;
    return LRP_OK;
}

void lrp_measures_free(struct lrp_measures *measures)
{
    if (measures != NULL) {
        free(measures->weights);
        free(measures->gradient.last);
        free(measures->update.last);
        free(measures);
    }
}

static void begin_course(struct course *course)
{
    course->squares_before = course->squares;
    course->squares = course->product = 0;
}

bool lrp_measures_begin(struct lrp_measures *measures)
{
    begin_course(&measures->gradient);
    begin_course(&measures->update);
    measures->weight_squares = 0;
    measures->now = measures->steps % measures->every == 0;
    bool next = (measures->steps + 1) % measures->every == 0; /* its cosines will need this step */
    return measures->now ||
           (next && (measures->gradient.last != NULL || measures->update.last != NULL));
}

/* Values first .. first + n - 1 of a vector of this step. */
static void follow(struct course *course, bool now, size_t first, const float *values, size_t n)
{
    course->squares += lrp_sum_squares(values, n);
    if (course->last == NULL) {
        return;
    }
    if (now) {
        course->product += lrp_dot(values, course->last + first, n);
    }
    memcpy(course->last + first, values, n * sizeof *values);
}

void lrp_measures_before(struct lrp_measures *measures, size_t first, const float *parameters,
                         const float *gradients, size_t n)
{
    if (measures->set.wanted[LRP_GRAD_NORM] || measures->gradient.last != NULL) {
        follow(&measures->gradient, measures->now, first, gradients, n);
    }
    if (measures->set.wanted[LRP_WEIGHT_NORM]) {
        measures->weight_squares += lrp_sum_squares(parameters, n);
    }
    if (measures->weights != NULL) {
        memcpy(measures->weights, parameters, n * sizeof *parameters);
    }
}

void lrp_measures_after(struct lrp_measures *measures, size_t first, const float *parameters,
                        size_t n)
{
    float *restrict change = measures->weights;
    if (change == NULL) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        change[i] = parameters[i] - change[i];
    }
    follow(&measures->update, measures->now, first, change, n);
}

/* present: whether the measure has a meaning at this step. */
static void put(const struct lrp_measures *measures, enum lrp_measure measure, double value,
                bool present, struct lrp_measurements *out)
{
    if (measures->set.wanted[measure] && present) {
        out->value[measure] = value;
        out->present[measure] = true;
    }
}

static void put_cosine(const struct lrp_measures *measures, enum lrp_measure measure,
                       const struct course *course, struct lrp_measurements *out)
{
    double lengths = sqrt(course->squares) * sqrt(course->squares_before);
    put(measures, measure, course->product / lengths, measures->steps > 0 && lengths > 0, out);
}

void lrp_measures_end(struct lrp_measures *measures, struct lrp_measurements *out)
{
    if (measures->now) {
        put(measures, LRP_GRAD_NORM, sqrt(measures->gradient.squares), true, out);
        put(measures, LRP_UPDATE_NORM, sqrt(measures->update.squares), true, out);
        put(measures, LRP_WEIGHT_NORM, sqrt(measures->weight_squares), true, out);
        put_cosine(measures, LRP_GRAD_COSINE, &measures->gradient, out);
        put_cosine(measures, LRP_UPDATE_COSINE, &measures->update, out);
    }
    measures->steps++;
}
