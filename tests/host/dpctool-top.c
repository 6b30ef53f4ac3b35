// SPDX-License-Identifier: GPL-2.0
/* The rows of "dpctool top" (cli/top_model.c) and its filter (cli/filter.c). */
#include <string.h>

#include "distribution.h"
#include "tap.h"
#include "top_model.h"
#include "trace_abi.h"

#define DEVICES		3
#define MESSAGES	5
#define CPUS		4
#define PERIOD_NS	1000000000ULL

/**
 * struct sample - what one message counted on one CPU, as few numbers
 * @runs: 0 for no cell
 */
struct sample {
	__u64 runs;
	__u64 packets;
	__u64 waited_ns;
};

#define SAMPLES		(DEVICES * MESSAGES * CPUS)

static struct sample samples[SAMPLES];
static const char *const names[DEVICES] = { "eth0", "lan1", "eth2" };

/* Always the same numbers, with many that are equal. */
static __u64 next(__u64 below)
{
	static __u64 state = 1;

	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % below;
}

static void make_samples(void)
{
	for (size_t i = 0; i < SAMPLES; i++)
		samples[i] = (struct sample){ next(4), next(3) * 1000, next(100000) };
}

static struct sample *sample_of(__u32 slot, __u32 msg, __u32 cpu)
{
	return &samples[(slot * MESSAGES + msg) * CPUS + cpu];
}

static void fill_entry(struct counters_entry *entry, const struct sample *sample)
{
	*entry = (struct counters_entry){ .packets.sum = sample->packets };
	entry->runs[DPCNIC_RUN_QUEUED] = sample->runs;
	entry->latency.bucket[histogram_bucket(sample->waited_ns)] = sample->runs;
	entry->latency.sum = sample->runs * sample->waited_ns;
	entry->latency.max = sample->waited_ns;
}

static void make_table(struct top_table *table, const struct top_view *view)
{
	struct counters_entry entry;

	top_begin(table, view);
	for (__u32 slot = 0; slot < DEVICES; slot++) {
		for (__u32 msg = 0; msg < MESSAGES; msg++) {
			for (__u32 cpu = 0; cpu < CPUS; cpu++) {
				const struct top_cell cell = { slot, names[slot], msg,
							       value_number(20 + msg), cpu,
							       &entry };

				if (!sample_of(slot, msg, cpu)->runs)
					continue;
				fill_entry(&entry, sample_of(slot, msg, cpu));
				top_add(table, &cell);
			}
		}
	}
	top_end(table, PERIOD_NS);
}

static struct top_view view_of(enum top_pivot pivot, const char *text)
{
	struct top_view view = { .pivot = pivot, .sort = FIGURE_PKTS };
	char error[256];

	if (!filter_parse(&view.filter, text, error, sizeof(error)))
		printf("Bail out! filter '%s': %s\n", text, error);
	return view;
}

static const struct top_row *shown(const struct top_table *table, size_t i)
{
	return &table->rows[table->shown[i]];
}

/* The sum of the samples that a row is of. */
static struct sample sum_of(enum top_pivot pivot, const struct top_row *row)
{
	struct sample sum = { 0 };

	for (__u32 slot = 0; slot < DEVICES; slot++) {
		for (__u32 msg = 0; msg < MESSAGES; msg++) {
			for (__u32 cpu = 0; cpu < CPUS; cpu++) {
				const struct sample *sample = sample_of(slot, msg, cpu);

				if ((pivot != TOP_BY_CPU && slot != row->slot) ||
				    (pivot < TOP_BY_CPU && msg != row->msg) ||
				    ((pivot == TOP_BY_BOTH || pivot == TOP_BY_CPU) &&
				     cpu != row->cpu) || !sample->runs)
					continue;
				sum.runs += sample->runs;
				sum.packets += sample->packets;
				sum.waited_ns += sample->runs * sample->waited_ns;
			}
		}
	}
	return sum;
}

static bool has(const struct top_row *row, const struct sample *sum)
{
	return row->values[FIGURE_RUN].number == sum->runs &&
	       row->values[FIGURE_PKTS].number == sum->packets &&
	       row->values[FIGURE_LAT_AVG].number == (sum->waited_ns + sum->runs / 2) / sum->runs;
}

static void test_sums(void)
{
	static const struct {
		enum top_pivot pivot;
		const char *name;
		size_t most;
	} cases[] = {
		{ TOP_BY_BOTH, "by message and CPU", SAMPLES },
		{ TOP_BY_MSG, "by message", DEVICES * MESSAGES },
		{ TOP_BY_CPU, "by CPU", CPUS },
		{ TOP_BY_DEV, "by device", DEVICES },
	};
	static struct top_table table;
	__u64 runs = 0, packets = 0;

	for (size_t i = 0; i < SAMPLES; i++) {
		runs += samples[i].runs;
		packets += samples[i].runs ? samples[i].packets : 0;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct top_view view = view_of(cases[i].pivot, "");
		bool right = true, different = true;

		make_table(&table, &view);
		for (size_t j = 0; j < table.shown_count; j++) {
			struct sample sum = sum_of(view.pivot, shown(&table, j));

			right &= has(shown(&table, j), &sum);
			for (size_t k = 0; k < j; k++)
				different &= !top_same(view.pivot, shown(&table, j),
						       shown(&table, k));
		}
		ok(right, "%s: each row is the sum of what it is of", cases[i].name);
		ok(different && table.shown_count && table.shown_count <= cases[i].most,
		   "%s: each row is another one", cases[i].name);
		is(table.total.values[FIGURE_RUN].number, runs, "the total of runs");
		is(table.total.values[FIGURE_PKTS].number, packets, "of packets");
		is(table.total.messages, DEVICES * MESSAGES, "of messages");
	}
	top_free(&table);
}

/* What stands in a row that is of several. */
static void test_names(void)
{
	const struct top_view view = view_of(TOP_BY_CPU, "");
	static struct top_table table;

	make_table(&table, &view);
	ok(shown(&table, 0)->slot == TOP_SEVERAL && shown(&table, 0)->msg == TOP_SEVERAL,
	   "a CPU has several devices and messages");
	ok(!shown(&table, 0)->values[FIGURE_DEV].known &&
	   !strcmp(shown(&table, 0)->values[FIGURE_MSG].text, TOP_SEVERAL_TEXT),
	   "and says so");
	ok(shown(&table, 0)->values[FIGURE_CPU].known, "its number is known");
	top_free(&table);
}

/* Where the order is not that of the figure, it is that of devices, messages and CPUs. */
static bool in_order(const struct top_table *table, const struct top_view *view)
{
	for (size_t i = 1; i < table->shown_count; i++) {
		const struct top_row *a = shown(table, i - 1), *b = shown(table, i);
		__u64 first = a->values[view->sort].number, second = b->values[view->sort].number;

		if (view->ascending ? first > second : first < second)
			return false;
		if (first == second && (a->slot * MESSAGES + a->msg) * CPUS + a->cpu >=
				       (b->slot * MESSAGES + b->msg) * CPUS + b->cpu)
			return false;
	}
	return true;
}

static void test_sort(void)
{
	static const enum figure figures_known[] = { FIGURE_PKTS, FIGURE_RUN, FIGURE_CPU,
						     FIGURE_MSG };
	struct top_view view = view_of(TOP_BY_BOTH, "");
	static struct top_table table;
	bool cpus = true;

	for (size_t i = 0; i < sizeof(figures_known) / sizeof(figures_known[0]); i++) {
		view.sort = figures_known[i];
		for (unsigned int ascending = 0; ascending < 2; ascending++) {
			view.ascending = ascending;
			make_table(&table, &view);
			ok(table.shown_count > 10 && in_order(&table, &view), "sorted by %s, %s",
			   figures[view.sort].name, ascending ? "ascending" : "descending");
		}
	}

	/* The first device has no message on the first CPU: rows come in another order. */
	memset(samples, 0, CPUS * sizeof(*samples));
	sample_of(0, 0, CPUS - 1)->runs = 1;
	view = view_of(TOP_BY_CPU, "");
	view.sort = FIGURE_THROT;
	make_table(&table, &view);
	for (size_t i = 0; i < table.shown_count; i++)
		cpus &= shown(&table, i)->cpu == i;
	ok(cpus && table.shown_count == CPUS, "CPUs that are equal are in their order");

	/* Unknown: the rows of one CPU have several messages. */
	view = view_of(TOP_BY_MSG, "");
	view.sort = FIGURE_CPU;
	view.ascending = true;
	make_table(&table, &view);
	ok(shown(&table, 0)->values[FIGURE_CPU].known &&
	   !shown(&table, table.shown_count - 1)->values[FIGURE_CPU].known,
	   "what is unknown is last, ascending");
	view.ascending = false;
	make_table(&table, &view);
	ok(shown(&table, 0)->values[FIGURE_CPU].known &&
	   !shown(&table, table.shown_count - 1)->values[FIGURE_CPU].known,
	   "and descending");
	top_free(&table);
}

static void test_filter(void)
{
	static struct top_table table;
	struct top_view view = view_of(TOP_BY_BOTH, " msg 1,3-4  cpu 2 dev lan1 ");
	__u64 packets = 0;
	size_t count = 0;

	for (__u32 msg = 1; msg < MESSAGES; msg++) {
		if (msg == 2 || !sample_of(1, msg, 2)->runs)
			continue;
		count++;
		packets += sample_of(1, msg, 2)->packets;
	}
	make_table(&table, &view);
	ok(count && table.shown_count == count, "messages, a CPU and a device are filtered");
	is(table.total.values[FIGURE_PKTS].number, packets, "the total of these");

	view = view_of(TOP_BY_BOTH, "pkts>1000 RUN<3");
	make_table(&table, &view);
	count = 0;
	for (size_t i = 0; i < SAMPLES; i++)
		count += samples[i].runs && samples[i].runs < 3 &&
			 samples[i].packets > 1000;
	ok(count && table.shown_count == count && table.count > count,
	   "bounds of figures leave the rows within");
	is(table.total.values[FIGURE_PKTS].number, 2000 * count, "their total");

	view = view_of(TOP_BY_BOTH, "lat-avg>50us");
	make_table(&table, &view);
	count = 0;
	for (size_t i = 0; i < SAMPLES; i++)
		count += samples[i].runs && samples[i].waited_ns > 50000;
	ok(count && table.shown_count == count, "also of times");
	view = view_of(TOP_BY_BOTH, "run-avg>0ns");
	make_table(&table, &view);
	ok(!table.shown_count && table.count, "what is not known is within no bound");
	view = view_of(TOP_BY_BOTH, "run-avg<1h");
	make_table(&table, &view);
	ok(!table.shown_count, "nor below one");
	is(table.total.values[FIGURE_RUN].number, 0, "the total of nothing");
	top_free(&table);
}

static void test_bad_filters(void)
{
	static const char *const bad[] = {
		"msg", "cpu", "dev", "msg 3-1", "cpu x", "foo", "foo 1", "foo>1", "pkts", "pkts>",
		"pkts>x", "pkts>5us", "pkts>5%", "lat-avg>5", "lat-avg<5%", "dis%>5", ">5", "<",
		"dev 1234567890123456", "dev>1", "msg 1 pkts", "pkts>1>2", "msg 9999",
		"run>1 run>2 run>3 run>4 run>5 run>6 run>7 run>8 run>9",
	};
	struct filter filter, before;
	char error[64];

	memset(&before, 0x5a, sizeof(before));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		filter = before;
		*error = '\0';
		ok(!filter_parse(&filter, bad[i], error, sizeof(error)) && *error == '\'' &&
		   !memcmp(&filter, &before, sizeof(filter)), "filter '%s' is refused", bad[i]);
	}
	ok(filter_parse(&filter, "dis%>5% cpu all", error, sizeof(error)) &&
	   filter.bounds[0].number == 50000, "a share is understood");
}

int main(void)
{
	make_samples();
	test_sums();
	test_names();
	test_sort();
	test_filter();
	test_bad_filters();
	return done();
}
