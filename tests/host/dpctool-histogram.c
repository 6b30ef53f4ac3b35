// SPDX-License-Identifier: GPL-2.0
/* The buckets (bpf/observe/histogram.h), and percentiles taken from them (cli/distribution.c). */
#include <string.h>

#include "distribution.h"
#include "tap.h"

/* The same from its definition: the octave by the highest bit, the part by the two below. */
static __u32 reference_bucket(__u64 value)
{
	int highest;

	if (value < 8)
		return (__u32)value;
	highest = 63 - __builtin_clzll(value);
	if (highest > HISTOGRAM_OCTAVES)
		return HISTOGRAM_BUCKETS - 1;
	return (__u32)(highest - 1) * 4 + (__u32)(value >> (highest - 2) & 3);
}

static void test_buckets(void)
{
	bool same = true, edges = true, gapless = true, narrow = true;

	for (__u64 value = 0; value < 1 << 20; value++)
		same &= histogram_bucket(value) == reference_bucket(value);
	ok(same, "every value below 2^20 is in the bucket of the definition");

	same = true;
	for (int bit = 3; bit < 64; bit++)
		for (__u64 part = 0; part < 8; part++) {
			__u64 value = (1ULL << bit) + (part << (bit - 3));

			same &= histogram_bucket(value) == reference_bucket(value);
			same &= histogram_bucket(value - 1) == reference_bucket(value - 1);
		}
	ok(same, "so are all values beside an eighth of a power of two, up to 2^64");

	for (__u32 i = 0; i < HISTOGRAM_BUCKETS; i++) {
		__u64 low = histogram_low(i), high = histogram_high(i);

		edges &= histogram_bucket(low) == i && histogram_bucket(high) == i;
		gapless &= i == HISTOGRAM_BUCKETS - 1 || histogram_low(i + 1) == high + 1;
		narrow &= i == HISTOGRAM_BUCKETS - 1 || high - low <= low / 4;
	}
	ok(edges, "both edges of every bucket are in it");
	ok(gapless, "every bucket begins where the one before has ended");
	ok(narrow, "no bucket is wider than a quarter of its lower edge");
	is(histogram_low(0), 0, "the first value");
	is(histogram_low(HISTOGRAM_BUCKETS - 1), 7ULL << 30, "the lower edge of the last bucket");
	is(histogram_bucket(HISTOGRAM_LIMIT), HISTOGRAM_BUCKETS - 1, "the bucket of the limit");
	is(histogram_bucket(~0ULL), HISTOGRAM_BUCKETS - 1, "the bucket of the largest value");
}

static void add(struct counters_distribution *distribution, __u64 value)
{
	distribution->sum += value;
	distribution->bucket[histogram_bucket(value)]++;
	if (value > distribution->max)
		distribution->max = value;
}

static int compare(const void *a, const void *b)
{
	__u64 left = *(const __u64 *)a, right = *(const __u64 *)b;

	return (left > right) - (left < right);
}

/* Percentiles of values spread over many octaves, against the sorted values themselves. */
static void test_percentiles(void)
{
	static const unsigned int permilles[] = { 1, 500, 900, 990, 999, 1000 };
	static struct counters_distribution distribution;
	static __u64 values[5000];
	__u64 random = 88172645463325252ULL;

	for (size_t i = 0; i < 5000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		values[i] = random >> (34 + i % 20);
		add(&distribution, values[i]);
	}
	qsort(values, 5000, sizeof(values[0]), compare);
	for (size_t i = 0; i < sizeof(permilles) / sizeof(permilles[0]); i++) {
		__u64 exact = values[5000 * permilles[i] / 1000 - 1];
		__u64 got = distribution_percentile(&distribution, permilles[i]);

		ok(got >= exact && histogram_bucket(got) == histogram_bucket(exact),
		   "%u of 1000 values are not above %llu, in the bucket of %llu", permilles[i],
		   got, exact);
	}
	is(distribution_count(&distribution), 5000, "the count");
	is(distribution_percentile(&distribution, 1000), values[4999], "the largest value");
}

static void test_few(void)
{
	struct counters_distribution distribution = { 0 };

	is(distribution_percentile(&distribution, 990), 0, "a percentile of nothing");
	add(&distribution, 1000);
	is(distribution_percentile(&distribution, 1), 1000, "any percentile of one value");
	add(&distribution, 10);
	is(distribution_percentile(&distribution, 500), 11,
	   "the median of 10 (bucket 10-11), 1000");
	is(distribution_percentile(&distribution, 501), 1000, "what is above the median");
	add(&distribution, 1ULL << 40);
	is(distribution_percentile(&distribution, 1000), 1ULL << 40,
	   "a largest value off the scale");
}

static void test_entries(void)
{
	static struct counters_entry before, now, since, sum;

	before.runs[3] = 5;
	before.interrupts = 7;
	before.latency.sum = 100;
	before.latency.max = 60;
	before.latency.bucket[9] = 4;
	now = before;
	now.runs[3] += 2;
	now.runs[8] += 1;
	now.interrupts += 3;
	now.latency.sum += 40;
	now.latency.bucket[9] += 2;
	entry_since(&since, &now, &before);
	is(entry_runs(&since, 0), 3, "runs since");
	is(entry_runs(&since, 1), 2, "runs since, with flag 1");
	is(entry_runs(&since, 3), 2, "runs since, with flags 1 and 2");
	is(entry_runs(&since, 8), 1, "runs since, with flag 8");
	is(since.interrupts, 3, "interrupts since");
	is(since.latency.sum, 40, "sum since");
	is(distribution_count(&since.latency), 2, "values since");
	is(since.latency.max, 60, "upper bound of the largest value since");

	entry_add(&sum, &before);
	entry_add(&sum, &since);
	ok(!memcmp(&sum, &now, sizeof(sum)), "before and since together are now");
}

int main(void)
{
	test_buckets();
	test_percentiles();
	test_few();
	test_entries();
	return done();
}
