// SPDX-License-Identifier: GPL-2.0
/*
 * usage: test-ledger DEVICE [now|settle]
 *
 * Print the counters that all sources have of DEVICE, and those of the peer, a line each:
 * "S.rx_stopped 0"; common.sh says which the sources are. They cannot be read at once, so wait
 * until the driver's stand still, and read again if they moved meanwhile. With "now" do neither;
 * with "settle" just wait.
 *
 * One program, as under emulation it takes longer to start one than to read everything.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
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
	[NETDEV_A_QSTATS_RX_PACKETS] = "packets",
	[NETDEV_A_QSTATS_RX_BYTES] = "bytes",
	[NETDEV_A_QSTATS_TX_PACKETS] = "packets",
	[NETDEV_A_QSTATS_TX_BYTES] = "bytes",
	[NETDEV_A_QSTATS_RX_ALLOC_FAIL] = "alloc_fail",
	[NETDEV_A_QSTATS_RX_HW_DROPS] = "hw_drops",
	[NETDEV_A_QSTATS_RX_CSUM_UNNECESSARY] = "csum_unnecessary",
	[NETDEV_A_QSTATS_RX_CSUM_BAD] = "csum_bad",
	[NETDEV_A_QSTATS_TX_NEEDS_CSUM] = "needs_csum",
	[NETDEV_A_QSTATS_TX_HW_GSO_PACKETS] = "hw_gso_packets",
	[NETDEV_A_QSTATS_TX_HW_GSO_WIRE_PACKETS] = "hw_gso_wire_packets",
};

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list arguments;

	fputs("test-ledger: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

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
		die("no memory");
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
		die("no name space peer: %m");
	ethtool_counters(PEER, print, &source);
	if (setns(here, CLONE_NEWNET))
		die("no way back: %m");
	close(peer);
	close(here);
}

static void ask(const struct genl *genl, const struct nlmsghdr *question, genl_take take, FILE *to)
{
	int error = genl_ask(genl, question, take, to);

	if (error)
		die("netlink: %s", strerror(-error));
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
		die("no ethtool netlink");
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
 * struct queue - one that an answer is about
 * @type: of enum netdev_queue_type
 * @id: its number
 * @to: the file
 */
struct queue {
	__u32 type;
	__u32 id;
	FILE *to;
};

static int take_queue_id(const struct nlattr *attribute, void *context)
{
	struct queue *queue = context;

	if (mnl_attr_get_type(attribute) == NETDEV_A_QSTATS_QUEUE_TYPE)
		queue->type = mnl_attr_get_u32(attribute);
	if (mnl_attr_get_type(attribute) == NETDEV_A_QSTATS_QUEUE_ID)
		queue->id = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

static int take_queue_stat(const struct nlattr *attribute, void *context)
{
	__u16 type = mnl_attr_get_type(attribute);
	const struct queue *queue = context;

	if (type <= NETDEV_A_QSTATS_MAX && queue_names[type])
		fprintf(queue->to, "q.%s%u_%s %llu\n",
			queue->type == NETDEV_QUEUE_TYPE_RX ? "rx" : "tx", queue->id,
			queue_names[type], genl_number(attribute));
	return MNL_CB_OK;
}

static void take_queue(const struct nlmsghdr *answer, void *to)
{
	struct queue queue = { .to = to };

	mnl_attr_parse(answer, GENL_HDRLEN, take_queue_id, &queue);
	mnl_attr_parse(answer, GENL_HDRLEN, take_queue_stat, &queue);
}

static void print_queues(FILE *to)
{
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	struct genl genl;

	if (genl_open(&genl, NETDEV_FAMILY_NAME))
		die("no netdev netlink");
	question = genl_question(&genl, buffer, NETDEV_CMD_QSTATS_GET, true);
	mnl_attr_put_u32(question, NETDEV_A_QSTATS_IFINDEX, if_nametoindex(dev));
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
		die("%s: %m", path);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		file = fopen(entry->d_name, "re");
		if (!file || fscanf(file, "%llu", &number) != 1)
			die("%s/%s: %m", path, entry->d_name);
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
		die("/proc/interrupts: %m");
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

static char *counters_of_others(void)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		die("no memory");
	print_mac(to);
	print_device(to);
	print_queues(to);
	print_interrupts(to);
	print_peer(to);
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
	die("the counters do not come to rest");
}

int main(int argc, char **argv)
{
	const char *how = argc > 2 ? argv[2] : "";
	bool now = !strcmp(how, "now");
	char *driver, *others, *last;

	if (argc < 2 || argc > 3 || (*how && !now && strcmp(how, "settle")))
		die("usage: test-ledger DEVICE [now|settle]");
	dev = argv[1];

	driver = now ? counters_of_driver() : settle();
	if (!strcmp(how, "settle"))
		return 0;
	for (int i = 0; i < 10; i++) {
		others = counters_of_others();
		last = driver;
		driver = counters_of_driver();
		if (now || !strcmp(driver, last)) {
			printf("%s%s", driver, others);
			return 0;
		}
		free(others);
		free(last);
	}
	die("the counters do not stand still");
}
