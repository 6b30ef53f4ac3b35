// SPDX-License-Identifier: GPL-2.0
/* Numbers as people write and read them (cli/units.c), and text that others made (cli/utf8.c). */
#include <string.h>

#include "tap.h"
#include "units.h"
#include "utf8.h"

static void test_format_duration(void)
{
	static const struct {
		__u64 ns;
		const char *text;
	} samples[] = {
		{ 0, "0ns" },
		{ 1, "1ns" },
		{ 999, "999ns" },
		{ 1000, "1.00us" },
		{ 1844, "1.84us" },
		{ 1845, "1.85us" },
		{ 9994, "9.99us" },
		{ 9995, "10.0us" },
		{ 11250, "11.3us" },
		{ 99949, "99.9us" },
		{ 99950, "100us" },
		{ 212000, "212us" },
		{ 999499, "999us" },
		{ 999500, "1.00ms" },
		{ 40000000, "40.0ms" },
		{ 999499999, "999ms" },
		{ 999500000, "1.00s" },
		{ 59949999999, "59.9s" },
		{ 999499999999, "999s" },
		{ 86400000000000, "86400s" },
		{ ~0ULL, "18446744074s" },
	};
	char text[32];

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		format_duration(text, sizeof(text), samples[i].ns);
		if (!ok(!strcmp(text, samples[i].text), "%lluns is %s", samples[i].ns,
			samples[i].text))
			printf("# got %s\n", text);
	}
}

static void test_parse_duration(void)
{
	static const struct {
		const char *text;
		__u64 ns;
	} samples[] = {
		{ "1", 1000000000 },
		{ "1s", 1000000000 },
		{ "1.5s", 1500000000 },
		{ "0.25", 250000000 },
		{ "250ms", 250000000 },
		{ "10us", 10000 },
		{ "7ns", 7 },
		{ "2m", 120000000000 },
		{ "1.5m", 90000000000 },
		{ "1h", 3600000000000 },
		{ "8760h", DURATION_MAX },
		{ "0.000000001", 1 },
		/* 0: refused */
		{ "", 0 },
		{ "s", 0 },
		{ "0", 0 },
		{ "0.0s", 0 },
		{ "0.0000000001", 0 },
		{ "-1s", 0 },
		{ "+1s", 0 },
		{ " 1s", 0 },
		{ "1 s", 0 },
		{ "1s ", 0 },
		{ "1.s", 0 },
		{ ".5s", 0 },
		{ "1.5.5s", 0 },
		{ "1d", 0 },
		{ "1S", 0 },
		{ "0x10", 0 },
		{ "1e3", 0 },
		{ "nan", 0 },
		{ "8760.1h", 0 },
		{ "8761h", 0 },
		{ "99999999999999999999s", 0 },
		{ "18446744073709551615ns", 0 },
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		__u64 ns = 0;
		bool good = parse_duration(samples[i].text, &ns);

		if (!ok(good == !!samples[i].ns && ns == samples[i].ns, "duration '%s' %s",
			samples[i].text, samples[i].ns ? "is understood" : "is refused"))
			printf("# got %llu\n", ns);
	}
}

static void test_parse_amount(void)
{
	static const struct {
		const char *text;
		enum unit unit;
		__u64 number;
		const char *written;
	} samples[] = {
		{ "0", UNIT_COUNT, 0, "0" },
		{ "12", UNIT_COUNT, 12, "12" },
		{ "18446744073709551615", UNIT_COUNT, ~0ULL, "18446744073709551615" },
		{ "0ns", UNIT_TIME, 0, "0ns" },
		{ "50us", UNIT_TIME, 50000, "50.0us" },
		{ "1.5ms", UNIT_TIME, 1500000, "1.50ms" },
		{ "8760h", UNIT_TIME, DURATION_MAX, "31536000s" },
		{ "0%", UNIT_SHARE, 0, "0%" },
		{ "5%", UNIT_SHARE, 50000, "5%" },
		{ "0.25%", UNIT_SHARE, 2500, "0.25%" },
		{ "0.0001%", UNIT_SHARE, 1, "0.0001%" },
		{ "0.00001%", UNIT_SHARE, 0, "0%" },
		{ "10000%", UNIT_SHARE, SHARE_MAX, "1e+04%" },
	};
	static const char *const bad[] = { "", "%", "us", "1.5", "1.%", "-1", "5 %", "5%%", "5x",
					   "1ms ", "8761h", "10001%", "18446744073709551616" };
	struct amount amount;
	char text[32];

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		bool good = parse_amount(samples[i].text, &amount);

		ok(good && amount.unit == samples[i].unit && amount.number == samples[i].number,
		   "amount '%s' is understood", samples[i].text);
		format_amount(text, sizeof(text), &amount);
		if (!ok(!strcmp(text, samples[i].written), "and written as '%s'",
			samples[i].written))
			printf("# got %s\n", text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!parse_amount(bad[i], &amount), "amount '%s' is refused", bad[i]);
}

static void test_parse_size(void)
{
	static const struct {
		const char *text;
		__u64 bytes;
	} samples[] = {
		{ "1", 1 },
		{ "4096", 4096 },
		{ "64K", 65536 },
		{ "64k", 65536 },
		{ "16M", 16 << 20 },
		{ "1G", 1 << 30 },
		{ "2G", 1ULL << 31 },
		{ "2147483648", 1ULL << 31 },
		/* 0: refused */
		{ "", 0 },
		{ "0", 0 },
		{ "K", 0 },
		{ "64KB", 0 },
		{ "3G", 0 },
		{ "2147483649", 0 },
		{ "18014398509481985K", 0 },
		{ "-1", 0 },
		{ "1T", 0 },
		{ "1.5M", 0 },
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		__u64 bytes = 0;
		bool good = parse_size(samples[i].text, &bytes);

		ok(good == !!samples[i].bytes && bytes == samples[i].bytes, "size '%s' %s",
		   samples[i].text, samples[i].bytes ? "is understood" : "is refused");
	}
}

/* The members of @set below 100, as "0,2,3". */
static void members(const struct id_set *set, char *text, size_t size)
{
	size_t length = 0;

	*text = '\0';
	for (__u32 id = 0; id < 100; id++)
		if (id_set_has(set, id))
			length += (size_t)snprintf(text + length, size - length, "%s%u",
						   length ? "," : "", id);
}

static void test_parse_ids(void)
{
	static const struct {
		const char *text;
		const char *members;
	} samples[] = {
		{ "0", "0" },
		{ "7", "7" },
		{ "0-3", "0,1,2,3" },
		{ "3-3", "3" },
		{ "0,2,4-6", "0,2,4,5,6" },
		{ "5,1", "1,5" },
		{ "1,1-2,2", "1,2" },
		{ "62-65", "62,63,64,65" },
		{ "8191", "" },
		/* NULL: refused */
		{ "", NULL },
		{ ",", NULL },
		{ "1,", NULL },
		{ ",1", NULL },
		{ "1,,2", NULL },
		{ "-1", NULL },
		{ "1-", NULL },
		{ "3-1", NULL },
		{ "1-2-3", NULL },
		{ "a", NULL },
		{ "1 ", NULL },
		{ "8192", NULL },
		{ "0-8192", NULL },
		{ "99999999999999999999", NULL },
		{ "all,1", NULL },
	};
	struct id_set set;
	char text[512];

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		bool good = parse_ids(samples[i].text, &set);

		if (!samples[i].members) {
			ok(!good, "list '%s' is refused", samples[i].text);
			continue;
		}
		members(&set, text, sizeof(text));
		ok(good && !strcmp(text, samples[i].members), "list '%s' is {%s}", samples[i].text,
		   samples[i].members);
	}
	ok(parse_ids("8191", &set) && id_set_has(&set, 8191) && !id_set_has(&set, 8190),
	   "the last id is in the set, its neighbour is not");
	ok(!id_set_has(&set, 8192), "an id beyond the last is in no set");
	ok(parse_ids("all", &set) && id_set_has(&set, 0) && id_set_has(&set, 8191),
	   "'all' has the first and the last id");
}

static void test_parse_number(void)
{
	__u64 number = 0;

	ok(parse_number("5", 5, &number) && number == 5, "number '5' is understood");
	ok(!parse_number("6", 5, &number), "a number above the limit is refused");
	ok(!parse_number("0", 5, &number), "number '0' is refused");
	ok(!parse_number("5x", 9, &number), "number '5x' is refused");
	ok(!parse_number("", 9, &number), "an empty number is refused");
	is(number, 5, "what refused numbers leave alone");
}

/* Writes the numbers with blanks between. */
static void join(char *text, size_t size, const struct number_list *list)
{
	*text = '\0';
	for (size_t i = 0; i < list->count; i++)
		snprintf(text + strlen(text), size - strlen(text), "%s%u", i ? " " : "",
			 list->numbers[i]);
}

static void test_parse_list(void)
{
	static const struct {
		const char *text;
		const char *numbers;	/* NULL: refused */
	} samples[] = {
		{ "0", "0" },
		{ "4,2,2", "4 2 2" },
		{ "2-4,0-1,3", "2 3 4 0 1 3" },
		{ "4294967294", "4294967294" },
		{ "4294967295", NULL },
		{ "0-4096", NULL },
		{ "0-4095,0", NULL },
		{ "", NULL },
		{ ",", NULL },
		{ "1,", NULL },
		{ "3-1", NULL },
		{ "1-", NULL },
		{ "-1", NULL },
		{ "1 2", NULL },
		{ "all", NULL },
	};
	static struct number_list list;
	char text[256];

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		bool good = parse_list(samples[i].text, &list);

		if (!samples[i].numbers) {
			ok(!good, "'%s' is no list", samples[i].text);
			continue;
		}
		join(text, sizeof(text), &list);
		ok(good && !strcmp(text, samples[i].numbers), "'%s' is the list %s",
		   samples[i].text, samples[i].numbers);
	}
	ok(parse_list("0-4095", &list) && list.count == 4096 && list.numbers[4095] == 4095,
	   "a list as long as may be");
}

static void test_parse_bytes(void)
{
	static const char *const bad[] = { "", ":", "1", "0x01", "01:", ":01", "01:2", "01-02",
					   "0102", "gg", "01:02 " };
	static struct byte_list list;
	static char longest[3 * LIST_MAX + 3];

	ok(parse_bytes("6d", &list) && list.count == 1 && list.bytes[0] == 0x6d, "one byte");
	ok(parse_bytes("00:fF:A5", &list) && list.count == 3 && list.bytes[0] == 0 &&
	   list.bytes[1] == 0xff && list.bytes[2] == 0xa5, "three bytes");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!parse_bytes(bad[i], &list), "'%s' are no bytes", bad[i]);
	for (size_t i = 0; i <= LIST_MAX; i++)
		memcpy(longest + 3 * i, i < LIST_MAX ? "11:" : "11", 3);
	ok(!parse_bytes(longest, &list), "more bytes than may be");
	longest[3 * LIST_MAX - 1] = '\0';
	ok(parse_bytes(longest, &list) && list.count == LIST_MAX, "as many as may be");
}

static void test_scale(void)
{
	static const struct { __u64 value, most; unsigned int level; } samples[] = {
		{ 100, 100, 7 }, { 64, 100, 7 }, { 63, 100, 6 }, { 32, 100, 6 }, { 31, 100, 5 },
		{ 1, 100, 1 },	 { 0, 100, 0 },	 { 1, 1, 7 },	 { 0, 1, 0 },	 { 0, 0, 0 },
		{ 127, 1000, 4 }, { 3, 1000, 0 }, { ~0ULL, ~0ULL, 7 }, { 1, ~0ULL, 0 },
	};

	ok(scale_top(0) == 1 && scale_top(1) == 1 && scale_top(64) == 64 && scale_top(127) == 64 &&
	   scale_top(~0ULL) == 1ULL << 63, "scales end at powers of two");
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		ok(scale_level(samples[i].value, scale_top(samples[i].most), 8) == samples[i].level,
		   "%llu of %llu is level %u", samples[i].value, samples[i].most,
		   samples[i].level);
}

static void test_utf8(void)
{
	static const struct {
		const char *text, *json, *printable;
	} samples[] = {
		{ "", "", "" },
		{ "eth0", "eth0", "eth0" },
		{ "l\xc3\xa4n\xe2\x82\xac\xf0\x9f\x98\x80", NULL, NULL },
		{ "nic\xe9", "nic?", "nic?" },
		{ "a\xe2\x82z\xff", "a??z?", "a??z?" },
		{ "a\nb\x7f", "a\nb\x7f", "a?b?" },
		{ "\302\23331m\xc2\xa0", "\302\23331m\xc2\xa0", "?31m\xc2\xa0" },
		/* longer than it has to be, a surrogate, beyond the last character */
		{ "\xc0\x80\xe0\x9f\xbf", "?????", "?????" },
		{ "\xed\xa0\x80", "???", "???" },
		{ "\xf4\x90\x80\x80", "????", "????" },
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *text = samples[i].text;
		const char *whole = samples[i].json ? samples[i].json : text;
		const char *printable = samples[i].printable ? samples[i].printable : text;
		json_t *json = utf8_json(text), *clean = utf8_json_printable(text);

		ok(!strcmp(json_string_value(json), whole) &&
		   !strcmp(json_string_value(clean), printable) &&
		   utf8_is_printable(text) == !strcmp(text, printable), "text %zu", i);
		json_decref(json);
		json_decref(clean);
	}
}

int main(void)
{
	test_format_duration();
	test_parse_duration();
	test_parse_amount();
	test_parse_size();
	test_parse_ids();
	test_parse_list();
	test_parse_bytes();
	test_parse_number();
	test_scale();
	test_utf8();
	return done();
}
