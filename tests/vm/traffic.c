// SPDX-License-Identifier: GPL-2.0
/*
 * usage: test-traffic [--vlan] COMMAND [OPTION...]
 *
 * Traffic between NIC A (this name space) and NIC B (name space peer); with --vlan between their
 * VLAN devices. See usage[] for the rest.
 *
 * One process holds both ends, so it knows of every packet whether it arrived, and sends no more
 * than a receive ring holds before it has got everything: whatever is lost was lost by a fault.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/types.h>

#define ADDRESSES_OF_B	16	/* from 2 up */
#define PATIENCE	20	/* seconds until something that did not arrive is lost */
#define LONGEST		65536	/* packet, and then some */
#define BLOCK		65536	/* of a stream, sent at once */
#define RECEIVE_BUFFER	(8 << 20)
#define FIRST_PORT	20000	/* of a flow */
#define GROUP		"239.1.2.3"
#define GOLDEN_RATIO	0x9e3779b97f4a7c15ULL

static const char usage[] =
	"usage: test-traffic [--vlan] COMMAND [OPTION...]\n"
	"  udp        numbered packets of flows, which differ in their port, and in B's address;\n"
	"             prints how many, if it went on until a file was there\n"
	"             [--family 4|6] [--sender a|b] [--flows N] [--packets N] [--size N] [--window N]\n"
	"             [--busy-poll USECS [--prefer]] [--until FILE]\n"
	"  sizes      every size from B to A and back; prints how many\n"
	"             FROM-TO... [--family 4|6] [--step N]\n"
	"  tcp        a stream of --bytes at least, at most --rate a second, on until a file is there\n"
	"             [--family 4|6] [--sender a|b] [--bytes N] [--port N] [--until FILE] [--rate N]\n"
	"  multicast  one packet to a group that A has joined\n"
	"  load       UDP both ways until killed, whatever becomes of the NIC; checks nothing\n"
	"             [--size N]\n";

enum end { A, B };

static struct {
	bool vlan, prefer;
	unsigned int family, flows, packets, size, window, busy_poll, step, bytes, port, rate;
	enum end sender;
	const char *until;
	char **ranges;	/* ends with NULL */
} asked = {
	.family = 4, .flows = 1, .packets = 100, .size = 100, .window = 64, .step = 1,
	.bytes = 4 << 20, .port = 7000, .sender = B,
};

static int name_spaces[2];	/* of the ends */

/* No exit(): another thread may be sending. */
static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	_exit(1);
}

static void __attribute__((noreturn)) call_failed(const char *call)
{
	if (errno == EAGAIN || errno == EINPROGRESS)
		die("%s: not within %u s", call, PATIENCE);
	die("%s: %m", call);
}

static void __attribute__((noreturn, format(printf, 1, 2))) misused(const char *format, ...)
{
	va_list arguments;

	fputs("test-traffic: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n%s", usage);
	exit(2);
}

static enum end other(enum end end)
{
	return end == A ? B : A;
}

static bool goes_on(void)
{
	return asked.until && access(asked.until, F_OK);
}

/* ---- what is sent */

static __u64 mix(__u64 bits)
{
	bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9ULL;
	bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebULL;
	return bits ^ (bits >> 31);
}

/*
 * Bytes that differ from stream to stream and from place to place (splitmix64), and that can be
 * made again from any place that is a multiple of eight.
 */
static void fill(unsigned char *to, size_t size, __u64 stream, __u64 place)
{
	__u64 state = mix(stream) + place / sizeof(state) * GOLDEN_RATIO, word;
	size_t part;

	for (size_t at = 0; at < size; at += part) {
		state += GOLDEN_RATIO;
		word = mix(state);
		part = size - at < sizeof(word) ? size - at : sizeof(word);
		memcpy(to + at, &word, part);
	}
}

static void make_content(unsigned char *to, __u32 number, size_t size)
{
	fill(to, size, (__u64)number << 32 | size, 0);
}

/* verdicts.bpf.c reads the number. */
static void make_packet(unsigned char *to, __u32 number)
{
	__be32 sent_number = htonl(number);

	memcpy(to, &sent_number, sizeof(sent_number));
	make_content(to + sizeof(sent_number), number, asked.size - sizeof(sent_number));
}

/* ---- both ends */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union address parse_address(unsigned int family, const char *text, unsigned int port)
{
	/* family and port are in the same place */
	union address address = { .v6 = {
		.sin6_family = family == 4 ? AF_INET : AF_INET6,
		.sin6_port = htons((__u16)port),
	} };
	void *bytes = family == 4 ? (void *)&address.v4.sin_addr : &address.v6.sin6_addr;

	if (inet_pton(address.any.sa_family, text, bytes) != 1)
		die("%s: not an address", text);
	return address;
}

static union address address_of(enum end end, unsigned int family, unsigned int flow,
				unsigned int port)
{
	unsigned int host = end == B ? 2 + flow % ADDRESSES_OF_B : 1;
	char text[INET6_ADDRSTRLEN];

	if (family == 4)
		snprintf(text, sizeof(text), "%s.%u", asked.vlan ? "198.51.100" : "192.0.2", host);
	else
		snprintf(text, sizeof(text), "2001:db8:%s:%x", asked.vlan ? "7:" : "", host);
	return parse_address(family, text, port);
}

static union address any_address(unsigned int family, unsigned int port)
{
	return parse_address(family, family == 4 ? "0.0.0.0" : "::", port);
}

static socklen_t length(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->v4) : sizeof(address->v6);
}

static void set_timeout(int fd, int option, time_t seconds, suseconds_t microseconds)
{
	const struct timeval time = { .tv_sec = seconds, .tv_usec = microseconds };

	if (setsockopt(fd, SOL_SOCKET, option, &time, sizeof(time)))
		die("time-out of a socket: %m");
}

static void set_option(int fd, int level, int option, unsigned int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		die("option %d of level %d of a socket: %m", option, level);
}

static bool set_up(int fd, int type, const union address *address)
{
	int one = 1, size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		return false;
	if (type == SOCK_DGRAM &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		return false;
	return !bind(fd, &address->any, length(address));
}

/* A socket at one end of the cable, or -1: there is no such address, as the NIC is away. */
static int try_endpoint(enum end end, int type, const union address *address)
{
	int fd;

	if (setns(name_spaces[end], CLONE_NEWNET))
		return -1;
	fd = socket(address->any.sa_family, type | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !set_up(fd, type, address)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int endpoint(enum end end, int type, const union address *address)
{
	int fd = try_endpoint(end, type, address);

	if (fd < 0)
		die("a socket at end %c: %m", end == A ? 'A' : 'B');
	/*
	 * The socket's own time-out, as poll() would not busy poll. A signal, or being frozen while
	 * the machine sleeps, then ends a call with EINTR.
	 */
	set_timeout(fd, SO_RCVTIMEO, PATIENCE, 0);
	set_timeout(fd, SO_SNDTIMEO, PATIENCE, 0);
	return fd;
}

static void connect_to(int fd, const union address *address)
{
	if (TEMP_FAILURE_RETRY(connect(fd, &address->any, length(address))))
		call_failed("connect");
}

/* ---- udp */

/**
 * struct batch - packets that are under way at the same time
 * @flows: who sends them, by turns
 * @first: number of the first
 * @count: how many
 * @arrived: of each of them, whether it did
 */
struct batch {
	const int *flows;
	__u32 first;
	unsigned int count;
	bool *arrived;
};

static void send_batch(const struct batch *batch)
{
	unsigned char data[LONGEST];

	for (__u32 number = batch->first; number != batch->first + batch->count; number++) {
		make_packet(data, number);
		if (TEMP_FAILURE_RETRY(send(batch->flows[number % asked.flows], data,
					    asked.size, 0)) < 0)
			call_failed("send");
	}
}

/* Which of the batch it is, if it is one. */
static bool find_sent(const struct batch *batch, const unsigned char *data, size_t size,
		      __u32 *which)
{
	unsigned char expected[LONGEST];
	__u32 number;

	if (size != asked.size)
		return false;
	memcpy(&number, data, sizeof(number));
	number = ntohl(number);
	*which = number - batch->first;
	if (*which >= batch->count)
		return false;
	make_packet(expected, number);
	return !memcmp(data, expected, size);
}

static void check_off(const struct batch *batch, const unsigned char *data, size_t size)
{
	__u32 which;

	if (!find_sent(batch, data, size, &which))
		die("%zu bytes arrived that nobody sent", size);
	if (batch->arrived[which])
		die("packet %u arrived twice", batch->first + which);
	batch->arrived[which] = true;
}

/* Receive until all of it is there, in whatever order. Return how many are missing. */
static unsigned int collect(int sink, const struct batch *batch)
{
	unsigned int missing = batch->count;
	unsigned char data[LONGEST];
	ssize_t size;

	memset(batch->arrived, 0, batch->count * sizeof(*batch->arrived));
	while (missing) {
		size = TEMP_FAILURE_RETRY(recv(sink, data, sizeof(data), 0));
		if (size < 0 && errno == EAGAIN)
			break;
		if (size < 0)
			call_failed("recv");
		check_off(batch, data, (size_t)size);
		missing--;
	}
	return missing;
}

/* So that the sink polls already when they come. */
static void *send_later(void *batch)
{
	usleep(2000);
	send_batch(batch);
	return NULL;
}

/* Busy poll until that gives up, with nothing to find. */
static void poll_in_vain(int sink)
{
	char byte;

	set_timeout(sink, SO_RCVTIMEO, 0, 1);
	if (TEMP_FAILURE_RETRY(recv(sink, &byte, sizeof(byte), 0)) >= 0)
		die("a packet arrived that nobody sent");
	if (errno != EAGAIN)
		call_failed("recv");
	set_timeout(sink, SO_RCVTIMEO, PATIENCE, 0);
}

static void exchange(int sink, struct batch *batch, __u64 total)
{
	unsigned int missing;
	pthread_t sender;

	if (!asked.busy_poll)
		send_batch(batch);
	else if (pthread_create(&sender, NULL, send_later, batch))
		die("no thread");
	missing = collect(sink, batch);
	if (missing)
		die("%u of %u packets did not arrive, after %u of %llu did", missing,
		    batch->count, batch->first, total);
	if (asked.busy_poll) {
		poll_in_vain(sink);
		pthread_join(sender, NULL);
	}
}

static int make_sink(void)
{
	union address address = any_address(asked.family, asked.port);
	int sink = endpoint(other(asked.sender), SOCK_DGRAM, &address);

	if (asked.busy_poll)
		set_option(sink, SOL_SOCKET, SO_BUSY_POLL, asked.busy_poll);
	if (asked.busy_poll && asked.prefer) {
		set_option(sink, SOL_SOCKET, SO_PREFER_BUSY_POLL, 1);
		set_option(sink, SOL_SOCKET, SO_BUSY_POLL_BUDGET, 16);
	}
	return sink;
}

static int make_flow(unsigned int flow)
{
	union address from = address_of(asked.sender, asked.family, flow, FIRST_PORT + flow);
	union address to = address_of(other(asked.sender), asked.family, flow, asked.port);
	int fd = endpoint(asked.sender, SOCK_DGRAM, &from);

	connect_to(fd, &to);
	return fd;
}

static void udp(void)
{
	__u64 total = (__u64)asked.flows * asked.packets, first = 0;
	bool *arrived = calloc(asked.window, sizeof(*arrived));
	int *flows = calloc(asked.flows, sizeof(*flows));
	struct batch batch = { .flows = flows, .arrived = arrived };
	int sink = make_sink();

	if (!arrived || !flows)
		die("no memory");
	for (unsigned int i = 0; i < asked.flows; i++)
		flows[i] = make_flow(i);
	while (first < total || goes_on()) {
		batch.first = (__u32)first;
		batch.count = asked.window;
		if (!asked.until && total - first < asked.window)
			batch.count = (unsigned int)(total - first);
		exchange(sink, &batch, total);
		first += batch.count;
	}
	if (asked.until)
		printf("%llu\n", first);
	free(flows);
	free(arrived);
}

/* ---- sizes */

static void one_way(enum end from, const int *fds, const union address *addresses,
		    const unsigned char *data, unsigned int size)
{
	const char *way = from == B ? "B to A" : "A to B";
	const union address *to = &addresses[other(from)];
	unsigned char got[LONGEST];
	ssize_t arrived;

	if (TEMP_FAILURE_RETRY(sendto(fds[from], data, size, 0, &to->any, length(to))) < 0)
		die("%u bytes from %s: send: %m", size, way);
	arrived = TEMP_FAILURE_RETRY(recv(fds[other(from)], got, sizeof(got), 0));
	if (arrived < 0 && errno == EAGAIN)
		die("%u bytes from %s did not arrive", size, way);
	if (arrived < 0)
		die("%u bytes from %s: recv: %m", size, way);
	if (arrived != size || memcmp(got, data, size))
		die("%u bytes from %s arrived changed", size, way);
}

static int make_unfragmented(const union address *address, enum end end)
{
	int fd = endpoint(end, SOCK_DGRAM, address);

	if (asked.family == 4)
		set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
	else
		set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
	return fd;
}

static void parse_range(const char *text, unsigned int *from, unsigned int *to)
{
	char rest;

	if (sscanf(text, "%u-%u%c", from, to, &rest) != 2 || *from > *to || *to >= LONGEST)
		misused("%s: not a range of sizes, such as 0-1472", text);
}

static void sizes(void)
{
	unsigned int count = 0, from, to;
	unsigned char data[LONGEST];
	union address addresses[2];
	int fds[2];

	if (!*asked.ranges)
		misused("a range is missing, such as 0-1472");
	for (char **range = asked.ranges; *range; range++)
		parse_range(*range, &from, &to);
	for (enum end end = A; end <= B; end++) {
		addresses[end] = address_of(end, asked.family, 0, asked.port);
		fds[end] = make_unfragmented(&addresses[end], end);
	}
	for (char **range = asked.ranges; *range; range++) {
		parse_range(*range, &from, &to);
		for (unsigned int size = from; size <= to; size += asked.step) {
			make_content(data, count++, size);
			one_way(B, fds, addresses, data, size);
			one_way(A, fds, addresses, data, size);
		}
	}
	printf("%u\n", count);
}

/* ---- tcp */

/**
 * struct stream - what goes one way
 * @fd: the sender's socket
 * @seed: of its content
 * @sent: bytes so far; the sender's while it runs
 */
struct stream {
	int fd;
	__u64 seed;
	__u64 sent;
};

static void send_all(int fd, const unsigned char *data, size_t size)
{
	ssize_t sent;

	for (; size; data += sent, size -= (size_t)sent) {
		sent = TEMP_FAILURE_RETRY(send(fd, data, size, MSG_NOSIGNAL));
		if (sent < 0)
			call_failed("send");
	}
}

static void *send_stream(void *context)
{
	struct stream *stream = context;
	unsigned char data[BLOCK];

	while (stream->sent < asked.bytes || goes_on()) {
		fill(data, sizeof(data), stream->seed, stream->sent);
		send_all(stream->fd, data, sizeof(data));
		stream->sent += sizeof(data);
	}
	close(stream->fd);
	return NULL;
}

static void compare(const unsigned char *data, size_t size, __u64 seed, __u64 place)
{
	unsigned char expected[sizeof(__u64) + BLOCK];
	size_t skip = place % sizeof(__u64), at = 0;

	fill(expected, skip + size, seed, place - skip);
	if (!memcmp(expected + skip, data, size))
		return;
	while (data[at] == expected[skip + at])
		at++;
	die("what arrived is not what was sent: byte %llu", place + at);
}

/* Return how many bytes arrived. */
static __u64 receive_stream(int fd, __u64 seed)
{
	unsigned char data[BLOCK];
	__u64 received = 0;
	ssize_t size;

	while ((size = TEMP_FAILURE_RETRY(recv(fd, data, sizeof(data), 0))) > 0) {
		compare(data, (size_t)size, seed, received);
		received += (__u64)size;
	}
	if (size < 0 && errno == EAGAIN)
		die("nothing arrived for %u s, after %llu bytes", PATIENCE, received);
	if (size < 0)
		die("recv: %m, after %llu bytes", received);
	return received;
}

static int make_sender(const union address *to)
{
	union address from = address_of(asked.sender, asked.family, 0, 0);
	int fd = endpoint(asked.sender, SOCK_STREAM, &from);

	if (asked.rate)
		set_option(fd, SOL_SOCKET, SO_MAX_PACING_RATE, asked.rate);
	connect_to(fd, to);
	return fd;
}

/* The sender is a thread, so neither end outlives the other. */
static void tcp(void)
{
	union address to = address_of(other(asked.sender), asked.family, 0, asked.port);
	int listener = endpoint(other(asked.sender), SOCK_STREAM, &to), fd;
	struct stream stream = { .sent = 0 };
	__u64 received;
	pthread_t sender;

	if (getrandom(&stream.seed, sizeof(stream.seed), 0) != sizeof(stream.seed))
		die("no random number: %m");
	if (listen(listener, 1))
		die("listen: %m");
	stream.fd = make_sender(&to);
	fd = (int)TEMP_FAILURE_RETRY(accept(listener, NULL, NULL));
	if (fd < 0)
		call_failed("accept");
	set_timeout(fd, SO_RCVTIMEO, PATIENCE, 0);
	if (pthread_create(&sender, NULL, send_stream, &stream))
		die("no thread");
	received = receive_stream(fd, stream.seed);
	pthread_join(sender, NULL);
	if (received != stream.sent)
		die("what arrived is not what was sent: %llu bytes of %llu", received,
		    stream.sent);
}

/* ---- multicast */

static void multicast(void)
{
	const char *text = "to all of you";
	const size_t text_size = strlen(text);
	union address group = parse_address(4, GROUP, asked.port);
	union address a = address_of(A, 4, 0, 0), b = address_of(B, 4, 0, 0);
	struct ip_mreq member = { group.v4.sin_addr, a.v4.sin_addr };
	int sink = endpoint(A, SOCK_DGRAM, &group), source = endpoint(B, SOCK_DGRAM, &b);
	char got[LONGEST];
	ssize_t size;

	if (setsockopt(sink, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof(member)))
		die("not in a group: %m");
	if (setsockopt(source, IPPROTO_IP, IP_MULTICAST_IF, &b.v4.sin_addr,
		       sizeof(b.v4.sin_addr)))
		die("no device to send to a group: %m");
	if (TEMP_FAILURE_RETRY(sendto(source, text, text_size, 0, &group.any,
				      length(&group))) < 0)
		call_failed("send");
	size = TEMP_FAILURE_RETRY(recv(sink, got, sizeof(got), 0));
	if (size < 0 && errno == EAGAIN)
		die("it did not arrive");
	if (size < 0)
		call_failed("recv");
	if (size != (ssize_t)text_size || memcmp(got, text, text_size))
		die("something else arrived");
}

/* ---- load */

static bool send_some(int fd, const union address *to)
{
	static const unsigned char zeros[LONGEST];

	for (int i = 0; i < 16; i++)
		if (sendto(fd, zeros, asked.size, MSG_DONTWAIT, &to->any, length(to)) < 0)
			return errno == EAGAIN;
	return true;
}

/* Not for ever: there may be another load, all of whose packets this one gets. */
static bool take_some(int fd)
{
	unsigned char data[LONGEST];

	for (int i = 0; i < 64; i++)
		if (recv(fd, data, sizeof(data), MSG_DONTWAIT) < 0)
			return errno == EAGAIN;
	return true;
}

/* Until the NIC goes away, or does not come. */
static void flood(const union address *addresses)
{
	int a = try_endpoint(A, SOCK_DGRAM, &addresses[A]);
	int b = a < 0 ? -1 : try_endpoint(B, SOCK_DGRAM, &addresses[B]);

	while (b >= 0 && send_some(a, &addresses[B]) && send_some(b, &addresses[A]) &&
	       take_some(a) && take_some(b))
		;
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
}

static void load(void)
{
	const union address addresses[2] = {
		[A] = address_of(A, 4, 0, asked.port + 1),
		[B] = address_of(B, 4, 0, asked.port + 1),
	};

	for (;;) {
		flood(addresses);
		usleep(10000);
	}
}

/* ---- the command line */

enum key {
	FAMILY = 1, SENDER, FLOWS, PACKETS, SIZE, WINDOW, BUSY_POLL, PREFER, UNTIL, STEP, BYTES,
	PORT, RATE, VLAN, HELP,
};

static const struct option options[] = {
	{ "family", required_argument, NULL, FAMILY },
	{ "sender", required_argument, NULL, SENDER },
	{ "flows", required_argument, NULL, FLOWS },
	{ "packets", required_argument, NULL, PACKETS },
	{ "size", required_argument, NULL, SIZE },
	{ "window", required_argument, NULL, WINDOW },
	{ "busy-poll", required_argument, NULL, BUSY_POLL },
	{ "prefer", no_argument, NULL, PREFER },
	{ "until", required_argument, NULL, UNTIL },
	{ "step", required_argument, NULL, STEP },
	{ "bytes", required_argument, NULL, BYTES },
	{ "port", required_argument, NULL, PORT },
	{ "rate", required_argument, NULL, RATE },
	{ "vlan", no_argument, NULL, VLAN },
	{ "help", no_argument, NULL, HELP },
	{}
};

/**
 * struct number - an option whose argument is one
 * @value: goes here
 * @least: that it may be
 * @most: that it may be
 */
static const struct number {
	unsigned int *value, least, most;
} numbers[HELP + 1] = {
	[FLOWS] = { &asked.flows, 1, 65536 - FIRST_PORT },
	[PACKETS] = { &asked.packets, 0, UINT_MAX },
	[SIZE] = { &asked.size, sizeof(__be32), LONGEST - 1 },
	[WINDOW] = { &asked.window, 1, 65536 },
	[BUSY_POLL] = { &asked.busy_poll, 0, INT_MAX },
	[STEP] = { &asked.step, 1, LONGEST },
	[BYTES] = { &asked.bytes, 0, UINT_MAX },
	[PORT] = { &asked.port, 1, 65535 },
	[RATE] = { &asked.rate, 0, UINT_MAX },
};

#define BIT(key)	(1U << (key))

/**
 * struct command - what it may be told to do
 * @name: how it is called
 * @function: does it
 * @options: that it has, by their bits
 */
static const struct command {
	const char *name;
	void (*function)(void);
	unsigned int options;
} commands[] = {
	{ "every command", NULL, BIT(VLAN) },	/* what comes before one */
	{ "udp", udp, BIT(FAMILY) | BIT(SENDER) | BIT(FLOWS) | BIT(PACKETS) | BIT(SIZE) |
		BIT(WINDOW) | BIT(BUSY_POLL) | BIT(PREFER) | BIT(UNTIL) },
	{ "sizes", sizes, BIT(FAMILY) | BIT(STEP) },
	{ "tcp", tcp, BIT(FAMILY) | BIT(SENDER) | BIT(BYTES) | BIT(PORT) | BIT(UNTIL) |
		BIT(RATE) },
	{ "multicast", multicast, 0 },
	{ "load", load, BIT(SIZE) },
};

static void take_number(const char *name, const struct number *number)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(optarg, &end, 10);
	if (errno || end == optarg || *end || *optarg == '-' ||
	    value < number->least || value > number->most)
		misused("--%s %s: not a number from %u to %u", name, optarg, number->least,
			number->most);
	*number->value = (unsigned int)value;
}

static bool is_second(const char *name, const char *first, const char *second)
{
	if (strcmp(optarg, first) && strcmp(optarg, second))
		misused("--%s %s: neither %s nor %s", name, optarg, first, second);
	return !strcmp(optarg, second);
}

static void take_option(int key, const char *name)
{
	switch (key) {
	case FAMILY:
		asked.family = is_second(name, "4", "6") ? 6 : 4;
		break;
	case SENDER:
		asked.sender = is_second(name, "a", "b") ? B : A;
		break;
	case PREFER:
		asked.prefer = true;
		break;
	case UNTIL:
		asked.until = optarg;
		break;
	case VLAN:
		asked.vlan = true;
		break;
	default:
		take_number(name, &numbers[key]);
	}
}

static void take_options(int argc, char **argv, const char *order, const struct command *command)
{
	int key, which;

	while ((key = getopt_long(argc, argv, order, options, &which)) != -1) {
		if (key == HELP) {
			fputs(usage, stdout);
			exit(0);
		}
		if (key == '?') {	/* it has said what is wrong */
			fputs(usage, stderr);
			exit(2);
		}
		if (!(command->options & BIT(key)))
			misused("--%s is no option of %s", options[which].name, command->name);
		take_option(key, options[which].name);
	}
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 1; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	misused("%s: no such command", name);
}

int main(int argc, char **argv)
{
	const struct command *command;

	take_options(argc, argv, "+", commands);
	if (optind == argc)
		misused("which command?");
	command = find_command(argv[optind]);
	argv[optind] = argv[0];	/* getopt_long() begins with it what it has to say */
	argc -= optind;
	argv += optind;
	optind = 0;
	take_options(argc, argv, "", command);
	asked.ranges = argv + optind;
	if (optind < argc && command->function != sizes)
		misused("%s: %s takes only options", argv[optind], command->name);

	name_spaces[A] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	name_spaces[B] = open("/run/netns/peer", O_RDONLY | O_CLOEXEC);
	if (name_spaces[A] < 0 || name_spaces[B] < 0)
		die("no name space peer: %m");
	command->function();
	return 0;
}
