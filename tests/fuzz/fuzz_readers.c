/* SPDX-License-Identifier: MIT */
/* libFuzzer's target for the readers of logs and of tables: any bytes, any answer, no crash. The
 * first byte chooses the format, the second the size of the slices. By hand:
 *
 *   CC=clang meson setup build-fuzz -Db_sanitize=address,undefined -Db_lundef=false
 *   meson compile -C build-fuzz fuzz_readers && build-fuzz/tests/fuzz/fuzz_readers FOLDER */
#include "formats.h"
#include "lrprobe/lrprobe.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct lrp_record *record = NULL;
    struct lrp_log_reader *reader = NULL;
    struct lrp_error err = {0};
    if (length < 2) {
        return 0;
    }
    const struct lrp_log_format *format = lrp_log_formats[bytes[0] % 2];
    size_t slice = bytes[1] == 0 ? length : bytes[1];
    (void)format->probe(bytes + 2, length - 2);
    if (format->open(NULL, &reader, &err) != LRP_OK) {
        return 0;
    }
    enum lrp_status status = LRP_OK;
    for (size_t at = 2; at < length && status == LRP_OK; at += slice) {
        status = format->feed(reader, bytes + at, length - at < slice ? length - at : slice, &err);
    }
    status = status == LRP_OK ? format->finish(reader, &record, &err) : status;
    format->free(reader);
    if (status == LRP_OK) {
        struct lrp_bounds bounds;
        const struct lrp_record *records[] = {record};
        (void)lrp_bounds_find(records, 1, NULL, &bounds, &err);
        lrp_record_free(record);
    }
    return 0;
}
