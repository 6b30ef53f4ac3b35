// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"

void id_set_fill(struct id_set *set)
{
	memset(set->bits, 0xff, sizeof(set->bits));
}

bool id_set_has(const struct id_set *set, __u32 id)
{
	return id < TIMELINE_IDS && (set->bits[id / 64] >> (id % 64) & 1);
}

__u64 number_list_sum(const struct number_list *list)
{
	__u64 sum = 0;

	for (size_t i = 0; i < list->count; i++)
		sum += list->numbers[i];
	return sum;
}

/* Takes the digits *@text begins with; strtoull() alone would also take a sign and blanks. */
static bool take_number(const char **text, __u64 *out)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	*out = strtoull(*text, &end, 10);
	*text = end;
	return !errno;
}

bool parse_number(const char *text, __u64 max, __u64 *out)
{
	__u64 number;

	if (!take_number(&text, &number) || *text || !number || number > max)
		return false;
	*out = number;
	return true;
}

bool parse_name(const char *text, const char *const *formats, __u32 *out)
{
	__u32 number;
	int length;

	for (; *formats; formats++) {
		length = 0;
		/* %n: nothing may follow */
		if (sscanf(text, *formats, &number, &length) != 1 || !length || text[length])
			continue;
		*out = number;
		return true;
	}
	return false;
}

/* Nanoseconds of the unit *@text, 0 if there is no such unit. */
static __u64 unit_ns(const char *text)
{
	static const struct {
		const char *name;
		__u64 ns;
	} units[] = {
		{ "", NSEC_PER_SEC }, { "ns", 1 }, { "us", 1000 }, { "ms", 1000000 },
		{ "s", NSEC_PER_SEC }, { "m", 60 * NSEC_PER_SEC }, { "h", 3600 * NSEC_PER_SEC },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(text, units[i].name))
			return units[i].ns;
	return 0;
}

/**
 * struct decimal - a number as it was written
 * @whole: before the point
 * @fraction: the digits after it
 * @digits: how many
 */
struct decimal {
	__u64 whole;
	const char *fraction;
	size_t digits;
};

/* Takes the number, with a fraction or without, that *@text begins with. */
static bool take_decimal(const char **text, struct decimal *decimal)
{
	decimal->digits = 0;
	if (!take_number(text, &decimal->whole))
		return false;
	if (**text != '.')
		return true;
	decimal->fraction = ++*text;
	decimal->digits = strspn(*text, "0123456789");
	*text += decimal->digits;
	return decimal->digits;
}

/* So many of @unit, without what is less than one. */
static bool multiply(const struct decimal *decimal, __u64 unit, __u64 max, __u64 *out)
{
	__u64 product;

	if (!unit || decimal->whole > max / unit)
		return false;
	product = decimal->whole * unit;
	for (size_t i = 0; i < decimal->digits; i++) {
		unit /= 10;
		product += unit * (__u64)(decimal->fraction[i] - '0');
	}
	if (product > max)
		return false;
	*out = product;
	return true;
}

bool parse_duration(const char *text, __u64 *ns)
{
	struct decimal decimal;
	__u64 parsed;

	if (!take_decimal(&text, &decimal) ||
	    !multiply(&decimal, unit_ns(text), DURATION_MAX, &parsed) || !parsed)
		return false;
	*ns = parsed;
	return true;
}

bool parse_amount(const char *text, struct amount *amount)
{
	struct decimal decimal;

	if (!take_decimal(&text, &decimal))
		return false;
	if (!*text) {
		*amount = (struct amount){ UNIT_COUNT, decimal.whole };
		return !decimal.digits;
	}
	if (!strcmp(text, "%")) {
		amount->unit = UNIT_SHARE;
		return multiply(&decimal, PPM / 100, SHARE_MAX, &amount->number);
	}
	amount->unit = UNIT_TIME;
	return multiply(&decimal, unit_ns(text), DURATION_MAX, &amount->number);
}

bool parse_size(const char *text, __u64 *bytes)
{
	static const char suffixes[] = "KMG";
	unsigned int shift = 0;
	__u64 number;

	if (!take_number(&text, &number))
		return false;
	if (*text) {
		const char *suffix = strchr(suffixes, toupper((unsigned char)*text));

		if (!suffix || text[1])
			return false;
		shift = 10 * (unsigned int)(suffix - suffixes + 1);
	}
	/* A ring buffer's size is an unsigned int, a power of two. */
	if (!number || number > (1ULL << 31) >> shift)
		return false;
	*bytes = number << shift;
	return true;
}

/* Takes the number, or the range as in 0-3, that *@text begins with. */
static bool take_range(const char **text, __u64 *first, __u64 *last)
{
	if (!take_number(text, first))
		return false;
	*last = *first;
	if (**text != '-')
		return true;
	++*text;
	return take_number(text, last) && *first <= *last;
}

bool parse_ids(const char *text, struct id_set *set)
{
	struct id_set ids = { 0 };
	__u64 first, last;

	if (!strcmp(text, "all")) {
		id_set_fill(set);
		return true;
	}
	for (;; text++) {
		if (!take_range(&text, &first, &last) || last >= TIMELINE_IDS)
			return false;
		for (; first <= last; first++)
			ids.bits[first / 64] |= 1ULL << (first % 64);
		if (*text != ',')
			break;
	}
	if (*text)
		return false;
	*set = ids;
	return true;
}

bool parse_list(const char *text, struct number_list *list)
{
	__u64 first, last;
	size_t count = 0;

	list->count = 0;
	for (;; text++) {
		if (!take_range(&text, &first, &last) || last >= ~0U ||
		    last - first >= LIST_MAX - count)
			return false;
		for (; first <= last; first++)
			list->numbers[count++] = (__u32)first;
		if (*text != ',')
			break;
	}
	if (*text)
		return false;
	list->count = count;
	return true;
}

static bool take_byte(const char **text, __u8 *byte)
{
	char digits[3] = "";

	for (size_t i = 0; i < 2; i++, ++*text) {
		if (!isxdigit((unsigned char)**text))
			return false;
		digits[i] = **text;
	}
	*byte = (__u8)strtoul(digits, NULL, 16);
	return true;
}

bool parse_bytes(const char *text, struct byte_list *bytes)
{
	size_t count = 0;

	bytes->count = 0;
	for (;; text++) {
		if (count == LIST_MAX || !take_byte(&text, &bytes->bytes[count++]))
			return false;
		if (*text != ':')
			break;
	}
	if (*text)
		return false;
	bytes->count = count;
	return true;
}

void format_list(char *buffer, size_t size, const struct number_list *list)
{
	size_t length = 0;

	*buffer = '\0';
	for (size_t i = 0; i < list->count && length < size; i++)
		length += (size_t)snprintf(buffer + length, size - length, "%s%u", i ? "," : "",
					   list->numbers[i]);
}

void format_duration(char *buffer, size_t size, __u64 ns)
{
	static const struct {
		const char *name;
		__u64 ns;
	} units[] = { { "us", 1000 }, { "ms", 1000000 }, { "s", NSEC_PER_SEC } };
	__u64 hundredths, tenths, whole;

	if (ns < 1000) {
		snprintf(buffer, size, "%lluns", ns);
		return;
	}
	for (size_t i = 0; ; i++) {
		__u64 unit = units[i].ns;

		hundredths = ns / (unit / 100) + (ns % (unit / 100) >= unit / 200);
		tenths = ns / (unit / 10) + (ns % (unit / 10) >= unit / 20);
		whole = ns / unit + (ns % unit >= unit / 2);
		if (hundredths < 1000)
			snprintf(buffer, size, "%llu.%02llu%s", hundredths / 100, hundredths % 100,
				 units[i].name);
		else if (tenths < 1000)
			snprintf(buffer, size, "%llu.%llu%s", tenths / 10, tenths % 10,
				 units[i].name);
		else if (whole < 1000 || i == sizeof(units) / sizeof(units[0]) - 1)
			snprintf(buffer, size, "%llu%s", whole, units[i].name);
		else
			continue;
		return;
	}
}

void format_amount(char *buffer, size_t size, const struct amount *amount)
{
	switch (amount->unit) {
	case UNIT_COUNT:
		snprintf(buffer, size, "%llu", amount->number);
		break;
	case UNIT_TIME:
		format_duration(buffer, size, amount->number);
		break;
	case UNIT_SHARE:
		snprintf(buffer, size, "%.4g%%", (double)amount->number * 100 / PPM);
		break;
	}
}

__u64 scale_top(__u64 most)
{
	__u64 top = 1;

	while (top <= most / 2)
		top *= 2;
	return top;
}

unsigned int scale_level(__u64 value, __u64 top, unsigned int levels)
{
	unsigned int level = value ? levels - 1 : 0;

	for (; level && value < top; level--)
		top /= 2;
	return level;
}
