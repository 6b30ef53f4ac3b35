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

bool parse_duration(const char *text, __u64 *ns)
{
	const char *fraction = NULL;
	__u64 number, unit;

	if (!take_number(&text, &number))
		return false;
	if (*text == '.') {
		fraction = ++text;
		text += strspn(text, "0123456789");
		if (text == fraction)
			return false;
	}
	unit = unit_ns(text);
	if (!unit || number > DURATION_MAX / unit)
		return false;
	number *= unit;
	for (; fraction && fraction < text; fraction++) {
		unit /= 10;
		number += unit * (__u64)(*fraction - '0');
	}
	if (!number || number > DURATION_MAX)
		return false;
	*ns = number;
	return true;
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
