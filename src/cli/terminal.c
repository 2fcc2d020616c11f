/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

unsigned lrp_terminal_columns(FILE *out)
{
    struct winsize size;
    int fd = fileno(out);
    if (isatty(fd) == 0) {
        return 0;
    }
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return 80;
    }
    return size.ws_col;
}

bool lrp_terminal_color(FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    return lrp_terminal_columns(out) > 0 && (no_color == NULL || no_color[0] == '\0');
}
