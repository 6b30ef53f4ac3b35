/* SPDX-License-Identifier: GPL-2.0 */
/* What both observers need of BPF: errors that say what to do, and a clean end. */
#ifndef DPCTOOL_ATTACH_H
#define DPCTOOL_ATTACH_H

#include <bpf/libbpf.h>
#include <stdbool.h>
#include <linux/types.h>

#include "device.h"
#include "error.h"
#include "level.h"

/** attach_log() - show libbpf's messages if @debug; else dpctool's own errors must do */
void attach_log(bool debug);

/**
 * struct obstacle - why something cannot be observed
 * @code: what dpctool exits with, if that is all it can do; 0 if there is no obstacle
 * @try: what the user can do about it
 * @what: the reason, in a few words
 */
struct obstacle {
	enum exit_code code;
	const char *try;
	char what[120];
};

/**
 * attach_explain() - why the kernel refused to load or attach the BPF programs of @level; @error is
 * a negative errno
 */
void attach_explain(struct obstacle *obstacle, enum level level, int error);

/** attach_fail() - say so, for dpcnic's own tracepoints */
enum exit_code attach_fail(int error);

/** attach_try() - would the kernel load any BPF program of ours? 0 or -errno */
int attach_try(void);

/** attach_has() - has this process the capability (CAP_*)? */
bool attach_has(int capability);

/** attach_forbidden() - say that the kernel refuses to @what even root */
enum exit_code attach_forbidden(const char *what);

/**
 * attach_settle() - wait until no BPF program runs any more that ran when this was called
 *
 * A detached program may still be in its last run on another CPU; after this its counts are final.
 */
void attach_settle(void);

/** attach_missed() - how many runs of @program, 0 if not loaded, were left out as they nested */
__u64 attach_missed(const struct bpf_program *program);

/**
 * attach_cost() - add how often @program ran, and how long; the kernel counts that only while the
 * sysctl kernel.bpf_stats_enabled is on
 */
void attach_cost(const struct bpf_program *program, __u64 *runs, __u64 *ns);

/** attach_cpus() - how many CPUs there can be; read from /sys, where the devices were found */
__u32 attach_cpus(void);

/**
 * attach_devices() - fill in the programs' table of devices
 * @own: with those observed by dpcnic's tracepoints, else with the others
 */
void attach_devices(struct observe_device *slots, __u32 *slot_count, const struct device_list *list,
		    bool own);

#endif /* DPCTOOL_ATTACH_H */
