// SPDX-License-Identifier: GPL-2.0
/* Statistics (datasheet 8.19). */

#include "internal.h"

#define DPC_STAT(reg, field) { DPC_##reg, offsetof(struct dpcnic_hw_stats, field) }

static const struct {
	u16 reg;
	u16 offset;
} dpcnic_hw_stats32[] = {
	DPC_STAT(CRCERRS, crcerrs),
	DPC_STAT(ALGNERRC, algnerrc),
	DPC_STAT(SYMERRS, symerrs),
	DPC_STAT(RXERRC, rxerrc),
	DPC_STAT(MPC, mpc),
	DPC_STAT(SCC, scc),
	DPC_STAT(ECOL, ecol),
	DPC_STAT(MCC, mcc),
	DPC_STAT(LATECOL, latecol),
	DPC_STAT(COLC, colc),
	DPC_STAT(DC, dc),
	DPC_STAT(TNCRS, tncrs),
	DPC_STAT(RLEC, rlec),
	DPC_STAT(XONRXC, xonrxc),
	DPC_STAT(XONTXC, xontxc),
	DPC_STAT(XOFFRXC, xoffrxc),
	DPC_STAT(XOFFTXC, xofftxc),
	DPC_STAT(FCRUC, fcruc),
	DPC_STAT(PRC64, prc64),
	DPC_STAT(PRC127, prc127),
	DPC_STAT(PRC255, prc255),
	DPC_STAT(PRC511, prc511),
	DPC_STAT(PRC1023, prc1023),
	DPC_STAT(PRC1522, prc1522),
	DPC_STAT(GPRC, gprc),
	DPC_STAT(BPRC, bprc),
	DPC_STAT(MPRC, mprc),
	DPC_STAT(GPTC, gptc),
	DPC_STAT(RNBC, rnbc),
	DPC_STAT(RUC, ruc),
	DPC_STAT(RFC, rfc),
	DPC_STAT(ROC, roc),
	DPC_STAT(RJC, rjc),
	DPC_STAT(MGTPRC, mgtprc),
	DPC_STAT(MGTPDC, mgtpdc),
	DPC_STAT(MGTPTC, mgtptc),
	DPC_STAT(TPR, tpr),
	DPC_STAT(TPT, tpt),
	DPC_STAT(PTC64, ptc64),
	DPC_STAT(PTC127, ptc127),
	DPC_STAT(PTC255, ptc255),
	DPC_STAT(PTC511, ptc511),
	DPC_STAT(PTC1023, ptc1023),
	DPC_STAT(PTC1522, ptc1522),
	DPC_STAT(MPTC, mptc),
	DPC_STAT(BPTC, bptc),
	DPC_STAT(TSCTC, tsctc),
};

static void dpcnic_hw_add32(struct dpcnic_hw *hw, u32 reg, u32 mask, u64 *sum)
{
	u32 val = dpcnic_hw_rd32(hw, reg);

	if (!dpcnic_hw_gone(hw))
		*sum += val & mask;
}

/* Low word first: reading the high word clears both (8.19). */
static void dpcnic_hw_add64(struct dpcnic_hw *hw, u32 reg, u64 *sum)
{
	u64 val = dpcnic_hw_rd32(hw, reg);

	val |= (u64)dpcnic_hw_rd32(hw, reg + 4) << 32;
	if (!dpcnic_hw_gone(hw))
		*sum += val;
}

/**
 * dpcnic_hw_stats_update() - add what the device counted since the last time
 * @hw: the port
 * @stats: sums; the caller's lock is held
 *
 * Reading clears, so each count is added once. Octet counters are 64 bits wide and the others stick
 * at their maximum: every two seconds is often enough for all but @stats->rqdpc, which holds 4095.
 * The first update after taking over the device also has what was counted before.
 *
 * In QEMU, gprc and gptc count packets that really reached a ring or left one, a TSE packet as one;
 * packets that found no descriptor are counted nowhere, and the prc* classes leave out the CRC
 * (because of RCTL.SECRC), so the shortest packets are in none.
 *
 * Context: any; waits for the device 70 times, so not on the packet path.
 */
void dpcnic_hw_stats_update(struct dpcnic_hw *hw, struct dpcnic_hw_stats *stats)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dpcnic_hw_stats32); i++)
		dpcnic_hw_add32(hw, dpcnic_hw_stats32[i].reg, ~0U,
				(u64 *)((u8 *)stats + dpcnic_hw_stats32[i].offset));

	dpcnic_hw_add64(hw, DPC_GORCL, &stats->gorc);
	dpcnic_hw_add64(hw, DPC_GOTCL, &stats->gotc);
	dpcnic_hw_add64(hw, DPC_TORL, &stats->tor);
	dpcnic_hw_add64(hw, DPC_TOTL, &stats->tot);

	for (i = 0; i < DPC_QUEUES; i++)
		dpcnic_hw_add32(hw, DPC_RQDPC(i), DPC_RQDPC_COUNT, &stats->rqdpc[i]);
}
