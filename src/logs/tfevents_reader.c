/* SPDX-License-Identifier: MIT */
/* TensorBoard event files: records of protobuf messages, each framed by its length and two
 * checksums (TensorFlow, core/lib/io/record_writer.h). Scalars become columns. */
#include "log_reader.h"

#include "alloc.h"
#include "scalar_points.h"
#include "tfevents.pb-c.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 12, CHECKSUM = 4, RECORD_MOST = 1 << 26, START = 1 };
enum { MESSAGE_LEAST = 1 << 20, MESSAGE_RATIO = 16, MESSAGE_MOST = 1 << 27 };

enum event_place { IN_HEAD, IN_RECORD, IN_SKIPPED, AFTER_BREAK };

struct tfevents_state {
    struct lrp_rows *rows; /* the reader's */
    struct lrp_scalar_points *points;
    uint32_t checksum_table[256];
    enum event_place where;
    unsigned char head[HEAD];
    unsigned char *record; /* its payload and checksum, as far as they have come */
    size_t have;           /* bytes of the head or of the record */
    size_t capacity;
    size_t length;    /* of the payload */
    uint64_t to_skip; /* bytes of a record that is too large, and of its checksum */
    uint64_t records, good, damaged, too_large, scalars;
    bool has_time;
    ProtobufCAllocator allocator; /* for protobuf-c: counts what one message takes */
    size_t message_memory, message_limit;
    enum lrp_status message_status;
};

/* CRC-32C (Castagnoli), reflected, as in RFC 3720. */
static void make_checksum_table(uint32_t *table)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1U) != 0 ? (crc >> 1) ^ 0x82F63B78U : crc >> 1;
        }
        table[i] = crc;
    }
}

/* Masked as TensorFlow stores it, so that a checksum of data with checksums in them stays good. */
static uint32_t checksum(const uint32_t *table, const unsigned char *bytes, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc = table[(crc ^ bytes[i]) & 0xFFU] ^ (crc >> 8);
    }
    crc = ~crc;
    return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
}

static uint64_t little_endian(const unsigned char *bytes, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

/* A message can ask for many objects of a hundred bytes with two bytes each: what it takes is
 * bounded by its own size, as scalars with their tags need it several times over, and altogether.
 */
static void *message_alloc(void *user, size_t size)
{
    struct tfevents_state *self = user;
    if (size > self->message_limit - self->message_memory) {
        self->message_status = LRP_E_LIMIT;
        return NULL;
    }
    void *block = lrp_calloc_array(size, 1);
    if (block == NULL) {
        self->message_status = LRP_E_NOMEM;
        return NULL;
    }
    self->message_memory += size;
    return block;
}

static void message_free(void *user, void *block)
{
    (void)user;
    free(block);
}

static enum lrp_status begin(struct lrp_log_reader *reader, struct lrp_error *err)
{
    struct tfevents_state *self = reader->state;
    self->rows = reader->rows;
    make_checksum_table(self->checksum_table);
    self->allocator = (ProtobufCAllocator){message_alloc, message_free, self};
    return lrp_scalar_points_new(reader->rows, &self->points, err);
}

static void release(struct lrp_log_reader *reader)
{
    struct tfevents_state *self = reader->state;
    lrp_scalar_points_free(self->points);
    free(self->record);
}

/* IEEE half precision: 5 bits of exponent, 10 of fraction. */
static double half_value(uint16_t bits)
{
    int exponent = bits >> 10 & 0x1F;
    double fraction = (bits & 0x3FF) / 1024.0;
    double size = exponent == 0 ? ldexp(fraction, -14) : ldexp(1 + fraction, exponent - 15);
    if (exponent == 0x1F) {
        size = fraction > 0 ? (double)NAN : (double)INFINITY;
    }
    return (bits & 0x8000U) != 0 ? -size : size;
}

static double float_value(uint32_t bits)
{
    float value = 0;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

/* One number of a TensorFlow data type from its bits; *size: bytes of it in tensor_content, 0 for a
 * type that holds no number. */
static double typed_value(int type, uint64_t bits, size_t *size)
{
    double value = 0;
    int32_t narrow = 0;
    int64_t wide = 0;
    switch (type) {
    case 1: /* DT_FLOAT */
        *size = 4;
        return float_value((uint32_t)bits);
    case 2: /* DT_DOUBLE */
        *size = 8;
        memcpy(&value, &bits, sizeof value);
        return value;
    case 3: /* DT_INT32 */
        *size = 4;
        memcpy(&narrow, &(uint32_t){(uint32_t)bits}, sizeof narrow);
        return narrow;
    case 9: /* DT_INT64 */
        *size = 8;
        memcpy(&wide, &bits, sizeof wide);
        return (double)wide;
    case 14: /* DT_BFLOAT16: the upper half of a float */
        *size = 2;
        return float_value((uint32_t)(bits & 0xFFFFU) << 16);
    case 19: /* DT_HALF */
        *size = 2;
        return half_value((uint16_t)bits);
    default:
        *size = 0;
        return 0;
    }
}

/* A tensor of one number is a scalar, however it is stored. */
static bool tensor_number(const LrpTfevents__Tensor *tensor, double *out)
{
    const LrpTfevents__Shape *shape = tensor->tensor_shape;
    size_t size = 0;
    for (size_t i = 0; shape != NULL && i < shape->n_dim; i++) {
        if (shape->dim[i]->size != 1) {
            return false;
        }
    }
    const ProtobufCBinaryData *content = &tensor->tensor_content;
    if (content->len > 0) {
        size_t used = content->len < 8 ? content->len : 8;
        *out = typed_value(tensor->dtype, little_endian(content->data, used), &size);
        return size == content->len;
    }
    if (tensor->n_float_val == 1) {
        *out = (double)tensor->float_val[0];
    } else if (tensor->n_double_val == 1) {
        *out = tensor->double_val[0];
    } else if (tensor->n_int_val == 1) {
        *out = tensor->int_val[0];
    } else if (tensor->n_int64_val == 1) {
        *out = (double)tensor->int64_val[0];
    } else if (tensor->n_half_val == 1) {
        *out = typed_value(tensor->dtype, (uint32_t)tensor->half_val[0] & 0xFFFFU, &size);
        return size == 2;
    } else {
        return false;
    }
    return true;
}

static enum lrp_status take_event(struct tfevents_state *self, const LrpTfevents__Event *event,
                                  struct lrp_error *err)
{
    if (!self->has_time) {
        self->has_time = true;
        lrp_scalar_points_set_origin(self->points, event->wall_time);
    }
    if (event->what_case == LRP_TFEVENTS__EVENT__WHAT_SESSION_LOG &&
        event->session_log->status == START && self->scalars > 0) {
        lrp_scalar_points_restart(self->points);
    }
    if (event->what_case != LRP_TFEVENTS__EVENT__WHAT_SUMMARY) {
        return LRP_OK;
    }
    enum lrp_status status = LRP_OK;
    for (size_t i = 0; i < event->summary->n_value && status == LRP_OK; i++) {
        const LrpTfevents__Summary__Value *value = event->summary->value[i];
        double number = 0;
        bool is_number =
            value->value_case == LRP_TFEVENTS__SUMMARY__VALUE__VALUE_TENSOR
                ? tensor_number(value->tensor, &number)
                : value->value_case == LRP_TFEVENTS__SUMMARY__VALUE__VALUE_SIMPLE_VALUE;
        if (value->value_case == LRP_TFEVENTS__SUMMARY__VALUE__VALUE_SIMPLE_VALUE) {
            number = (double)value->simple_value;
        }
        if (is_number) {
            self->scalars++;
            status = lrp_scalar_points_add(self->points, value->tag, event->step, event->wall_time,
                                           number, err);
        }
    }
    return status;
}

/* A record whose length can be trusted. */
static enum lrp_status take_record(struct tfevents_state *self, struct lrp_error *err)
{
    const unsigned char *payload = self->record;
    LrpTfevents__Event *event = NULL;
    self->message_memory = 0;
    self->message_limit = MESSAGE_LEAST + MESSAGE_RATIO * self->length;
    if (self->message_limit > MESSAGE_MOST) {
        self->message_limit = MESSAGE_MOST;
    }
    self->message_status = LRP_OK;
    if (checksum(self->checksum_table, payload, self->length) ==
        little_endian(payload + self->length, CHECKSUM)) {
        event = lrp_tfevents__event__unpack(&self->allocator, self->length, payload);
    }
    if (self->message_status == LRP_E_NOMEM) {
        return lrp_fail_memory(err, self->length);
    }
    if (event == NULL && self->records == 1) {
        return lrp_fail(err, LRP_E_FORMAT, 0,
                        "the first record of the event file is broken: it is damaged, or no event "
                        "file");
    }
    if (event == NULL) {
        self->damaged++;
        return LRP_OK;
    }
    self->good++;
    enum lrp_status status = take_event(self, event, err);
    lrp_tfevents__event__free_unpacked(event, &self->allocator);
    return status;
}

static enum lrp_status take_head(struct tfevents_state *self, struct lrp_error *err)
{
    uint64_t length = little_endian(self->head, 8);
    self->have = 0;
    self->records++;
    if (checksum(self->checksum_table, self->head, 8) != little_endian(self->head + 8, CHECKSUM)) {
        if (self->records == 1) {
            return lrp_fail(err, LRP_E_FORMAT, 0,
                            "this does not begin with a record of an event file");
        }
        self->where = AFTER_BREAK; /* where the next one begins cannot be known */
        return LRP_OK;
    }
    if (length > RECORD_MOST) {
        self->too_large++;
        self->where = IN_SKIPPED;
        self->to_skip = length > UINT64_MAX - CHECKSUM ? UINT64_MAX : length + CHECKSUM;
        return LRP_OK;
    }
    self->where = IN_RECORD;
    self->length = (size_t)length;
    return LRP_OK;
}

/* Bytes into a buffer that holds at most wanted ones; gives how many were taken. */
static size_t take_part(unsigned char *buffer, size_t *have, size_t wanted,
                        const unsigned char *bytes, size_t length)
{
    size_t n = wanted - *have < length ? wanted - *have : length;
    memcpy(buffer + *have, bytes, n);
    *have += n;
    return n;
}

/* The buffer grows with what has come: a length alone gets no memory. */
static enum lrp_status make_room(struct tfevents_state *self, size_t coming, struct lrp_error *err)
{
    size_t wanted = self->length + CHECKSUM;
    size_t needed = wanted - self->have < coming ? wanted : self->have + coming;
    while (self->capacity < needed) {
        LRP_TRY(lrp_grow_array((void **)&self->record, self->capacity, &self->capacity, 1,
                               2 * (size_t)RECORD_MOST, err));
    }
    return LRP_OK;
}

static enum lrp_status take_bytes(struct lrp_log_reader *reader, const void *bytes, size_t length,
                                  struct lrp_error *err)
{
    struct tfevents_state *self = reader->state;
    const unsigned char *from = bytes;
    const unsigned char *end = from + length;
    while (from < end && self->where != AFTER_BREAK) {
        size_t left = (size_t)(end - from);
        if (self->where == IN_HEAD) {
            from += take_part(self->head, &self->have, HEAD, from, left);
            LRP_TRY(self->have == HEAD ? take_head(self, err) : LRP_OK);
        } else if (self->where == IN_SKIPPED) {
            size_t n = self->to_skip < left ? (size_t)self->to_skip : left;
            self->to_skip -= n;
            from += n;
            self->where = self->to_skip == 0 ? IN_HEAD : IN_SKIPPED;
        } else {
            size_t wanted = self->length + CHECKSUM;
            LRP_TRY(make_room(self, left, err));
            from += take_part(self->record, &self->have, wanted, from, left);
            if (self->have == wanted) {
                self->have = 0;
                self->where = IN_HEAD;
                LRP_TRY(take_record(self, err));
            }
        }
    }
    return LRP_OK;
}

static enum lrp_status note_faults(const struct tfevents_state *self, struct lrp_error *err)
{
    struct lrp_rows *rows = self->rows;
    LRP_TRY(lrp_rows_note_left_out(rows, self->damaged, "record", "damaged, or no event", err));
    LRP_TRY(lrp_rows_note_left_out(rows, self->too_large, "record", "larger than 64 MiB", err));
    if (self->where == AFTER_BREAK) {
        return lrp_record_add_note(lrp_rows_record(rows), err,
                                   "record %llu is broken: what comes after it could not be read",
                                   (unsigned long long)self->records);
    }
    return self->where != IN_HEAD || self->have > 0
               ? lrp_record_add_note(lrp_rows_record(rows), err,
                                     "the last record was cut off and left out")
               : LRP_OK;
}

static enum lrp_status end(struct lrp_log_reader *reader, struct lrp_error *err)
{
    struct tfevents_state *self = reader->state;
    if (self->good == 0) {
        return lrp_fail(err, self->records + self->have == 0 ? LRP_E_NODATA : LRP_E_FORMAT, 0,
                        "no whole record of an event file is in it");
    }
    if (self->scalars == 0) {
        return lrp_fail(err, LRP_E_NODATA, 0, "the event file holds %llu records, but no scalar",
                        (unsigned long long)self->good);
    }
    LRP_TRY(note_faults(self, err));
    return lrp_scalar_points_finish(self->points, err);
}

/* The checksum of the first length says it; the first payload is always "brain.Event:N". */
static int probe(const unsigned char *bytes, size_t length)
{
    uint32_t table[256];
    static const char version[] = "brain.Event:";
    make_checksum_table(table);
    if (length >= HEAD && checksum(table, bytes, 8) == little_endian(bytes + 8, CHECKSUM)) {
        return 100;
    }
    size_t looked_at = length < 64 ? length : 64;
    return memmem(bytes, looked_at, version, sizeof version - 1) != NULL && bytes[0] < 64 &&
                   memchr(bytes, 0, looked_at) != NULL
               ? 90
               : 0;
}

const struct lrp_log_format lrp_log_format_tfevents = {
    .name = "tfevents",
    .description = "TensorBoard event files: scalars, one column a tag",
    .probe = probe,
    .take_bytes = take_bytes,
    .state_size = sizeof(struct tfevents_state),
    .begin = begin,
    .end = end,
    .release = release,
};
