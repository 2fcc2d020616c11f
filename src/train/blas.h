/* SPDX-License-Identifier: MIT */
/* Matrix products in float32, row-major. Only blas.c sees CBLAS. */
#ifndef LRP_TRAIN_BLAS_H
#define LRP_TRAIN_BLAS_H

#include <stdbool.h>

/* One thread for all products: the bits of a result depend on their number. */
void lrp_blas_single_thread(void);
/* out (m x n) = a (m x k) b (k x n). */
void lrp_blas_product(int m, int n, int k, const float *a, const float *b, float *out);
/* out (k x n) = transposed a (m x k, its rows stride apart) times b (m x n). */
void lrp_blas_product_ta(int m, int n, int k, const float *a, int stride, const float *b,
                         float *out);
/* out (m x k) = a (m x n) times transposed b (k x n). */
void lrp_blas_product_tb(int m, int n, int k, const float *a, const float *b, float *out);
struct lrp_matrix {
    const float *values;
    int stride; /* from row to row */
    bool transposed;
};
/* out (m x n, rows stride apart) = factor a (m x k) b (k x n) + keep out. */
void lrp_blas_multiply(int m, int n, int k, float factor, struct lrp_matrix a, struct lrp_matrix b,
                       float keep, float *out, int stride);
#endif
