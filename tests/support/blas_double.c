/* SPDX-License-Identifier: MIT */
/* The products of train/blas.h by their definition, in double (doubles.h). */
#include "blas.h"

static double at(struct lrp_matrix matrix, int row, int column)
{
    return matrix.transposed ? matrix.values[column * matrix.stride + row]
                             : matrix.values[row * matrix.stride + column];
}

void lrp_blas_multiply(int m, int n, int k, double factor, struct lrp_matrix a, struct lrp_matrix b,
                       double keep, double *out, int stride)
{
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int l = 0; l < k; l++) {
                sum += at(a, i, l) * at(b, l, j);
            }
            double *cell = &out[i * stride + j];
            *cell = factor * sum + (keep > 0 ? keep * *cell : 0);
        }
    }
}

void lrp_blas_single_thread(void)
{
}

void lrp_blas_product(int m, int n, int k, const double *a, const double *b, double *out)
{
    lrp_blas_multiply(m, n, k, 1, (struct lrp_matrix){a, k, false},
                      (struct lrp_matrix){b, n, false}, 0, out, n);
}

void lrp_blas_product_ta(int m, int n, int k, const double *a, int stride, const double *b,
                         double *out)
{
    lrp_blas_multiply(k, n, m, 1, (struct lrp_matrix){a, stride, true},
                      (struct lrp_matrix){b, n, false}, 0, out, n);
}

void lrp_blas_product_tb(int m, int n, int k, const double *a, const double *b, double *out)
{
    lrp_blas_multiply(m, k, n, 1, (struct lrp_matrix){a, n, false}, (struct lrp_matrix){b, n, true},
                      0, out, k);
}
