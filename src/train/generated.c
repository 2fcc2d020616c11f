/* SPDX-License-Identifier: MIT */
/* Data sets that need no file. Their seed is fixed: every repeat trains on the same set. */
#include "data_readers.h"

#include "random.h"
#include "random_streams.h"

#include <math.h>
#include <string.h>

enum { GLYPH_SIDE = 14, GLYPHS = 6000, SPIRAL_POINTS = 3000, SENTENCES_LENGTH = 200000 };
enum { REGRESSION_POINTS = 4000, REGRESSION_INPUTS = 8, ARMS = 3 };

/* Digits as strokes on a grid of 4 x 6 points: pairs of "column,row" ends. */
static const char *const strokes[10] = {
    "0010 1031 3134 3425 2515 1504 0401 0110",
    "1116 1102 0626",
    "0110 1031 3132 3206 0636",
    "0030 3013 1334 3425 2504",
    "2003 0333 2026",
    "3000 0002 0222 2233 3334 3425 2504",
    "2001 0105 0516 1625 2534 3423 2303",
    "0030 3016",
    "1001 0112 1203 0315 1525 2533 3322 2231 3120 2010 1222",
    "3213 1302 0201 0110 1030 3034 3416",
};

struct canvas {
    float pixels[GLYPH_SIDE * GLYPH_SIDE];
};

static double distance_to_segment(double x, double y, const double *ends)
{
    double dx = ends[2] - ends[0];
    double dy = ends[3] - ends[1];
    double length = dx * dx + dy * dy;
    double along = length > 0 ? ((x - ends[0]) * dx + (y - ends[1]) * dy) / length : 0;
    along = fmin(fmax(along, 0), 1);
    return hypot(x - ends[0] - along * dx, y - ends[1] - along * dy);
}

/* Draws one stroke, softly, after a turn, a stretch and a shift. */
static void draw_segment(struct canvas *canvas, const double *ends, double width)
{
    for (int row = 0; row < GLYPH_SIDE; row++) {
        for (int column = 0; column < GLYPH_SIDE; column++) {
            double distance = distance_to_segment(column, row, ends);
            float ink = (float)fmin(fmax(1.5 - distance / width, 0), 1);
            float *pixel = &canvas->pixels[row * GLYPH_SIDE + column];
            *pixel = ink > *pixel ? ink : *pixel;
        }
    }
}

static void draw_glyph(struct canvas *canvas, unsigned digit, struct lrp_random *random)
{
    double turn = 0.22 * lrp_random_normal(random);
    double scale = 1.55 * exp(0.12 * lrp_random_normal(random));
    double stretch = exp(0.12 * lrp_random_normal(random));
    double shift_x = 0.9 * lrp_random_normal(random);
    double shift_y = 0.9 * lrp_random_normal(random);
    double width = 0.55 + 0.35 * lrp_random_uniform(random);
    const double centre = (GLYPH_SIDE - 1) / 2.0;
    *canvas = (struct canvas){{0}};
    for (const char *at = strokes[digit]; *at != '\0'; at += at[4] == ' ' ? 5 : 4) {
        double ends[4];
        for (int end = 0; end < 2; end++) {
            double x =
                ((at[2 * end] - '0') - 1.5) * scale * stretch + 0.3 * lrp_random_normal(random);
            double y =
                ((at[2 * end + 1] - '0') - 3.0) * scale / stretch + 0.3 * lrp_random_normal(random);
            ends[2 * end] = centre + shift_x + cos(turn) * x - sin(turn) * y;
            ends[2 * end + 1] = centre + shift_y + sin(turn) * x + cos(turn) * y;
        }
        draw_segment(canvas, ends, width);
    }
}

static enum lrp_status make_glyphs(const struct lrp_data_options *options,
                                   struct lrp_dataset *dataset, struct lrp_error *err)
{
    (void)options;
    const size_t n_pixels = GLYPH_SIDE * GLYPH_SIDE;
    struct lrp_random random;
    LRP_TRY(lrp_dataset_reserve(dataset, GLYPHS, n_pixels, 1, err));
    lrp_random_seed(&random, LRP_SEED_DATA, LRP_STREAM_GLYPHS);
    for (size_t i = 0; i < GLYPHS; i++) {
        struct canvas canvas;
        uint32_t digit = (uint32_t)lrp_random_below(&random, 10);
        draw_glyph(&canvas, digit, &random);
        dataset->classes[i] = digit;
        for (size_t k = 0; k < n_pixels; k++) {
            dataset->inputs[i * n_pixels + k] =
                canvas.pixels[k] + 0.25f * (float)lrp_random_normal(&random);
        }
    }
    dataset->shape = (struct lrp_tensor_shape){GLYPH_SIDE, GLYPH_SIDE, 1};
    dataset->n_outputs = 10;
    return LRP_OK;
}

static enum lrp_status make_spirals(const struct lrp_data_options *options,
                                    struct lrp_dataset *dataset, struct lrp_error *err)
{
    (void)options;
    struct lrp_random random;
    LRP_TRY(lrp_dataset_reserve(dataset, SPIRAL_POINTS, 2, 1, err));
    lrp_random_seed(&random, LRP_SEED_DATA, LRP_STREAM_SPIRALS);
    for (size_t i = 0; i < SPIRAL_POINTS; i++) {
        uint32_t arm = (uint32_t)lrp_random_below(&random, ARMS);
        double radius = 0.2 + 0.8 * lrp_random_uniform(&random);
        double angle =
            7 * radius + 6.283185307179586 * arm / ARMS + 0.2 * lrp_random_normal(&random);
        dataset->inputs[2 * i] = (float)(2 * radius * cos(angle));
        dataset->inputs[2 * i + 1] = (float)(2 * radius * sin(angle));
        dataset->classes[i] = arm;
    }
    dataset->n_outputs = ARMS;
    return LRP_OK;
}

/* y = sin(2 x0) + x1 x2 + |x3| / 2 + noise; the other four inputs are irrelevant. */
static enum lrp_status make_regression(const struct lrp_data_options *options,
                                       struct lrp_dataset *dataset, struct lrp_error *err)
{
    (void)options;
    struct lrp_random random;
    LRP_TRY(lrp_dataset_reserve(dataset, REGRESSION_POINTS, REGRESSION_INPUTS, 0, err));
    lrp_random_seed(&random, LRP_SEED_DATA, LRP_STREAM_REGRESSION);
    for (size_t i = 0; i < REGRESSION_POINTS; i++) {
        float *x = dataset->inputs + i * REGRESSION_INPUTS;
        for (size_t k = 0; k < REGRESSION_INPUTS; k++) {
            x[k] = (float)lrp_random_normal(&random);
        }
        dataset->values[i] = (float)(sin(2 * (double)x[0]) + (double)x[1] * (double)x[2] +
                                     0.5 * fabs((double)x[3]) + 0.1 * lrp_random_normal(&random));
    }
    dataset->n_outputs = 1;
    return LRP_OK;
}

static const char *pick(struct lrp_random *random, const char *const *list, size_t n)
{
    return list[lrp_random_below(random, n)];
}
#define PICK(random, list) pick(random, list, sizeof(list) / sizeof(list)[0])

/* A noun with its article and perhaps an adjective; verbs agree with its number. */
static void add_subject(struct lrp_text *text, struct lrp_random *random, bool plural)
{
    static const char *const adjectives[] = {"old",    "small",  "quiet", "red",
                                             "clever", "broken", "tired", "bright"};
    static const char *const nouns[] = {"gardener", "teacher", "river",  "clock",  "fox",
                                        "ship",     "baker",   "letter", "engine", "sailor"};
    static const char *const one[] = {"the", "a", "this", "every"};
    static const char *const many[] = {"the", "some", "these", "two", "many"};
    const char *article = plural ? PICK(random, many) : PICK(random, one);
    const char *adjective = lrp_random_below(random, 2) == 0 ? PICK(random, adjectives) : NULL;
    const char *noun = PICK(random, nouns);
    const char *first = adjective != NULL ? adjective : noun;
    bool vowel = strchr("aeiou", first[0]) != NULL;
    lrp_text_printf(text, "%s%s ", article, strcmp(article, "a") == 0 && vowel ? "n" : "");
    if (adjective != NULL) {
        lrp_text_printf(text, "%s ", adjective);
    }
    bool hisses = noun[strlen(noun) - 1] == 'x';
    lrp_text_printf(text, "%s%s", noun, !plural ? "" : hisses ? "es" : "s");
}

static void add_clause(struct lrp_text *text, struct lrp_random *random)
{
    static const char *const verbs[] = {"follow", "see",  "remember", "help",
                                        "want",   "call", "leave",    "hear"};
    static const char *const places[] = {"in the morning", "near the harbour", "without a word",
                                         "after the rain", "on the hill",      "all day long"};
    bool plural = lrp_random_below(random, 2) == 0;
    add_subject(text, random, plural);
    lrp_text_printf(text, " %s%s ", PICK(random, verbs), plural ? "" : "s");
    add_subject(text, random, lrp_random_below(random, 2) == 0);
    if (lrp_random_below(random, 3) == 0) {
        lrp_text_printf(text, " %s", PICK(random, places));
    }
}

enum lrp_status lrp_write_sentences(struct lrp_text *text, struct lrp_error *err)
{
    static const char *const joints[] = {" and ", ", but ", " because ", " while "};
    struct lrp_random random;
    lrp_random_seed(&random, LRP_SEED_DATA, LRP_STREAM_SENTENCES);
    while (text->length < SENTENCES_LENGTH && text->status == LRP_OK) {
        size_t begin = text->length;
        add_clause(text, &random);
        if (lrp_random_below(&random, 3) == 0) {
            lrp_text_append(text, PICK(&random, joints));
            add_clause(text, &random);
        }
        lrp_text_append(text, ".\n");
        if (text->status == LRP_OK) { /* the sentence's first letter */
            text->bytes[begin] = (char)(text->bytes[begin] - 'a' + 'A');
        }
    }
    return lrp_text_check(text, err);
}

static enum lrp_status make_sentences(const struct lrp_data_options *options,
                                      struct lrp_dataset *dataset, struct lrp_error *err)
{
    struct lrp_text text;
    lrp_text_init(&text, 1 << 24);
    enum lrp_status status = lrp_write_sentences(&text, err);
    if (status == LRP_OK) {
        status = lrp_dataset_take_text(options, (const unsigned char *)lrp_text_string(&text),
                                       text.length, dataset, err);
    }
    lrp_text_fini(&text);
    return status;
}

const struct lrp_data_reader lrp_data_glyphs = {
    .name = "glyphs",
    .help = "6,000 noisy images of drawn digits, 14 x 14 pixels, 10 classes",
    .read = make_glyphs,
};
const struct lrp_data_reader lrp_data_regression = {
    .name = "regression",
    .help = "4,000 points of a curved function of 8 inputs, with noise",
    .read = make_regression,
};
const struct lrp_data_reader lrp_data_sentences = {
    .name = "sentences",
    .help = "200,000 characters of English sentences, for --model transformer",
    .is_text = true,
    .read = make_sentences,
};
const struct lrp_data_reader lrp_data_spirals = {
    .name = "spirals",
    .help = "3,000 points on three spiral arms in the plane",
    .read = make_spirals,
};
