// SPDX-License-Identifier: GPL-2.0
/* Registers for ethtool -d: all that tell a state, and none that reading changes. */

#include <linux/mii.h>

#include "internal.h"

#define DPC_RANGE(first, next, cnt)	{ first, (next) - (first), cnt }
#define DPC_ONE(reg)			{ reg, 0, 1 }
#define DPC_EACH_QUEUE(reg)		DPC_RANGE(reg(0), reg(1), DPC_QUEUES)

/* Not here: statistics, ICR, EICR (reading clears), and SWSM (reading takes it). */
static const struct {
	u32 first;
	u16 step;
	u16 cnt;
} dpcnic_hw_dump_ranges[] = {
	DPC_ONE(DPC_CTRL),
	DPC_ONE(DPC_STATUS),
	DPC_ONE(DPC_CTRL_EXT),
	DPC_ONE(DPC_EECD),
	DPC_ONE(DPC_LEDCTL),
	DPC_ONE(DPC_MANC),
	DPC_ONE(DPC_FWSM),
	DPC_ONE(DPC_SW_FW_SYNC),
	DPC_ONE(DPC_FCAL),
	DPC_ONE(DPC_FCAH),
	DPC_ONE(DPC_FCT),
	DPC_ONE(DPC_FCTTV),
	DPC_ONE(DPC_FCRTL),
	DPC_ONE(DPC_FCRTH),
	DPC_ONE(DPC_RXPBS),
	DPC_ONE(DPC_TXPBS),
	DPC_ONE(DPC_WUC),
	DPC_ONE(DPC_WUFC),
	DPC_ONE(DPC_IMS),
	DPC_ONE(DPC_GPIE),
	DPC_ONE(DPC_EIMS),
	DPC_ONE(DPC_EIAC),
	DPC_ONE(DPC_EIAM),
	DPC_RANGE(DPC_EITR(0), DPC_EITR(1), DPC_VECTORS),
	DPC_RANGE(DPC_IVAR(0), DPC_IVAR(1), DPC_IVAR_WORDS),
	DPC_ONE(DPC_IVAR_MISC),
	DPC_ONE(DPC_RCTL),
	DPC_ONE(DPC_RXCSUM),
	DPC_ONE(DPC_RLPML),
	DPC_ONE(DPC_RFCTL),
	DPC_ONE(DPC_MRQC),
	DPC_RANGE(DPC_RETA(0), DPC_RETA(1), DPC_RETA_ENTRIES / 4),
	DPC_ONE(DPC_TCTL),
	DPC_ONE(DPC_TCTL_EXT),
	DPC_ONE(DPC_TIPG),
	DPC_ONE(DPC_DTXCTL),
	DPC_RANGE(DPC_RAL(0), DPC_RAL(1), 16),
	DPC_RANGE(DPC_RAH(0), DPC_RAH(1), 16),
	DPC_RANGE(DPC_RAL(16), DPC_RAL(17), DPC_RAR_ENTRIES - 16),
	DPC_RANGE(DPC_RAH(16), DPC_RAH(17), DPC_RAR_ENTRIES - 16),
	DPC_EACH_QUEUE(DPC_RDBAL),
	DPC_EACH_QUEUE(DPC_RDBAH),
	DPC_EACH_QUEUE(DPC_RDLEN),
	DPC_EACH_QUEUE(DPC_SRRCTL),
	DPC_EACH_QUEUE(DPC_RDH),
	DPC_EACH_QUEUE(DPC_RDT),
	DPC_EACH_QUEUE(DPC_RXDCTL),
	DPC_EACH_QUEUE(DPC_TDBAL),
	DPC_EACH_QUEUE(DPC_TDBAH),
	DPC_EACH_QUEUE(DPC_TDLEN),
	DPC_EACH_QUEUE(DPC_TDH),
	DPC_EACH_QUEUE(DPC_TDT),
	DPC_EACH_QUEUE(DPC_TXDCTL),
};

static const u8 dpcnic_hw_dump_phy[] = {
	MII_BMCR, MII_BMSR, MII_PHYSID1, MII_PHYSID2, MII_ADVERTISE, MII_LPA, MII_EXPANSION,
	MII_CTRL1000, MII_STAT1000, MII_ESTATUS,
};

/**
 * dpcnic_hw_dump_cnt() - how many registers dpcnic_hw_dump() reads
 *
 * Return: that.
 */
unsigned int dpcnic_hw_dump_cnt(void)
{
	unsigned int i, cnt = ARRAY_SIZE(dpcnic_hw_dump_phy);

	for (i = 0; i < ARRAY_SIZE(dpcnic_hw_dump_ranges); i++)
		cnt += dpcnic_hw_dump_ranges[i].cnt;
	return cnt;
}

/**
 * dpcnic_hw_dump() - read the registers that tell the device's state
 * @hw: the port
 * @dump: room for dpcnic_hw_dump_cnt()
 *
 * Context: process.
 */
void dpcnic_hw_dump(struct dpcnic_hw *hw, struct dpcnic_hw_dump *dump)
{
	unsigned int i, n;
	u16 val;

	for (i = 0; i < ARRAY_SIZE(dpcnic_hw_dump_ranges); i++)
		for (n = 0; n < dpcnic_hw_dump_ranges[i].cnt; n++, dump++) {
			dump->reg = dpcnic_hw_dump_ranges[i].first +
				    n * dpcnic_hw_dump_ranges[i].step;
			dump->val = dpcnic_hw_rd32(hw, dump->reg);
		}
	for (i = 0; i < ARRAY_SIZE(dpcnic_hw_dump_phy); i++, dump++) {
		dump->reg = DPCNIC_HW_DUMP_PHY | dpcnic_hw_dump_phy[i];
		dump->val = dpcnic_hw_read_phy(hw, dpcnic_hw_dump_phy[i], &val) ? ~0U : val;
	}
}
