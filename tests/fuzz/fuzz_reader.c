/* SPDX-License-Identifier: MIT */
/* libFuzzer's target for the reader of one format (FORMAT, see meson.build): any bytes, the same
 * answer in any slices, no crash; what was read is stitched and diagnosed. By hand:
 *
 *   CC=clang meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false \
 *     -Dc_args=-fsanitize=fuzzer-no-link
 *   meson compile -C build-fuzz fuzz_jsonl
 *   build-fuzz/tests/fuzz/fuzz_jsonl -max_len=4096 FOLDER tests/corpus/jsonl */
#include "feed.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct lrp_log_format *format = NULL;
    if (lrp_find_format(FORMAT, &format, NULL) != LRP_OK) {
        abort();
    }
    (void)feed_every_way(format, bytes, length);
    return 0;
}
