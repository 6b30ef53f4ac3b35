/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log-linear histogram: which bucket a value falls into. One definition for the BPF programs
 * that fill the buckets and for dpctool, which names their edges.
 *
 * Every power of two is cut into four buckets of equal width, so a bucket is at most a quarter as
 * wide as its lower edge. Values below eight have a bucket each. 128 buckets reach to 2^33 - 1,
 * which is 8.6 seconds in nanoseconds; the last one also takes everything beyond.
 */
#ifndef DPCNIC_OBSERVE_HISTOGRAM_H
#define DPCNIC_OBSERVE_HISTOGRAM_H

#include <linux/types.h>

#define HISTOGRAM_OCTAVES	32
#define HISTOGRAM_PARTS		4
#define HISTOGRAM_BUCKETS	(HISTOGRAM_OCTAVES * HISTOGRAM_PARTS)
#define HISTOGRAM_LIMIT		((2ULL << HISTOGRAM_OCTAVES) - 1)

/**
 * histogram_bucket() - the bucket of @value
 *
 * Shifts the value until its three highest bits are left (the octave is the number of shifts, the
 * lower two bits the part), searching the number of shifts by halves: BPF has no instruction to
 * find the highest bit.
 */
static inline __u32 histogram_bucket(__u64 value)
{
	__u32 shift = 0;

	if (value > HISTOGRAM_LIMIT)
		value = HISTOGRAM_LIMIT;

#define HISTOGRAM_HALVE(step)				\
	do {						\
		if (value >= (4ULL << (step))) {	\
			value >>= (step);		\
			shift += (step);		\
		}					\
	} while (0)
	HISTOGRAM_HALVE(16);
	HISTOGRAM_HALVE(8);
	HISTOGRAM_HALVE(4);
	HISTOGRAM_HALVE(2);
	HISTOGRAM_HALVE(1);
#undef HISTOGRAM_HALVE

	return shift * HISTOGRAM_PARTS + (__u32)value;
}

/** histogram_low() - the smallest value in bucket @bucket */
static inline __u64 histogram_low(__u32 bucket)
{
	if (bucket < 2 * HISTOGRAM_PARTS)
		return bucket;
	return (__u64)(HISTOGRAM_PARTS + bucket % HISTOGRAM_PARTS)
	       << (bucket / HISTOGRAM_PARTS - 1);
}

/** histogram_high() - the largest value in bucket @bucket; the last bucket has no upper edge */
static inline __u64 histogram_high(__u32 bucket)
{
	return bucket < HISTOGRAM_BUCKETS - 1 ? histogram_low(bucket + 1) - 1 : ~0ULL;
}

#endif /* DPCNIC_OBSERVE_HISTOGRAM_H */
