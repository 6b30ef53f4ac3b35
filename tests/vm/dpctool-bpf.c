// SPDX-License-Identifier: GPL-2.0
/*
 * The BPF programs (bpf/observe/), as the kernel compiles them, run on made-up events: needs no
 * dpcnic module, but a kernel that lets us load BPF.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devices.h"
#include "distribution.h"
#include "observe.skel.h"
#include "tap.h"
#include "timeline.h"
#include "trace_abi.h"

#define IFINDEX		7
#define MESSAGES	3

/* The arguments of dpc_run, in order. */
struct run {
	__u64 device, msg, cpu, irq_ns, queued_ns, started_ns, ended_ns, packets, bound;
	__u64 interrupts, coalesced, flags;
};

static bool run_on(const struct bpf_program *program, __u32 cpu, const struct run *run)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = run, .ctx_size_in = sizeof(*run),
		    .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu);

	return !bpf_prog_test_run_opts(bpf_program__fd(program), &opts);
}

static const struct counters_entry *load_counters(struct observe_bpf *bpf, __u32 cpus)
{
	size_t size = 2 * MESSAGES * cpus * sizeof(struct counters_entry) + 4096;

	*(bool *)&bpf->rodata->counting = true;
	*(__u32 *)&bpf->rodata->cpus = cpus;
	*(__u32 *)&bpf->rodata->device_count = 2;
	*(struct observe_device *)&bpf->rodata->devices[0] =
		(struct observe_device){ .ifindex = 3, .messages = MESSAGES };
	*(struct observe_device *)&bpf->rodata->devices[1] = (struct observe_device){
		.ifindex = IFINDEX, .messages = MESSAGES, .first = MESSAGES * cpus };
	bpf_map__set_max_entries(bpf->maps.entries, 2 * MESSAGES * cpus);
	bpf_map__set_max_entries(bpf->maps.disabled_until, 2 * MESSAGES * cpus);
	if (observe_bpf__load(bpf))
		return NULL;
	return mmap(NULL, size / 4096 * 4096, PROT_READ, MAP_SHARED, bpf_map__fd(bpf->maps.entries),
		    0);
}

static void test_buckets(const struct bpf_program *program, const struct counters_entry *entry)
{
	struct run run = {
		.device = IFINDEX, .msg = 1, .queued_ns = 1, .started_ns = 1, .ended_ns = 1
	};
	__u64 wrong = 0, ran = 0;

	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		__u64 values[] = { histogram_low(i), histogram_high(i) };

		for (size_t j = 0; j < 2; j++) {
			__u64 before = entry->duration.bucket[i];

			if (values[j] == ~0ULL)
				values[j]--;
			run.ended_ns = run.started_ns + values[j];
			ran += run_on(program, 0, &run);
			wrong += entry->duration.bucket[i] != before + 1;
		}
	}
	is(ran, 2 * HISTOGRAM_BUCKETS, "runs at both edges of every bucket");
	is(wrong, 0, "edges that the BPF program puts elsewhere than dpctool does");
	is(entry->latency.bucket[0], 2 * HISTOGRAM_BUCKETS, "latencies of 0 among them");
	is(distribution_count(&entry->packets), 2 * HISTOGRAM_BUCKETS, "packet counts among them");
}

static void test_counts(const struct bpf_program *program, const struct counters_entry *entry)
{
	static const struct run runs[] = {
		{ IFINDEX, 2, 0, 1000, 1100, 1500, 4500, 64, 64, 3, 2,
		  DPCNIC_RUN_QUEUED | DPCNIC_RUN_MORE },
		{ IFINDEX, 2, 0, 1000, 4400, 4600, 5600, 10, 64, 0, 0,
		  DPCNIC_RUN_REQUEUED | DPCNIC_RUN_ENABLED },
		/* nobody listened when it was queued */
		{ IFINDEX, 2, 0, 0, 0, 6000, 6100, 1, 64, 1, 0,
		  DPCNIC_RUN_QUEUED | DPCNIC_RUN_ENABLED },
		/* nobody listened when it started */
		{ IFINDEX, 2, 0, 0, 0, 0, 7000, 1, 64, 1, 0, DPCNIC_RUN_QUEUED },
		{ IFINDEX, 2, 0, 0, 0, 8000, 8100, 0, 64, 0, 0, DPCNIC_RUN_UNSOLICITED },
		/* clocks that disagree */
		{ IFINDEX, 2, 0, 9000, 9000, 8999, 9100, 0, 64, 1, 0, DPCNIC_RUN_QUEUED },
		{ IFINDEX, 2, 0, 0, 0, 9200, 9300, 0, 64, 0, 0,
		  DPCNIC_RUN_KEPT | DPCNIC_RUN_OVERLONG },
		/* a device nobody watches */
		{ 99, 2, 0, 1000, 1100, 1500, 4500, 64, 64, 3, 2, DPCNIC_RUN_QUEUED },
		/* one of the same index, in another network namespace */
		{ 1ULL << 32 | IFINDEX, 2, 0, 1000, 1100, 1500, 4500, 64, 64, 3, 2,
		  DPCNIC_RUN_QUEUED },
	};

	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		run_on(program, 0, &runs[i]);
	is(entry_runs(entry, 0), 7, "all runs");
	is(entry_runs(entry, DPCNIC_RUN_QUEUED), 4, "queued");
	is(entry_runs(entry, DPCNIC_RUN_REQUEUED), 1, "requeued");
	is(entry_runs(entry, DPCNIC_RUN_UNSOLICITED), 1, "unsolicited");
	is(entry_runs(entry, DPCNIC_RUN_KEPT), 1, "kept");
	is(entry_runs(entry, DPCNIC_RUN_OVERLONG), 1, "overlong");
	is(entry_runs(entry, DPCNIC_RUN_MORE), 1, "throttled");
	is(entry_runs(entry, DPCNIC_RUN_ENABLED), 2, "enabled");
	is(entry->interrupts, 6, "interrupts");
	is(entry->coalesced, 2, "coalesced");
	is(entry->packets.sum, 76, "packets");
	is(entry->packets.max, 64, "most packets of a run");
	is(distribution_count(&entry->latency), 3, "runs with a latency");
	is(entry->latency.sum, 400 + 200, "sum of the latencies");
	is(entry->latency.max, 400, "longest latency");
	is(distribution_count(&entry->duration), 6, "runs with a duration");
	is(entry->duration.sum, 3000 + 1000 + 100 + 100 + 101 + 100, "sum of the durations");
	is(entry->disabled_runs, 2, "runs with a time disabled");
	is(entry->disabled_ns, 4600, "time disabled");
}

/* The DPCs of a message on two CPUs, and an observation that began at 1000. */
static void test_disabled(const struct observe_bpf *bpf, const struct counters_entry *entries,
			  __u32 first, __u32 last)
{
	static const struct {
		bool on_last;
		struct run run;
	} runs[] = {
		/* before it began, and a bit of it */
		{ false, { 3, 0, 0, 500, 0, 700, 1200, 64, 64, 1, 0, DPCNIC_RUN_MORE } },
		/* at the same time elsewhere: 100 more */
		{ true, { 3, 0, 0, 500, 0, 700, 1300, 64, 64, 0, 0, DPCNIC_RUN_MORE } },
		/* a stretch that others have counted */
		{ false, { 3, 0, 0, 500, 0, 1210, 1250, 64, 64, 0, 0, DPCNIC_RUN_MORE } },
		/* not the last, and not ended by its bound */
		{ true, { 3, 0, 0, 500, 0, 1310, 1400, 3, 64, 0, 0, DPCNIC_RUN_QUEUED } },
		{ false, { 3, 0, 0, 500, 0, 1260, 1500, 3, 64, 0, 0, DPCNIC_RUN_ENABLED } },
		/* part of no batch */
		{ false, { 3, 0, 0, 0, 0, 1600, 1700, 64, 64, 0, 0, DPCNIC_RUN_MORE } },
	};
	__u64 begin = 1000;

	ok(!bpf_map__update_elem(bpf->maps.disabled_until, &first, sizeof(first), &begin,
				 sizeof(begin), BPF_ANY), "an observation begins");
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		run_on(bpf->progs.see_run, runs[i].on_last ? last : 0, &runs[i].run);
	is(entries[first].disabled_ns, 200 + 200, "time disabled, told by the first CPU");
	is(entries[first].disabled_runs, 3, "runs that had something to tell, or nothing to add");
	is(entries[first + last].disabled_ns, 100, "time disabled, told by the last CPU");
}

static int test_counters(void)
{
	const struct counters_entry *entries;
	__u32 cpus = (__u32)libbpf_num_possible_cpus(), last = cpus - 1;
	struct observe_bpf *bpf = observe_bpf__open();
	struct run run = {
		.device = 3, .msg = 1, .cpu = 0, .interrupts = 5, .flags = DPCNIC_RUN_FOREIGN
	};

	entries = load_counters(bpf, cpus);
	if (!entries || entries == MAP_FAILED)
		return -1;
	test_buckets(bpf->progs.see_run, &entries[(MESSAGES + 1) * cpus]);
	test_counts(bpf->progs.see_run, &entries[(MESSAGES + 2) * cpus]);
	test_disabled(bpf, entries, 0, last);

	run_on(bpf->progs.see_run, last, &run);
	is(entries[cpus + last].interrupts, 5, "interrupts in the entry of the executing CPU");
	run.msg = MESSAGES;
	run_on(bpf->progs.see_run, 0, &run);
	/* it begins with the same arguments */
	ok(run_on(bpf->progs.count_xdp, 0, &run), "what XDP did in it");
	is(bpf->bss->unplaced, 1, "runs of a message that dpctool did not expect");
	is(entries[MESSAGES * cpus].interrupts, 0, "interrupts in the entry it must not touch");
	observe_bpf__destroy(bpf);
	return 0;
}

static int count_event(void *context, void *data, size_t size)
{
	struct timeline_event *last = context;

	(void)size;
	*last = *(struct timeline_event *)data;
	return 0;
}

static void test_timeline(void)
{
	struct run run = { IFINDEX, 1, 5, 100, 200, 300, 400, 6, 64, 2, 3, DPCNIC_RUN_QUEUED };
	struct timeline_counts *counts =
		calloc((size_t)libbpf_num_possible_cpus(), sizeof(*counts));
	struct observe_bpf *bpf = observe_bpf__open();
	struct timeline_event last = { 0 };
	struct ring_buffer *ring;
	__u32 zero = 0;
	int events;

	*(bool *)&bpf->rodata->sending = true;
	*(__u32 *)&bpf->rodata->device_count = 1;
	*(struct observe_device *)&bpf->rodata->devices[0] =
		(struct observe_device){ .ifindex = IFINDEX };
	*(__u64 *)&bpf->rodata->wanted_msgs[0] = 1 << 1;
	*(__u64 *)&bpf->rodata->wanted_cpus[0] = 1 << 0;
	*(__u64 *)&bpf->rodata->wakeup_bytes = ~0ULL;
	if (!ok(!observe_bpf__load(bpf), "the kernel takes the program that hands over"))
		return;
	ring = ring_buffer__new(bpf_map__fd(bpf->maps.ring), count_event, &last, NULL);

	run_on(bpf->progs.see_run, 0, &run);
	is(ring_buffer__consume(ring), 1, "events in the ring after one run");
	ok(last.ifindex == IFINDEX && last.msg == 1 && last.cpu == 5 && last.ran_on == 0 &&
	   last.irq_ns == 100 && last.queued_ns == 200 && last.started_ns == 300 &&
	   last.ended_ns == 400 && last.packets == 6 && last.bound == 64 && last.interrupts == 2 &&
	   last.coalesced == 3 && last.flags == DPCNIC_RUN_QUEUED, "the event has all arguments");

	for (int i = 0; i < 200; i++)
		run_on(bpf->progs.see_run, 0, &run);
	run.msg = 2;
	run_on(bpf->progs.see_run, 0, &run);
	run.device = 99;
	run_on(bpf->progs.see_run, 0, &run);
	events = ring_buffer__consume(ring);
	bpf_map__lookup_elem(bpf->maps.counts, &zero, sizeof(zero), counts,
			     (size_t)libbpf_num_possible_cpus() * sizeof(*counts), 0);
	ok(events > 0 && events < 200, "a ring of a page holds some of 200 events (%d)", events);
	is(counts[0].sent, 1 + (__u64)events, "events counted as sent");
	is(counts[0].lost, 200 - (__u64)events, "events counted as lost");
	is(counts[0].filtered, 1, "events counted as filtered");
	ring_buffer__free(ring);
	observe_bpf__destroy(bpf);
	free(counts);
}

int main(void)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	const struct bpf_insn nothing[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
					    { .code = BPF_JMP | BPF_EXIT } };

	if (bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL, "GPL", nothing, 2, &opts) < 0)
		return skip_all("this kernel does not let us load BPF programs");
	ok(!test_counters(), "the kernel takes the counters program");
	test_timeline();
	return done();
}
