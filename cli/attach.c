// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include "attach.h"

#define UNLOCK	"without lockdown (/sys/kernel/security/lockdown)"

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
	return fail(DPCTOOL_UNABLE, UNLOCK,
		    "%s: the kernel forbids BPF programs even to root", what);
}

static bool may_observe(void)
{
	return attach_has(CAP_SYS_ADMIN) || (attach_has(CAP_BPF) && attach_has(CAP_PERFMON));
}

static void explain(struct obstacle *obstacle, enum exit_code code, const char *try,
		    const char *format, ...)
{
	va_list args;

	obstacle->code = code;
	obstacle->try = try;
	va_start(args, format);
	vsnprintf(obstacle->what, sizeof(obstacle->what), format, args);
	va_end(args);
}

void attach_explain(struct obstacle *obstacle, enum level level, int error)
{
	if ((error == -EPERM || error == -EACCES) && !may_observe()) {
		explain(obstacle, DPCTOOL_UNABLE, "as root, or give it CAP_BPF and CAP_PERFMON",
			"no permission to load BPF programs");
	} else if (error == -EPERM && level == LEVEL_2) {
		explain(obstacle, DPCTOOL_UNABLE, UNLOCK,
			"the kernel forbids to look at its functions");
	} else if (error == -EPERM) {
		explain(obstacle, DPCTOOL_UNABLE, UNLOCK,
			"the kernel forbids BPF programs even to root");
	} else if (error == -ENOSYS) {
		explain(obstacle, DPCTOOL_UNABLE,
			"a kernel with CONFIG_BPF_SYSCALL and CONFIG_BPF_EVENTS",
			"this kernel has no BPF");
	} else if (error == -ENOENT && level == LEVEL_3) {
		explain(obstacle, DPCTOOL_UNABLE, "module and dpctool of the same version",
			"the module dpcnic has no tracepoint dpc_run");
	} else if (error == -ENOENT || error == -ESRCH) {
		explain(obstacle, DPCTOOL_UNABLE, "a kernel from 6.1 on",
			"this kernel has no such %s",
			level == LEVEL_2 ? "functions" : "tracepoints");
	} else {
		explain(obstacle, DPCTOOL_REFUSED, "again with -d, for the kernel's reason",
			"the kernel refused: %s", strerror(-error));
	}
}

enum exit_code attach_fail(int error)
{
	struct obstacle obstacle;

	attach_explain(&obstacle, LEVEL_3, error);
	return fail(obstacle.code, obstacle.try, "cannot observe: %s", obstacle.what);
}

/* The shortest there is: return 0. */
int attach_try(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, "GPL", program,
			       sizeof(program) / sizeof(program[0]), NULL);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/*
 * Updating a map of maps waits for all running programs (kernel/bpf/syscall.c,
 * maybe_wait_bpf_programs()). membarrier(2) would be shorter, but is refused where a CPU is
 * nohz_full; it is left to whom maps are refused, as privileges were dropped.
 */
void attach_settle(void)
{
	int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = (__u32)inner);
	int outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, NULL, 4, 4, 1, &opts);
	__u32 zero = 0;

	if (bpf_map_update_elem(outer, &zero, &inner, BPF_ANY))
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
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

void attach_devices(struct observe_device *slots, __u32 *slot_count, const struct device_list *list,
		    bool own)
{
	__u32 cpus = attach_cpus(), first = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct device *device = &list->devices[i];

		bool is_own = device->level == LEVEL_3;

		/* of the others, no event has the index 0 */
		if (is_own != own)
			continue;
		slots[i].ifindex = device->ifindex;
		slots[i].messages = own ? device->messages : device->napis;
		slots[i].first = first;
		first += own ? device->messages * cpus : device->napis;
	}
	*slot_count = (__u32)list->count;
}
