// SPDX-License-Identifier: GPL-2.0
/*
 * The text for Prometheus (cli/exposition.c) and the server (cli/serve.c), without a device. What
 * is right, dpctool-prometheus.py says.
 *
 *	test-prometheus print [cpu|napi]
 *					with runs as long and late as stdin says: "NS NS" a line
 *	test-prometheus series		how many series the first device and message have
 *	test-prometheus serve ADDRESS	a page of that
 */
#include <string.h>

#include "exposition.h"
#include "serve.h"
#include "trace_abi.h"

static const struct device_list list = {
	.devices = { { .name = "a\"b\\c", .ifindex = 2, .driver = "dpcnic", .level = LEVEL_3 },
		     { .name = "eth1", .ifindex = 3, .driver = "dpcnic", .level = LEVEL_2,
		       .napis = 3 } },
	.count = 2,
};

static void add(struct counters_distribution *distribution, __u64 value)
{
	distribution->sum += value;
	distribution->bucket[histogram_bucket(value)]++;
}

/* Each field another number, so that none can stand for another. */
static void fill(struct counters_entry *entry)
{
	entry->runs[DPCNIC_RUN_QUEUED] = 1;
	entry->runs[DPCNIC_RUN_REQUEUED] = 2;
	entry->runs[DPCNIC_RUN_KEPT] = 4;
	entry->runs[DPCNIC_RUN_UNSOLICITED] = 8;
	entry->runs[DPCNIC_RUN_QUEUED | DPCNIC_RUN_MORE] = 16;
	entry->runs[DPCNIC_RUN_QUEUED | DPCNIC_RUN_ENABLED] = 32;
	entry->runs[DPCNIC_RUN_QUEUED | DPCNIC_RUN_FOREIGN] = 64;
	entry->runs[DPCNIC_RUN_QUEUED | DPCNIC_RUN_OVERLONG] = 128;
	entry->interrupts = 1001;
	entry->coalesced = 1002;
	entry->disabled_ns = 9107199004740993; /* no double */
	entry->disabled_runs = 32;
	entry->packets.sum = 18446744073709551615ULL;
	entry->xdp = (struct counters_xdp){
		.dropped = 2001, .sent = 2002, .redirected = 2003, .aborted = 2004, .lost = 2005,
		.steered = 2006, .received = 2007, .kept = 2008, .inbox_dropped = 2009,
	};
}

static void print(FILE *out, void *context)
{
	exposition_print(context, out);
}

int main(int argc, char **argv)
{
	static struct exposition_row rows[8];
	struct exposition exposition = {
		.list = &list, .present = { true, false },
		.kernel = "6.12.0", .observing = true, .lost = 77, .rows = rows,
		.by_cpu = argc == 3 && !strcmp(argv[2], "cpu"),
	};
	static struct counters_entry entry, unknown;
	const struct row_id msg_0 = { .msg = value_number(0), .known = ~0ULL };
	const struct row_id msg_5 = { .msg = value_number(5), .known = ~0ULL };
	const struct row_id napi = { .napi = value_number(8193), .irq = value_number(33),
				     .known = 1ULL << FIGURE_PKTS };
	const struct row_id nameless = { .msg = value_number(5), .irq = value_number(33),
					 .known = 1ULL << FIGURE_PKTS };
	const struct row_id irq_34 = { .irq = value_number(34), .known = 1ULL << FIGURE_INTR };
	const struct row_id irq_35 = { .irq = value_number(35), .known = 1ULL << FIGURE_INTR };
	unsigned long long duration, latency;

	if (argc == 2 && !strcmp(argv[1], "series")) {
		printf("%llu\n", exposition_series(list.count, 1, 0));
		return 0;
	}
	fill(&entry);
	exposition_add(&exposition, 0, 0, &msg_0, 3, &entry);
	/* It was enabled, but when it was disabled nobody knows. */
	unknown.runs[DPCNIC_RUN_QUEUED | DPCNIC_RUN_ENABLED] = 1;
	if (argc == 3 && !strcmp(argv[1], "serve")) {
		struct serve_page page = { .print = print, .context = &exposition };
		struct watch watch;
		char url[128];
		int fd;

		if (serve_listen(&fd, url, sizeof(url), argv[2]) || watch_start(&watch, NULL))
			return 1;
		puts(url);
		fflush(stdout);
		if (serve(fd, &page, &watch))
			return 1;
		printf("%llu\n", page.count);
		return 0;
	}
	while (scanf("%llu %llu", &duration, &latency) == 2) {
		add(&rows[0].entry.duration, duration);
		add(&rows[0].entry.latency, latency);
	}
	exposition_add(&exposition, 1, 3, &msg_5, 0, &unknown);
	if (argc == 3 && !strcmp(argv[2], "napi")) {
		exposition_add(&exposition, 1, 0, &napi, 0, &entry);
		exposition_add(&exposition, 1, 1, &nameless, 0, &entry);
		exposition_add(&exposition, 1, 2, &nameless, 0, &entry);
		exposition_add(&exposition, 1, 4, &irq_34, 0, &entry);
		exposition_add(&exposition, 1, 5, &irq_35, 0, &entry);
	}
	exposition_print(&exposition, stdout);
	return 0;
}
