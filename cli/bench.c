// SPDX-License-Identifier: GPL-2.0
/* "dpctool bench": what dpctool itself costs, where it runs, under the traffic that is there. */
#include <bpf/bpf.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ability.h"
#include "args.h"
#include "attach.h"
#include "distribution.h"
#include "file.h"
#include "observer.h"
#include "units.h"
#include "watch.h"

/* A round: without, with, with, without; so what drifts is the same in both. */
#define ROUNDS_DEFAULT	5
#define ROUNDS_MAX	1000

static const struct verb verbs[] = {
	{ "observer", "what it costs to observe DPC runs" },
	{ 0 }
};

enum bench_choice { BENCH_COUNTING, BENCH_RECORDING };

static const struct verb choices[] = {
	[BENCH_COUNTING] = { "counting", "as show, top, hist, heat, check, export prometheus do" },
	[BENCH_RECORDING] = { "recording", "as record and trace do; nothing is written" },
	{ 0 }
};

enum bench_field {
	BENCH_OBSERVER, BENCH_ROUNDS, BENCH_INTERVAL, BENCH_RUNS, BENCH_COST, BENCH_OBSERVED,
	BENCH_RUN, BENCH_RUN_CI95, BENCH_WITHOUT, BENCH_WITHOUT_CI95, BENCH_WITH, BENCH_WITH_CI95,
	BENCH_CHANGE, BENCH_CHANGE_CI95,
	BENCH_FIELDS
};

static const struct field fields[BENCH_FIELDS] = {
	[BENCH_OBSERVER] = { .key = "observer", .kind = FIELD_TEXT,
		.help = "counting or recording" },
	[BENCH_ROUNDS] = { .key = "rounds", .help = "how many rounds were not broken off" },
	[BENCH_INTERVAL] = { .key = "interval_ns",
		.help = "how long each of a round's four parts is" },
	[BENCH_RUNS] = { .key = "runs", .help = "DPC runs that were counted" },
	[BENCH_COST] = { .key = "cost_ns", .help = "how long the programs took for them" },
	[BENCH_OBSERVED] = { .key = "observed_ns",
		.help = "of how long: the time with an observer" },
	[BENCH_RUN] = { .key = "run_ns",
		.help = "cost of a DPC run, of all programs that it takes, mean" },
	[BENCH_RUN_CI95] = { .key = "run_ci95_ns",
		.help = "half of its 95% confidence interval, as the other ci95 are" },
	[BENCH_WITHOUT] = { .key = "pps_without",
		.help = "packets per second without an observer, mean" },
	[BENCH_WITHOUT_CI95] = { .key = "pps_without_ci95", .help = "its confidence interval" },
	[BENCH_WITH] = { .key = "pps_with", .help = "the same with one" },
	[BENCH_WITH_CI95] = { .key = "pps_with_ci95", .help = "its confidence interval" },
	[BENCH_CHANGE] = { .key = "pps_change_ppm",
		.help = "how many more there were with one, parts per million; negative if fewer" },
	[BENCH_CHANGE_CI95] = { .key = "pps_change_ci95_ppm", .help = "its confidence interval" },
};

/** struct sample - values measured several times; their sum and that of their squares */
struct sample {
	unsigned int count;
	double sum;
	double squares;
};

/**
 * struct bench - a measurement
 * @request: what was asked for
 * @what: which observer
 * @list: the devices
 * @watch: ends it
 * @interval_ns: how long each half of a round's parts is
 * @rounds: how many there were
 * @runs: DPC runs in all parts with an observer
 * @cost_ns: what its programs took in these
 * @observed_ns: how long these were
 * @run_ns: cost of a run, by part
 * @without: packets per second, by part
 * @with: the same with an observer
 * @change: their ratio, by round
 */
struct bench {
	const struct request *request;
	enum bench_choice what;
	struct device_list list;
	struct watch watch;
	__u64 interval_ns;
	__u64 rounds;
	__u64 runs;
	__u64 cost_ns;
	__u64 observed_ns;
	struct sample run_ns;
	struct sample without;
	struct sample with;
	struct sample change;
};

static void sample_add(struct sample *sample, double value)
{
	sample->count++;
	sample->sum += value;
	sample->squares += value * value;
}

static double mean(const struct sample *sample)
{
	return sample->sum / sample->count;
}

/* Half of the 95% confidence interval of the mean, by Student's t; negative if there is none. */
static double confidence(const struct sample *sample)
{
	static const double t[] = { 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23,
				    2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09 };
	unsigned int freedom = sample->count - 1;
	double variance;

	if (sample->count < 2)
		return -1;
	variance = (sample->squares - sample->sum * sample->sum / sample->count) / freedom;
	return (freedom <= sizeof(t) / sizeof(t[0]) ? t[freedom - 1] : 2.0) *
	       sqrt(fmax(variance, 0) / sample->count);
}

static bool add_counter(__u64 *sum, const char *name, const char *counter)
{
	char *line = read_line("/sys/class/net/%s/statistics/%s", name, counter);
	bool told = line;

	if (told)
		*sum += strtoull(line, NULL, 10);
	free(line);
	return told;
}

/* Returns false if a device is gone. */
static bool packets(const struct device_list *list, __u64 *sum)
{
	bool all = true;

	*sum = 0;
	for (size_t slot = 0; slot < list->count; slot++)
		all = all && add_counter(sum, list->devices[slot].name, "rx_packets") &&
		      add_counter(sum, list->devices[slot].name, "tx_packets");
	return all;
}

static __u64 rounds_of(const struct request *request)
{
	return request->given & 1 << KEYWORD_COUNT ? request->count : ROUNDS_DEFAULT;
}

static int take_nothing(void *context, void *event, size_t size)
{
	(void)context;
	(void)event;
	(void)size;
	return 0;
}

/*
 * One interval; returns packets per second. One that was broken off, or in which a device went or
 * began to count anew, tells nothing of them: NAN.
 */
static double pass(struct bench *bench, struct observer *observer, struct sample *rates)
{
	__u64 before, after, start, end;
	double rate;
	bool known;

	known = packets(&bench->list, &before);
	start = now_ns();
	end = start + bench->interval_ns;

	if (observer && bench->what == BENCH_RECORDING)
		observer_follow(observer, &bench->watch, end);
	else
		watch_wait(&bench->watch, end, -1);
	end = now_ns();
	if (observer)
		bench->observed_ns += end - start;
	if (!known || !packets(&bench->list, &after) || after < before ||
	    bench->watch.interrupted)
		return NAN;
	rate = (double)(after - before) * NSEC_PER_SEC / (double)(end - start);
	sample_add(rates, rate);
	return rate;
}

static __u64 counted_runs(const struct bench *bench, struct observer *observer)
{
	__u32 cpus = attach_cpus();
	struct counters_entry entry;
	__u64 runs = 0;

	observer_look(observer);
	for (size_t slot = 0; slot < bench->list.count; slot++) {
		for (__u32 row = 0; row < bench->list.devices[slot].messages; row++) {
			for (__u32 cpu = 0; cpu < cpus; cpu++) {
				observer_entry(observer, slot, row, cpu, &entry);
				runs += entry_runs(&entry, 0);
			}
		}
	}
	return runs;
}

/* A run takes several programs at L1 and L2. */
static enum exit_code pass_observed(struct bench *bench, double *rate)
{
	const struct request *request = bench->request;
	const struct observer_request asked = {
		.list = &bench->list,
		.lowest = LEVEL_1,
		.exact = request->level_given,
		.counting = true,
		.ring_bytes = bench->what == BENCH_RECORDING ? request->ring_bytes : 0,
		.msgs = &request->msgs,
		.cpus = &request->cpus,
		.take = take_nothing,
	};
	struct observer *observer;
	struct observer_cost cost;
	enum exit_code code;
	__u64 runs;

	code = observer_start(&observer, &asked);
	if (code)
		return code;
	*rate += pass(bench, observer, &bench->with);
	observer_stop(observer);
	cost = observer_cost(observer);
	runs = counted_runs(bench, observer);
	if (runs)
		sample_add(&bench->run_ns, (double)cost.ns / (double)runs);
	bench->runs += runs;
	bench->cost_ns += cost.ns;
	observer_free(observer);
	return DPCTOOL_OK;
}

/* A round that was broken off tells nothing of a change. */
static enum exit_code run_round(struct bench *bench)
{
	static const bool observed[] = { false, true, true, false };
	enum exit_code code = DPCTOOL_OK;
	double without = 0, with = 0;

	for (int part = 0; part < 4 && !code && !bench->watch.interrupted; part++) {
		if (observed[part])
			code = pass_observed(bench, &with);
		else
			without += pass(bench, NULL, &bench->without);
	}
	if (code || bench->watch.interrupted)
		return code;
	if (without > 0 && !isnan(with))
		sample_add(&bench->change, with / without - 1);
	bench->rounds++;
	return DPCTOOL_OK;
}

static void print_text(const struct bench *bench)
{
	char each[32], run[32], error[32];

	format_duration(each, sizeof(each), bench->interval_ns);
	printf("%s, rounds %llu of 4 x %s\n", choices[bench->what].name, bench->rounds,
	       each);
	if (bench->run_ns.count < 2) {
		printf("run      " OUTPUT_UNKNOWN " (runs %llu)\n", bench->runs);
	} else {
		format_duration(run, sizeof(run), (__u64)mean(&bench->run_ns));
		format_duration(error, sizeof(error), (__u64)confidence(&bench->run_ns));
		printf("run      %s +-%s (runs %llu), %.3f%% of a CPU\n", run, error,
		       bench->runs,
		       100.0 * (double)bench->cost_ns / (double)bench->observed_ns);
	}
	if (bench->change.count < 2)
		printf("packets  " OUTPUT_UNKNOWN "\n");
	else
		printf("packets  %.0f/s without, %.0f/s with, change %+.2f%% +-%.2f%%\n",
		       mean(&bench->without), mean(&bench->with), 100 * mean(&bench->change),
		       100 * confidence(&bench->change));
	ability_print(&bench->list);
}

/* Two fields: the mean, and its confidence interval; neither is known of less than two values. */
static void fill_sample(struct value *values, const struct sample *sample, double unit)
{
	if (sample->count < 2)
		return;
	values[0] = value_number((__u64)llround(unit * mean(sample)));
	values[1] = value_number((__u64)llround(unit * confidence(sample)));
}

static json_t *rows_json(const struct bench *bench)
{
	const struct columns columns = { .fields = fields, .field_count = BENCH_FIELDS };
	struct value values[BENCH_FIELDS] = {
		[BENCH_OBSERVER] = value_text(choices[bench->what].name),
		[BENCH_ROUNDS] = value_number(bench->rounds),
		[BENCH_INTERVAL] = value_number(bench->interval_ns),
		[BENCH_RUNS] = value_number(bench->runs),
		[BENCH_COST] = value_number(bench->cost_ns),
		[BENCH_OBSERVED] = value_number(bench->observed_ns),
	};

	fill_sample(&values[BENCH_RUN], &bench->run_ns, 1);
	fill_sample(&values[BENCH_WITHOUT], &bench->without, 1);
	fill_sample(&values[BENCH_WITH], &bench->with, 1);
	fill_sample(&values[BENCH_CHANGE], &bench->change, 1e6);
	return json_pack("[o]", row_json(&columns, values));
}

static void print_json(const struct bench *bench)
{
	json_t *document = document_new("bench", NULL, bench->watch.start_realtime_ns);

	ability_json(document, &bench->list);
	json_object_set_new(document, "rows", rows_json(bench));
	json_print(document, bench->request->format == OUTPUT_PRETTY);
}

static void print(const struct bench *bench)
{
	if (bench->request->format == OUTPUT_TEXT)
		print_text(bench);
	else
		print_json(bench);
}

/* The kernel measures programs while somebody keeps this open. */
static enum exit_code enable_stats(int *fd)
{
	*fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	if (*fd >= 0)
		return DPCTOOL_OK;
	return fail(DPCTOOL_UNABLE, "as root, on a kernel from 5.8 on",
		    "bench: the kernel does not measure BPF programs: %s", strerror(errno));
}

static void add_round(FILE *file, const void *context)
{
	const struct bench *bench = context;

	fprintf(file, ", %llu rounds of %llu", bench->rounds, rounds_of(bench->request));
}

static enum exit_code run(const struct request *request)
{
	struct bench bench = {
		.request = request,
		.what = request->choice < 0 ? BENCH_COUNTING : (enum bench_choice)request->choice,
		.interval_ns = request->interval_ns,
	};
	__u64 rounds = rounds_of(request);
	enum exit_code code;
	int stats;

	if (rounds > ROUNDS_MAX)
		return fail(DPCTOOL_USAGE, "dpctool help bench", "bench: count: more than %d",
			    ROUNDS_MAX);
	code = ability_find(&bench.list, request);
	code = code ? code : enable_stats(&stats);
	if (code)
		return code;
	code = watch_start(&bench.watch, NULL);
	watch_progress(&bench.watch, bench.watch.start_ns + rounds * 4 * bench.interval_ns,
		       add_round, &bench);
	for (__u64 round = 0; !code && round < rounds && !bench.watch.interrupted; round++)
		code = run_round(&bench);
	watch_hide(&bench.watch);
	devices_follow(&bench.list);
	if (!code)
		print(&bench);
	watch_finish(&bench.watch);
	close(stats);
	return code ? code : output_end(false, 0);
}

static const char *const text[] = {
	"Measures under the traffic that there is, in rounds of four intervals (default 1s): without "
	"an observer, with one, with one, without, so that what changes with time is in both. count "
	"says how many rounds, 5 is the default.",
	"run is what the observing programs took per DPC run, as the kernel measures it: with most of "
	"its own measuring, so rather too much. packets are those received and sent per second, and "
	"how many more or fewer there were with an observer; if that is smaller than its error, there "
	"was no difference to be seen. +- is half of the 95% confidence interval. Without two "
	"intervals that had runs, or rounds that had packets, there is a -.",
	NULL
};

const struct command bench_command = {
	.name = "bench",
	.help = "what dpctool itself costs, under the traffic there is",
	.text = text,
	.verbs = verbs,
	.choices = choices,
	.keywords = 1 << KEYWORD_DEV | 1 << KEYWORD_INTERVAL | 1 << KEYWORD_COUNT |
		    1 << KEYWORD_RING,
	.observes = true,
	.lowest = LEVEL_1,
	.fields = fields,
	.field_count = BENCH_FIELDS,
	.run = run,
};
