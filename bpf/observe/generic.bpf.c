// SPDX-License-Identifier: GPL-2.0
/*
 * Observes network devices of any driver: derives from the kernel's own events what tracepoint
 * dpc_run tells of dpcnic's, and has it counted and handed over in the same way.
 *
 * A DPC is a NAPI instance. Its run ends with napi_poll, which comes when its poll has returned.
 * When it was queued, by which interrupt, and when it began is told by the functions that do it
 * (causal, level L2). Without them (L1) it begins when its CPU could begin with it: the softirq
 * NET_RX started, or the run before it ended; and what queued it is known where one thing only can
 * have happened.
 *
 * What dpc_run calls a message is the NAPI instance's number among those of its device.
 *
 * One clock is read per event. What is found once is kept where the next event finds it: a run
 * takes one lookup in a hash, and changes none.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "trace_abi.h"
#include "counters.bpf.h"
#include "devices.bpf.h"
#include "dpc_run.bpf.h"
#include "generic_abi.h"
#include "kernel.bpf.h"
#include "timeline.bpf.h"

/* Set by dpctool: whether to count runs, to hand them over, and to look at functions. */
const volatile bool counting;
const volatile bool sending;
const volatile bool causal;

/* Set by dpctool: inode of the network namespace that the devices are in. */
const volatile __u32 netns;

/*
 * How many elements maps napis, by device, and rows have got. CPUs that come at the same time may
 * count beyond the end, but what there is no room for is not counted for ever.
 */
__u32 napi_counts[OBSERVE_DEVICES];
__u32 row_count;

/* Runs of NAPI instances that there was no room for: nothing is told of them. */
__u64 unseen;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct generic_irq);
} irqs SEC(".maps");

/* [IRQ][CPU]: how often it arrived. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} arrivals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct generic_napi);
} napis SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct generic_place);
} rows SEC(".maps");

/* By its address, which NAPI instance it is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u64);
	__type(value, __u32);
} numbers SEC(".maps");

/* By its device and id, the same. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct generic_id);
	__type(value, __u32);
} ids SEC(".maps");

/* Where its entry is. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct generic_place);
	__type(value, __u32);
} places SEC(".maps");

/* So many interrupts before one softirq are told apart at L1; a power of two, for the verifier. */
#define RAISES		4

/**
 * struct raise - the softirq was raised
 * @irq: by this IRQ's handler
 * @irq_ns: since when that ran; 0 if it is not watched
 * @raised_ns: when
 */
struct raise {
	__u32 irq;
	__u64 irq_ns;
	__u64 raised_ns;
};

/**
 * struct here - what this CPU is doing
 * @irq: whose handler runs; 0 for none
 * @irq_ns: since when; 0 if it is not watched
 * @heard: whether something runs or not is known
 * @polled: L2: address of the instance that runs; 0 for none that is watched
 * @run: L2: what is known of that run
 * @unsure: L1: what the next softirq has to do is not known from @raises
 * @raise_count: how many raises there are since the softirq ended
 * @batch: how many there were when it started; 0 if that does not tell what it has to do
 * @batch_run: how many of these have run
 * @free_ns: when the CPU could begin with the next run; 0 outside of the softirq
 * @raises: since the softirq ended, or, while it runs, its batch
 */
struct here {
	__u32 irq;
	bool heard;
	bool unsure;
	__u32 raise_count;
	__u32 batch;
	__u32 batch_run;
	__u64 irq_ns;
	__u64 free_ns;
	__u64 polled;
	struct dpc_run run;
	struct raise raises[RAISES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct here);
} heres SEC(".maps");

static __always_inline struct here *get_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&heres, &zero);
}

/*
 * The slot of @napi's device, or -1. The kernel's own instances have none; in another network
 * namespace the same index is another device's.
 */
static __always_inline int napi_slot(struct napi_struct *napi)
{
	struct net_device *dev = napi->dev;
	int slot = dev ? device_slot(dev->ifindex) : -1;

	if (slot >= 0 && bpf_core_field_exists(dev->nd_net.net) &&
	    dev->nd_net.net->ns.inum != netns)
		return -1;
	return slot;
}

/*
 * A driver may keep the id of an instance that it makes anew (napi_config, from 6.14 on): then it
 * is the same one, at another address, and nothing of before is going on.
 */
static __noinline bool find_again(__u64 address, __u32 slot, __u32 id)
{
	struct generic_id key = { .device = slot, .id = id };
	__u32 *number = bpf_map_lookup_elem(&ids, &key), *old;
	struct generic_napi *napi;
	__u64 before;

	if (!number)
		return false;
	napi = bpf_map_lookup_elem(&napis, number);
	if (!napi)
		return false;
	before = napi->address;
	old = bpf_map_lookup_elem(&numbers, &before);
	if (before != address && old && *old == *number)
		bpf_map_delete_elem(&numbers, &before);
	napi->address = address;
	napi->more = 0;
	napi->queued_ns = 0;
	napi->began = 0;
	return !bpf_map_update_elem(&numbers, &address, number, BPF_ANY);
}

/* Returns whether there was room for it. */
static __noinline bool add_napi(__u64 address, __u32 slot, __u32 id)
{
	struct generic_id key = { .device = slot, .id = id };
	struct generic_napi *napi;
	__u32 number;

	if (id && find_again(address, slot, id))
		return true;
	if (slot >= OBSERVE_DEVICES || napi_counts[slot] >= devices[slot].messages)
		return false;
	number = __sync_fetch_and_add(&napi_counts[slot], 1);
	if (number >= devices[slot].messages)
		return false;
	number += devices[slot].first;
	napi = bpf_map_lookup_elem(&napis, &number);
	if (!napi)
		return false;
	napi->device = slot;
	napi->address = address;
	/* another CPU may have been faster: then its number counts, and this one remains empty */
	if (id && bpf_map_update_elem(&ids, &key, &number, BPF_NOEXIST))
		return find_again(address, slot, id);
	napi->id = id;
	return !bpf_map_update_elem(&numbers, &address, &number, BPF_ANY);
}

/* An address may be another instance's by now, with another number of the kernel's. */
static __always_inline struct generic_napi *get_napi(struct napi_struct *napi, __u32 slot,
						     __u32 *number)
{
	__u64 address = (__u64)napi;
	__u32 id = napi->napi_id;
	struct generic_napi *known = 0;
	__u32 *found;

	found = bpf_map_lookup_elem(&numbers, &address);
	if (found)
		known = bpf_map_lookup_elem(&napis, found);
	if (known && known->id == id && known->device == slot) {
		*number = *found;
		return known;
	}
	if (!add_napi(address, slot, id))
		return 0;
	found = bpf_map_lookup_elem(&numbers, &address);
	if (!found)
		return 0;
	*number = *found;
	return bpf_map_lookup_elem(&napis, found);
}

/* Finds or makes its entry on this CPU; 0 if there is no room, or the number of it, plus 1. */
static __noinline __u32 find_entry(__u32 number, __u32 cpu)
{
	struct generic_place place = { .napi = number + 1, .cpu = cpu }, *row;
	__u32 *found = bpf_map_lookup_elem(&places, &place);
	__u32 entry = row_count;

	if (found)
		return *found + 1;
	if (!bpf_map_lookup_elem(&rows, &entry))
		return 0;
	entry = __sync_fetch_and_add(&row_count, 1);
	row = bpf_map_lookup_elem(&rows, &entry);
	if (!row)
		return 0;
	row->cpu = cpu;
	/* in this order, for dpctool, which reads it meanwhile */
	__sync_lock_test_and_set(&row->napi, number + 1);
	bpf_map_update_elem(&places, &place, &entry, BPF_ANY);
	return entry + 1;
}

static __always_inline void count(struct generic_napi *napi, __u32 number, __u32 cpu,
				  const struct dpc_run *run)
{
	__u64 at = *(volatile __u64 *)&napi->ran_at;
	struct counters_entry *entry = 0;
	__u32 key;

	if (!(__u32)at || at >> 32 != cpu) {
		at = (__u64)cpu << 32 | find_entry(number, cpu);
		*(volatile __u64 *)&napi->ran_at = at;
	}
	if ((__u32)at) {
		key = (__u32)at - 1;
		entry = bpf_map_lookup_elem(&entries, &key);
	}
	if (entry)
		count_run(entry, run);
	else
		__sync_fetch_and_add(&unplaced, 1);
}

/* Its IRQ is learned from what happens. */
static __always_inline void learn(struct generic_napi *napi, __u32 irq)
{
	if (!napi->irq)
		napi->irq = irq;
	else if (napi->irq != irq)
		napi->irq = GENERIC_SEVERAL;
}

static __always_inline struct generic_irq *get_irq(__u32 irq)
{
	struct generic_irq *found = bpf_map_lookup_elem(&irqs, &irq);

	return found && found->index ? found : 0;
}

SEC("tp_btf/irq_handler_entry")
int BPF_PROG(enter_irq, int irq, struct irqaction *action)
{
	struct here *here = get_here();

	if (!here)
		return 0;
	here->irq = irq;
	here->irq_ns = get_irq(irq) ? bpf_ktime_get_ns() : 0;
	return 0;
}

/* On a line that others share, who did not handle it did not raise it. */
SEC("tp_btf/irq_handler_exit")
int BPF_PROG(leave_irq, int irq, struct irqaction *action, int ret)
{
	struct generic_irq *found = get_irq(irq);
	struct here *here = get_here();
	__u64 *arrived;
	__u32 key;

	if (here)
		here->irq = 0;
	if (!found)
		return 0;
	key = (found->index - 1) * cpus + bpf_get_smp_processor_id();
	arrived = bpf_map_lookup_elem(&arrivals, &key);
	if (arrived && (ret != IRQ_NONE || !(action->flags & IRQF_SHARED)))
		++*arrived;
	return 0;
}

/*
 * A handler that raises the softirq has just put one NAPI instance at the end of the CPU's list.
 * Others may raise it and put none there; while it runs, it may not have to be raised, or it is
 * raised for what it leaves behind: then nothing is known of the next one.
 */
SEC("tp_btf/softirq_raise")
int BPF_PROG(raise_softirq, unsigned int vector)
{
	struct here *here = vector == NET_RX_SOFTIRQ ? get_here() : 0;
	__u32 at;

	if (!here)
		return 0;
	at = here->raise_count;
	if (here->free_ns || !here->irq || at >= RAISES) {
		here->unsure = true;
		return 0;
	}
	here->raises[at & (RAISES - 1)] = (struct raise){
		.irq = here->irq,
		.irq_ns = here->irq_ns,
		.raised_ns = bpf_ktime_get_ns(),
	};
	here->raise_count = at + 1;
	return 0;
}

SEC("tp_btf/softirq_entry")
int BPF_PROG(enter_softirq, unsigned int vector)
{
	struct here *here = vector == NET_RX_SOFTIRQ ? get_here() : 0;

	if (!here)
		return 0;
	here->batch = here->heard && !here->unsure ? here->raise_count : 0;
	here->batch_run = 0;
	here->raise_count = 0;
	here->unsure = false;
	here->heard = true;
	here->free_ns = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(leave_softirq, unsigned int vector)
{
	struct here *here = vector == NET_RX_SOFTIRQ ? get_here() : 0;

	if (!here)
		return 0;
	if (!here->heard)
		here->unsure = true;
	here->heard = true;
	here->free_ns = 0;
	return 0;
}

/* The list is worked on from its beginning: its first instances run in the order of the raises. */
static __always_inline const struct raise *next_raise(struct here *here)
{
	__u32 at = here->batch_run++;

	return at < here->batch ? &here->raises[at & (RAISES - 1)] : 0;
}

/* The run continues the one before it, or it was seen what raised the softirq, or neither. */
static __always_inline void guess_cause(struct generic_napi *napi, const struct raise *raise,
					struct dpc_run *run)
{
	struct generic_irq *irq = raise ? get_irq(raise->irq) : 0;

	if (napi->more) {
		napi->more = 0;
		run->queued_ns = napi->ended_ns;
		run->irq_ns = napi->irq_ns;
		run->flags = DPCNIC_RUN_REQUEUED;
		return;
	}
	napi->irq_ns = 0;
	if (!irq || irq->device != napi->device)
		return;
	learn(napi, raise->irq);
	napi->irq_ns = raise->irq_ns;
	run->queued_ns = raise->raised_ns;
	run->irq_ns = raise->irq_ns;
	run->flags = DPCNIC_RUN_QUEUED;
}

/*
 * L1: the start is known in the softirq only; a thread, or a task that polls, tells its end alone.
 * Nobody asked for a run that is neither in the softirq nor in the instance's own thread, nor for
 * one without a budget (netpoll), which may come anywhere.
 */
static __always_inline void guess_run(struct generic_napi *napi, struct here *here, __u64 free_ns,
				      const struct raise *raise, struct napi_struct *kernels,
				      struct dpc_run *run)
{
	bool threaded = kernels->thread && (__u64)kernels->thread == bpf_get_current_task();

	if (!run->bound || (!free_ns && !threaded)) {
		run->flags = here->heard ? DPCNIC_RUN_UNSOLICITED : 0;
		return;
	}
	run->started_ns = free_ns;
	guess_cause(napi, raise, run);
}

/* L2: nobody asked for a run that NAPI's own function does not begin. */
static __always_inline void take_run(struct here *here, struct napi_struct *kernels,
				     struct dpc_run *run)
{
	if (here->polled != (__u64)kernels) {
		run->flags = here->heard ? DPCNIC_RUN_UNSOLICITED : 0;
		return;
	}
	here->polled = 0;
	run->started_ns = here->run.started_ns;
	run->queued_ns = here->run.queued_ns;
	run->irq_ns = here->run.irq_ns;
	run->cpu = here->run.cpu;
	run->flags = here->run.flags;
}

/* Who has not done all in its budget is not let go: its next run continues this one. */
static __always_inline void end_run(struct generic_napi *napi, struct napi_struct *kernels,
				    struct dpc_run *run)
{
	run->coalesced = __sync_lock_test_and_set(&napi->coalesced, 0);
	if (run->bound && run->packets >= run->bound) {
		run->flags |= DPCNIC_RUN_MORE;
		if (!(run->flags & DPCNIC_RUN_UNSOLICITED) &&
		    !(kernels->state & NAPIF_STATE_DISABLE)) {
			napi->ended_ns = run->ended_ns;
			napi->more = 1;
		}
	}
	if (run->started_ns &&
	    elapsed(run->started_ns, run->ended_ns) > DPCNIC_DPC_WATCHDOG_MS * 1000000ULL)
		run->flags |= DPCNIC_RUN_OVERLONG;
}

SEC("tp_btf/napi_poll")
int BPF_PROG(see_poll, struct napi_struct *kernels, int work, int budget)
{
	__u32 cpu = bpf_get_smp_processor_id(), number;
	struct dpc_run run = { .cpu = cpu, .packets = work > 0 ? work : 0, .bound = budget };
	struct here *here = get_here();
	const struct raise *raise = 0;
	struct generic_napi *napi;
	__u64 free_ns;
	int slot;

	if (!here)
		return 0;
	run.ended_ns = bpf_ktime_get_ns();
	free_ns = here->free_ns;
	/* netpoll comes in between */
	if (budget && free_ns) {
		here->free_ns = run.ended_ns;
		raise = next_raise(here);
	}

	slot = napi_slot(kernels);
	if (slot < 0)
		return 0;
	napi = get_napi(kernels, slot, &number);
	if (!napi) {
		__sync_fetch_and_add(&unseen, 1);
		return 0;
	}
	run.device = devices[slot].ifindex;
	run.msg = number - devices[slot].first;
	if (causal)
		take_run(here, kernels, &run);
	else
		guess_run(napi, here, free_ns, raise, kernels, &run);
	end_run(napi, kernels, &run);
	if (counting)
		count(napi, number, cpu, &run);
	if (sending)
		send_run(&run);
	return 0;
}

/*
 * The beginning of a run: what led to it is taken now, as the instance may be queued again before
 * this run has ended. What was not seen being queued NAPI has added on its own.
 */
SEC("fentry/__napi_poll")
int BPF_PROG(begin_run, struct napi_struct *kernels)
{
	int slot = napi_slot(kernels);
	struct here *here = get_here();
	struct generic_napi *napi;
	struct dpc_run *run;
	__u32 number;

	if (!here)
		return 0;
	here->heard = true;
	here->polled = 0;
	napi = slot < 0 ? 0 : get_napi(kernels, slot, &number);
	if (!napi)
		return 0;
	here->polled = (__u64)kernels;
	run = &here->run;
	run->started_ns = bpf_ktime_get_ns();
	run->cpu = napi->queued_on;
	run->irq_ns = napi->irq_ns;
	run->queued_ns = napi->more ? napi->ended_ns : napi->queued_ns;
	if (napi->more)
		run->flags = DPCNIC_RUN_REQUEUED;
	else if (napi->queued_ns)
		run->flags = DPCNIC_RUN_QUEUED |
			     (run->cpu == bpf_get_smp_processor_id() ? 0 : DPCNIC_RUN_FOREIGN);
	else
		run->flags = napi->began ? DPCNIC_RUN_KEPT : 0;
	napi->more = 0;
	napi->queued_ns = 0;
	napi->began = 1;
	return 0;
}

static __always_inline void note_queued(struct napi_struct *kernels)
{
	int slot = napi_slot(kernels);
	struct generic_napi *napi;
	struct here *here;
	__u32 number;

	if (slot < 0)
		return;
	here = get_here();
	napi = get_napi(kernels, slot, &number);
	if (!here || !napi)
		return;
	napi->queued_ns = bpf_ktime_get_ns();
	napi->queued_on = bpf_get_smp_processor_id();
	napi->irq_ns = here->irq ? here->irq_ns : 0;
	napi->more = 0;
	if (here->irq)
		learn(napi, here->irq);
}

SEC("fentry/__napi_schedule")
int BPF_PROG(queue, struct napi_struct *napi)
{
	note_queued(napi);
	return 0;
}

SEC("fentry/__napi_schedule_irqoff")
int BPF_PROG(queue_irqoff, struct napi_struct *napi)
{
	note_queued(napi);
	return 0;
}

/* A request for an instance that is scheduled already; one that is disabled takes none. */
SEC("fexit/napi_schedule_prep")
int BPF_PROG(coalesce, struct napi_struct *kernels, bool scheduled)
{
	struct generic_napi *napi;
	__u32 number;
	int slot;

	if (scheduled || kernels->state & NAPIF_STATE_DISABLE)
		return 0;
	slot = napi_slot(kernels);
	napi = slot < 0 ? 0 : get_napi(kernels, slot, &number);
	if (napi)
		__sync_fetch_and_add(&napi->coalesced, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
