/* SPDX-License-Identifier: MIT */
#include "probability.h"

#include <math.h>

static const double SQRT_HALF = 0.70710678118654752440;

double lrp_normal_cdf(double z)
{
    return 0.5 * erfc(-z * SQRT_HALF);
}

double lrp_normal_two_sided(double z)
{
    return erfc(fabs(z) * SQRT_HALF);
}

enum { TERMS = 8 };

static double ratio(const double *above, const double *below, double x)
{
    double numerator = above[TERMS - 1];
    double denominator = below[TERMS - 1];
    for (int i = TERMS - 2; i >= 0; i--) {
        numerator = numerator * x + above[i];
        denominator = denominator * x + below[i];
    }
    return numerator / denominator;
}

/* Coefficients of AS 241, from the constant term up: within 0.425 of the middle, tails down to
 * exp(-25), tails beyond. */
static const double MIDDLE_ABOVE[TERMS] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                           1.9715909503065514427e3, 1.3731693765509461125e4,
                                           4.5921953931549871457e4, 6.7265770927008700853e4,
                                           3.3430575583588128105e4, 2.5090809287301226727e3};
static const double MIDDLE_BELOW[TERMS] = {1.0,
                                           4.2313330701600911252e1,
                                           6.8718700749205790830e2,
                                           5.3941960214247511077e3,
                                           2.1213794301586595867e4,
                                           3.9307895800092710610e4,
                                           2.8729085735721942674e4,
                                           5.2264952788528545610e3};
static const double NEAR_ABOVE[TERMS] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                         5.76949722146069140550e0,  3.64784832476320460504e0,
                                         1.27045825245236838258e0,  2.41780725177450611770e-1,
                                         2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double NEAR_BELOW[TERMS] = {1.0,
                                         2.05319162663775882187e0,
                                         1.67638483018380384940e0,
                                         6.89767334985100004550e-1,
                                         1.48103976427480074590e-1,
                                         1.51986665636164571966e-2,
                                         5.47593808499534494600e-4,
                                         1.05075007164441684324e-9};
static const double FAR_ABOVE[TERMS] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                        1.78482653991729133580e0,  2.96560571828504891230e-1,
                                        2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                        2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double FAR_BELOW[TERMS] = {1.0,
                                        5.99832206555887937690e-1,
                                        1.36929880922735805310e-1,
                                        1.48753612908506148525e-2,
                                        7.86869131145613259100e-4,
                                        1.84631831751005468180e-5,
                                        1.42151175831644588870e-7,
                                        2.04426310338993978564e-15};

double lrp_normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1)) {
        return (double)NAN;
    }
    if (p == 0 || p == 1) {
        return p == 0 ? -HUGE_VAL : HUGE_VAL;
    }
    double centred = p - 0.5;
    if (fabs(centred) <= 0.425) {
        return centred * ratio(MIDDLE_ABOVE, MIDDLE_BELOW, 0.180625 - centred * centred);
    }
    double tail = sqrt(-log(centred < 0 ? p : 1 - p));
    double z = tail <= 5 ? ratio(NEAR_ABOVE, NEAR_BELOW, tail - 1.6)
                         : ratio(FAR_ABOVE, FAR_BELOW, tail - 5);
    return centred < 0 ? -z : z;
}

void lrp_wilson_interval(size_t successes, size_t n, double level, double *low, double *high)
{
    *low = 0;
    *high = 1;
    if (n == 0) {
        return;
    }
    double z = lrp_normal_quantile(0.5 + 0.5 * level);
    double share = (double)successes / (double)n;
    double square = z * z / (double)n;
    double centre = share + square / 2;
    double half = z * sqrt(share * (1 - share) / (double)n + square / (4 * (double)n));
    if (successes > 0) { /* else exactly 0, which rounding may miss */
        *low = (centre - half) / (1 + square);
    }
    if (successes < n) {
        *high = (centre + half) / (1 + square);
    }
}
