/* SPDX-License-Identifier: MIT */
/* Included in front of each file of src/train for the test of gradients: the same code in double
 * precision, so that finite differences say whether a formula is right and not how it is rounded.
 * The headers come first: they must keep their float. */
#ifndef LRP_TESTS_DOUBLES_H
#define LRP_TESTS_DOUBLES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* train/vector_exp.h takes the bits of a float apart. */
#define LRP_TRAIN_VECTOR_EXP_H
#define lrp_exp_minus(x) exp(-(x))
#define float double
#define erff  erf
#define expf  exp
#define sqrtf sqrt
#define tanhf tanh
#endif
