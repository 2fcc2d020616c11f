/* SPDX-License-Identifier: MIT */
/* All random streams of the trainer: what is drawn from one does not move another. */
#ifndef LRP_TRAIN_RANDOM_STREAMS_H
#define LRP_TRAIN_RANDOM_STREAMS_H

/* Of the seed of a training. */
enum lrp_training_stream {
    LRP_STREAM_WEIGHTS = 1,
    LRP_STREAM_ORDER = 2,        /* of the mini-batches */
    LRP_STREAM_AUGMENTATION = 4, /* noise on the inputs, shifts */
    LRP_STREAM_DROPOUT = 5
};
/* Of LRP_SEED_DATA. */
enum lrp_data_stream {
    LRP_STREAM_GLYPHS = 1,
    LRP_STREAM_SPIRALS = 2,
    LRP_STREAM_REGRESSION = 3,
    LRP_STREAM_SENTENCES = 4
};
/* Seeds that are the same in every training, so that repeats share data, validation part and the
 * start of the sharpness. Split and sharpness draw from stream 0 of theirs. */
enum { LRP_SEED_SHARPNESS = 3, LRP_SEED_SPLIT = 1506, LRP_SEED_DATA = 20170112 };
#endif
