/* SPDX-License-Identifier: MIT */
/* The files that other people's trainers load, carried by the program so that it needs no
 * installation of its own: `lrprobe client` prints them, a sweep lays the Python ones out for its
 * children. */
#ifndef LRP_CLIENTS_CLIENT_FILES_H
#define LRP_CLIENTS_CLIENT_FILES_H

#include <stddef.h>

struct lrp_client_file {
    const char *name; /* path inside src/clients: "python/lrprobe.py", "c/lrprobe_client.h" */
    const char *text; /* as in the sources, byte for byte; ends with a NUL that is not counted */
    size_t length;    /* bytes */
};
/* Ends with a row whose name is NULL. Made while building from the list in meson.build. */
extern const struct lrp_client_file lrp_client_files[];

/* The file of that name, or NULL. */
const struct lrp_client_file *lrp_client_file(const char *name);
#endif
