/* SPDX-License-Identifier: MIT */
/* Printed lines in a way of the user's own: --line-pattern says where their numbers are. */
#include "formats.h"
#include "line_pattern.h"
#include "log_reader.h"

#include <string.h>

struct pattern_state {
    struct lrp_line_pattern *pattern;
    size_t matched;
    size_t no_number, first_no_number; /* lines that match, but have no number at some place */
};

static enum lrp_status begin(struct lrp_log_reader *reader, struct lrp_error *err)
{
    static const char plain[] = "[Ll]oss[ :=]+{loss}";
    struct pattern_state *state = reader->state;
    const char *given = reader->hints->line_pattern;
    return lrp_line_pattern_new("--line-pattern", given != NULL ? given : plain, &state->pattern,
                                err);
}

static void release(struct lrp_log_reader *reader)
{
    struct pattern_state *state = reader->state;
    lrp_line_pattern_free(state->pattern);
}

static enum lrp_status take(struct lrp_log_reader *reader, const struct lrp_line *line,
                            struct lrp_error *err)
{
    struct pattern_state *state = reader->state;
    struct lrp_pattern_number numbers[LRP_PATTERN_PLACES_MOST];
    enum lrp_pattern_match match = lrp_line_pattern_match(state->pattern, line->text, numbers);
    if (match == LRP_PATTERN_NO_NUMBER) {
        state->first_no_number = state->no_number == 0 ? line->number : state->first_no_number;
        state->no_number++;
    }
    if (match != LRP_PATTERN_FOUND) {
        return LRP_OK;
    }
    state->matched++;
    LRP_TRY(lrp_rows_end(reader->rows, err));
    for (size_t i = 0; i < lrp_line_pattern_places(state->pattern); i++) {
        const char *name = lrp_line_pattern_name(state->pattern, i);
        if (numbers[i].there) {
            LRP_TRY(lrp_rows_set_comma(reader->rows, name, strlen(name), numbers[i].value,
                                       numbers[i].comma, line->number, err));
        }
    }
    return LRP_OK;
}

static enum lrp_status end(struct lrp_log_reader *reader, struct lrp_error *err)
{
    const struct pattern_state *state = reader->state;
    if (state->matched == 0) {
        return state->no_number == 0
                   ? lrp_fail(err, LRP_E_NODATA, 0, "no line matches --line-pattern")
                   : lrp_fail(err, LRP_E_NODATA, state->first_no_number,
                              "the line matches --line-pattern, but has no number where one was "
                              "expected");
    }
    return state->no_number == 0
               ? LRP_OK
               : lrp_record_add_note(lrp_rows_record(reader->rows), err,
                                     "%zu line%s that match%s --line-pattern had no number where "
                                     "one was expected, the first is line %zu",
                                     state->no_number, state->no_number == 1 ? "" : "s",
                                     state->no_number == 1 ? "es" : "", state->first_no_number);
}

/* Only where the user says so. */
static int probe(const unsigned char *bytes, size_t length)
{
    (void)bytes;
    (void)length;
    return 0;
}

const struct lrp_log_format lrp_log_format_pattern = {
    .name = "pattern",
    .description = "printed lines as --line-pattern describes them",
    .probe = probe,
    .take_line = take,
    .state_size = sizeof(struct pattern_state),
    .begin = begin,
    .end = end,
    .release = release,
};
