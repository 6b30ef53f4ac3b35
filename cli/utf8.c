// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

#include "error.h"
#include "utf8.h"

/* In place of what cannot be told. As long as a byte, so that no text grows. */
#define REPLACEMENT	'?'

/*
 * Bytes of the character that @text begins with; 0 if it begins with none: neither a surrogate nor
 * what is longer than it has to be is one.
 */
static size_t length_of(const char *text, __u32 *character)
{
	static const __u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char first = (unsigned char)*text;
	size_t length = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 :
			first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;

	*character = length > 1 ? first & 0x7fU >> length : first;
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff || *character >> 11 == 0x1b)
		return 0;
	return length;
}

/* Those of ASCII, and their likes of ISO 8859. */
static bool is_control(__u32 character)
{
	return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

bool utf8_is_printable(const char *text)
{
	__u32 character;
	size_t length;

	for (; *text; text += length) {
		length = length_of(text, &character);
		if (!length || is_control(character))
			return false;
	}
	return true;
}

static json_t *mended(const char *text, bool controls)
{
	char *copy = strdup(text), *end = copy;
	__u32 character;
	size_t length;
	json_t *json;

	if (!copy)
		no_memory();
	for (; *text; text += length ? length : 1) {
		length = length_of(text, &character);
		if (!length || (!controls && is_control(character)))
			*end++ = REPLACEMENT;
		else
			end = mempcpy(end, text, length);
	}
	*end = '\0';
	json = json_string(copy);
	free(copy);
	return json;
}

json_t *utf8_json(const char *text)
{
	return mended(text, true);
}

json_t *utf8_json_printable(const char *text)
{
	return mended(text, false);
}
