/* SPDX-License-Identifier: MIT */
#include "spectrum.h"

#include "alloc.h"
#include "fourier.h"
#include "robust.h"

#include <math.h>
#include <stdlib.h>

static const double PI = 3.14159265358979323846;
static const double LARGEST_A = 0.99;
/* Ordinates so far above the background count as so far. */
static const double CAP = 5;
static const double LN_2 = 0.69314718055994530942; /* median of an exponential of mean 1 */

/* Bins first .. last of a transform of length n; the last is the Nyquist bin. */
struct spectrum {
    size_t n, first, last;
    double *power;      /* tapered, bins 0 .. last */
    double *background; /* same bins; valid from first on */
};

/* ---- background ---------------------------------------------------------------------------- */

static double cosine_of(const struct spectrum *spectrum, size_t bin)
{
    return cos(2 * PI * (double)bin / (double)spectrum->n);
}

static double shape(double a, double cosine)
{
    return (1 - a * a) / (1 + a * a - 2 * a * cosine);
}

enum { SAMPLED = 501 };

/* A start that a line cannot spoil: of some coefficients the likeliest, the scale from the median
 * ratio. On at most SAMPLED bins. */
static double start(const struct spectrum *spectrum, double *scale)
{
    const double candidates[] = {-0.9, -0.6, -0.3, 0, 0.3, 0.6, 0.8, 0.9, 0.97};
    const size_t bins = spectrum->last - spectrum->first + 1;
    const size_t stride = (bins + SAMPLED - 1) / SAMPLED;
    double best = (double)INFINITY;
    double a = 0;
    *scale = 1;
    for (size_t c = 0; c < sizeof candidates / sizeof candidates[0]; c++) {
        double ratios[SAMPLED];
        double sorted[SAMPLED];
        double logs = 0;
        size_t count = 0;
        for (size_t k = spectrum->first; k <= spectrum->last; k += stride) {
            double model = shape(candidates[c], cosine_of(spectrum, k));
            ratios[count] = spectrum->power[k] / model;
            sorted[count++] = spectrum->power[k] / model;
            logs += log(model);
        }
        double middle = lrp_median_in_place(sorted, count) / LN_2;
        double unlikely = logs + (double)count * log(middle);
        for (size_t i = 0; i < count; i++) {
            unlikely += fmin(ratios[i] / middle, CAP);
        }
        if (unlikely < best) {
            best = unlikely;
            a = candidates[c];
            *scale = middle;
        }
    }
    return a;
}

/* Coefficient and scale by Whittle's likelihood. Over the whole circle its maximum has a closed
 * form, a = sum(I cos w) / sum(I). So ordinates above CAP times the model count as that, those
 * below the first bin as the model, and the form is taken again, as in an EM algorithm. */
static double fit_red_noise(struct spectrum *spectrum)
{
    const double kept = 1 - exp(-CAP);     /* mean of an exponential of mean 1 that is cut at CAP */
    double *cosine = spectrum->background; /* until the background goes there */
    double scale = 1;
    double a = start(spectrum, &scale);
    for (size_t k = 1; k <= spectrum->last; k++) {
        cosine[k] = cosine_of(spectrum, k);
    }
    for (int round = 0; round < 20; round++) {
        double sum = 0;
        double sum_cosine = 0;
        double ratios = 0;
        for (size_t k = 1; k <= spectrum->last; k++) {
            double model = scale * shape(a, cosine[k]);
            double power = k < spectrum->first ? model * kept : spectrum->power[k];
            power = fmin(power, CAP * model);
            sum += power;
            sum_cosine += power * cosine[k];
            ratios += power / model;
        }
        scale *= ratios / kept / (double)spectrum->last;
        a = fmin(fmax(sum_cosine / sum, -LARGEST_A), LARGEST_A);
    }
    for (size_t k = 1; k <= spectrum->last; k++) {
        spectrum->background[k] = scale * shape(a, cosine[k]);
    }
    return a;
}

/* Median power of the octave around a bin, at least 13 bins, of which a line fills three. *middle:
 * the bin it stands for. */
static double octave_level(const struct spectrum *spectrum, double centre, double *middle)
{
    const size_t least = 13;
    size_t begin = (size_t)(centre / 1.41421356237309505);
    size_t end = (size_t)(centre * 1.41421356237309505) + 1;
    begin = begin < spectrum->first ? spectrum->first : begin;
    end = end < begin + least ? begin + least : end;
    end = end > spectrum->last + 1 ? spectrum->last + 1 : end;
    if (begin + least > end) {
        begin = end > spectrum->first + least ? end - least : spectrum->first;
    }
    double sorted[SAMPLED];
    size_t stride = (end - begin + SAMPLED - 1) / SAMPLED;
    size_t count = 0;
    for (size_t k = begin; k < end; k += stride) {
        sorted[count++] = spectrum->power[k];
    }
    *middle = 0.5 * (double)(begin + end - 1);
    return lrp_median_in_place(sorted, count) / LN_2;
}

/* Raises the background to the octaves' levels. Within an octave the level follows the slope
 * towards two octaves higher, flat unless that is steep beyond doubt: the first bins are at the
 * edge of theirs, and in a random walk far above its median. */
static void raise_to_octaves(struct spectrum *spectrum)
{
    const double step = 1.18920711500272107; /* a quarter of an octave */
    size_t k = spectrum->first;
    for (double edge = (double)k; k <= spectrum->last; edge *= step) {
        double middle = 0;
        double middle_above = 0;
        double level = octave_level(spectrum, edge * sqrt(step), &middle);
        double above = octave_level(spectrum, 4 * edge * sqrt(step), &middle_above);
        double slope = 0;
        if (middle_above > 1.5 * middle && above > 0) {
            slope = fmin(fmax(log(level / above) / log(middle_above / middle) - 0.5, 0), 2);
        }
        for (; k <= spectrum->last && (double)k < edge * step; k++) {
            double here = level * pow(middle / (double)k, slope);
            spectrum->background[k] = fmax(spectrum->background[k], here);
        }
    }
}

/* ---- peak ---------------------------------------------------------------------------------- */

/* -log of the chance of such a ratio in one bin: it does not underflow as the chance does. */
static double surprise(const struct spectrum *spectrum, size_t bin)
{
    double ratio = spectrum->power[bin] / spectrum->background[bin];
    if (bin < spectrum->last) {
        return ratio;
    }
    double chance = erfc(sqrt(0.5 * ratio)); /* the Nyquist bin has one degree of freedom */
    return chance > 0 ? -log(chance) : 0.5 * ratio + 0.5 * log(0.5 * PI * ratio);
}

/* Frequency in bins: where between the bins a line lies follows from its two largest under a Hann
 * taper, offset = (2 q - 1) / (q + 1), q the ratio of their amplitudes. */
static double frequency_near(const struct spectrum *spectrum, size_t bin)
{
    if (bin == spectrum->last) {
        return (double)bin;
    }
    bool above = spectrum->power[bin + 1] > spectrum->power[bin - 1];
    double q = sqrt(spectrum->power[above ? bin + 1 : bin - 1] / spectrum->power[bin]);
    double offset = fmin(fmax((2 * q - 1) / (q + 1), 0), 0.5);
    return (double)bin + (above ? offset : -offset);
}

/* Share of the variance in the bins around the peak; the Nyquist bin has no twin and counts half.
 */
static double share_of(const struct spectrum *spectrum, size_t bin)
{
    double line = 0;
    double all = 0;
    for (size_t k = 1; k <= spectrum->last; k++) {
        double weight = k == spectrum->last ? 0.5 : 1;
        all += weight * spectrum->power[k];
        if (k + 1 >= bin && k <= bin + 1) {
            line += weight * (spectrum->power[k] - spectrum->background[k]);
        }
    }
    return fmax(line, 0) / all;
}

/* Amplitude of the sinusoid with so many periods in the n values, mean 0, by least squares. */
static double amplitude_of(const double *y, size_t n, double periods)
{
    double sums[2] = {0};
    double products[2] = {0}; /* with y */
    double squares[3] = {0};  /* cos cos, sin sin, cos sin */
    for (size_t t = 0; t < n; t++) {
        double angle = 2 * PI * fmod(periods * (double)t / (double)n, 1);
        double cosine = cos(angle);
        double sine = sin(angle);
        sums[0] += cosine;
        sums[1] += sine;
        products[0] += cosine * y[t];
        products[1] += sine * y[t];
        squares[0] += cosine * cosine;
        squares[1] += sine * sine;
        squares[2] += cosine * sine;
    }
    squares[0] -= sums[0] * sums[0] / (double)n;
    squares[1] -= sums[1] * sums[1] / (double)n;
    squares[2] -= sums[0] * sums[1] / (double)n;
    double determinant = squares[0] * squares[1] - squares[2] * squares[2];
    if (!(determinant > 1e-9 * squares[0] * squares[0])) {
        return fabs(products[0] / squares[0]); /* two samples to the period: no sine */
    }
    return hypot((products[0] * squares[1] - products[1] * squares[2]) / determinant,
                 (products[1] * squares[0] - products[0] * squares[2]) / determinant);
}

/* y: spectrum->n values of mean 0 and of order one. */
static struct lrp_spectral_peak find_peak(struct spectrum *spectrum, const double *y)
{
    struct lrp_spectral_peak peak = {.n = spectrum->n};
    peak.background = fit_red_noise(spectrum);
    raise_to_octaves(spectrum);
    size_t bin = spectrum->first;
    for (size_t k = spectrum->first; k <= spectrum->last; k++) {
        if (surprise(spectrum, k) > surprise(spectrum, bin)) {
            bin = k;
        }
    }
    peak.bins = spectrum->last - spectrum->first + 1;
    peak.ratio = spectrum->power[bin] / spectrum->background[bin];
    peak.p = fmin((double)peak.bins * exp(-surprise(spectrum, bin)), 1);
    double periods = frequency_near(spectrum, bin);
    peak.period = (double)spectrum->n / periods;
    peak.share = share_of(spectrum, bin);
    peak.amplitude = amplitude_of(y, spectrum->n, periods);
    return peak;
}

/* The periodogram of y under a Hann taper, n values of mean 0; tapered: scratch for n. */
static enum lrp_status transform(struct spectrum *spectrum, const double *y, double *tapered,
                                 struct lrp_error *err)
{
    for (size_t t = 0; t < spectrum->n; t++) {
        tapered[t] = y[t] * 0.5 * (1 - cos(2 * PI * (double)t / (double)spectrum->n));
    }
    return lrp_fourier_power(tapered, spectrum->n, spectrum->n, spectrum->power, err);
}

/* The last `used` points, without their mean, in units of the largest; that unit, 0 if all are the
 * same. */
static double standardise(const double *y, size_t used, double *out)
{
    double mean = 0;
    double reach = 0;
    for (size_t t = 0; t < used; t++) {
        mean += (y[t] - mean) / (double)(t + 1);
    }
    for (size_t t = 0; t < used; t++) {
        reach = fmax(reach, fabs(y[t] - mean));
    }
    for (size_t t = 0; t < used && reach > 0; t++) {
        out[t] = (y[t] - mean) / reach;
    }
    return reach;
}

enum lrp_status lrp_spectral_peak(const double *y, size_t n, struct lrp_spectral_peak *out,
                                  struct lrp_error *err)
{
    if (n < LRP_SPECTRUM_LEAST) {
        return lrp_fail(err, LRP_E_NODATA, 0, "%zu points; a spectrum needs %d", n,
                        LRP_SPECTRUM_LEAST);
    }
    size_t used = lrp_fourier_length_within(n < LRP_SPECTRUM_MOST ? n : LRP_SPECTRUM_MOST);
    size_t bins = used / 2 + 1;
    double *memory = lrp_calloc_array(2 * used + 2 * bins, sizeof *memory);
    LRP_TRY_MEMORY(memory, err);
    double *standard = memory + 2 * bins;
    struct spectrum spectrum = {
        .n = used, .first = 4, .last = used / 2, .power = memory, .background = memory + bins};
    enum lrp_status status = LRP_OK;
    double unit = standardise(y + (n - used), used, standard);
    if (!(unit > 0)) {
        status = lrp_fail(err, LRP_E_NODATA, 0, "all %zu values are the same", used);
    }
    if (status == LRP_OK) {
        status = transform(&spectrum, standard, standard + used, err);
    }
    if (status == LRP_OK) {
        *out = find_peak(&spectrum, standard);
        out->amplitude *= unit;
    }
    free(memory);
    return status;
}
