/* SPDX-License-Identifier: GPL-2.0 */
/* What kernel and drivers say when they refuse something. */
#ifndef DPCTOOL_EXTACK_H
#define DPCTOOL_EXTACK_H

struct extack_bpf;

/** extack_listen() - from now on hear it; NULL if that cannot be, which all of these take */
struct extack_bpf *extack_listen(void);

/** extack_heard() - what was said last; empty if nothing was, or nobody listened */
const char *extack_heard(const struct extack_bpf *extack);

/** extack_free() - stop to listen */
void extack_free(struct extack_bpf *extack);

#endif /* DPCTOOL_EXTACK_H */
