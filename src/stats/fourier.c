/* SPDX-License-Identifier: MIT */
#include "fourier.h"

#include "alloc.h"

#include <kiss_fftr.h>
#include <stdlib.h>

static bool is_fast(size_t n)
{
    if (n == 0 || n % 2 != 0) {
        return false;
    }
    const size_t primes[] = {2, 3, 5};
    for (size_t i = 0; i < sizeof primes / sizeof primes[0]; i++) {
        while (n % primes[i] == 0) {
            n /= primes[i];
        }
    }
    return n == 1;
}

size_t lrp_fourier_length(size_t n)
{
    while (!is_fast(n)) {
        n++;
    }
    return n;
}

size_t lrp_fourier_length_within(size_t n)
{
    while (n > 0 && !is_fast(n)) {
        n--;
    }
    return n;
}

/* A plan, and the two arrays it works on, in memory of our own. */
struct transform {
    kiss_fftr_cfg plan;
    void *memory;
    kiss_fft_scalar *time;
    kiss_fft_cpx *frequency;
};

static void end_transform(struct transform *transform)
{
    free(transform->memory);
    free(transform->time);
    free(transform->frequency);
}

static enum lrp_status begin_transform(struct transform *transform, size_t length, int inverse,
                                       struct lrp_error *err)
{
    size_t bytes = 0;
    (void)kiss_fftr_alloc((int)length, inverse, NULL, &bytes);
    transform->memory = lrp_calloc_array(bytes, 1);
    transform->time = lrp_calloc_array(length, sizeof *transform->time);
    transform->frequency = lrp_calloc_array(length / 2 + 1, sizeof *transform->frequency);
    transform->plan = NULL;
    if (transform->memory != NULL && transform->time != NULL && transform->frequency != NULL) {
        transform->plan = kiss_fftr_alloc((int)length, inverse, transform->memory, &bytes);
    }
    if (transform->plan == NULL) {
        end_transform(transform);
        return lrp_fail_memory(err, bytes);
    }
    return LRP_OK;
}

enum lrp_status lrp_fourier_power(const double *y, size_t n, size_t length, double *power,
                                  struct lrp_error *err)
{
    struct transform transform;
    LRP_TRY(begin_transform(&transform, length, 0, err));
    for (size_t t = 0; t < n; t++) {
        transform.time[t] = (kiss_fft_scalar)y[t];
    }
    kiss_fftr(transform.plan, transform.time, transform.frequency);
    for (size_t k = 0; k <= length / 2; k++) {
        double cosine = (double)transform.frequency[k].r;
        double sine = (double)transform.frequency[k].i;
        power[k] = cosine * cosine + sine * sine;
    }
    end_transform(&transform);
    return LRP_OK;
}

enum lrp_status lrp_fourier_covariance(const double *power, size_t length, double *out,
                                       size_t n_out, struct lrp_error *err)
{
    struct transform transform;
    LRP_TRY(begin_transform(&transform, length, 1, err));
    for (size_t k = 0; k <= length / 2; k++) {
        /* divided here, as the unnormalised sum could leave a float's range */
        transform.frequency[k].r = (kiss_fft_scalar)(power[k] / (double)length);
    }
    kiss_fftri(transform.plan, transform.frequency, transform.time);
    for (size_t k = 0; k < n_out; k++) {
        out[k] = (double)transform.time[k];
    }
    end_transform(&transform);
    return LRP_OK;
}
