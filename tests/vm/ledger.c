// SPDX-License-Identifier: GPL-2.0
/*
 * usage: test-ledger DEVICE [now|settle]
 *        test-ledger DEVICE mark|back FILE
 *
 * Print the counters that all sources have of DEVICE, and those of the peer, a line each:
 * "S.rx_stopped 0"; common.sh says which the sources are. They cannot be read at once, so wait
 * until the driver's stand still, and read again if they moved meanwhile. With "now" do neither;
 * with "settle" just wait.
 *
 * FILE is where the program left the counters the last time. mark: print them as Bash's array
 * "taken", what each has grown by since as "growth", and sums: S.msg#_late is of all messages.
 * back: now, print which of the driver's, the device's and all its queues' are smaller than then.
 *
 * One program, as under emulation it takes longer to start one than to read everything.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/ethtool_netlink.h>
#include <linux/netdev.h>

#include "ethtool.h"
#include "genl.h"

#define PEER		"peer0"
#define BLANKS		" ,\t\n"
#define MOST		4096	/* counters */

static const char *dev;

static const char *const mac_names[ETHTOOL_A_STATS_ETH_MAC_MAX + 1] = {
	[ETHTOOL_A_STATS_ETH_MAC_2_TX_PKT] = "FramesTransmittedOK",
	[ETHTOOL_A_STATS_ETH_MAC_3_SINGLE_COL] = "SingleCollisionFrames",
	[ETHTOOL_A_STATS_ETH_MAC_4_MULTI_COL] = "MultipleCollisionFrames",
	[ETHTOOL_A_STATS_ETH_MAC_5_RX_PKT] = "FramesReceivedOK",
	[ETHTOOL_A_STATS_ETH_MAC_6_FCS_ERR] = "FrameCheckSequenceErrors",
	[ETHTOOL_A_STATS_ETH_MAC_7_ALIGN_ERR] = "AlignmentErrors",
	[ETHTOOL_A_STATS_ETH_MAC_8_TX_BYTES] = "OctetsTransmittedOK",
	[ETHTOOL_A_STATS_ETH_MAC_9_TX_DEFER] = "FramesWithDeferredXmissions",
	[ETHTOOL_A_STATS_ETH_MAC_10_LATE_COL] = "LateCollisions",
	[ETHTOOL_A_STATS_ETH_MAC_11_XS_COL] = "FramesAbortedDueToXSColls",
	[ETHTOOL_A_STATS_ETH_MAC_13_CS_ERR] = "CarrierSenseErrors",
	[ETHTOOL_A_STATS_ETH_MAC_14_RX_BYTES] = "OctetsReceivedOK",
	[ETHTOOL_A_STATS_ETH_MAC_18_TX_MCAST] = "MulticastFramesXmittedOK",
	[ETHTOOL_A_STATS_ETH_MAC_19_TX_BCAST] = "BroadcastFramesXmittedOK",
	[ETHTOOL_A_STATS_ETH_MAC_21_RX_MCAST] = "MulticastFramesReceivedOK",
	[ETHTOOL_A_STATS_ETH_MAC_22_RX_BCAST] = "BroadcastFramesReceivedOK",
	[ETHTOOL_A_STATS_ETH_MAC_23_IR_LEN_ERR] = "InRangeLengthErrors",
};

static const char *const queue_names[NETDEV_A_QSTATS_MAX + 1] = {
	[NETDEV_A_QSTATS_RX_PACKETS] = "rx_packets",
	[NETDEV_A_QSTATS_RX_BYTES] = "rx_bytes",
	[NETDEV_A_QSTATS_TX_PACKETS] = "tx_packets",
	[NETDEV_A_QSTATS_TX_BYTES] = "tx_bytes",
	[NETDEV_A_QSTATS_RX_ALLOC_FAIL] = "rx_alloc_fail",
	[NETDEV_A_QSTATS_RX_HW_DROPS] = "rx_hw_drops",
	[NETDEV_A_QSTATS_RX_CSUM_UNNECESSARY] = "rx_csum_unnecessary",
	[NETDEV_A_QSTATS_RX_CSUM_BAD] = "rx_csum_bad",
	[NETDEV_A_QSTATS_TX_NEEDS_CSUM] = "tx_needs_csum",
	[NETDEV_A_QSTATS_TX_HW_GSO_PACKETS] = "tx_hw_gso_packets",
	[NETDEV_A_QSTATS_TX_HW_GSO_WIRE_PACKETS] = "tx_hw_gso_wire_packets",
};

/**
 * struct source - who counts, and where to write it
 * @prefix: of the counters' names
 * @to: the file
 */
struct source {
	const char *prefix;
	FILE *to;
};

static void print(const char *name, __u64 number, void *context)
{
	const struct source *source = context;

	fprintf(source->to, "%s.%s %llu\n", source->prefix, name, number);
}

/* ethtool -S; a text to compare and to print, of which the caller frees the last */
static char *counters_of_driver(void)
{
	struct source source = { .prefix = "S" };
	char *text;
	size_t size;

	source.to = open_memstream(&text, &size);
	if (!source.to)
		errx(1, "no memory");
	ethtool_counters(dev, print, &source);
	fclose(source.to);
	return text;
}

/* ethtool -S of the peer */
static void print_peer(FILE *to)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int peer = open("/run/netns/peer", O_RDONLY | O_CLOEXEC);
	struct source source = { .prefix = "peer", .to = to };

	if (here < 0 || peer < 0 || setns(peer, CLONE_NEWNET))
		errx(1, "no name space peer: %m");
	ethtool_counters(PEER, print, &source);
	if (setns(here, CLONE_NEWNET))
		errx(1, "no way back: %m");
	close(peer);
	close(here);
}

static void ask(const struct genl *genl, const struct nlmsghdr *question, genl_take take, FILE *to)
{
	int error = genl_ask(genl, question, take, to);

	if (error)
		errx(1, "netlink: %s", strerror(-error));
}

static int take_mac_value(const struct nlattr *value, void *to)
{
	__u16 type = mnl_attr_get_type(value);

	if (type <= ETHTOOL_A_STATS_ETH_MAC_MAX && mac_names[type])
		fprintf(to, "mac.%s %llu\n", mac_names[type], genl_number(value));
	return MNL_CB_OK;
}

static int take_mac_stat(const struct nlattr *stat, void *to)
{
	if (mnl_attr_get_type(stat) == ETHTOOL_A_STATS_GRP_STAT)
		mnl_attr_parse_nested(stat, take_mac_value, to);
	return MNL_CB_OK;
}

static int take_mac_group(const struct nlattr *group, void *to)
{
	if (mnl_attr_get_type(group) == ETHTOOL_A_STATS_GRP)
		mnl_attr_parse_nested(group, take_mac_stat, to);
	return MNL_CB_OK;
}

static void take_mac(const struct nlmsghdr *answer, void *to)
{
	mnl_attr_parse(answer, GENL_HDRLEN, take_mac_group, to);
}

/* ethtool -S --groups eth-mac */
static void print_mac(FILE *to)
{
	struct nlattr *header, *groups, *bits, *bit;
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct genl genl;

	if (genl_open(&genl, ETHTOOL_GENL_NAME))
		errx(1, "no ethtool netlink");
	question = genl_question(&genl, buffer, ETHTOOL_MSG_STATS_GET, false);
	header = mnl_attr_nest_start(question, ETHTOOL_A_STATS_HEADER);
	mnl_attr_put_strz(question, ETHTOOL_A_HEADER_DEV_NAME, dev);
	mnl_attr_nest_end(question, header);
	groups = mnl_attr_nest_start(question, ETHTOOL_A_STATS_GROUPS);
	mnl_attr_put(question, ETHTOOL_A_BITSET_NOMASK, 0, NULL);
	bits = mnl_attr_nest_start(question, ETHTOOL_A_BITSET_BITS);
	bit = mnl_attr_nest_start(question, ETHTOOL_A_BITSET_BITS_BIT);
	mnl_attr_put_strz(question, ETHTOOL_A_BITSET_BIT_NAME, "eth-mac");
	mnl_attr_nest_end(question, bit);
	mnl_attr_nest_end(question, bits);
	mnl_attr_nest_end(question, groups);
	ask(&genl, question, take_mac, to);
	genl_close(&genl);
}

/**
 * struct queue - one that an answer is about, or the whole device
 * @id: its number, as text; empty for the device
 * @to: the file
 */
struct queue {
	char id[16];
	FILE *to;
};

static int take_queue_id(const struct nlattr *attribute, void *context)
{
	struct queue *queue = context;

	if (mnl_attr_get_type(attribute) == NETDEV_A_QSTATS_QUEUE_ID)
		snprintf(queue->id, sizeof(queue->id), "%u", mnl_attr_get_u32(attribute));
	return MNL_CB_OK;
}

static int take_queue_stat(const struct nlattr *attribute, void *context)
{
	__u16 type = mnl_attr_get_type(attribute);
	const struct queue *queue = context;

	/* the number comes behind "rx" or "tx" */
	if (type <= NETDEV_A_QSTATS_MAX && queue_names[type])
		fprintf(queue->to, "q.%.2s%s%s %llu\n", queue_names[type], queue->id,
			queue_names[type] + 2, genl_number(attribute));
	return MNL_CB_OK;
}

static void take_queue(const struct nlmsghdr *answer, void *to)
{
	struct queue queue = { .to = to };

	mnl_attr_parse(answer, GENL_HDRLEN, take_queue_id, &queue);
	mnl_attr_parse(answer, GENL_HDRLEN, take_queue_stat, &queue);
}

/* Of each queue, or of the whole device, queues that are not in use any more included. */
static void print_queues(FILE *to, bool each)
{
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct genl genl;

	if (genl_open(&genl, NETDEV_FAMILY_NAME))
		errx(1, "no netdev netlink");
	question = genl_question(&genl, buffer, NETDEV_CMD_QSTATS_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_QSTATS_IFINDEX, if_nametoindex(dev));
	if (each)
		mnl_attr_put_u32(question, NETDEV_A_QSTATS_SCOPE, NETDEV_QSTATS_SCOPE_QUEUE);
	ask(&genl, question, take_queue, to);
	genl_close(&genl);
}

/* ip -s link */
static void print_device(FILE *to)
{
	unsigned long long number;
	struct dirent *entry;
	char path[PATH_MAX];
	FILE *file;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics", dev);
	dir = opendir(path);
	if (!dir || chdir(path))
		errx(1, "%s: %m", path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		file = fopen(entry->d_name, "re");
		if (!file || fscanf(file, "%llu", &number) != 1)
			errx(1, "%s/%s: %m", path, entry->d_name);
		fprintf(to, "ip.%s %llu\n", entry->d_name, number);
		fclose(file);
	}
	closedir(dir);
}

/* Interrupts on all CPUs, for each that has the name of a message; others may share its line. */
static void print_interrupts(FILE *to)
{
	FILE *file = fopen("/proc/interrupts", "re");
	size_t size = 0, length = strlen(dev);
	char *line = NULL, *word, *state;
	unsigned long long sum;

	if (!file)
		errx(1, "/proc/interrupts: %m");
	while (getline(&line, &size, file) > 0) {
		sum = 0;
		strtok_r(line, BLANKS, &state);
		while ((word = strtok_r(NULL, BLANKS, &state)) && isdigit(*word))
			sum += strtoull(word, NULL, 10);
		for (; word; word = strtok_r(NULL, BLANKS, &state))
			if (!strncmp(word, dev, length) && !strncmp(word + length, "-msg", 4))
				fprintf(to, "irq.%s_count %llu\n", word + length + 1, sum);
	}
	free(line);
	fclose(file);
}

/* @all: those that may become smaller, or are not the device's, too */
static char *counters_of_others(bool all)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		errx(1, "no memory");
	print_mac(to);
	print_device(to);
	print_queues(to, all);
	if (all) {
		print_interrupts(to);
		print_peer(to);
	}
	fclose(to);
	return text;
}

/* Nothing is on its way: the counters stood still for a moment. Here they are. */
static char *settle(void)
{
	char *last = counters_of_driver(), *now;

	for (int i = 0; i < 100; i++) {
		usleep(300000);
		now = counters_of_driver();
		if (!strcmp(now, last)) {
			free(last);
			return now;
		}
		free(last);
		last = now;
	}
	errx(1, "the counters do not come to rest");
}

/* ---- what changed since the last time */

/**
 * struct ledger - counters
 * @count: how many
 * @names: theirs
 * @values: theirs
 */
struct ledger {
	size_t count;
	char *names[MOST];
	unsigned long long values[MOST];
};

static void add(struct ledger *ledger, const char *name, unsigned long long value)
{
	char *copy = strdup(name);

	if (!copy || ledger->count == MOST)
		errx(1, "no room for so many counters");
	ledger->names[ledger->count] = copy;
	ledger->values[ledger->count++] = value;
}

/* Return: the place of a name, which most often is where it was looked for last, or behind */
static size_t find(const struct ledger *ledger, const char *name, size_t from)
{
	for (size_t i = from; i < from + ledger->count; i++)
		if (!strcmp(ledger->names[i % ledger->count], name))
			return i % ledger->count;
	return ledger->count;
}

static void read_ledger(struct ledger *ledger, FILE *file)
{
	unsigned long long value;
	char name[64];

	while (fscanf(file, "%63s %llu", name, &value) == 2)
		add(ledger, name, value);
	if (!feof(file))
		errx(1, "what counters are is not understood");
}

static void read_text(struct ledger *ledger, char *text)
{
	FILE *file = fmemopen(text, strlen(text), "r");

	if (!file)
		errx(1, "no memory");
	read_ledger(ledger, file);
	fclose(file);
}

/* What was left in the file is then what is there now. */
static void change_file(const char *path, struct ledger *before, const struct ledger *ledger)
{
	FILE *file = fopen(path, "a+e");

	if (!file)
		errx(1, "%s: %m", path);
	read_ledger(before, file);
	if (ftruncate(fileno(file), 0))
		errx(1, "%s: %m", path);
	for (size_t i = 0; i < ledger->count; i++)
		fprintf(file, "%s %llu\n", ledger->names[i], ledger->values[i]);
	if (fclose(file))
		errx(1, "%s: %m", path);
}

/* Add each counter with a number in its name to the sum that has a # there. */
static void add_sums(struct ledger *ledger)
{
	static struct ledger sums;
	char name[64], *to;
	size_t at = 0;

	for (size_t i = 0; i < ledger->count; i++) {
		to = name;
		for (const char *from = ledger->names[i]; *from; from++) {
			if (!isdigit(*from))
				*to++ = *from;
			else if (to == name || to[-1] != '#')
				*to++ = '#';
		}
		*to = 0;
		if (!strchr(name, '#'))
			continue;
		at = find(&sums, name, at);
		if (at == sums.count)
			add(&sums, name, 0);
		sums.values[at] += ledger->values[i];
	}
	for (size_t i = 0; i < sums.count; i++)
		add(ledger, sums.names[i], sums.values[i]);
}

static void print_array(const char *name, const struct ledger *ledger, const long long *values)
{
	printf("%s=(\n", name);
	for (size_t i = 0; i < ledger->count; i++)
		printf("[%s]=%lld\n", ledger->names[i], values[i]);
	puts(")");
}

static void mark(const char *path, char *driver, char *others)
{
	static struct ledger ledger, before;
	static long long taken[MOST], growth[MOST];
	size_t at = 0;

	read_text(&ledger, driver);
	read_text(&ledger, others);
	add_sums(&ledger);
	change_file(path, &before, &ledger);
	for (size_t i = 0; i < ledger.count; i++) {
		taken[i] = (long long)ledger.values[i];
		growth[i] = taken[i];
		at = find(&before, ledger.names[i], at);
		if (at < before.count)
			growth[i] -= (long long)before.values[at];
		else
			at = 0;
	}
	for (size_t i = 0; i < before.count; i++)
		if (find(&ledger, before.names[i], i) == ledger.count)
			errx(1, "%s is not there any more", before.names[i]);
	print_array("taken", &ledger, taken);
	print_array("growth", &ledger, growth);
}

static void back(const char *path)
{
	static struct ledger ledger, before;
	size_t at = 0;

	read_text(&ledger, counters_of_driver());
	read_text(&ledger, counters_of_others(false));
	change_file(path, &before, &ledger);
	for (size_t i = 0; i < ledger.count; i++) {
		at = find(&before, ledger.names[i], at);
		if (at == before.count)
			at = 0;
		else if (ledger.values[i] < before.values[at])
			printf("%s %llu %llu\n", ledger.names[i], before.values[at],
			       ledger.values[i]);
	}
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[2] : "", *path = argc > 3 ? argv[3] : NULL;
	bool now = !strcmp(how, "now");
	char *driver, *others, *last;

	if (argc < 2 || argc > 4 || (!path && *how && !now && strcmp(how, "settle")) ||
	    (path && strcmp(how, "mark") && strcmp(how, "back")))
		errx(1, "usage: test-ledger DEVICE [now|settle|mark FILE|back FILE]");
	dev = argv[1];

	if (!strcmp(how, "back")) {
		back(path);
		return 0;
	}
	driver = now ? counters_of_driver() : settle();
	if (!strcmp(how, "settle"))
		return 0;
	for (int i = 0; i < 10; i++) {
		others = counters_of_others(true);
		last = driver;
		driver = counters_of_driver();
		if (now || !strcmp(driver, last)) {
			if (path)
				mark(path, driver, others);
			else
				printf("%s%s", driver, others);
			return 0;
		}
		free(others);
		free(last);
	}
	errx(1, "the counters do not stand still");
}
