/* SPDX-License-Identifier: MIT */
/* libFuzzer's target for the reader of one format, which LRPROBE_FUZZ_FORMAT names: any bytes, the
 * same answer in any slices, no crash; what was read is stitched and diagnosed. By hand:
 *
 *   CC=clang meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false \
 *     -Dc_args=-fsanitize=fuzzer-no-link
 *   meson compile -C build-fuzz fuzz_reader
 *   LRPROBE_FUZZ_FORMAT=jsonl build-fuzz/tests/fuzz/fuzz_reader -max_len=4096 FOLDER \
 *     tests/corpus/jsonl */
#include "feed.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *n_words, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct lrp_log_format *format;

int LLVMFuzzerInitialize(int *n_words, char ***words)
{
    struct lrp_error err = {0};
    (void)n_words;
    (void)words;
    if (lrp_find_format(getenv("LRPROBE_FUZZ_FORMAT"), &format, &err) != LRP_OK || format == NULL) {
        (void)fprintf(stderr, "LRPROBE_FUZZ_FORMAT names the format. %s\n", err.message);
        exit(EXIT_FAILURE);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    (void)feed_every_way(format, bytes, length);
    return 0;
}
