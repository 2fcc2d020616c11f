/* SPDX-License-Identifier: MIT */
/* Whether a high or a low value of a metric is good, by its name. */
#ifndef LRP_BASE_METRIC_DIRECTION_H
#define LRP_BASE_METRIC_DIRECTION_H

/* 1: higher is better, -1: lower is better, 0: the name does not say. The words of the name count
 * ("val/Macro-F1", "test_mIoU_epoch", "hits@10", "evalLoss"), in capitals or not; a word for what
 * falls decides over one for what rises ("dice_loss"), and "neg" or "minus" turns the rest over
 * ("neg_mean_squared_error", as in scikit-learn, is higher when better). */
int lrp_metric_direction(const char *name);
#endif
