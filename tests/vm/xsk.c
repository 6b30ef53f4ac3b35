// SPDX-License-Identifier: GPL-2.0
/*
 * usage: test-xsk DEVICE QUEUE MODE [PROGRAM [BUFFERS [CHUNK]]]
 *
 * An AF_XDP socket bound to a queue of DEVICE. MODE: copy; zero-copy; or need-wakeup, which is
 * zero-copy, too, but the kernel is only called where it asks for it. PROGRAM: "own" is libxdp's;
 * "none" leaves the device the one that it has. BUFFERS: for how many packets there is room, 4096
 * unless said. CHUNK: bytes of one, likewise.
 *
 * Say "bound" and how; until standard input ends take pktgen's packets and send each fourth of a
 * flow back, and for each byte from there a packet to all; wait until the kernel has returned all
 * frames; then detach, and print what there was.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xdp/xsk.h>

#define FRAMES		8192	/* half of them to receive, half to send */
#define RING		(FRAMES / 2)
#define FLOWS		256
#define PKTGEN_MAGIC	0xbe9be955

static struct {
	void *area;
	struct xsk_umem *umem;
	struct xsk_socket *socket;
	struct xsk_ring_prod fill, tx;
	struct xsk_ring_cons completion, rx;
	unsigned long long free[RING];
	unsigned int free_cnt;
	__u32 chunk;	/* bytes */
	bool need_wakeup;
	bool given;	/* buffers, since the kernel was told */
} xsk;

static struct {
	unsigned int packets, flows, out_of_order, others, bytes, sent_back, lost_back;
	unsigned int fill_calls, tx_calls;
} seen;

/**
 * struct numbered - what pktgen sends
 * @eth: Ethernet
 * @ip: IPv4
 * @udp: UDP
 * @magic: PKTGEN_MAGIC
 * @number: counts the packets of all flows
 */
struct numbered {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	__be32 magic;
	__be32 number;
} __attribute__((packed));

static int fail(const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(err));
	return 1;
}

static bool give(const __u64 *addresses, unsigned int count)
{
	__u32 at;

	if (xsk_ring_prod__reserve(&xsk.fill, count, &at) != count)
		return false;
	for (unsigned int i = 0; i < count; i++)
		*xsk_ring_prod__fill_addr(&xsk.fill, at + i) = addresses[i];
	xsk_ring_prod__submit(&xsk.fill, count);
	xsk.given |= count;
	return true;
}

static bool make(const char *device, __u32 queue, const char *mode, bool program, __u64 buffers)
{
	const struct xsk_umem_config umem = {
		.fill_size = RING,
		.comp_size = RING,
		.frame_size = xsk.chunk,
	};
	const struct xsk_socket_config config = {
		.rx_size = RING,
		.tx_size = RING,
		.libxdp_flags = program ? 0 : XSK_LIBXDP_FLAGS__INHIBIT_PROG_LOAD,
		.xdp_flags = XDP_FLAGS_DRV_MODE,
		.bind_flags = !strcmp(mode, "copy") ? XDP_COPY :
			      XDP_ZEROCOPY | (xsk.need_wakeup ? XDP_USE_NEED_WAKEUP : 0),
	};
	const size_t size = (size_t)FRAMES * xsk.chunk;
	int err;

	xsk.area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (xsk.area == MAP_FAILED)
		return !fail("mmap", errno);
	err = xsk_umem__create(&xsk.umem, xsk.area, size, &xsk.fill, &xsk.completion, &umem);
	if (err)
		return !fail("umem", -err);
	for (__u64 i = 0; i < RING; i++) {
		__u64 address = i * xsk.chunk;

		if (i < buffers && !give(&address, 1))
			return !fail("fill ring", ENOSPC);
		xsk.free[xsk.free_cnt++] = (RING + i) * xsk.chunk;
	}
	err = xsk_socket__create(&xsk.socket, device, queue, xsk.umem, &xsk.rx, &xsk.tx, &config);
	return !err || !fail("socket", -err);
}

/* Frames that have been sent are free again. */
static void reclaim(void)
{
	__u32 at, count = xsk_ring_cons__peek(&xsk.completion, RING, &at);

	for (__u32 i = 0; i < count; i++)
		xsk.free[xsk.free_cnt++] = *xsk_ring_cons__comp_addr(&xsk.completion, at + i);
	xsk_ring_cons__release(&xsk.completion, count);
}

/* Have sent what waits in the ring; in copy mode the kernel sends 32 per call. */
static void kick(void)
{
	int fd = xsk_socket__fd(xsk.socket);

	reclaim();
	if (xsk.free_cnt < RING && (!xsk.need_wakeup || xsk_ring_prod__needs_wakeup(&xsk.tx))) {
		seen.tx_calls++;
		sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
	}
	if (xsk.need_wakeup && xsk.given && xsk_ring_prod__needs_wakeup(&xsk.fill)) {
		seen.fill_calls++;
		recvfrom(fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
	}
	xsk.given = false;
}

static bool send_frame(const void *frame, __u32 len)
{
	struct xdp_desc *desc;
	__u32 at;

	if (!xsk.free_cnt || xsk_ring_prod__reserve(&xsk.tx, 1, &at) != 1)
		return false;
	desc = xsk_ring_prod__tx_desc(&xsk.tx, at);
	desc->addr = xsk.free[--xsk.free_cnt];
	desc->len = len;
	desc->options = 0;
	memcpy(xsk_umem__get_data(xsk.area, desc->addr), frame, len);
	xsk_ring_prod__submit(&xsk.tx, 1);
	return true;
}

static void send_back(const struct numbered *packet, __u32 len)
{
	static char copy[XSK_UMEM__DEFAULT_FRAME_SIZE];
	struct ethhdr *eth = (struct ethhdr *)copy;

	memcpy(copy, packet, len);
	memcpy(eth->h_dest, packet->eth.h_source, ETH_ALEN);
	memcpy(eth->h_source, packet->eth.h_dest, ETH_ALEN);
	if (send_frame(copy, len))
		seen.sent_back++;
	else
		seen.lost_back++;
}

/* A packet of nobody's for each byte of standard input; returns false where that ends. */
static bool send_own(void)
{
	static const struct {
		struct ethhdr eth;
		char nothing[ETH_ZLEN - ETH_HLEN];
	} packet = { .eth.h_proto = 0xffff, .eth.h_dest = "\xff\xff\xff\xff\xff\xff",
		     .eth.h_source = "\x02\xdc\x00\x00\x00\x0a" };
	char bytes[64];
	ssize_t count = read(STDIN_FILENO, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < count; i++)
		seen.lost_back += !send_frame(&packet, sizeof(packet));
	return count > 0;
}

static void take(const struct numbered *packet, __u32 len)
{
	static unsigned int packets[FLOWS], last[FLOWS];
	__u32 flow, number;

	if (len < sizeof(*packet) || packet->eth.h_proto != htons(ETH_P_IP) ||
	    packet->udp.dest != htons(9) || packet->magic != htonl(PKTGEN_MAGIC)) {
		seen.others++;
		return;
	}
	flow = ntohl(packet->ip.saddr) % FLOWS;
	number = ntohl(packet->number);
	seen.packets++;
	seen.bytes += len;
	seen.flows += !packets[flow];
	seen.out_of_order += packets[flow] && number <= last[flow];
	last[flow] = number;
	if (!(packets[flow]++ % 4))
		send_back(packet, len);
}

static bool receive(void)
{
	__u32 at, count = xsk_ring_cons__peek(&xsk.rx, 64, &at);
	__u64 addresses[64];

	for (__u32 i = 0; i < count; i++) {
		const struct xdp_desc *desc = xsk_ring_cons__rx_desc(&xsk.rx, at + i);

		take(xsk_umem__get_data(xsk.area, desc->addr), desc->len);
		addresses[i] = desc->addr - desc->addr % xsk.chunk;
	}
	xsk_ring_cons__release(&xsk.rx, count);
	return give(addresses, count);
}

static int print(void)
{
	struct xdp_statistics stats;
	socklen_t len = sizeof(stats);

	if (getsockopt(xsk_socket__fd(xsk.socket), SOL_XDP, XDP_STATISTICS, &stats, &len))
		return fail("statistics", errno);
	printf("packets %u\nflows %u\nout_of_order %u\nothers %u\nbytes %u\n", seen.packets,
	       seen.flows, seen.out_of_order, seen.others, seen.bytes);
	printf("sent_back %u\nlost_back %u\nnot_returned %u\n", seen.sent_back, seen.lost_back,
	       RING - xsk.free_cnt);
	printf("fill_calls %u\ntx_calls %u\n", seen.fill_calls, seen.tx_calls);
	printf("dropped %llu\nring_full %llu\nfill_empty %llu\ninvalid %llu\n", stats.rx_dropped,
	       stats.rx_ring_full, stats.rx_fill_ring_empty_descs,
	       stats.rx_invalid_descs + stats.tx_invalid_descs);
	return 0;
}

static bool say_bound(void)
{
	struct xdp_options options;
	socklen_t len = sizeof(options);

	if (getsockopt(xsk_socket__fd(xsk.socket), SOL_XDP, XDP_OPTIONS, &options, &len))
		return !fail("options", errno);
	printf("bound %s copies\n", options.flags & XDP_OPTIONS_ZEROCOPY ? "without" : "with");
	return !fflush(stdout);
}

/* Ten seconds for frames that are being sent. */
static void finish(void)
{
	for (int i = 0; i < 10000 && xsk.free_cnt < RING; i++) {
		usleep(1000);
		kick();
	}
}

/*
 * poll() wakes the driver as well, so not more often than there is a reason for: where nothing is
 * being sent the device's counters are to come to rest.
 */
static int patience(void)
{
	if (xsk.need_wakeup)
		return 1;
	return xsk.free_cnt < RING ? 10 : -1;
}

int main(int argc, char **argv)
{
	struct pollfd fds[2] = { { .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	int status;

	if (argc < 4 || argc > 7) {
		fprintf(stderr, "usage: test-xsk DEVICE QUEUE MODE [PROGRAM [BUFFERS [CHUNK]]]\n");
		return 1;
	}
	xsk.chunk = argc < 7 ? XSK_UMEM__DEFAULT_FRAME_SIZE : (__u32)atoi(argv[6]);
	xsk.need_wakeup = !strcmp(argv[3], "need-wakeup");
	if (!make(argv[1], (__u32)atoi(argv[2]), argv[3], argc < 5 || strcmp(argv[4], "none"),
		  argc < 6 ? RING : (__u64)atoi(argv[5])) || !say_bound())
		return 1;
	fds[0].fd = xsk.need_wakeup ? -1 : xsk_socket__fd(xsk.socket);
	while (poll(fds, 2, patience()) >= 0 && (!fds[1].revents || send_own())) {
		if (!receive())
			return fail("fill ring", ENOSPC);
		kick();
	}
	finish();
	status = print();
	xsk_socket__delete(xsk.socket);
	xsk_umem__delete(xsk.umem);
	return status;
}
