/* SPDX-License-Identifier: MIT */
/* The rows of the checklist, each defined in the file of its family. A new check is an id here; ids
 * are stable: add, never renumber. */
#ifndef LRP_CHECKS_CHECKS_TABLE_H
#define LRP_CHECKS_CHECKS_TABLE_H

#include "checklist.h"
#include "diagnosis.h"

/* X(id) for each check, in the order of the checklist: the log, the start, divergence, spikes,
 * oscillation, progress, the rate, generalisation, gradients, against a baseline. */
/* clang-format off */
#define LRP_EACH_CHECK(X)               \
    X(L1) X(L2) X(L3) X(L4)             \
    X(S1) X(S2) X(S3) X(S4) X(S5) X(S6) \
    X(D1) X(D2) X(D3) X(D4) X(D5)       \
    X(K1) X(K2) X(K3)                   \
    X(O1) X(O2) X(O3) X(O4) X(O5) X(O6) \
    X(P1) X(P2) X(P3) X(P4) X(P5)       \
    X(R1) X(R2) X(R3) X(R4) X(R5)       \
    X(G1) X(G2) X(G3) X(G4) X(G5)       \
    X(A1) X(A2)                         \
    X(C1)
/* clang-format on */

#define LRP_DECLARE_CHECK(id) extern const struct lrp_check lrp_check_##id;
LRP_EACH_CHECK(LRP_DECLARE_CHECK)
#undef LRP_DECLARE_CHECK
#endif
