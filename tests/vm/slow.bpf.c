// SPDX-License-Identifier: GPL-2.0
/* A classifier that takes 60 ms for a packet: for tests of the DPC watchdog (D6). */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SLOW_NS	60000000ULL

static long until(__u64 i, void *end)
{
	return bpf_ktime_get_ns() > *(__u64 *)end;
}

SEC("tc")
int slow(struct __sk_buff *skb)
{
	__u64 end = bpf_ktime_get_ns() + SLOW_NS;

	bpf_loop(1 << 23, until, &end, 0);
	return 0; /* TC_ACT_OK */
}

char LICENSE[] SEC("license") = "GPL";
