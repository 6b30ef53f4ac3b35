// SPDX-License-Identifier: GPL-2.0
/*
 * Hears what kernel and drivers say to one process when they refuse it something (extack).
 *
 * Over netlink they tell whoever asked; bpf(2) has no room for it. The tracepoint has it either way
 * (since Linux 5.11).
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* Set by dpctool: its process. */
const volatile __u32 process;

/* The last thing that was said, a string; the kernel's own room for it is 80. */
char message[128];

SEC("raw_tp/netlink_extack")
int BPF_PROG(hear_extack, const char *said)
{
	if (bpf_get_current_pid_tgid() >> 32 == process)
		bpf_probe_read_kernel_str(message, sizeof(message), said);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
