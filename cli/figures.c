// SPDX-License-Identifier: GPL-2.0
#include "distribution.h"
#include "figures.h"
#include "trace_abi.h"

const struct field figures[FIGURES] = {
	[FIGURE_DEV] = { "DEV", "dev", FIELD_TEXT, FIELD_MANY, 0,
		"the network device" },
	[FIGURE_MSG] = { "MSG", "msg", FIELD_NUMBER, FIELD_SHOWN, 0,
		"the message, as \"dpctool map\" has it; \"total\" (JSON: null) in the sum over the "
		"device's rows" },
	[FIGURE_IRQ] = { "IRQ", "irq", FIELD_NUMBER, FIELD_SHOWN, 0,
		"the message's IRQ" },
	[FIGURE_NAPI] = { "NAPI", "napi", FIELD_NUMBER, FIELD_GENERIC, 0,
		"not at L3: the kernel's number of the NAPI instance" },
	[FIGURE_CPU] = { "CPU", "cpu", FIELD_NUMBER, FIELD_SHOWN, 0,
		"the CPU that ran the DPCs" },
	[FIGURE_INTR] = { "INTR", "interrupts", FIELD_NUMBER, FIELD_SHOWN, 0,
		"interrupts since each DPC's previous run, late and empty ones included; those "
		"that no run has followed yet are in none of the rows. Not at L3: the IRQ's on this "
		"CPU, in a row of their own if no NAPI instance is known to be theirs, or several "
		"are" },
	[FIGURE_QUEUED] = { "QUEUED", "queued", FIELD_NUMBER, FIELD_SHOWN, 0,
		"runs that the ISR or another DPC queued; L2: by __napi_schedule()" },
	[FIGURE_COAL] = { "COAL", "coalesced", FIELD_NUMBER, FIELD_SHOWN, 0,
		"requests that found the DPC queued already, since each DPC's previous run; L2: "
		"calls of napi_schedule_prep() that returned false" },
	[FIGURE_RUN] = { "RUN", "runs", FIELD_NUMBER, FIELD_SHOWN, 0,
		"all runs: QUEUED, REQUEUED, KEPT and UNSOL together" },
	[FIGURE_LAT_AVG] = { "LAT-AVG", "lat_avg_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"time from queued to started, average; L1: just of runs where it is certain which "
		"interrupt queued them, or that they continue one" },
	[FIGURE_LAT_P99] = { "LAT-P99", "lat_p99_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"the same, not exceeded by 99% of the runs: the upper edge of a histogram bucket, "
		"at most a quarter too high" },
	[FIGURE_LAT_MAX] = { "LAT-MAX", "lat_max_ns", FIELD_DURATION, FIELD_EXTRA, 0,
		"the same, longest; exact in the first table, an upper edge like LAT-P99 in later "
		"ones" },
	[FIGURE_RUN_AVG] = { "RUN-AVG", "run_avg_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"time from started to ended, average; L1: it starts when the softirq does, or when "
		"the CPU's run before it ends; in threads the start is not known. L1, L2: nor is it "
		"in tasks that poll" },
	[FIGURE_RUN_P99] = { "RUN-P99", "run_p99_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"the same, as LAT-P99" },
	[FIGURE_RUN_MAX] = { "RUN-MAX", "run_max_ns", FIELD_DURATION, FIELD_EXTRA, 0,
		"the same, as LAT-MAX" },
	[FIGURE_PKTS] = { "PKTS", "packets", FIELD_NUMBER, FIELD_SHOWN, 0,
		"packets taken from the ring, or from the CPU's inbox; not at L3: the work that the "
		"driver says it did: some say they used all of their budget if they have not "
		"finished what was sent" },
	[FIGURE_THROT] = { "THROT", "throttled", FIELD_NUMBER, FIELD_SHOWN, 0,
		"runs ended by their bound with packets left, or with a ring that rests before "
		"another XDP program may have it; not at L3: runs that used their budget up" },
	[FIGURE_DISABLED] = { "DISABLED", "disabled_ns", FIELD_DURATION, FIELD_SHOWN, 0,
		"how long the message was disabled, up to the end of the last run that enabled it or "
		"was ended by its bound, in the rows of the CPUs where these ran" },
	[FIGURE_DISABLED_PPM] = { "DIS%", "disabled_ppm", FIELD_PPM, FIELD_SHOWN, 0,
		"the same as a share of the time observed; of all messages in the rows, in the sum "
		"(JSON: parts per million)" },
	[FIGURE_XDP_DROP] = { "XDP-DROP", "xdp_drop", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those that an XDP program dropped" },
	[FIGURE_XDP_TX] = { "XDP-TX", "xdp_tx", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those that it sent back" },
	[FIGURE_XDP_REDIR] = { "XDP-REDIR", "xdp_redirect", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those that it sent elsewhere" },
	[FIGURE_XDP_ABORT] = { "XDP-ABORT", "xdp_aborted", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those it failed on, or gave no valid verdict for" },
	[FIGURE_XDP_LOST] = { "XDP-LOST", "xdp_lost", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of XDP-TX and XDP-REDIR, those that were dropped after all" },
	[FIGURE_STEER_OUT] = { "STEER-OUT", "steered_out", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those put in the inbox of another CPU, as an XDP program named it" },
	[FIGURE_STEER_IN] = { "STEER-IN", "steered_in", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those taken from this CPU's inbox" },
	[FIGURE_STEER_KEPT] = { "STEER-KEPT", "steer_kept", FIELD_NUMBER, FIELD_EXTRA, 0,
		"packets that were not sent to the CPU that was named, to keep their flow in "
		"order" },
	[FIGURE_INBOX_DROP] = { "INBOX-DROP", "inbox_dropped", FIELD_NUMBER, FIELD_EXTRA, 0,
		"of PKTS, those dropped as the inbox of the CPU named was full" },
	[FIGURE_REQUEUED] = { "REQUEUED", "requeued", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that continued one that had more pending" },
	[FIGURE_KEPT] = { "KEPT", "kept", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that NAPI added on its own to a DPC that was not done (gro_flush_timeout); L2: "
		"also what was asked for while it ran" },
	[FIGURE_UNSOL] = { "UNSOL", "unsolicited", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs nobody asked for: busy poll, NAPI's watchdog" },
	[FIGURE_ENABLED] = { "ENABLED", "enabled", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that enabled their message" },
	[FIGURE_FOREIGN] = { "FOREIGN", "foreign", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs on another CPU than the one they were queued for" },
	[FIGURE_OVERLONG] = { "OVERLONG", "overlong", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs longer than the DPC watchdog allows (20ms); below the table, if there are "
		"any" },
	[FIGURE_UNSTAMPED] = { "UNSTAMPED", "unstamped", FIELD_NUMBER, FIELD_EXTRA, 0,
		"runs that waited, but lack a time stamp, as they began to wait before anybody "
		"observed: they are counted, but in no time" },
};

static struct value average(const struct counters_distribution *distribution)
{
	__u64 count = distribution_count(distribution);

	return count ? value_number((distribution->sum + count / 2) / count) : (struct value){ 0 };
}

static struct value percentile(const struct counters_distribution *distribution,
			       unsigned int permille)
{
	return distribution_count(distribution) ?
		value_number(distribution_percentile(distribution, permille)) : (struct value){ 0 };
}

/*
 * Where it is not known which runs were queued, all were that somebody asked for. An entry taken
 * while its program writes it may have a run's time already, but not yet the run.
 */
static __u64 unstamped_runs(const struct counters_entry *entry, bool causes)
{
	__u64 queued = causes ? entry_runs(entry, DPCNIC_RUN_QUEUED) +
				entry_runs(entry, DPCNIC_RUN_REQUEUED) :
				entry_runs(entry, 0) - entry_runs(entry, DPCNIC_RUN_UNSOLICITED);
	__u64 stamped = distribution_count(&entry->latency);

	return queued > stamped ? queued - stamped : 0;
}

#define FIGURE(name)	(1ULL << FIGURE_##name)

/* What tells of runs in the kernel's own events, and what more its functions do. */
#define FIGURES_RUNS	(FIGURE(RUN) | FIGURE(LAT_AVG) | FIGURE(LAT_P99) | FIGURE(LAT_MAX) | \
			 FIGURE(RUN_AVG) | FIGURE(RUN_P99) | FIGURE(RUN_MAX) | FIGURE(PKTS) | \
			 FIGURE(THROT) | FIGURE(REQUEUED) | FIGURE(UNSOL) | FIGURE(OVERLONG) | \
			 FIGURE(UNSTAMPED))
#define FIGURES_CAUSES	(FIGURE(QUEUED) | FIGURE(COAL) | FIGURE(KEPT) | FIGURE(FOREIGN))

__u64 figures_of_level(enum level level)
{
	static const __u64 known[LEVELS] = {
		[LEVEL_0] = FIGURE(INTR),
		[LEVEL_1] = FIGURE(INTR) | FIGURES_RUNS,
		[LEVEL_2] = FIGURE(INTR) | FIGURES_RUNS | FIGURES_CAUSES,
		[LEVEL_3] = ~0ULL,
	};

	return known[level];
}

static void fill_xdp(struct value *values, const struct counters_xdp *xdp)
{
	values[FIGURE_XDP_DROP] = value_number(xdp->dropped);
	values[FIGURE_XDP_TX] = value_number(xdp->sent);
	values[FIGURE_XDP_REDIR] = value_number(xdp->redirected);
	values[FIGURE_XDP_ABORT] = value_number(xdp->aborted);
	values[FIGURE_XDP_LOST] = value_number(xdp->lost);
	values[FIGURE_STEER_OUT] = value_number(xdp->steered);
	values[FIGURE_STEER_IN] = value_number(xdp->received);
	values[FIGURE_STEER_KEPT] = value_number(xdp->kept);
	values[FIGURE_INBOX_DROP] = value_number(xdp->inbox_dropped);
}

/* Without its start, how long a run took is not known. */
static bool knows_lengths(const struct counters_entry *entry)
{
	return distribution_count(&entry->duration) >= entry_runs(entry, 0);
}

void figures_fill(struct value *values, const struct counters_entry *entry, __u64 known,
		  __u64 period_ns, __u32 messages)
{
	__u64 enabled = entry_runs(entry, DPCNIC_RUN_ENABLED);
	__u64 throttled = entry_runs(entry, DPCNIC_RUN_MORE);
	const unsigned int unasked = DPCNIC_RUN_MORE | DPCNIC_RUN_UNSOLICITED;

	values[FIGURE_INTR] = value_number(entry->interrupts);
	values[FIGURE_QUEUED] = value_number(entry_runs(entry, DPCNIC_RUN_QUEUED));
	values[FIGURE_COAL] = value_number(entry->coalesced);
	values[FIGURE_RUN] = value_number(entry_runs(entry, 0));
	values[FIGURE_LAT_AVG] = average(&entry->latency);
	values[FIGURE_LAT_P99] = percentile(&entry->latency, 990);
	values[FIGURE_LAT_MAX] = percentile(&entry->latency, 1000);
	values[FIGURE_RUN_AVG] = average(&entry->duration);
	values[FIGURE_RUN_P99] = percentile(&entry->duration, 990);
	values[FIGURE_RUN_MAX] = percentile(&entry->duration, 1000);
	values[FIGURE_PKTS] = value_number(entry->packets.sum);
	values[FIGURE_THROT] = value_number(throttled);
	/* The stamps of those that began before anybody observed are missing. */
	values[FIGURE_DISABLED] = (struct value){ 0 };
	values[FIGURE_DISABLED_PPM] = (struct value){ 0 };
	if (entry->disabled_runs || !(enabled || throttled > entry_runs(entry, unasked))) {
		values[FIGURE_DISABLED] = value_number(entry->disabled_ns);
		if (period_ns && messages)
			values[FIGURE_DISABLED_PPM] =
				value_number((__u64)(1e6 * (double)entry->disabled_ns /
						     (double)period_ns / messages));
	}
	fill_xdp(values, &entry->xdp);
	values[FIGURE_REQUEUED] = value_number(entry_runs(entry, DPCNIC_RUN_REQUEUED));
	values[FIGURE_KEPT] = value_number(entry_runs(entry, DPCNIC_RUN_KEPT));
	values[FIGURE_ENABLED] = value_number(enabled);
	values[FIGURE_UNSOL] = value_number(entry_runs(entry, DPCNIC_RUN_UNSOLICITED));
	values[FIGURE_FOREIGN] = value_number(entry_runs(entry, DPCNIC_RUN_FOREIGN));
	values[FIGURE_OVERLONG] = value_number(entry_runs(entry, DPCNIC_RUN_OVERLONG));
	values[FIGURE_UNSTAMPED] = value_number(unstamped_runs(entry, known & FIGURE(QUEUED)));
	if (known != figures_of_level(LEVEL_3) && !knows_lengths(entry))
		known &= ~FIGURE(OVERLONG);
	for (enum figure figure = FIGURE_INTR; figure < FIGURES; figure++)
		if (!(known & 1ULL << figure))
			values[figure] = (struct value){ 0 };
}
