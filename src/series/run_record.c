/* SPDX-License-Identifier: MIT */
/* Our own files: nothing about them is guessed. */
#include "record_reader.h"

#include "gz.h"
#include "record_change.h"

#include <string.h>

static enum lrp_status own_labels(void *user, struct lrp_record *record,
                                  const struct lrp_csv_field *fields, size_t n,
                                  struct lrp_column_label *labels, struct lrp_error *err)
{
    (void)user;
    (void)record;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        const char *name = labels[i].name;
        lrp_canonical_column(fields[i].text, fields[i].length, labels[i].name);
        labels[i].exact =
            strlen(name) == fields[i].length && memcmp(name, fields[i].text, strlen(name)) == 0;
    }
    return LRP_OK;
}

static enum lrp_status feed_reader(void *user, const void *bytes, size_t length,
                                   struct lrp_error *err)
{
    return lrp_table_reader_feed(user, bytes, length, err);
}

static enum lrp_status settle(struct lrp_record *record, struct lrp_error *err)
{
    lrp_record_set_format(record, "csv");
    LRP_TRY(lrp_record_share_of_percent(record, "accuracy", NULL, err));
    return lrp_record_share_of_percent(record, "val_accuracy", NULL, err);
}

enum lrp_status lrp_run_record_read(const char *path, struct lrp_record **out,
                                    struct lrp_error *err)
{
    const struct lrp_table_options options = {
        .delimiter = ',', .strict = true, .label = own_labels};
    struct lrp_table_reader *reader = NULL;
    struct lrp_record *record = NULL;
    LRP_TRY(lrp_table_reader_new(&options, &reader, err));
    enum lrp_status status = lrp_stream_each(path, feed_reader, reader, err);
    status = status == LRP_OK ? lrp_table_reader_finish(reader, &record, err) : status;
    status = status == LRP_OK ? settle(record, err) : status;
    lrp_table_reader_free(reader);
    if (status != LRP_OK) {
        lrp_record_free(record);
        return status;
    }
    *out = record;
    return LRP_OK;
}
