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
                           "share of ReLU units that are 0 for each of 512 examples", true},
    [LRP_SHARPNESS] = {"sharpness", "largest eigenvalue of the Hessian, on 512 examples", false},
};

struct lrp_measures {
    struct lrp_measure_set set;
    bool keeps_weights; /* before the update of a block */
    float *before;
    float *gradient; /* of the step before; NULL where no cosine is asked for */
    float *update;
    size_t every;
    size_t steps; /* ended */
    bool now;     /* this step is measured */
    bool next;    /* the next one is: a cosine will need this one */
    double gradient_squares, gradient_squares_before, gradient_product;
    double update_squares, update_squares_before, update_product;
    double weight_squares;
};

/* Sets what a word means: a name, or one of the words for several. */
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
    bool whole = true;
    if (measures->keeps_weights) {
        measures->before = lrp_calloc_aligned(block, sizeof(float));
        whole = measures->before != NULL;
    }
    if (wanted[LRP_GRAD_COSINE]) {
        measures->gradient = lrp_calloc_aligned(n, sizeof(float));
        whole = whole && measures->gradient != NULL;
    }
    if (wanted[LRP_UPDATE_COSINE]) {
        measures->update = lrp_calloc_aligned(n, sizeof(float));
        whole = whole && measures->update != NULL;
    }
    return whole;
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
    if (measures == NULL) {
        return lrp_fail_memory(err, sizeof *measures);
    }
    measures->set = *set;
    measures->every = every;
    measures->keeps_weights = set->wanted[LRP_UPDATE_NORM] || set->wanted[LRP_UPDATE_COSINE];
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
        free(measures->before);
        free(measures->gradient);
        free(measures->update);
        free(measures);
    }
}

bool lrp_measures_begin(struct lrp_measures *measures)
{
    measures->gradient_squares = measures->gradient_product = 0;
    measures->update_squares = measures->update_product = 0;
    measures->weight_squares = 0;
    measures->now = measures->steps % measures->every == 0;
    measures->next = (measures->steps + 1) % measures->every == 0;
    bool cosines = measures->gradient != NULL || measures->update != NULL;
    return measures->now || (measures->next && cosines);
}

void lrp_measures_before(struct lrp_measures *measures, size_t first, const float *parameters,
                         const float *gradients, size_t n)
{
    if (measures->set.wanted[LRP_GRAD_NORM] || measures->gradient != NULL) {
        measures->gradient_squares += lrp_sum_squares(gradients, n);
    }
    if (measures->gradient != NULL) {
        if (measures->now) {
            measures->gradient_product += lrp_dot(gradients, measures->gradient + first, n);
        }
        memcpy(measures->gradient + first, gradients, n * sizeof *gradients);
    }
    if (measures->set.wanted[LRP_WEIGHT_NORM]) {
        measures->weight_squares += lrp_sum_squares(parameters, n);
    }
    if (measures->keeps_weights) {
        memcpy(measures->before, parameters, n * sizeof *parameters);
    }
}

void lrp_measures_after(struct lrp_measures *measures, size_t first, const float *parameters,
                        size_t n)
{
    if (!measures->keeps_weights) {
        return;
    }
    float *restrict change = measures->before;
    for (size_t i = 0; i < n; i++) {
        change[i] = parameters[i] - change[i];
    }
    measures->update_squares += lrp_sum_squares(change, n);
    if (measures->update != NULL) {
        if (measures->now) {
            measures->update_product += lrp_dot(change, measures->update + first, n);
        }
        memcpy(measures->update + first, change, n * sizeof *change);
    }
}

static void put(struct lrp_measurements *out, enum lrp_measure measure, double value)
{
    out->value[measure] = value;
    out->present[measure] = true;
}

/* Cosine from the product and the squared lengths; none where it has no meaning. */
static void put_cosine(struct lrp_measurements *out, enum lrp_measure measure, double product,
                       double squares, double squares_before)
{
    double lengths = sqrt(squares) * sqrt(squares_before);
    if (lengths > 0) {
        put(out, measure, product / lengths);
    }
}

static void put_all(const struct lrp_measures *measures, struct lrp_measurements *out)
{
    const bool *wanted = measures->set.wanted;
    if (wanted[LRP_GRAD_NORM]) {
        put(out, LRP_GRAD_NORM, sqrt(measures->gradient_squares));
    }
    if (wanted[LRP_UPDATE_NORM]) {
        put(out, LRP_UPDATE_NORM, sqrt(measures->update_squares));
    }
    if (wanted[LRP_WEIGHT_NORM]) {
        put(out, LRP_WEIGHT_NORM, sqrt(measures->weight_squares));
    }
    if (measures->steps > 0 && wanted[LRP_GRAD_COSINE]) {
        put_cosine(out, LRP_GRAD_COSINE, measures->gradient_product, measures->gradient_squares,
                   measures->gradient_squares_before);
    }
    if (measures->steps > 0 && wanted[LRP_UPDATE_COSINE]) {
        put_cosine(out, LRP_UPDATE_COSINE, measures->update_product, measures->update_squares,
                   measures->update_squares_before);
    }
}

void lrp_measures_end(struct lrp_measures *measures, struct lrp_measurements *out)
{
    if (measures->now) {
        put_all(measures, out);
    }
    measures->gradient_squares_before = measures->gradient_squares;
    measures->update_squares_before = measures->update_squares;
    measures->steps++;
}
