/* SPDX-License-Identifier: MIT */
#include "blas.h"

#include <cblas.h>

#if defined(OPENBLAS_VERSION) || defined(OPENBLAS_CONST)
#define LRP_IS_OPENBLAS 1
#else
#define LRP_IS_OPENBLAS 0
#endif

void lrp_blas_single_thread(void)
{
#if LRP_IS_OPENBLAS
    openblas_set_num_threads(1);
#endif
}

void lrp_blas_product(int m, int n, int k, const float *a, const float *b, float *out)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1.0f, a, k, b, n, 0.0f, out, n);
}

void lrp_blas_product_ta(int m, int n, int k, const float *a, int stride, const float *b,
                         float *out)
{
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, n, m, 1.0f, a, stride, b, n, 0.0f, out,
                n);
}

void lrp_blas_product_tb(int m, int n, int k, const float *a, const float *b, float *out)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, k, n, 1.0f, a, n, b, n, 0.0f, out, k);
}

void lrp_blas_multiply(int m, int n, int k, float factor, struct lrp_matrix a, struct lrp_matrix b,
                       float keep, float *out, int stride)
{
    cblas_sgemm(CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
                b.transposed ? CblasTrans : CblasNoTrans, m, n, k, factor, a.values, a.stride,
                b.values, b.stride, keep, out, stride);
}
