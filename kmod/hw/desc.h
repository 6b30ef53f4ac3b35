/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Advanced descriptors of the 82576 (datasheet 7.1.5 receive, 7.2.2 transmit).
 *
 * All are little endian and 16 bytes. The device owns the descriptors from head up to, not
 * including, tail; head == tail is an empty ring for receive and for transmit, so a ring of n
 * descriptors holds n - 1.
 */
#ifndef DPCNIC_HW_DESC_H
#define DPCNIC_HW_DESC_H

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/types.h>

/**
 * union dpcnic_rx_desc - advanced receive descriptor (7.1.5.1, 7.1.5.2)
 * @read: what software gives to the device
 * @read.pkt_addr: DMA address of the packet buffer
 * @read.hdr_addr: DMA address of the header buffer; 0 with one buffer per descriptor. Its bit 0
 *	is where @wb.status_error has DD, so writing it also takes back the old DD.
 * @wb: what the device writes over it
 * @wb.info: DPC_RXD_RSS_TYPE, DPC_RXD_PACKET_TYPE
 * @wb.rss_hash: RSS hash, with RXCSUM.PCSD set
 * @wb.status_error: DPC_RXD_STAT_*, DPC_RXD_ERR_*; read first, the rest after dma_rmb()
 * @wb.length: bytes in this buffer, without CRC (RCTL.SECRC)
 * @wb.vlan: VLAN tag, valid with DPC_RXD_STAT_VP
 */
union dpcnic_rx_desc {
	struct {
		__le64 pkt_addr;
		__le64 hdr_addr;
	} read;
	struct {
		__le32 info;
		__le32 rss_hash;
		__le32 status_error;
		__le16 length;
		__le16 vlan;
	} wb;
};

static_assert(sizeof(union dpcnic_rx_desc) == 16);

/* wb.info (7.1.5.2.1). With DPC_RXD_PACKET_ETQF the type bits hold an EtherType filter index. */
#define DPC_RXD_RSS_TYPE		GENMASK(3, 0)
#define DPC_RXD_PACKET_TYPE		GENMASK(16, 4)
#define DPC_RXD_PACKET_IPV4		BIT(4)
#define DPC_RXD_PACKET_IPV4E		BIT(5)
#define DPC_RXD_PACKET_IPV6		BIT(6)
#define DPC_RXD_PACKET_IPV6E		BIT(7)
#define DPC_RXD_PACKET_TCP		BIT(8)
#define DPC_RXD_PACKET_UDP		BIT(9)
#define DPC_RXD_PACKET_SCTP		BIT(10)
#define DPC_RXD_PACKET_ETQF		BIT(15)

/**
 * enum dpc_rss_type - what the hash of a received packet covers (7.1.1.7.1)
 * @DPC_RSS_NONE: no hash; the packet went to queue 0
 * @DPC_RSS_TCP_IPV4: addresses and ports
 * @DPC_RSS_IPV4: addresses
 * @DPC_RSS_TCP_IPV6: addresses and ports; QEMU reports DPC_MRQC_TCPIPV6EX hashes so, too
 * @DPC_RSS_IPV6_EX: addresses, of a home address option or routing header if there is one
 * @DPC_RSS_IPV6: addresses
 * @DPC_RSS_TCP_IPV6_EX: as @DPC_RSS_IPV6_EX, and ports
 * @DPC_RSS_UDP_IPV4: addresses and ports
 * @DPC_RSS_UDP_IPV6: addresses and ports
 */
enum dpc_rss_type {
	DPC_RSS_NONE,
	DPC_RSS_TCP_IPV4,
	DPC_RSS_IPV4,
	DPC_RSS_TCP_IPV6,
	DPC_RSS_IPV6_EX,
	DPC_RSS_IPV6,
	DPC_RSS_TCP_IPV6_EX,
	DPC_RSS_UDP_IPV4,
	DPC_RSS_UDP_IPV6,
};

/* wb.status_error (7.1.5.2.4, 7.1.5.2.5). Status beyond DD is valid with EOP only. */
#define DPC_RXD_STAT_DD			BIT(0)	/* descriptor done */
#define DPC_RXD_STAT_EOP		BIT(1)	/* end of packet */
#define DPC_RXD_STAT_VP			BIT(3)	/* tag stripped into wb.vlan */
#define DPC_RXD_STAT_UDPCS		BIT(4)	/* UDP checksum was looked at */
#define DPC_RXD_STAT_L4CS		BIT(5)	/* TCP/UDP checksum was looked at */
#define DPC_RXD_STAT_IPCS		BIT(6)	/* IPv4 header checksum was looked at */
#define DPC_RXD_STAT_PIF		BIT(7)	/* passed an inexact filter only */
#define DPC_RXD_STAT_TS			BIT(16)	/* RXSTMP has its time */
#define DPC_RXD_ERR_L4E			BIT(29)	/* TCP/UDP/SCTP checksum wrong */
#define DPC_RXD_ERR_IPE			BIT(30)	/* IPv4 header checksum wrong */
#define DPC_RXD_ERR_RXE			BIT(31)	/* MAC error; only seen with RCTL.SBP */

/**
 * union dpcnic_tx_desc - advanced transmit descriptors (7.2.2.2 context, 7.2.2.3 data)
 * @read: data descriptor
 * @read.addr: DMA address of the buffer
 * @read.cmd_type_len: DPC_TXD_DTALEN, DTYP, DCMD
 * @read.olinfo_status: DPC_TXD_IDX, POPTS, PAYLEN
 * @ctx: context descriptor: header lengths and offloads of the data descriptors that follow
 * @ctx.vlan_macip_lens: DPC_TXC_IPLEN, MACLEN, VLAN; lengths are those of the packet in memory,
 *	without the tag that is to be inserted
 * @ctx.launch_time: 0
 * @ctx.type_tucmd: DPC_TXD_DTYP_CTXT | DPC_TXD_DEXT | DPC_TXC_*
 * @ctx.mss_l4len_idx: DPC_TXC_IDX, L4LEN, MSS
 * @wb: what the device writes over a data descriptor that has DPC_TXD_RS, and over no other
 * @wb.status: DPC_TXD_STAT_DD. It is in the same word as @read.olinfo_status, where bit 0 is
 *	reserved, so preparing a descriptor takes back the old DD.
 */
union dpcnic_tx_desc {
	struct {
		__le64 addr;
		__le32 cmd_type_len;
		__le32 olinfo_status;
	} read;
	struct {
		__le32 vlan_macip_lens;
		__le32 launch_time;
		__le32 type_tucmd;
		__le32 mss_l4len_idx;
	} ctx;
	struct {
		__le64 reserved;
		__le32 seed;
		__le32 status;
	} wb;
};

static_assert(sizeof(union dpcnic_tx_desc) == 16);

/* read.cmd_type_len and ctx.type_tucmd */
#define DPC_TXD_DTALEN			GENMASK(15, 0)
#define DPC_TXD_TSTAMP			BIT(19)	/* time into TXSTMP */
#define DPC_TXD_DTYP			GENMASK(23, 20)
#define DPC_TXD_DTYP_CTXT		(2 << 20)
#define DPC_TXD_DTYP_DATA		(3 << 20)
#define DPC_TXD_EOP			BIT(24)
#define DPC_TXD_IFCS			BIT(25)	/* insert the CRC */
#define DPC_TXD_RS			BIT(27)	/* report status: write back DD, interrupt */
#define DPC_TXD_DEXT			BIT(29)	/* advanced descriptor */
#define DPC_TXD_VLE			BIT(30)	/* insert the context's VLAN tag: CTRL.VME */
#define DPC_TXD_TSE			BIT(31)	/* segment by the context's MSS */

/* read.olinfo_status */
#define DPC_TXD_IDX			GENMASK(6, 4)	/* which of the queue's contexts: 0 or 1 */
#define DPC_TXD_POPTS_IXSM		BIT(8)	/* insert the IPv4 header checksum */
#define DPC_TXD_POPTS_TXSM		BIT(9)	/* insert the TCP/UDP/SCTP checksum */
#define DPC_TXD_PAYLEN			GENMASK(31, 14)	/* whole packet; with TSE without headers */

/* wb.status */
#define DPC_TXD_STAT_DD			BIT(0)

/* ctx.vlan_macip_lens */
#define DPC_TXC_IPLEN			GENMASK(8, 0)
#define DPC_TXC_MACLEN			GENMASK(15, 9)
#define DPC_TXC_VLAN			GENMASK(31, 16)

/* ctx.type_tucmd */
#define DPC_TXC_TUCMD_IPV4		BIT(10)
#define DPC_TXC_TUCMD_L4T		GENMASK(12, 11)
enum { DPC_TXC_L4T_UDP, DPC_TXC_L4T_TCP, DPC_TXC_L4T_SCTP };

/* ctx.mss_l4len_idx */
#define DPC_TXC_IDX			GENMASK(6, 4)
#define DPC_TXC_L4LEN			GENMASK(15, 8)
#define DPC_TXC_MSS			GENMASK(31, 16)

#endif /* DPCNIC_HW_DESC_H */
