/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as people write and read them: durations, sizes, lists of ids. */
#ifndef DPCTOOL_UNITS_H
#define DPCTOOL_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "timeline.h"

#define NSEC_PER_SEC	1000000000ULL

/* The longest duration taken from the command line: a year. */
#define DURATION_MAX	(365ULL * 24 * 3600 * NSEC_PER_SEC)

#define PPM		1000000

/* The largest share taken from the command line: a hundred times the whole. */
#define SHARE_MAX	(100ULL * PPM)

/** enum unit - what an amount is counted in */
enum unit {
	UNIT_COUNT,
	UNIT_TIME,	/* nanoseconds */
	UNIT_SHARE,	/* parts per million */
};

/** struct amount - a number with its unit */
struct amount {
	enum unit unit;
	__u64 number;
};

/**
 * struct id_set - a set of message or CPU numbers, one bit each; laid out as the BPF programs want
 * it
 */
struct id_set {
	__u64 bits[TIMELINE_IDS / 64];
};

/** id_set_fill() - make @set hold every id */
void id_set_fill(struct id_set *set);

/** id_set_has() - is @id in @set? */
bool id_set_has(const struct id_set *set, __u32 id);

/* How many numbers or bytes are taken from the command line at once. */
#define LIST_MAX	4096

/** struct number_list - numbers in the order they were written */
struct number_list {
	size_t count;
	__u32 numbers[LIST_MAX];
};

/** number_list_sum() - their sum */
__u64 number_list_sum(const struct number_list *list);

/** struct byte_list - a key */
struct byte_list {
	size_t count;
	__u8 bytes[LIST_MAX];
};

/*
 * Parsers: true if all of @text is well-formed and in range; *@out is only good then.
 */

/** parse_number() - a decimal number from 1 to @max */
bool parse_number(const char *text, __u64 max, __u64 *out);

/**
 * parse_duration() - "1s", "250ms", "1.5s", "2m"; without a unit it is seconds; from 1ns to
 * DURATION_MAX
 */
bool parse_duration(const char *text, __u64 *ns);

/**
 * parse_amount() - "50us", "0.5%", "12"; may be 0; a bare number is a count, so a time needs its
 * unit
 */
bool parse_amount(const char *text, struct amount *amount);

/** parse_size() - "65536", "64K", "16M", "1G" */
bool parse_size(const char *text, __u64 *bytes);

/**
 * parse_name() - a name with a number in it: all of @text is one of @formats, of which NULL ends
 * the list; each is one of scanf(3) that ends in %n
 */
bool parse_name(const char *text, const char *const *formats, __u32 *out);

/** parse_ids() - "0", "0-3", "0,2,4-7"; "all" is every id */
bool parse_ids(const char *text, struct id_set *set);

/** parse_list() - "4", "4,2,2", "0-3,0-1": numbers up to 2^32 - 2, also the same one repeatedly */
bool parse_list(const char *text, struct number_list *list);

/** parse_bytes() - "6d:5a:56": bytes in two hexadecimal digits each, with colons between */
bool parse_bytes(const char *text, struct byte_list *bytes);

/** format_list() - the numbers with commas between, as many as there is room for */
void format_list(char *buffer, size_t size, const struct number_list *list);

/** format_duration() - three digits and a unit: "481ns", "1.84us", "40.0us", "2.50s" */
void format_duration(char *buffer, size_t size, __u64 ns);

/** format_amount() - "50.0us", "0.5%", "12" */
void format_amount(char *buffer, size_t size, const struct amount *amount);

/*
 * A scale of levels, each beginning at twice the value that the one before it begins at.
 */

/** scale_top() - where the highest level begins: the power of two at or below @most */
__u64 scale_top(__u64 most);

/**
 * scale_level() - which of @levels, the highest of which begins at @top, @value is in; from 0,
 * which is also for all that is less
 */
unsigned int scale_level(__u64 value, __u64 top, unsigned int levels);

#endif /* DPCTOOL_UNITS_H */
