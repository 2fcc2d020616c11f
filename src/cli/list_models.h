/* SPDX-License-Identifier: MIT */
/* The table of models for people and for machines. */
#ifndef LRP_CLI_LIST_MODELS_H
#define LRP_CLI_LIST_MODELS_H

#include "text.h"

void lrp_list_models_words(struct lrp_text *out);
/* JSON in heap memory that the caller frees. */
enum lrp_status lrp_list_models_json(char **text, struct lrp_error *err);
#endif
