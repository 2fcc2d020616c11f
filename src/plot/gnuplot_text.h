/* SPDX-License-Identifier: MIT */
/* The gnuplot script and the data of a figure. */
#ifndef LRP_PLOT_GNUPLOT_TEXT_H
#define LRP_PLOT_GNUPLOT_TEXT_H

#include "plot.h"
#include "text.h"

/* All points of a figure as one data file: blocks separated by two blank lines, in the order bands,
 * curves; a line of a band is "x low high", of a curve "x y". At most 4,000 points a curve. */
void lrp_gnuplot_data(const struct lrp_figure *figure, struct lrp_text *out);
/* The script. data: name of the data file in single quotes; output: of the picture, NULL = standard
 * output. LRP_E_NODATA where nothing can be drawn. */
enum lrp_status lrp_gnuplot_script(const struct lrp_figure *figure, enum lrp_plot_format format,
                                   unsigned width, unsigned height, const char *data,
                                   const char *output, struct lrp_text *out, struct lrp_error *err);
/* Untrusted text as a gnuplot string in single quotes, where only the quote itself is special: it
 * becomes U+2019. ascii: for the dumb terminal, other characters become '?'. */
void lrp_gnuplot_string(const char *text, bool ascii, struct lrp_text *out);
#endif
