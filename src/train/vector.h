/* SPDX-License-Identifier: MIT */
#ifndef LRP_TRAIN_VECTOR_H
#define LRP_TRAIN_VECTOR_H

/* Wider vectors where the processor has them. The values are the same: each is computed alone, and
 * multiply and add are never contracted. */
#if LRP_HAVE_VECTOR_CLONES
#define LRP_VECTOR_CLONES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define LRP_VECTOR_CLONES
#endif
#endif
