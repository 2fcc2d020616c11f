/* SPDX-License-Identifier: MIT */
/* Networks in files, as safetensors (https://github.com/huggingface/safetensors): eight bytes with
 * the length of a JSON header (little-endian), the header {"NAME": {"dtype": "F32", "shape": [..],
 * "data_offsets": [begin, end]}, ...}, then the values. Layers with parameters are counted from 0:
 * "layers.0.weight" (dense: inputs x outputs; convolution: height x width x inputs x outputs;
 * embedding: characters x width), "layers.0.bias", "layers.0.positions" (context x width),
 * "layers.1.running_mean", "layers.1.running_var". */
#ifndef LRP_TRAIN_CHECKPOINT_H
#define LRP_TRAIN_CHECKPOINT_H

#include "network.h"

/* The file appears only when it is complete. model and data go into its header, for people. */
enum lrp_status lrp_checkpoint_save(const char *path, struct lrp_network *network,
                                    const char *model, const char *data, struct lrp_error *err);
/* Parameters and running averages of a network with the same layers. fresh_last: the last layer
 * stays as it is, so that its classes may be others. Errors (and the network may be changed in part
 * then): LRP_E_NODATA, LRP_E_FORMAT, LRP_E_ARG where the file is of another model. Messages name
 * the file. */
enum lrp_status lrp_checkpoint_load(const char *path, bool fresh_last, struct lrp_network *network,
                                    struct lrp_error *err);
#endif
