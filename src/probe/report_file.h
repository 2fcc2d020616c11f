/* SPDX-License-Identifier: MIT */
/* The file of a report while another process writes it: its bytes in order, and whether it is still
 * the same file.
 *
 * The file may lie in a folder of another machine. There a size, a name, and bytes that have not
 * arrived yet (they read as NUL) lag behind by seconds, and only opening the file anew asks the
 * server (close-to-open consistency of NFS). So the name is opened again about twice a second, and
 * what looks wrong counts only when it lasts for a second, or when the writer has ended. */
#ifndef LRP_PROBE_REPORT_FILE_H
#define LRP_PROBE_REPORT_FILE_H

#include "status.h"

#include <stdbool.h>

struct lrp_report_file;

/* Creates the file empty and opens it; keep: as it is, and it must be there. LRP_E_IO. */
enum lrp_status lrp_report_file_new(const char *path, bool keep, struct lrp_report_file **out,
                                    struct lrp_error *err);
/* Up to 16 KiB of what has been added, without waiting: *bytes is valid until the next call, *n is
 * 0 where there is nothing new. LRP_E_IO. */
enum lrp_status lrp_report_file_read(struct lrp_report_file *file, const char **bytes, size_t *n,
                                     struct lrp_error *err);
/* Checks whether it is still the same file, about twice a second however often it is called, and at
 * once when at_end. A file that replaced it while it was empty is followed from then on.
 * LRP_E_FORMAT where the file was removed, replaced, shortened or written over, or holds NUL bytes:
 * the message continues "the trainer ". line: of the next byte. */
enum lrp_status lrp_report_file_check(struct lrp_report_file *file, bool at_end, size_t line,
                                      struct lrp_error *err);
/* Shortens the file to its first n lines, if it has them. LRP_E_IO. */
enum lrp_status lrp_report_file_cut(struct lrp_report_file *file, size_t n, struct lrp_error *err);
void lrp_report_file_free(struct lrp_report_file *file);
#endif
