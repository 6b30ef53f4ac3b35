// SPDX-License-Identifier: GPL-2.0
/*
 * What figures are held against (cli/limit.c), why they are over it (cli/cause.c), and what of a
 * host a recording keeps for that (cli/host_json.c).
 */
#include <string.h>

#include "cause.h"
#include "host_json.h"
#include "tap.h"

static struct limit one_limit(const char *text)
{
	static struct limits limits;

	if (limits_parse(&limits, text))
		printf("Bail out! '%s' are no limits\n", text);
	return limits.limits[0];
}

static void test_parse(void)
{
	static const char *const bad[] = {
		"", ",", "lat-p99", "=5", "foo=1", "lat-p99=", "lat-p99=5", "lat-p99=5%",
		"lat-p99=5x", "lat-p99=5us,", "lat-p99=5us,,runs=1", "lat=5us", "disabled=5",
		"disabled=5us", "throt=5us", "throt=-1", "intr=5%", "runs=1.5",
		"overlong=0,overlong=1", "LAT-P99=5us", " runs=1", "irq=4",
	};
	struct limits limits;

	ok(!limits_parse(&limits, "lat-p99=50us,throt=5%,disabled=12.5%,overlong=0") &&
	   limits.count == 4, "limits are understood");
	ok(!strcmp(limits.limits[0].of->name, "lat-p99") &&
	   limits.limits[0].most.unit == UNIT_TIME && limits.limits[0].most.number == 50000,
	   "a time");
	ok(limits.limits[1].most.unit == UNIT_SHARE && limits.limits[1].most.number == 50000,
	   "a share of a number");
	ok(limits.limits[2].most.unit == UNIT_SHARE && limits.limits[2].most.number == 125000,
	   "a share of the time");
	ok(limits.limits[3].most.unit == UNIT_COUNT && !limits.limits[3].most.number, "a number");
	ok(!limits_parse(&limits, LIMITS_DEFAULT), "the default is understood");
	/* each refusal says why on stderr */
	if (!freopen("/dev/null", "w", stderr))
		puts("Bail out! no /dev/null");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(limits_parse(&limits, bad[i]) == DPCTOOL_USAGE, "limits '%s' are refused",
		   bad[i]);
}

static void test_value(void)
{
	struct value values[FIGURES] = {
		[FIGURE_RUN] = value_number(200),
		[FIGURE_THROT] = value_number(3),
		[FIGURE_DISABLED_PPM] = value_number(4711),
		[FIGURE_LAT_P99] = value_number(815),
		[FIGURE_PKTS] = value_number(0),
		[FIGURE_XDP_LOST] = value_number(0),
	};
	static const struct {
		const char *limit;
		bool known;
		__u64 value;
	} samples[] = {
		{ "throt=1", true, 3 },
		{ "throt=1%", true, 15000 },
		{ "disabled=1%", true, 4711 },
		{ "lat-p99=1us", true, 815 },
		{ "lat-avg=1us", false, 0 },
		{ "foreign=1%", false, 0 },
		{ "xdp-lost=1", true, 0 },
		{ "xdp-lost=1%", false, 0 },	/* of nothing */
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct limit limit = one_limit(samples[i].limit);
		struct value value = limit_value(&limit, values);

		if (!ok(value.known == samples[i].known &&
			(!value.known || value.number == samples[i].value),
			"what is held against %s", samples[i].limit))
			printf("# got %d, %llu\n", value.known, value.number);
	}
}

#define ROW(m, c, ...)	{ .values[FIGURE_DEV] = { true, 0, "nic0" },	\
			  .level = LEVEL_3,				\
			  .values[FIGURE_MSG] = { true, m, NULL },	\
			  .values[FIGURE_CPU] = { true, c, NULL },	\
			  __VA_ARGS__ }
#define IS(figure, is)	.values[FIGURE_##figure] = { true, is, NULL }

/* One second, in which CPU 1 did nothing but what a case says. */
static __u64 interrupts[2];
static struct host_irq irq = { 9999, interrupts, NULL };
static struct host_cpu cpus[2];
static const struct host_load host = { NSEC_PER_SEC, 2, cpus, 1, &irq };

static void cause_is(const char *what, const char *limits, const struct row rows[2],
		     const char *key, const char *says)
{
	struct limit limit = one_limit(limits);
	struct suspicion suspicion = {
		.row = &rows[0], .limit = &limit, .rows = rows, .row_count = 2, .host = &host,
		.period_ns = NSEC_PER_SEC,
	};
	struct cause cause;

	cause_find(&cause, &suspicion);
	if (!ok((!key && !cause.key) || (key && cause.key && !strcmp(key, cause.key)), "%s: %s",
		what, key ? key : "no cause") ||
	    !ok(strstr(cause.likely, says), "it says '%s'", says))
		printf("# got %s: %s. Try: %s\n", cause.key, cause.likely, cause.try);
}

/* The row in question on CPU 1, and one on CPU @cpu that is no cause of anything there. */
#define QUIET(cpu, ...)	{ ROW(3, 1, IS(RUN, 100), IS(INTR, 100), __VA_ARGS__), \
			  ROW(4, cpu, IS(RUN, 1000), IS(RUN_P99, 90000), IS(RUN_AVG, 50000)) }

static void test_waits(void)
{
	static const struct row alone[2] = QUIET(0, IS(IRQ, 9999));
	static const struct row beside[2] = QUIET(1, IS(IRQ, 50));
	static const struct row elsewhere[2] = QUIET(1, IS(FOREIGN, 10));
	static const struct row cut[2] = QUIET(0, IS(THROT, 50));
	static const struct row other[2] = QUIET(0, IS(IRQ, 50));

	cause_is("nothing to be seen", "lat-p99=1us", alone, NULL, "not visible");
	cause_is("another message, long", "lat-p99=89us", beside, "long-runs", "nic0 msg 4");
	cause_is("another message, short", "lat-p99=90us", beside, "shared-cpu", "50.0ms of 1.00s");
	cause_is("no time, no run too long", "coal=0", beside, "shared-cpu", "1000 runs");
	cause_is("taken over", "lat-p99=89us", elsewhere, "foreign", "10 of its 100 runs");
	cause_is("bounded", "lat-max=1us", cut, "throttled", "50 of its 100 runs");

	interrupts[1] = 100;
	cause_is("interrupts, its own", "lat-avg=1us", alone, NULL, "not visible");
	cause_is("interrupts", "lat-avg=1us", other, "other-irq", "IRQ 9999 (of unknown use)");
	interrupts[1] = 99;
	cause_is("few interrupts", "lat-avg=1us", other, NULL, "not visible");
	cpus[1].ksoftirqd_ns = NSEC_PER_SEC / 100;
	cause_is("ksoftirqd", "lat-p99=1us", alone, "ksoftirqd", "ksoftirqd/1");
	cpus[1].ksoftirqd_wait_ns = NSEC_PER_SEC / 10;
	cause_is("ksoftirqd waits", "lat-p99=1us", beside, "starved", "100ms of 1.00s");
	cpus[1].stolen_ns = NSEC_PER_SEC / 100;
	cause_is("hypervisor", "lat-p99=1us", beside, "stolen", "10.0ms of 1.00s");
	cpus[0] = cpus[1];
	cpus[1] = (struct host_cpu){ 0 };
	cause_is("all that on another CPU", "lat-p99=1us", alone, NULL, "not visible");
}

/* What to do about it is up to the one with the long runs: is that dpcnic's, or another's? */
static void test_long_runs(void)
{
	static const struct row rows[2] = QUIET(1);
	struct limit limit = one_limit("lat-p99=89us");
	struct suspicion suspicion = {
		.limit = &limit, .row_count = 2, .host = &host, .period_ns = NSEC_PER_SEC,
	};
	struct row two[2];
	struct cause cause;

	memcpy(two, rows, sizeof(two));
	suspicion.row = two;
	suspicion.rows = two;
	two[1].values[FIGURE_DEV].text = "nic1";
	two[0].level = LEVEL_2;
	cause_find(&cause, &suspicion);
	ok(strstr(cause.try, "throttle attach dev nic1 "), "the long runs are to be bounded");
	two[0].level = LEVEL_3;
	two[1].level = LEVEL_2;
	cause_find(&cause, &suspicion);
	ok(!strstr(cause.try, "throttle"), "... unless their driver has no throttle");
}

static void test_others(void)
{
	static const struct row full[2] = QUIET(1, IS(PKTS, 800), IS(RUN_AVG, 80000));
	static const struct row few[2] = QUIET(1, IS(PKTS, 799), IS(RUN_AVG, 799000));
	static const struct row none[2] = QUIET(1, IS(RUN_AVG, 80000));
	static const struct row bound[2] = QUIET(1, IS(THROT, 50), IS(PKTS, 3199));
	static const struct row burst[2] = QUIET(1, IS(THROT, 50), IS(PKTS, 6400));
	static const struct row works[2] = QUIET(1, IS(DISABLED, 20000000), IS(RUN_AVG, 100000));
	static const struct row waits[2] = QUIET(1, IS(DISABLED, 20000001), IS(RUN_AVG, 99999));
	static const struct row steers[2] = {
		ROW(3, 1, IS(INBOX_DROP, 5), IS(PKTS, 10)), ROW(3, 0, IS(STEER_IN, 7)),
	};

	cause_is("full runs", "run-p99=1us", full, "many-packets", "8 packets on average");
	cause_is("full runs", "run-avg=1us", full, "many-packets", "at 10.0us each");
	cause_is("slow packets", "run-max=1us", few, "slow-packets", "100us for each");
	cause_is("no packets", "overlong=0", none, NULL, "not visible");
	cause_is("a low bound", "throt=5%", bound, "low-bound", "at most 63 packets");
	cause_is("a burst", "throt=5%", burst, "bursts", "64 for each interrupt");
	cause_is("works", "disabled=1%", works, "busy", "10.0ms of 1.00s");
	cause_is("waits", "disabled=1%", waits, "shared-cpu", "msg 4");
	cause_is("a full inbox", "inbox-drop=0", steers, "full-inbox", "CPU 0, 7 packets");
	cause_is("no inbox", "inbox-drop=0", full, NULL, "not visible");
	cause_is("what no rule is for", "runs=0", full, NULL, "not visible");
}

/* A host with more IRQs than a recording has room for, and with names that no terminal may see. */
static void test_recorded(void)
{
	char name[] = "nic\xff\x1b[31m";
	static struct host_irq many[5000];
	static __u64 count = 1;
	static struct host_cpu cpu;
	struct host_load load = { NSEC_PER_SEC, 1, &cpu, 5000, many }, read;
	json_t *json;

	for (__u32 i = 0; i < 5000; i++)
		many[i] = (struct host_irq){ i, &count, name };
	json = host_json(&load);
	ok(host_parse(&read, json, 1) && read.irq_count == 4096, "what is recorded can be read");
	ok(read.irq_count && !strcmp(read.irqs[0].actions, "nic??[31m"), "... also by people");
	host_free(&read);
	json_decref(json);
}

int main(void)
{
	test_parse();
	test_value();
	test_waits();
	test_long_runs();
	test_others();
	test_recorded();
	return done();
}
