// SPDX-License-Identifier: GPL-2.0
/*
 * Send the segments of one TCP connection, which nobody has: for pktgen does not know TCP.
 *
 * usage: segments DEVICE DESTINATION-MAC PACKETS [tso]
 *
 * Without tso each packet is a full segment that GRO can add to the one before; 32 are sent, then
 * there is a rest of 0.3 ms. With tso each is 40 segments for the device to cut, which lie in pages
 * and are not copied (a transmit ring shared with the kernel); eight are sent, then it is waited
 * until all have been.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <netinet/ether.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MSS		1448
#define TSO_SEGMENTS	40
#define BATCH		32
#define REST_US		300
/* a frame of the shared ring: header, virtio_net_hdr, 40 segments */
#define RING_FRAME	131072
#define RING_FRAMES	8

/** struct frame - how each packet begins; the rest is zero */
struct frame {
	struct ether_header eth;
	struct iphdr ip;
	struct tcphdr tcp;
	unsigned char timestamps[12];
} __attribute__((packed));

static void die(const char *what)
{
	fprintf(stderr, "segments: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* One's complement sum of 16-bit words. */
static unsigned short sum(const struct frame *frame, size_t from, size_t bytes, unsigned int start)
{
	unsigned short word;

	for (; bytes; bytes -= 2, from += 2) {
		memcpy(&word, (const unsigned char *)frame + from, 2);
		start += word;
	}
	start = (start >> 16) + (start & 0xffff);
	return (unsigned short)(start + (start >> 16));
}

/* A segment of @payload bytes, without TCP checksum. */
static void begin(struct frame *frame, const struct ether_addr *to, size_t payload)
{
	memset(frame, 0, sizeof(*frame));
	memcpy(frame->eth.ether_dhost, to, ETH_ALEN);
	frame->eth.ether_shost[0] = 2;
	frame->eth.ether_type = htons(ETH_P_IP);
	frame->ip.version = 4;
	frame->ip.ihl = 5;
	frame->ip.ttl = 64;
	frame->ip.frag_off = htons(IP_DF);
	frame->ip.protocol = IPPROTO_TCP;
	frame->ip.saddr = inet_addr("192.0.2.2");
	frame->ip.daddr = inet_addr("198.51.100.1");
	frame->ip.tot_len = htons((unsigned short)(sizeof(*frame) - sizeof(frame->eth) + payload));
	frame->ip.check = (unsigned short)~sum(frame, offsetof(struct frame, ip),
					       sizeof(frame->ip), 0);
	frame->tcp.source = htons(9);
	frame->tcp.dest = htons(9);
	frame->tcp.doff = (sizeof(frame->tcp) + sizeof(frame->timestamps)) / 4;
	frame->tcp.ack = 1;
	frame->tcp.window = htons(1000);
	memcpy(frame->timestamps, "\1\1\10\12", 4);
}

/* Of pseudo header, header and a payload of zeros. */
static void checksum(struct frame *frame, size_t payload)
{
	size_t tcp = sizeof(frame->tcp) + sizeof(frame->timestamps);
	unsigned int protocol_and_len = htons(IPPROTO_TCP) + htons((unsigned short)(tcp + payload));

	frame->tcp.check = 0;
	frame->tcp.check = (unsigned short)~sum(frame, offsetof(struct frame, ip.saddr), 8 + tcp,
						protocol_and_len);
}

static void send_plain(int fd, const struct ether_addr *to, unsigned int packets)
{
	static unsigned char buf[BATCH][sizeof(struct frame) + MSS];
	struct mmsghdr msgs[BATCH] = {};
	struct iovec iov[BATCH];
	unsigned int i, seq = 1;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec) { .iov_base = buf[i], .iov_len = sizeof(buf[i]) };
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	for (; packets; packets -= BATCH) {
		for (i = 0; i < BATCH; i++, seq += MSS) {
			struct frame *frame = (struct frame *)buf[i];

			begin(frame, to, MSS);
			frame->tcp.seq = htonl(seq);
			checksum(frame, MSS);
		}
		if (sendmmsg(fd, msgs, BATCH, 0) != BATCH)
			die("cannot send");
		usleep(REST_US);
	}
}

static void send_tso(int fd, const struct ether_addr *to, unsigned int packets)
{
	const struct tpacket_req req = {
		.tp_block_size = RING_FRAME, .tp_block_nr = RING_FRAMES,
		.tp_frame_size = RING_FRAME, .tp_frame_nr = RING_FRAMES,
	};
	const struct virtio_net_hdr vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = sizeof(struct frame),
		.gso_size = MSS,
		.csum_start = offsetof(struct frame, tcp),
		.csum_offset = offsetof(struct tcphdr, check),
	};
	const int version = TPACKET_V2, on = 1;
	unsigned int i, seq = 1;
	unsigned char *ring;

	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_TX_RING, &req, sizeof(req)))
		die("cannot have a ring");
	ring = mmap(NULL, (size_t)RING_FRAME * RING_FRAMES, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (ring == MAP_FAILED)
		die("cannot map the ring");

	while (packets) {
		for (i = 0; i < RING_FRAMES && packets; i++, packets--, seq += TSO_SEGMENTS * MSS) {
			struct tpacket2_hdr *hdr = (void *)(ring + (size_t)i * RING_FRAME);
			unsigned char *data = (unsigned char *)hdr + TPACKET2_HDRLEN -
					      sizeof(struct sockaddr_ll);

			memcpy(data, &vnet, sizeof(vnet));
			begin((struct frame *)(data + sizeof(vnet)), to, TSO_SEGMENTS * MSS);
			((struct frame *)(data + sizeof(vnet)))->tcp.seq = htonl(seq);
			hdr->tp_len = sizeof(vnet) + sizeof(struct frame) + TSO_SEGMENTS * MSS;
			__atomic_store_n(&hdr->tp_status, TP_STATUS_SEND_REQUEST, __ATOMIC_RELEASE);
		}
		if (send(fd, NULL, 0, 0) < 0)
			die("cannot send");
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP) };
	const struct ether_addr *to = argc > 3 ? ether_aton(argv[2]) : NULL;
	const int on = 1;
	int fd;

	if (!to) {
		fprintf(stderr, "usage: segments DEVICE DESTINATION-MAC PACKETS [tso]\n");
		return 2;
	}
	/* no protocol: this socket receives nothing */
	fd = socket(AF_PACKET, SOCK_RAW, 0);
	addr.sll_ifindex = (int)if_nametoindex(argv[1]);
	addr.sll_protocol = 0;
	if (fd < 0 || !addr.sll_ifindex || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof(on)))
		die(argv[1]);
	if (argc > 4)
		send_tso(fd, to, (unsigned int)strtoul(argv[3], NULL, 0));
	else
		send_plain(fd, to, (unsigned int)strtoul(argv[3], NULL, 0));
	return 0;
}
