// SPDX-License-Identifier: GPL-2.0
/*
 * The Toeplitz hash of bpf/xdp/toeplitz.h: on all inputs of Microsoft's verification suite
 * ("Verifying the RSS Hash Calculation"), and against its definition, bit by bit.
 */
#include <arpa/inet.h>

#include "policy-model.h"
#include "tap.h"
#include "toeplitz.h"

/* One line of the suite's two tables. */
struct vector {
	const char *source;
	__u16 source_port;
	const char *destination;
	__u16 destination_port;
	__u32 addresses;
	__u32 with_ports;
};

static const struct vector vectors[] = {
	{ "66.9.149.187", 2794, "161.142.100.80", 1766, 0x323e8fc2, 0x51ccc178 },
	{ "199.92.111.2", 14230, "65.69.140.83", 4739, 0xd718262a, 0xc626b0ea },
	{ "24.19.198.95", 12898, "12.22.207.184", 38024, 0xd2d0a5de, 0x5c2b394a },
	{ "38.27.205.30", 48228, "209.142.163.6", 2217, 0x82989176, 0xafc7327f },
	{ "153.39.163.191", 44251, "202.188.127.2", 1303, 0x5d1809c5, 0x10e828a2 },
	{ "3ffe:2501:200:1fff::7", 2794, "3ffe:2501:200:3::1", 1766, 0x2cc18cd5, 0x40207d3d },
	{ "3ffe:501:8::260:97ff:fe40:efab", 14230, "ff02::1", 4739, 0x0f0c461c, 0xdde51bbf },
	{ "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 44251, "fe80::200:f8ff:fe21:67cf", 38024,
	  0x4b61e985, 0x02d1feef },
};

static struct policy_key key;

static void test_suite(void)
{
	toeplitz_expand(&key, model_suite_key);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *vector = &vectors[i];
		int family = strchr(vector->source, ':') ? AF_INET6 : AF_INET;
		__be16 ports[2] = { htons(vector->source_port), htons(vector->destination_port) };
		size_t bytes = family == AF_INET ? 4 : 16;
		__u8 input[POLICY_INPUT_BYTES];
		__u32 addresses, with_ports;

		inet_pton(family, vector->source, input);
		inet_pton(family, vector->destination, input + bytes);
		memcpy(input + 2 * bytes, ports, sizeof(ports));
		if (family == AF_INET) {
			addresses = toeplitz_add(&key, input, 0, 8);
			with_ports = addresses ^ toeplitz_add(&key, input, 8, 12);
		} else {
			addresses = toeplitz_add(&key, input, 0, 32);
			with_ports = addresses ^ toeplitz_add(&key, input, 32, 36);
		}
		ok(addresses == vector->addresses, "%s to %s: %08x", vector->source,
		   vector->destination, vector->addresses);
		ok(with_ports == vector->with_ports, "with ports: %08x", vector->with_ports);
		ok(model_toeplitz(model_suite_key, input, 2 * bytes) == vector->addresses &&
		   model_toeplitz(model_suite_key, input, 2 * bytes + 4) == vector->with_ports,
		   "the definition says so too");
	}
}

static void random_bytes(__u8 *bytes, size_t count)
{
	while (count--)
		*bytes++ = (__u8)(random() >> 8);
}

static void test_random(void)
{
	__u8 bytes[POLICY_KEY_BYTES], input[POLICY_INPUT_BYTES];
	unsigned int wrong = 0;

	for (int keys = 0; keys < 100; keys++) {
		random_bytes(bytes, sizeof(bytes));
		toeplitz_expand(&key, bytes);
		for (int inputs = 0; inputs < 50; inputs++) {
			random_bytes(input, sizeof(input));
			wrong += toeplitz_add(&key, input, 0, 36) !=
				 model_toeplitz(bytes, input, 36);
		}
	}
	is(wrong, 0, "random keys and inputs for which the definition says otherwise");
}

/* The hash is linear: if it is right for each byte alone, it is for all inputs. */
static void test_bits(void)
{
	unsigned int wrong = 0;

	toeplitz_expand(&key, model_suite_key);
	for (size_t place = 0; place < POLICY_INPUT_BYTES; place++)
		for (unsigned int value = 0; value < 256; value++) {
			__u8 input[POLICY_INPUT_BYTES] = { 0 };

			input[place] = (__u8)value;
			wrong += key.part[place][value] !=
				 model_toeplitz(model_suite_key, input, sizeof(input));
		}
	is(wrong, 0, "bytes that contribute something else than the definition says");
}

int main(void)
{
	test_suite();
	test_random();
	test_bits();
	return done();
}
