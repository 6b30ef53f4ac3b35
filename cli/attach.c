// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include "attach.h"

static int log_all(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level;
	return vfprintf(stderr, format, args);
}

void attach_log(bool debug)
{
	libbpf_set_print(debug ? log_all : NULL);
}

bool attach_has(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	__u64 effective;

	if (syscall(SYS_capget, &header, data))
		return false;
	effective = data[0].effective | (__u64)data[1].effective << 32;
	return effective & 1ULL << capability;
}

enum exit_code attach_forbidden(const char *what)
{
	return fail(DPCTOOL_UNABLE, "without lockdown (/sys/kernel/security/lockdown)",
		    "%s: the kernel forbids BPF programs even to root", what);
}

static bool may_observe(void)
{
	return attach_has(CAP_SYS_ADMIN) || (attach_has(CAP_BPF) && attach_has(CAP_PERFMON));
}

enum exit_code attach_fail(int error)
{
	if ((error == -EPERM || error == -EACCES) && !may_observe())
		return fail(DPCTOOL_UNABLE, "as root, or give it CAP_BPF and CAP_PERFMON",
			    "cannot observe: no permission to load BPF programs");
	switch (error) {
	case -EPERM:
		return attach_forbidden("cannot observe");
	case -ENOSYS:
		return fail(DPCTOOL_UNABLE,
			    "a kernel with CONFIG_BPF_SYSCALL and CONFIG_BPF_EVENTS",
			    "cannot observe: this kernel has no BPF");
	case -ENOENT:
		return fail(DPCTOOL_UNABLE, "module and dpctool of the same version",
			    "cannot observe: the module dpcnic has no tracepoint dpc_run");
	default:
		return fail(DPCTOOL_REFUSED, "again with -d, for the kernel's reason",
			    "cannot observe: the kernel refused: %s", strerror(-error));
	}
}

/*
 * Updating a map of maps waits for all running programs (kernel/bpf/syscall.c,
 * maybe_wait_bpf_programs()). membarrier(2) would be shorter, but is refused where a CPU is
 * nohz_full.
 */
void attach_settle(void)
{
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = (__u32)inner);
	int outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, NULL, 4, 4, 1, &opts);
	__u32 zero = 0;

	bpf_map_update_elem(outer, &zero, &inner, BPF_ANY);
	close(outer);
	close(inner);
}

__u64 attach_missed(const struct bpf_program *program)
{
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length))
		return 0;
	return info.recursion_misses;
}

void attach_cost(const struct bpf_program *program, __u64 *runs, __u64 *ns)
{
	struct bpf_prog_info info = { 0 };
	__u32 length = sizeof(info);

	if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &length))
		return;
	*runs += info.run_cnt;
	*ns += info.run_time_ns;
}

__u32 attach_cpus(void)
{
	return (__u32)libbpf_num_possible_cpus();
}

void attach_devices(struct observe_device *slots, __u32 *slot_count, const struct device_list *list)
{
	__u32 first = 0;
	__u32 cpus = attach_cpus();

	for (size_t i = 0; i < list->count; i++) {
		slots[i].ifindex = list->devices[i].ifindex;
		slots[i].messages = list->devices[i].messages;
		slots[i].first = first;
		first += list->devices[i].messages * cpus;
	}
	*slot_count = (__u32)list->count;
}
