// SPDX-License-Identifier: GPL-2.0
/* Which packets are received (datasheet 7.1.1 filtering, 8.10.15 to 8.10.20). */

#include <linux/unaligned.h>

#include "internal.h"

/*
 * Write an exact filter, or clear it. It is off in between, so no mix of old and new matches; and
 * one that stays is left alone, or its packets would be lost. The flush keeps bridges from
 * combining the neighbours into one burst, which the device cannot take.
 */
static void dpcnic_hw_write_rar(struct dpcnic_hw *hw, unsigned int idx, const u8 *addr)
{
	u32 low = addr ? get_unaligned_le32(addr) : 0;
	u32 high = addr ? get_unaligned_le16(addr + 4) | DPC_RAH_AV : 0;

	if (dpcnic_hw_rd32(hw, DPC_RAH(idx)) == high &&
	    (!addr || dpcnic_hw_rd32(hw, DPC_RAL(idx)) == low))
		return;
	dpcnic_hw_wr32(hw, DPC_RAH(idx), 0);
	if (!addr)
		return;
	dpcnic_hw_wr32(hw, DPC_RAL(idx), low);
	dpcnic_hw_flush(hw);
	dpcnic_hw_wr32(hw, DPC_RAH(idx), high);
}

/* Reset leaves the tables as they are (4.5.9): all but the own address must go. */
void dpcnic_hw_clear_filters(struct dpcnic_hw *hw)
{
	unsigned int i;

	for (i = 1; i < DPC_RAR_ENTRIES; i++)
		dpcnic_hw_write_rar(hw, i, NULL);
	for (i = 0; i < DPC_MTA_WORDS; i++) {
		dpcnic_hw_wr32(hw, DPC_MTA(i), 0);
		dpcnic_hw_wr32(hw, DPC_UTA(i), 0);
	}
	for (i = 0; i < DPC_VFTA_WORDS; i++)
		dpcnic_hw_wr32(hw, DPC_VFTA(i), 0);
}

/**
 * dpcnic_hw_set_mac() - the port's own address (8.10.19 RAL, 8.10.20 RAH)
 * @hw: the port
 * @addr: unicast address; reset brings back the NVM's
 *
 * Context: any; not together with dpcnic_hw_set_unicast().
 */
void dpcnic_hw_set_mac(struct dpcnic_hw *hw, const u8 addr[ETH_ALEN])
{
	dpcnic_hw_write_rar(hw, 0, addr);
}

/**
 * dpcnic_hw_set_unicast() - the further unicast addresses to receive, in place of all earlier ones
 * @hw: the port
 * @addrs: addresses; not looked at if there are too many
 * @cnt: how many
 *
 * Context: any; not together with itself or dpcnic_hw_set_mac().
 * Return: 0; -ENOSPC, with nothing changed, for more than DPCNIC_HW_UC_MAX: receive all unicast
 * instead (DPCNIC_HW_RX_ALL_UNICAST).
 */
int dpcnic_hw_set_unicast(struct dpcnic_hw *hw, const u8 addrs[][ETH_ALEN], unsigned int cnt)
{
	unsigned int i;

	if (cnt > DPCNIC_HW_UC_MAX)
		return -ENOSPC;

	for (i = 0; i < DPCNIC_HW_UC_MAX; i++)
		dpcnic_hw_write_rar(hw, i + 1, i < cnt ? addrs[i] : NULL);
	return 0;
}

/**
 * dpcnic_hw_mta_add() - add a multicast address to a table (7.1.1.1.4, 8.10.16 MTA)
 * @mta: table, zeroed to begin with
 * @addr: multicast address
 *
 * With RCTL.MO = 0 the upper 12 bits of the address, as it is sent last byte first, index a bit.
 *
 * Context: any.
 */
void dpcnic_hw_mta_add(struct dpcnic_hw_mta *mta, const u8 addr[ETH_ALEN])
{
	unsigned int bit = get_unaligned_le16(addr + 4) >> 4;

	mta->words[bit / 32] |= BIT(bit % 32);
}

/**
 * dpcnic_hw_set_multicast() - the multicast addresses to receive, in place of all earlier ones
 * @hw: the port
 * @mta: table; addresses of equal hash come along, so the stack still has to look
 *
 * Context: any; not together with itself.
 */
void dpcnic_hw_set_multicast(struct dpcnic_hw *hw, const struct dpcnic_hw_mta *mta)
{
	unsigned int i;

	/* Downwards, so that bridges find nothing to combine. */
	for (i = DPC_MTA_WORDS; i-- > 0;)
		dpcnic_hw_wr32(hw, DPC_MTA(i), mta->words[i]);
}

/**
 * dpcnic_hw_set_vlans() - which of 32 VLANs to receive (7.1.1.3, 8.10.18 VFTA)
 * @hw: the port
 * @word: the first of them, divided by 32
 * @vlans: a bit each
 *
 * Packets without a tag are always received; without DPCNIC_HW_RX_ALL_VLANS only that counts.
 *
 * Context: any; not together with itself.
 */
void dpcnic_hw_set_vlans(struct dpcnic_hw *hw, unsigned int word, u32 vlans)
{
	dpcnic_hw_wr32(hw, DPC_VFTA(word), vlans);
}

/**
 * dpcnic_hw_set_rx_mode() - receive beyond the filters (8.10.1 RCTL)
 * @hw: the port
 * @mode: DPCNIC_HW_RX_* bits; the first three for promiscuous mode
 *
 * Reset turns all off but DPCNIC_HW_RX_ALL_VLANS and DPCNIC_HW_RX_CRC, so this is due before
 * dpcnic_hw_enable_rx(). QEMU knows no broken packets but those too long; as CRC it has zeros.
 *
 * Context: any but hard IRQ.
 */
void dpcnic_hw_set_rx_mode(struct dpcnic_hw *hw, unsigned int mode)
{
	const u32 all = DPC_RCTL_SBP | DPC_RCTL_UPE | DPC_RCTL_MPE | DPC_RCTL_VFE | DPC_RCTL_PMCF |
			DPC_RCTL_SECRC;
	u32 set = 0;

	if (mode & DPCNIC_HW_RX_ALL_UNICAST)
		set |= DPC_RCTL_UPE;
	if (mode & DPCNIC_HW_RX_ALL_MULTICAST)
		set |= DPC_RCTL_MPE;
	if (!(mode & DPCNIC_HW_RX_ALL_VLANS))
		set |= DPC_RCTL_VFE;
	if (mode & DPCNIC_HW_RX_BAD)
		set |= DPC_RCTL_SBP | DPC_RCTL_PMCF;
	if (!(mode & DPCNIC_HW_RX_CRC))
		set |= DPC_RCTL_SECRC;
	dpcnic_hw_update_rctl(hw, all, set);
}

/**
 * dpcnic_hw_set_vlan_mode() - move VLAN tags from packets into descriptors, and back (7.4, 8.2.1)
 * @hw: the port
 * @on: do so: with those of all packets received, and those of packets sent with DPC_TXD_VLE. Off,
 *	such packets are sent without a tag; by QEMU they are not.
 *
 * Reset turns it off. When this returns the device does as told.
 *
 * Context: any but hard IRQ.
 */
void dpcnic_hw_set_vlan_mode(struct dpcnic_hw *hw, bool on)
{
	dpcnic_hw_update_ctrl(hw, DPC_CTRL_VME, on ? DPC_CTRL_VME : 0);
	dpcnic_hw_flush(hw);
}
