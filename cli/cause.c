// SPDX-License-Identifier: GPL-2.0
/*
 * The rules. Each looks for evidence that was observed in the same time as the figure and on the
 * same CPU; the first one that finds some names the cause, so they stand from those that would
 * explain a figure alone to those that just add to it. None is a proof: hence "likely".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "rows.h"

/* Sets of figures that have the same causes. */
#define SET(figure)	((__u64)1 << FIGURE_##figure)
#define WAITS		(SET(LAT_AVG) | SET(LAT_P99) | SET(LAT_MAX) | SET(COAL))
#define RUNS		(SET(RUN_AVG) | SET(RUN_P99) | SET(RUN_MAX) | SET(OVERLONG))
#define DISABLED	SET(DISABLED_PPM)

/* NAPI_POLL_WEIGHT: what bounds a run where no policy does. */
#define NAPI_WEIGHT	64

/* From so many packets on, it is their number that makes a run long. */
#define MANY_PACKETS	8

/* So few interrupts a second on one CPU disturb nobody. */
#define FEW_INTERRUPTS	100

static __u64 number(const struct row *row, enum figure figure)
{
	return row->values[figure].known ? row->values[figure].number : 0;
}

const char *row_label(const struct row *row)
{
	const struct row_id id = {
		.msg = row->values[FIGURE_MSG],
		.irq = row->values[FIGURE_IRQ],
		.napi = row->values[FIGURE_NAPI],
	};

	return row_name(&id);
}

static const char *dev(const struct row *row)
{
	return row->values[FIGURE_DEV].text;
}

static __u64 cpu(const struct row *row)
{
	return number(row, FIGURE_CPU);
}

/* How long all its runs took. */
static __u64 run_time(const struct row *row)
{
	return number(row, FIGURE_RUN_AVG) * number(row, FIGURE_RUN);
}

/* Of the other rows of the same CPU, the one with the most of @figure; NULL if none has any. */
static const struct row *neighbour(const struct suspicion *suspicion, enum figure figure)
{
	const struct row *most = NULL;

	for (size_t i = 0; i < suspicion->row_count; i++) {
		const struct row *row = &suspicion->rows[i];

		if (row != suspicion->row && cpu(row) == cpu(suspicion->row) &&
		    number(row, figure) > (most ? number(most, figure) : 0))
			most = row;
	}
	return most;
}

static const struct host_cpu *host_cpu(const struct suspicion *suspicion)
{
	static const struct host_cpu unknown;
	__u64 id = cpu(suspicion->row);

	return id < suspicion->host->cpu_count ? &suspicion->host->cpus[id] : &unknown;
}

#define SHARE_SIZE	72

/* "120ms of 1.00s" */
static const char *share(char buffer[SHARE_SIZE], __u64 ns, __u64 period_ns)
{
	char part[32], whole[32];

	format_duration(part, sizeof(part), ns);
	format_duration(whole, sizeof(whole), period_ns);
	snprintf(buffer, SHARE_SIZE, "%s of %s", part, whole);
	return buffer;
}

#define LIKELY(cause, ...)	snprintf((cause)->likely, sizeof((cause)->likely), __VA_ARGS__)
#define TRY(cause, ...)		snprintf((cause)->try, sizeof((cause)->try), __VA_ARGS__)

/* A tenth of the runs and more were taken away from the CPU they were queued for. */
static bool foreign(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 count = number(row, FIGURE_FOREIGN), runs = number(row, FIGURE_RUN);

	if (!count || count < runs / 10)
		return false;
	LIKELY(cause, "%llu of its %llu runs were queued for other CPUs, and taken over here by a "
	       "busy poll or a thread that is not bound", count, runs);
	TRY(cause, "cat /sys/class/net/%s/threaded; sysctl net.core.busy_poll", dev(row));
	return true;
}

/* A hundredth of the time and more: enough for one of a hundred runs, which is what p99 sees. */
static bool stolen(const struct suspicion *suspicion, struct cause *cause)
{
	__u64 ns = host_cpu(suspicion)->stolen_ns, period = suspicion->host->time_ns;
	char text[SHARE_SIZE];

	if (!ns || ns < period / 100)
		return false;
	LIKELY(cause, "the hypervisor ran something else on CPU %llu for %s", cpu(suspicion->row),
	       share(text, ns, period));
	TRY(cause, "give the virtual machine processors of its own");
	return true;
}

/*
 * ksoftirqd, to which softirqs go that take long, was ready to run for a tenth of the time and
 * more, but others were before it: tasks of a higher or real-time priority, or too many.
 */
static bool starved(const struct suspicion *suspicion, struct cause *cause)
{
	__u64 ns = host_cpu(suspicion)->ksoftirqd_wait_ns, period = suspicion->host->time_ns;
	__u64 id = cpu(suspicion->row);
	char text[SHARE_SIZE];

	if (!ns || ns < period / 10)
		return false;
	LIKELY(cause, "ksoftirqd/%llu, which DPCs were left to, waited for %s as other tasks had "
	       "the CPU", id, share(text, ns, period));
	TRY(cause, "ps -eLo psr,cls,rtprio,pcpu,comm | grep '^ *%llu '", id);
	return true;
}

/*
 * Another message's runs are long enough for one alone to make this one wait too long: that one is
 * to be bounded, if it can be.
 */
static bool long_runs(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *other = neighbour(suspicion, FIGURE_RUN_P99);
	char text[32];

	if (!other || suspicion->limit->most.unit != UNIT_TIME ||
	    number(other, FIGURE_RUN_P99) <= suspicion->limit->most.number)
		return false;
	format_duration(text, sizeof(text), number(other, FIGURE_RUN_P99));
	LIKELY(cause, "it waits behind runs of %s %s on the same CPU, up to %s each (p99)",
	       dev(other), row_label(other), text);
	if (other->level == LEVEL_3)
		TRY(cause, "dpctool throttle attach dev %s time usecs 50, or another smp_affinity "
		    "for one of the IRQs", dev(other));
	else
		TRY(cause, "another smp_affinity for one of the IRQs");
	return true;
}

/* A tenth of the CPU's DPC runs and more were of other messages. */
static bool shared_cpu(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row, *other = neighbour(suspicion, FIGURE_RUN);
	char text[SHARE_SIZE];

	if (!other || number(other, FIGURE_RUN) < number(row, FIGURE_RUN) / 10)
		return false;
	LIKELY(cause, "%s %s has its DPCs on the same CPU, %llu runs, %s", dev(other),
	       row_label(other), number(other, FIGURE_RUN),
	       share(text, run_time(other), suspicion->period_ns));
	if (row->values[FIGURE_IRQ].known && other->values[FIGURE_IRQ].known)
		TRY(cause, "another smp_affinity for IRQ %llu or IRQ %llu",
		    number(row, FIGURE_IRQ), number(other, FIGURE_IRQ));
	else
		TRY(cause, "another smp_affinity for one of the IRQs");
	return true;
}

/* @throttle is for dpcnic, which alone has a throttle; has another message less to do? */
static void try_less(struct cause *cause, const struct row *row, const char *throttle)
{
	TRY(cause, row->level == LEVEL_3 ? throttle :
	    "dpctool rss show dev %s, to see whether others have less", dev(row));
}

/* Half of the runs and more ended at their bound: the next run waits like any other. */
static bool throttled(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 count = number(row, FIGURE_THROT), runs = number(row, FIGURE_RUN);

	if (!count || count < runs / 2)
		return false;
	LIKELY(cause, "its bound ended %llu of its %llu runs with packets left, and each time it "
	       "waited again", count, runs);
	try_less(cause, row, "dpctool throttle show dev %s");
	return true;
}

/* ksoftirqd had DPCs to run for a hundredth of the time and more: softirq time did not suffice. */
static bool handed_over(const struct suspicion *suspicion, struct cause *cause)
{
	__u64 ns = host_cpu(suspicion)->ksoftirqd_ns, period = suspicion->host->time_ns;
	char text[SHARE_SIZE];

	if (!ns || ns < period / 100)
		return false;
	LIKELY(cause, "softirqs took so long that ksoftirqd/%llu, a task like others, took over "
	       "for %s", cpu(suspicion->row), share(text, ns, period));
	TRY(cause, "dpctool heat run-avg dev %s, to see where there is less to do",
	    dev(suspicion->row));
	return true;
}

/* Another IRQ interrupted the CPU at least half as often as the message did, and not just a bit. */
static bool other_irq(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	const struct value *own = &row->values[FIGURE_IRQ];
	const struct host_load *host = suspicion->host;
	const struct host_irq *irq;
	__u64 count;

	if (cpu(row) >= host->cpu_count)
		return false;
	irq = host_busiest(host, (__u32)cpu(row), own->known ? own->number : ~0ULL);
	count = irq ? irq->counts[cpu(row)] : 0;
	if (count < number(row, FIGURE_INTR) / 2 ||
	    (double)count * NSEC_PER_SEC < (double)FEW_INTERRUPTS * (double)host->time_ns)
		return false;
	LIKELY(cause, "IRQ %u (%s) interrupted the same CPU, %llu times", irq->irq,
	       irq->actions ? irq->actions : "of unknown use", count);
	TRY(cause, "another CPU for it: /proc/irq/%u/smp_affinity_list", irq->irq);
	return true;
}

/* The message's own DPCs ran for half of the time that it was disabled, and more. */
static bool busy(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 disabled = number(row, FIGURE_DISABLED);
	char text[SHARE_SIZE];

	if (!disabled || run_time(row) < disabled / 2)
		return false;
	LIKELY(cause, "it had work: its DPCs ran for %s",
	       share(text, run_time(row), suspicion->period_ns));
	TRY(cause, "dpctool rss show dev %s, to see whether others have less", dev(row));
	return true;
}

/* Runs of many packets. */
static bool many_packets(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 packets = number(row, FIGURE_PKTS), runs = number(row, FIGURE_RUN);
	char each[32];

	if (!packets || packets < runs * MANY_PACKETS)
		return false;
	format_duration(each, sizeof(each), run_time(row) / packets);
	LIKELY(cause, "a run has %llu packets on average, at %s each", packets / runs, each);
	try_less(cause, row, "dpctool throttle attach dev %s time usecs 50");
	return true;
}

/* Few packets, so each of them takes long. */
static bool slow_packets(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 packets = number(row, FIGURE_PKTS);
	char each[32];

	if (!packets)
		return false;
	format_duration(each, sizeof(each), run_time(row) / packets);
	LIKELY(cause, "runs are long for few packets, %s for each: the stack, a BPF program, or "
	       "what interrupts them", each);
	TRY(cause, "perf record -g -C %llu", cpu(row));
	return true;
}

/* Runs that ended at their bound had fewer packets than NAPI would have let them have. */
static bool low_bound(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 count = number(row, FIGURE_THROT), packets = number(row, FIGURE_PKTS);

	if (!count || packets >= count * NAPI_WEIGHT)
		return false;
	LIKELY(cause, "its bound is low, at most %llu packets on average: a throttle policy, or a "
	       "busy poll", packets / count);
	TRY(cause, "dpctool throttle show dev %s", dev(row));
	return true;
}

/* Packets come faster than runs of NAPI's weight take them. */
static bool bursts(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *row = suspicion->row;
	__u64 packets = number(row, FIGURE_PKTS), interrupts = number(row, FIGURE_INTR);

	if (!interrupts || packets < interrupts * NAPI_WEIGHT)
		return false;
	LIKELY(cause, "more packets come than a run may take, %llu for each interrupt",
	       packets / interrupts);
	TRY(cause, "dpctool rss show dev %s, to see whether others have less", dev(row));
	return true;
}

/* The CPU that got the most steered packets is the likeliest to have had no room. */
static bool full_inbox(const struct suspicion *suspicion, struct cause *cause)
{
	const struct row *most = suspicion->rows;

	for (size_t i = 1; i < suspicion->row_count; i++)
		if (number(&suspicion->rows[i], FIGURE_STEER_IN) > number(most, FIGURE_STEER_IN))
			most = &suspicion->rows[i];
	if (!number(most, FIGURE_STEER_IN))
		return false;
	LIKELY(cause, "most is steered to CPU %llu, %llu packets of %s %s", cpu(most),
	       number(most, FIGURE_STEER_IN), dev(most), row_label(most));
	TRY(cause, "dpctool policy counters dev %s, then other weights", dev(most));
	return true;
}

/**
 * struct rule - what may be a cause of what
 * @key: name of the cause
 * @figures: set of the figures it explains, SET() of each
 * @holds: is there evidence? It says so in the cause then.
 */
static const struct rule {
	const char *key;
	__u64 figures;
	bool (*holds)(const struct suspicion *suspicion, struct cause *cause);
} rules[] = {
	{ "stolen", WAITS | RUNS | DISABLED, stolen },
	{ "busy", DISABLED, busy },
	{ "foreign", WAITS | DISABLED, foreign },
	{ "starved", WAITS | DISABLED, starved },
	{ "long-runs", WAITS, long_runs },
	{ "shared-cpu", WAITS | DISABLED, shared_cpu },
	{ "throttled", WAITS | DISABLED, throttled },
	{ "ksoftirqd", WAITS | DISABLED, handed_over },
	{ "many-packets", RUNS, many_packets },
	{ "other-irq", WAITS | RUNS | DISABLED, other_irq },
	{ "slow-packets", RUNS, slow_packets },
	{ "low-bound", SET(THROT), low_bound },
	{ "bursts", SET(THROT), bursts },
	{ "full-inbox", SET(INBOX_DROP), full_inbox },
};

const char cause_help[] =
	"a name of what is likely: stolen (by the hypervisor), busy, foreign, starved (ksoftirqd), "
	"long-runs (of another message), shared-cpu, throttled, ksoftirqd, many-packets, "
	"other-irq, slow-packets, low-bound, bursts, full-inbox; null if it is not visible from "
	"here";

void cause_find(struct cause *cause, const struct suspicion *suspicion)
{
	const struct row *row = suspicion->row;
	__u64 figure = (__u64)1 << suspicion->limit->of->figure;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!(rules[i].figures & figure) || !rules[i].holds(suspicion, cause))
			continue;
		cause->key = rules[i].key;
		return;
	}
	cause->key = NULL;
	LIKELY(cause, "cause not visible from here");
	if (row->values[FIGURE_MSG].known)
		TRY(cause, "dpctool trace dev %s msg %llu cpu %llu", dev(row),
		    number(row, FIGURE_MSG), cpu(row));
	else
		TRY(cause, "dpctool trace dev %s cpu %llu", dev(row), cpu(row));
}
