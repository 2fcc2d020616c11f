/* SPDX-License-Identifier: MIT */
/* A figure as files that anyone can draw again. */
#include "plot.h"

#include "files.h"
#include "gnuplot_text.h"
#include "text.h"

#include <stdlib.h>

enum { TEXT_MOST = 1 << 26 };

static enum lrp_status write_named(const char *folder, const char *name, const char *extension,
                                   const void *bytes, size_t length, struct lrp_error *err)
{
    struct lrp_text path;
    lrp_text_init(&path, 1 << 16);
    lrp_text_printf(&path, "%s/%s.%s", folder, name, extension);
    enum lrp_status status = lrp_text_check(&path, err);
    status =
        status == LRP_OK ? lrp_write_whole(lrp_text_string(&path), bytes, length, err) : status;
    lrp_text_fini(&path);
    return status;
}

enum lrp_status lrp_plot_save(const struct lrp_figure *figure, const char *folder,
                              struct lrp_error *err)
{
    struct lrp_text data;
    struct lrp_text script;
    struct lrp_text name;
    char *picture = NULL;
    size_t length = 0;
    lrp_text_init(&data, TEXT_MOST);
    lrp_text_init(&script, TEXT_MOST);
    lrp_text_init(&name, 1024);
    lrp_gnuplot_data(figure, &data);
    lrp_text_printf(&name, "'%s.dat'", figure->name);
    lrp_text_printf(&script, "# draw it again: gnuplot %s.gp\n", figure->name);
    struct lrp_text output;
    lrp_text_init(&output, 1024);
    lrp_text_printf(&output, "%s.svg", figure->name);
    enum lrp_status status = lrp_gnuplot_script(figure, LRP_PLOT_SVG, 0, 0, lrp_text_string(&name),
                                                lrp_text_string(&output), &script, err);
    status = status == LRP_OK ? lrp_text_check(&data, err) : status;
    if (status == LRP_OK) {
        status = write_named(folder, figure->name, "dat", data.bytes, data.length, err);
    }
    if (status == LRP_OK) {
        status = write_named(folder, figure->name, "gp", script.bytes, script.length, err);
    }
    status = status == LRP_OK ? lrp_plot_draw(figure, LRP_PLOT_SVG, 0, 0, &picture, &length, err)
                              : status;
    if (status == LRP_OK) {
        status = write_named(folder, figure->name, "svg", picture, length, err);
    }
    free(picture);
    lrp_text_fini(&data);
    lrp_text_fini(&script);
    lrp_text_fini(&name);
    lrp_text_fini(&output);
    return status;
}
