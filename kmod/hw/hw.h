/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Intel 82576: registers, reset, PHY, NVM, interrupt routing. Knows no netdev.
 *
 * What ran where: all of this is exercised on QEMU's igb model only. The following QEMU does not
 * model, so it is written after the datasheet and never ran on silicon or anything else:
 *  - waiting: NVM auto-read, master disable, RXDCTL/TXDCTL.ENABLE, the SW/FW semaphores and MDIC
 *    all succeed at once there (auto-read never signals at all);
 *  - PAUSE frames and the FCRTL/FCRTH marks;
 *  - drop counts (RQDPC, RNBC, MPC) and all error counters: always 0 in QEMU;
 *  - descriptor prefetch and write-back thresholds;
 *  - MSI-X vectors 10 to 24;
 *  - signalling a wake-up (PME);
 *  - a missing device: reads give 0 there, not all-ones;
 *  - speeds and duplex other than 1000 full, links without negotiation (they never come up there),
 *    link partners without PAUSE;
 *  - broken packets, MAC control frames and the value of the CRC (DPCNIC_HW_RX_BAD, _RX_CRC);
 *  - time stamps of received packets but PTP's Sync over Ethernet, so FTQF, IMIR, SPQF;
 *  - CTRL.VME for packets that are sent: QEMU inserts tags without it, too;
 *  - SRRCTL.DROP_EN: QEMU always drops for a queue without descriptors.
 *
 * Locking: functions that read-modify-write CTRL or RCTL take @reg_lock; PHY and NVM access take
 * @sync_lock and sleep. Everything else is for the caller to serialise; "Context:" says what a
 * function may be called from.
 */
#ifndef DPCNIC_HW_HW_H
#define DPCNIC_HW_HW_H

#include <linux/bitfield.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/io.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "regs.h"

#define DPCNIC_HW_UC_MAX	(DPC_RAR_ENTRIES - 1)	/* entry 0 is the device's own address */
#define DPCNIC_HW_ITR_MAX	8191			/* microseconds */
#define DPCNIC_HW_FRAME_MAX	9728			/* bytes with CRC; 9.5 KB */

struct device;

/**
 * struct dpcnic_hw - one port of an 82576
 * @regs: BAR 0, mapped for as long as this structure is used. It is not taken away when the device
 *	is: a write to a missing device goes nowhere, and reads are told apart by @gone.
 * @dev: for log messages
 * @msix: interrupts are routed to several MSI-X vectors, otherwise there is one MSI or INTx
 * @gone: the device no longer answers: a read found so, or whoever knows better said so. Until
 *	dpcnic_hw_found() nothing is read from it, so nobody waits for it.
 * @func: LAN port, 0 or 1
 * @reg_lock: serialises read-modify-write of CTRL and RCTL
 * @sync_lock: serialises users of the PHY and the NVM; see SW_FW_SYNC
 */
struct dpcnic_hw {
	void __iomem *regs;
	struct device *dev;
	bool msix;
	bool gone;
	u8 func;
	spinlock_t reg_lock; /* RMW of CTRL, RCTL */
	struct mutex sync_lock; /* PHY, NVM */
};

u32 dpcnic_hw_check_gone(struct dpcnic_hw *hw, u32 reg);

/**
 * dpcnic_hw_gone() - has the device been removed or stopped answering?
 * @hw: the port
 *
 * Context: any.
 * Return: true once any read noticed, until dpcnic_hw_found().
 */
static inline bool dpcnic_hw_gone(const struct dpcnic_hw *hw)
{
	return READ_ONCE(hw->gone);
}

/**
 * dpcnic_hw_rd32() - read a register
 * @hw: the port
 * @reg: offset
 *
 * Context: any; waits for the device, so never on the packet or interrupt path.
 * Return: its value; all-ones when the device is gone.
 */
static inline u32 dpcnic_hw_rd32(struct dpcnic_hw *hw, u32 reg)
{
	u32 val;

	if (unlikely(dpcnic_hw_gone(hw)))
		return ~0U;
	val = readl(hw->regs + reg);
	return unlikely(val == ~0U) ? dpcnic_hw_check_gone(hw, reg) : val;
}

/**
 * dpcnic_hw_set_gone() - the device is known not to answer: read nothing from it any more
 * @hw: the port
 *
 * Says nothing, unlike a read that finds out.
 *
 * Context: any.
 */
static inline void dpcnic_hw_set_gone(struct dpcnic_hw *hw)
{
	WRITE_ONCE(hw->gone, true);
}

/**
 * dpcnic_hw_wr32() - write a register (posted)
 * @hw: the port
 * @reg: offset
 * @val: value
 *
 * Orders earlier writes to coherent memory before the register write, as writel() does.
 *
 * Context: any.
 */
static inline void dpcnic_hw_wr32(const struct dpcnic_hw *hw, u32 reg, u32 val)
{
	writel(val, hw->regs + reg);
}

/**
 * dpcnic_hw_rmw32() - change bits of a register
 * @hw: the port
 * @reg: offset
 * @clear: bits to clear
 * @set: bits to set, after that
 *
 * Not if the device is gone: should it answer again, all bits would be set.
 *
 * Context: any; whoever else changes other bits of it excluded.
 */
static inline void dpcnic_hw_rmw32(struct dpcnic_hw *hw, u32 reg, u32 clear, u32 set)
{
	u32 val = dpcnic_hw_rd32(hw, reg);

	if (!dpcnic_hw_gone(hw))
		dpcnic_hw_wr32(hw, reg, (val & ~clear) | set);
}

/**
 * dpcnic_hw_flush() - wait until posted writes have reached the device
 * @hw: the port
 *
 * Context: any; waits for the device.
 */
static inline void dpcnic_hw_flush(struct dpcnic_hw *hw)
{
	dpcnic_hw_rd32(hw, DPC_STATUS);
}

/* reset.c */
int dpcnic_hw_init(struct dpcnic_hw *hw, struct device *dev, void __iomem *regs);
int dpcnic_hw_found(struct dpcnic_hw *hw);
int dpcnic_hw_reset(struct dpcnic_hw *hw);
void dpcnic_hw_set_driver_loaded(struct dpcnic_hw *hw, bool loaded);

/* nvm.c */
int dpcnic_hw_read_nvm(struct dpcnic_hw *hw, u16 word, u16 *val);
unsigned int dpcnic_hw_nvm_words(struct dpcnic_hw *hw);
bool dpcnic_hw_nvm_checksum_ok(struct dpcnic_hw *hw);
void dpcnic_hw_read_mac(struct dpcnic_hw *hw, u8 addr[ETH_ALEN]);

/* phy.c */

/**
 * struct dpcnic_hw_link - the link, as last negotiated, or as it is without
 * @up: STATUS.LU; the rest is 0 when down
 * @full_duplex: STATUS.FD
 * @autoneg_done: the PHY completed autonegotiation, so the pause fields and @lp_advertising hold
 * @tx_pause: both sides agreed that this side may send PAUSE
 * @rx_pause: both sides agreed that this side obeys PAUSE
 * @speed: Mb/s
 * @lp_advertising: ADVERTISED_* (ethtool.h) of the link partner
 */
struct dpcnic_hw_link {
	bool up;
	bool full_duplex;
	bool autoneg_done;
	bool tx_pause;
	bool rx_pause;
	u32 speed;
	u32 lp_advertising;
};

/* The ADVERTISED_* modes that dpcnic_hw_start_link() understands; others are ignored */
#define DPCNIC_HW_SPEEDS (ADVERTISED_10baseT_Half | ADVERTISED_10baseT_Full |	\
			  ADVERTISED_100baseT_Half | ADVERTISED_100baseT_Full |	\
			  ADVERTISED_1000baseT_Full)
#define DPCNIC_HW_ADVERTISABLE (DPCNIC_HW_SPEEDS | ADVERTISED_Pause | ADVERTISED_Asym_Pause)

int dpcnic_hw_read_phy(struct dpcnic_hw *hw, u8 reg, u16 *val);
int dpcnic_hw_write_phy(struct dpcnic_hw *hw, u8 reg, u16 val);
int dpcnic_hw_reset_phy(struct dpcnic_hw *hw);

/* link.c */
int dpcnic_hw_start_link(struct dpcnic_hw *hw, u32 modes);
int dpcnic_hw_stop_link(struct dpcnic_hw *hw);
int dpcnic_hw_read_link(struct dpcnic_hw *hw, struct dpcnic_hw_link *link);
void dpcnic_hw_set_pause(struct dpcnic_hw *hw, bool tx, bool rx, u32 max_frame);

/* wake.c */
void dpcnic_hw_arm_wake(struct dpcnic_hw *hw, u32 filters);
void dpcnic_hw_set_leds(struct dpcnic_hw *hw, bool on);

/* test.c */
int dpcnic_hw_test_registers(struct dpcnic_hw *hw);
int dpcnic_hw_start_loopback(struct dpcnic_hw *hw);

/* dump.c */
#define DPCNIC_HW_DUMP_PHY	BIT(31)

/**
 * struct dpcnic_hw_dump - a register and its value
 * @reg: offset, or MII_* (mii.h) with DPCNIC_HW_DUMP_PHY
 * @val: its value
 */
struct dpcnic_hw_dump {
	u32 reg;
	u32 val;
};

unsigned int dpcnic_hw_dump_cnt(void);
void dpcnic_hw_dump(struct dpcnic_hw *hw, struct dpcnic_hw_dump *dump);

/* irq.c */
void dpcnic_hw_irq_setup(struct dpcnic_hw *hw, bool msix, unsigned int nvec);
void dpcnic_hw_irq_map_rx(struct dpcnic_hw *hw, unsigned int queue, unsigned int vector);
void dpcnic_hw_irq_map_tx(struct dpcnic_hw *hw, unsigned int queue, unsigned int vector);
void dpcnic_hw_irq_map_other(struct dpcnic_hw *hw, unsigned int vector);
void dpcnic_hw_irq_set_itr(struct dpcnic_hw *hw, unsigned int vector, unsigned int usecs);
void dpcnic_hw_irq_disable_all(struct dpcnic_hw *hw);

#define DPCNIC_HW_OTHER_CAUSES	(DPC_ICR_LSC | DPC_ICR_DOUTSYNC)
#define DPCNIC_HW_SINGLE_CAUSES	(DPCNIC_HW_OTHER_CAUSES | DPC_ICR_TXDW | DPC_ICR_RXDW)

/**
 * dpcnic_hw_irq_enable() - let vectors interrupt (8.8.5 EIMS; with one vector 8.8.10 IMS)
 * @hw: the port
 * @vectors: bit per vector; ignored unless @hw->msix
 *
 * A cause latched while its vector was disabled interrupts at once, so an event between the last
 * look at a ring and this write is not lost. One posted write.
 *
 * Context: any.
 */
static inline void dpcnic_hw_irq_enable(const struct dpcnic_hw *hw, u32 vectors)
{
	if (hw->msix)
		dpcnic_hw_wr32(hw, DPC_EIMS, vectors);
	else
		dpcnic_hw_wr32(hw, DPC_IMS, DPCNIC_HW_SINGLE_CAUSES);
}

/**
 * dpcnic_hw_irq_disable() - silence vectors (8.8.6 EIMC; with one vector 8.8.11 IMC)
 * @hw: the port
 * @vectors: bit per vector; ignored unless @hw->msix
 *
 * An interrupt may still be on its way: the write is posted, and QEMU delivers one that EITR
 * postponed even after this. One posted write.
 *
 * Context: any.
 */
static inline void dpcnic_hw_irq_disable(const struct dpcnic_hw *hw, u32 vectors)
{
	if (hw->msix)
		dpcnic_hw_wr32(hw, DPC_EIMC, vectors);
	else
		dpcnic_hw_wr32(hw, DPC_IMC, DPCNIC_HW_SINGLE_CAUSES);
}

/**
 * dpcnic_hw_irq_trigger() - make vectors interrupt from software (8.8.4 EICS; 8.8.9 ICS)
 * @hw: the port
 * @vectors: bit per vector; ignored unless @hw->msix
 *
 * On a disabled vector the cause stays latched in EICR ("the cause bit stores the interrupt event
 * regardless of the state of the mask bit", 7.3.3) and the interrupt fires on the later EIMS write.
 * QEMU does the same: EICS, EIMS and real events all pass igb_raise_interrupts(), which sends what
 * is newly set in EICR & EIMS. When the MSI-X message is sent, the vector's EICR bit is cleared
 * for the vectors in EIAC, which dpcnic_hw_irq_setup() makes all of them; without that, QEMU would
 * see no new edge and never interrupt a second time.
 *
 * Triggers that meet a still latched cause merge into one interrupt. With one vector the cause is
 * in ICR, and dpcnic_hw_other_cause() before the enable takes it back.
 *
 * Context: any. One posted write.
 */
static inline void dpcnic_hw_irq_trigger(const struct dpcnic_hw *hw, u32 vectors)
{
	if (hw->msix)
		dpcnic_hw_wr32(hw, DPC_EICS, vectors);
	else
		dpcnic_hw_wr32(hw, DPC_ICS, DPC_ICR_RXDW);
}

/**
 * dpcnic_hw_other_enable() - let link changes and DMA errors raise the "other" vector (8.8.10 IMS)
 * @hw: the port
 *
 * Not needed with one vector: dpcnic_hw_irq_enable() includes them there.
 *
 * Context: any. One posted write.
 */
static inline void dpcnic_hw_other_enable(const struct dpcnic_hw *hw)
{
	dpcnic_hw_wr32(hw, DPC_IMS, DPCNIC_HW_OTHER_CAUSES);
}

/**
 * dpcnic_hw_other_cause() - read and clear the causes behind the "other" vector (8.8.8 ICR)
 * @hw: the port
 *
 * Must be read before the vector is enabled again, or QEMU sees no new edge at the next cause.
 * With one vector this also takes back RXDW and TXDW: read it before looking at the rings.
 *
 * Whoever reads a cause owns it, for reading clears it even where the mask held it back. So the ISR
 * of a shared INTx line claims an interrupt with any of DPCNIC_HW_SINGLE_CAUSES, DPC_ICR_INTA or
 * not, and has to act on it: a cause latched while a DPC finished would be lost otherwise.
 *
 * Context: any; waits for the device.
 * Return: DPC_ICR_* bits, 0 when the device is gone.
 */
static inline u32 dpcnic_hw_other_cause(struct dpcnic_hw *hw)
{
	u32 cause = dpcnic_hw_rd32(hw, DPC_ICR);

	return dpcnic_hw_gone(hw) ? 0 : cause;
}

/* filter.c */

/**
 * struct dpcnic_hw_mta - multicast hash table in the making (8.10.16 MTA)
 * @words: what to write to MTA
 */
struct dpcnic_hw_mta {
	u32 words[DPC_MTA_WORDS];
};

/**
 * enum dpcnic_hw_rx_mode - receive more than the filters let through, or of every packet more
 * @DPCNIC_HW_RX_ALL_UNICAST: whomever it is addressed to
 * @DPCNIC_HW_RX_ALL_MULTICAST: the same for groups
 * @DPCNIC_HW_RX_ALL_VLANS: whatever VLAN it is of
 * @DPCNIC_HW_RX_BAD: broken, too long, too short, and MAC control frames other than PAUSE
 * @DPCNIC_HW_RX_CRC: with its CRC, which counts in the length
 */
enum dpcnic_hw_rx_mode {
	DPCNIC_HW_RX_ALL_UNICAST = BIT(0),
	DPCNIC_HW_RX_ALL_MULTICAST = BIT(1),
	DPCNIC_HW_RX_ALL_VLANS = BIT(2),
	DPCNIC_HW_RX_BAD = BIT(3),
	DPCNIC_HW_RX_CRC = BIT(4),
};

void dpcnic_hw_set_mac(struct dpcnic_hw *hw, const u8 addr[ETH_ALEN]);
int dpcnic_hw_set_unicast(struct dpcnic_hw *hw, const u8 addrs[][ETH_ALEN], unsigned int cnt);
void dpcnic_hw_mta_add(struct dpcnic_hw_mta *mta, const u8 addr[ETH_ALEN]);
void dpcnic_hw_set_multicast(struct dpcnic_hw *hw, const struct dpcnic_hw_mta *mta);
void dpcnic_hw_set_rx_mode(struct dpcnic_hw *hw, unsigned int mode);
void dpcnic_hw_set_vlans(struct dpcnic_hw *hw, unsigned int word, u32 vlans);
void dpcnic_hw_set_vlan_mode(struct dpcnic_hw *hw, bool on);

/* rss.c */

/* Hash types that DPCNIC_HW_RSS_* may be or-ed from; a packet of none of them goes to queue 0 */
enum dpcnic_hw_rss_types {
	DPCNIC_HW_RSS_IPV4 = BIT(0),
	DPCNIC_HW_RSS_TCP4 = BIT(1),
	DPCNIC_HW_RSS_UDP4 = BIT(2),
	DPCNIC_HW_RSS_IPV6 = BIT(3),
	DPCNIC_HW_RSS_TCP6 = BIT(4),
	DPCNIC_HW_RSS_UDP6 = BIT(5),
};

void dpcnic_hw_set_rss_key(struct dpcnic_hw *hw, const u8 key[DPC_RSSRK_BYTES]);
void dpcnic_hw_set_rss_table(struct dpcnic_hw *hw, const u8 table[DPC_RETA_ENTRIES]);
void dpcnic_hw_set_rss_types(struct dpcnic_hw *hw, unsigned int types);
void dpcnic_hw_set_rx_csum(struct dpcnic_hw *hw, bool on);

/* clock.c */

/* SYSTIM and stamps count units of 1 / (1 << DPCNIC_HW_CLOCK_SHIFT) ns */
#define DPCNIC_HW_CLOCK_SHIFT	19
#define DPCNIC_HW_CLOCK_RATE	(16U << DPCNIC_HW_CLOCK_SHIFT)	/* such units in 16 ns */
/* The most that its rate can be off: parts per thousand million, to either side */
#define DPCNIC_HW_CLOCK_PPB	999999880

/**
 * enum dpcnic_hw_stamps - which received packets get a stamp
 * @DPCNIC_HW_STAMP_NONE: none
 * @DPCNIC_HW_STAMP_V1_SYNC: PTP version 1, over UDP and IPv4: Sync
 * @DPCNIC_HW_STAMP_V1_DELAY_REQ: ... Delay_Req
 * @DPCNIC_HW_STAMP_V2_EVENT: PTP version 2, over Ethernet or UDP: all event messages. QEMU stamps
 *	Sync over Ethernet only.
 */
enum dpcnic_hw_stamps {
	DPCNIC_HW_STAMP_NONE,
	DPCNIC_HW_STAMP_V1_SYNC,
	DPCNIC_HW_STAMP_V1_DELAY_REQ,
	DPCNIC_HW_STAMP_V2_EVENT,
};

void dpcnic_hw_set_clock_rate(struct dpcnic_hw *hw, u32 rate);
u32 dpcnic_hw_latch_clock(struct dpcnic_hw *hw);
u64 dpcnic_hw_latched_clock(struct dpcnic_hw *hw, u32 low);
void dpcnic_hw_set_stamps(struct dpcnic_hw *hw, bool tx, enum dpcnic_hw_stamps rx);
bool dpcnic_hw_take_tx_stamp(struct dpcnic_hw *hw, u64 *stamp);
bool dpcnic_hw_take_rx_stamp(struct dpcnic_hw *hw, u64 *stamp);
bool dpcnic_hw_rx_stamp_waits(struct dpcnic_hw *hw);

/* queue.c */

/**
 * struct dpcnic_hw_rxq_cfg - what the device must know of a receive ring
 * @dma: DMA address of the descriptors, aligned to 128 bytes
 * @cnt: descriptors, a multiple of 8
 * @buf_size: bytes that may be written to each buffer, a multiple of 1024
 * @drop: without descriptors drop for this queue, rather than stall all queues
 */
struct dpcnic_hw_rxq_cfg {
	dma_addr_t dma;
	u32 cnt;
	u32 buf_size;
	bool drop;
};

int dpcnic_hw_enable_rxq(struct dpcnic_hw *hw, unsigned int queue,
			 const struct dpcnic_hw_rxq_cfg *cfg);
int dpcnic_hw_disable_rxq(struct dpcnic_hw *hw, unsigned int queue);
int dpcnic_hw_enable_txq(struct dpcnic_hw *hw, unsigned int queue, dma_addr_t dma, u32 cnt);
int dpcnic_hw_disable_txq(struct dpcnic_hw *hw, unsigned int queue);
int dpcnic_hw_disable_queues(struct dpcnic_hw *hw, unsigned int cnt);
void dpcnic_hw_enable_rx(struct dpcnic_hw *hw, u32 max_frame);
void dpcnic_hw_disable_rx(struct dpcnic_hw *hw);
void dpcnic_hw_enable_tx(struct dpcnic_hw *hw);
void dpcnic_hw_disable_tx(struct dpcnic_hw *hw);

/**
 * dpcnic_hw_set_rx_tail() - give receive descriptors up to, not including, @tail (8.10.7 RDT)
 * @hw: the port
 * @queue: receive queue, enabled
 * @tail: index
 *
 * Context: any. One posted write, ordered after the descriptors' writes.
 */
static inline void dpcnic_hw_set_rx_tail(const struct dpcnic_hw *hw, unsigned int queue, u32 tail)
{
	dpcnic_hw_wr32(hw, DPC_RDT(queue), tail);
}

/**
 * dpcnic_hw_set_tx_tail() - send the descriptors up to, not including, @tail (8.12.10 TDT)
 * @hw: the port
 * @queue: transmit queue, enabled
 * @tail: index
 *
 * Context: any. One posted write, ordered after the descriptors' writes.
 */
static inline void dpcnic_hw_set_tx_tail(const struct dpcnic_hw *hw, unsigned int queue, u32 tail)
{
	dpcnic_hw_wr32(hw, DPC_TDT(queue), tail);
}

/* stats.c */

/**
 * struct dpcnic_hw_stats - statistics (8.19), summed up since dpcnic_hw_stats_update() first ran
 * @crcerrs: packets received with a wrong CRC
 * @algnerrc: packets received with an alignment error (10/100)
 * @symerrs: symbol errors between reads
 * @rxerrc: packets received with RX_ER asserted
 * @mpc: packets missed: the receive packet buffer was full
 * @scc: single collisions
 * @ecol: excessive collisions
 * @mcc: multiple collisions
 * @latecol: late collisions
 * @colc: collisions
 * @dc: deferred transmissions
 * @tncrs: transmissions without carrier sense
 * @rlec: receive length errors
 * @xonrxc: XON received
 * @xontxc: XON sent
 * @xoffrxc: XOFF received
 * @xofftxc: XOFF sent
 * @fcruc: unsupported flow control frames received
 * @prc64: good packets received of 64 bytes with CRC
 * @prc127: ... of 65 to 127
 * @prc255: ... of 128 to 255
 * @prc511: ... of 256 to 511
 * @prc1023: ... of 512 to 1023
 * @prc1522: ... of 1024 to the maximum
 * @gprc: good packets received
 * @bprc: broadcast packets received
 * @mprc: multicast packets received
 * @gptc: good packets sent
 * @gorc: good octets received, with CRC
 * @gotc: good octets sent, with CRC
 * @rnbc: packets received while their queue had no descriptor
 * @ruc: undersized packets received
 * @rfc: fragments received
 * @roc: oversized packets received
 * @rjc: jabber received
 * @mgtprc: management packets received
 * @mgtpdc: management packets dropped
 * @mgtptc: management packets sent
 * @tor: octets received, good and bad
 * @tot: octets sent, good and bad
 * @tpr: packets received, good and bad
 * @tpt: packets sent, good and bad
 * @ptc64: packets sent of 64 bytes with CRC
 * @ptc127: ... of 65 to 127
 * @ptc255: ... of 128 to 255
 * @ptc511: ... of 256 to 511
 * @ptc1023: ... of 512 to 1023
 * @ptc1522: ... of 1024 and more
 * @mptc: multicast packets sent
 * @bptc: broadcast packets sent
 * @tsctc: segmentations (TSE) sent
 * @rqdpc: per receive queue: packets dropped for want of a descriptor (with SRRCTL.DROP_EN). The
 *	register is 12 bits and sticks at 4095: update often enough.
 */
struct dpcnic_hw_stats {
	u64 crcerrs;
	u64 algnerrc;
	u64 symerrs;
	u64 rxerrc;
	u64 mpc;
	u64 scc;
	u64 ecol;
	u64 mcc;
	u64 latecol;
	u64 colc;
	u64 dc;
	u64 tncrs;
	u64 rlec;
	u64 xonrxc;
	u64 xontxc;
	u64 xoffrxc;
	u64 xofftxc;
	u64 fcruc;
	u64 prc64;
	u64 prc127;
	u64 prc255;
	u64 prc511;
	u64 prc1023;
	u64 prc1522;
	u64 gprc;
	u64 bprc;
	u64 mprc;
	u64 gptc;
	u64 gorc;
	u64 gotc;
	u64 rnbc;
	u64 ruc;
	u64 rfc;
	u64 roc;
	u64 rjc;
	u64 mgtprc;
	u64 mgtpdc;
	u64 mgtptc;
	u64 tor;
	u64 tot;
	u64 tpr;
	u64 tpt;
	u64 ptc64;
	u64 ptc127;
	u64 ptc255;
	u64 ptc511;
	u64 ptc1023;
	u64 ptc1522;
	u64 mptc;
	u64 bptc;
	u64 tsctc;
	u64 rqdpc[DPC_QUEUES];
};

void dpcnic_hw_stats_update(struct dpcnic_hw *hw, struct dpcnic_hw_stats *stats);

#endif /* DPCNIC_HW_HW_H */
