// SPDX-License-Identifier: GPL-2.0
/* Receive side scaling and checksum offload (datasheet 7.1.1.7 RSS, 7.1.7 checksum). */

#include <linux/unaligned.h>

#include "internal.h"

/**
 * dpcnic_hw_set_rss_key() - the Toeplitz key (8.10.14 RSSRK)
 * @hw: the port
 * @key: first byte first
 *
 * Packets received meanwhile may be hashed with a mix of old and new key.
 *
 * Context: any.
 */
void dpcnic_hw_set_rss_key(struct dpcnic_hw *hw, const u8 key[DPC_RSSRK_BYTES])
{
	unsigned int i;

	for (i = 0; i < DPC_RSSRK_BYTES / 4; i++)
		dpcnic_hw_wr32(hw, DPC_RSSRK(i), get_unaligned_le32(key + 4 * i));
}

/**
 * dpcnic_hw_set_rss_table() - the indirection table (8.10.13 RETA)
 * @hw: the port
 * @table: queue for each value of the hash's low 7 bits
 *
 * Context: any. May be changed under traffic: each packet goes where some entry pointed.
 */
void dpcnic_hw_set_rss_table(struct dpcnic_hw *hw, const u8 table[DPC_RETA_ENTRIES])
{
	unsigned int i;

	for (i = 0; i < DPC_RETA_ENTRIES / 4; i++)
		dpcnic_hw_wr32(hw, DPC_RETA(i), get_unaligned_le32(table + 4 * i));
}

/**
 * dpcnic_hw_set_rss_types() - what to hash; turns RSS on or, with nothing to hash, off (8.10.12)
 * @hw: the port, with dpcnic_hw_set_rx_csum() called: no hash without RXCSUM.PCSD
 * @types: DPCNIC_HW_RSS_* bits
 *
 * A packet gets the first that fits: TCP or UDP, else IP. Fragments are hashed as IP. QEMU knows
 * TCP over IPv6 by DPC_MRQC_TCPIPV6EX only, which equals DPC_MRQC_TCPIPV6 but for packets with a
 * home address option or a routing header.
 *
 * Context: any.
 */
void dpcnic_hw_set_rss_types(struct dpcnic_hw *hw, unsigned int types)
{
	u32 mrqc = 0;

	if (types & DPCNIC_HW_RSS_IPV4)
		mrqc |= DPC_MRQC_IPV4;
	if (types & DPCNIC_HW_RSS_TCP4)
		mrqc |= DPC_MRQC_TCPIPV4;
	if (types & DPCNIC_HW_RSS_UDP4)
		mrqc |= DPC_MRQC_UDPIPV4;
	if (types & DPCNIC_HW_RSS_IPV6)
		mrqc |= DPC_MRQC_IPV6;
	if (types & DPCNIC_HW_RSS_TCP6)
		mrqc |= DPC_MRQC_TCPIPV6 | DPC_MRQC_TCPIPV6EX;
	if (types & DPCNIC_HW_RSS_UDP6)
		mrqc |= DPC_MRQC_UDPIPV6;
	if (mrqc)
		mrqc |= FIELD_PREP(DPC_MRQC_ENABLE, DPC_MRQC_ENABLE_RSS);
	dpcnic_hw_wr32(hw, DPC_MRQC, mrqc);
}

/**
 * dpcnic_hw_set_rx_csum() - look at checksums of received packets (8.10.11 RXCSUM)
 * @hw: the port
 * @on: IPv4, TCP and UDP checksums are checked; DPC_RXD_STAT_IPCS etc. tell which were
 *
 * Always has the descriptor carry the RSS hash rather than a packet checksum (PCSD).
 *
 * Context: any.
 */
void dpcnic_hw_set_rx_csum(struct dpcnic_hw *hw, bool on)
{
	u32 val = DPC_RXCSUM_PCSD;

	if (on)
		val |= DPC_RXCSUM_IPOFLD | DPC_RXCSUM_TUOFLD;
	dpcnic_hw_wr32(hw, DPC_RXCSUM, val);
}
