/* SPDX-License-Identifier: MIT */
#include "rate_grid.h"

#include <math.h>

static const double RATES_PER_DECADE = 3;
/* Finer than this, three digits would move the rates. */
static const double FINE_SPACING = 0.05;
/* An index is not missed for the last bits of a logarithm, or for three digits. */
static const double SLACK = 0.02;

long lrp_rate_grid_index(const struct lrp_rate_grid *grid, double rate, bool above)
{
    double index = (log10(rate) - grid->anchor) / grid->spacing;
    return above ? lround(ceil(index - SLACK)) : lround(floor(index + SLACK));
}

void lrp_rate_grid_set(struct lrp_rate_grid *grid, double lr_min, double lr_max, size_t n,
                       double low, double high)
{
    grid->lr_min = lr_min;
    grid->lr_max = lr_max;
    grid->anchor = !isnan(lr_min) ? log10(lr_min) : !isnan(lr_max) ? log10(lr_max) : 0;
    grid->spacing = 1 / RATES_PER_DECADE;
    if (!isnan(lr_min) && !isnan(lr_max)) {
        double span = log10(lr_max) - log10(lr_min);
        double gaps = n > 1 ? (double)n - 1 : fmax(round(span * RATES_PER_DECADE), 3);
        grid->spacing = span / gaps;
        grid->low = 0;
        grid->high = lround(gaps);
        return;
    }
    grid->low = lrp_rate_grid_index(grid, low, false);
    grid->high = lrp_rate_grid_index(grid, high, true);
}

void lrp_rate_grid_divide(struct lrp_rate_grid *grid, size_t n)
{
    double low = grid->anchor + grid->spacing * (double)grid->low;
    double span = grid->spacing * (double)(grid->high - grid->low);
    grid->anchor = low;
    grid->spacing = span / ((double)n - 1);
    grid->low = 0;
    grid->high = (long)n - 1;
}

double lrp_rate_grid_rate(const struct lrp_rate_grid *grid, long index)
{
    if (index == grid->low && !isnan(grid->lr_min)) {
        return grid->lr_min;
    }
    if (index == grid->high && !isnan(grid->lr_max)) {
        return grid->lr_max;
    }
    double x = grid->anchor + grid->spacing * (double)index;
    double rate = pow(10, x);
    if (grid->spacing < FINE_SPACING) {
        return rate;
    }
    double exponent = floor(log10(rate)) - 2;
    double digits = round(rate * pow(10, -exponent));
    /* whole numbers over powers of ten: the double that the digits name */
    return exponent < 0 ? digits / pow(10, -exponent) : digits * pow(10, exponent);
}
