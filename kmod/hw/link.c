// SPDX-License-Identifier: GPL-2.0
/* Link and flow control (datasheet 4.5.7 link setup, 3.5.5 flow control). */

#include <linux/mii.h>

#include "internal.h"

/* PAUSE frames are sent to 01:80:c2:00:00:01 with EtherType 0x8808 (IEEE 802.3 annex 31B). */
#define DPC_PAUSE_ADDR_LOW	0x00c28001
#define DPC_PAUSE_ADDR_HIGH	0x00000100
#define DPC_PAUSE_TYPE		0x00008808
#define DPC_PAUSE_TIME		0xffff	/* in 512 bit times; the receiver resumes at XON */

/* PHY port control: which pair is which */
#define DPC_PHY_PORT_CTRL	18
#define DPC_PHY_AUTO_MDIX	BIT(12)	/* found out */
#define DPC_PHY_MDIX		BIT(13)	/* else: crossed */

/**
 * dpcnic_hw_stop_link() - disconnect the MAC and power the PHY down
 * @hw: the port
 *
 * Leaves the link alone when the management firmware uses it. QEMU keeps its link up regardless.
 *
 * Context: process.
 * Return: 0, or as dpcnic_hw_read_phy().
 */
int dpcnic_hw_stop_link(struct dpcnic_hw *hw)
{
	u16 bmcr;
	int err;

	if (dpcnic_hw_rd32(hw, DPC_MANC) & DPC_MANC_BLK_PHY_RST)
		return dpcnic_hw_gone(hw) ? -ENODEV : 0;

	dpcnic_hw_update_ctrl(hw, DPC_CTRL_SLU, 0);
	err = dpcnic_hw_read_phy(hw, MII_BMCR, &bmcr);
	if (err)
		return err;
	return dpcnic_hw_write_phy(hw, MII_BMCR, bmcr | BMCR_PDOWN);
}

static int dpcnic_hw_set_auto_mdix(struct dpcnic_hw *hw, bool on)
{
	u16 val;
	int err;

	err = dpcnic_hw_read_phy(hw, DPC_PHY_PORT_CTRL, &val);
	if (err)
		return err;
	val &= ~(DPC_PHY_AUTO_MDIX | DPC_PHY_MDIX);
	if (on)
		val |= DPC_PHY_AUTO_MDIX;
	return dpcnic_hw_write_phy(hw, DPC_PHY_PORT_CTRL, val);
}

/* Power the PHY up, set what it offers and (re)start negotiation. */
static int dpcnic_hw_negotiate(struct dpcnic_hw *hw, u32 advertising)
{
	u16 bmcr, ctrl1000;
	int err;

	dpcnic_hw_update_ctrl(hw, DPC_CTRL_FRCSPD | DPC_CTRL_FRCDPX, DPC_CTRL_SLU);
	err = dpcnic_hw_set_auto_mdix(hw, true);
	if (err)
		return err;

	err = dpcnic_hw_write_phy(hw, MII_ADVERTISE,
				  ADVERTISE_CSMA | ethtool_adv_to_mii_adv_t(advertising));
	if (err)
		return err;

	/* The rest of the register is master/slave selection: as the NVM has it. */
	err = dpcnic_hw_read_phy(hw, MII_CTRL1000, &ctrl1000);
	if (err)
		return err;
	ctrl1000 &= ~(ADVERTISE_1000FULL | ADVERTISE_1000HALF);
	ctrl1000 |= ethtool_adv_to_mii_ctrl1000_t(advertising);
	err = dpcnic_hw_write_phy(hw, MII_CTRL1000, ctrl1000);
	if (err)
		return err;

	err = dpcnic_hw_read_phy(hw, MII_BMCR, &bmcr);
	if (err)
		return err;
	bmcr &= ~(BMCR_PDOWN | BMCR_ISOLATE | BMCR_LOOPBACK);
	bmcr |= BMCR_ANENABLE | BMCR_ANRESTART;
	return dpcnic_hw_write_phy(hw, MII_BMCR, bmcr);
}

/* MAC and PHY do not ask each other then, nor the PHY its partner; nor is crossing found out. */
static int dpcnic_hw_force(struct dpcnic_hw *hw, u32 mode)
{
	bool full = mode & (ADVERTISED_10baseT_Full | ADVERTISED_100baseT_Full);
	bool fast = mode & (ADVERTISED_100baseT_Half | ADVERTISED_100baseT_Full);
	int err;

	dpcnic_hw_update_ctrl(hw, DPC_CTRL_SPEED | DPC_CTRL_FD,
			      DPC_CTRL_SLU | DPC_CTRL_FRCSPD | DPC_CTRL_FRCDPX |
			      (full ? DPC_CTRL_FD : 0) |
			      FIELD_PREP(DPC_CTRL_SPEED,
					 fast ? DPC_STATUS_SPEED_100 : DPC_STATUS_SPEED_10));
	err = dpcnic_hw_set_auto_mdix(hw, false);
	if (err)
		return err;
	return dpcnic_hw_write_phy(hw, MII_BMCR, (fast ? BMCR_SPEED100 : 0) |
						 (full ? BMCR_FULLDPLX : 0));
}

/**
 * dpcnic_hw_start_link() - connect MAC and PHY, and have a link (4.5.7)
 * @hw: the port
 * @modes: ADVERTISED_* (ethtool.h) out of DPCNIC_HW_ADVERTISABLE. With ADVERTISED_Autoneg what the
 *	partner is offered, else the one mode of 10 or 100 Mb/s that the link is to have, whatever
 *	the partner has: 1000BASE-T cannot do without negotiation.
 *
 * Returns at once; a link raises DPC_ICR_LSC seconds later (QEMU: 500 ms after negotiation began,
 * and not at all without; a link that it had stays). A present link drops.
 *
 * Context: process.
 * Return: 0, or as dpcnic_hw_read_phy().
 */
int dpcnic_hw_start_link(struct dpcnic_hw *hw, u32 modes)
{
	if (modes & ADVERTISED_Autoneg)
		return dpcnic_hw_negotiate(hw, modes & DPCNIC_HW_ADVERTISABLE);
	return dpcnic_hw_force(hw, modes);
}

/* What autonegotiation agreed on (IEEE 802.3 28.2.4, 28B.3 for PAUSE). */
static int dpcnic_hw_read_partner(struct dpcnic_hw *hw, struct dpcnic_hw_link *link)
{
	u16 adv, lpa, stat1000;
	u8 pause;
	int err;

	err = dpcnic_hw_read_phy(hw, MII_ADVERTISE, &adv);
	if (err)
		return err;
	err = dpcnic_hw_read_phy(hw, MII_LPA, &lpa);
	if (err)
		return err;
	err = dpcnic_hw_read_phy(hw, MII_STAT1000, &stat1000);
	if (err)
		return err;

	link->lp_advertising = mii_lpa_to_ethtool_lpa_t(lpa) |
			       mii_stat1000_to_ethtool_lpa_t(stat1000);
	if (link->full_duplex) {
		pause = mii_resolve_flowctrl_fdx(adv, lpa);
		link->tx_pause = pause & FLOW_CTRL_TX;
		link->rx_pause = pause & FLOW_CTRL_RX;
	}
	return 0;
}

/**
 * dpcnic_hw_read_link() - is there a link, and which (8.2.2 STATUS, PHY registers)?
 * @hw: the port
 * @link: filled in
 *
 * Context: process.
 * Return: 0, or as dpcnic_hw_read_phy(), with @link->up and what STATUS tells valid in any case.
 */
int dpcnic_hw_read_link(struct dpcnic_hw *hw, struct dpcnic_hw_link *link)
{
	u32 status = dpcnic_hw_rd32(hw, DPC_STATUS);
	u16 bmsr;
	int err;

	*link = (struct dpcnic_hw_link) {};
	if (dpcnic_hw_gone(hw))
		return -ENODEV;
	if (!(status & DPC_STATUS_LU))
		return 0;

	link->up = true;
	link->full_duplex = status & DPC_STATUS_FD;
	switch (FIELD_GET(DPC_STATUS_SPEED, status)) {
	case DPC_STATUS_SPEED_10:
		link->speed = 10;
		break;
	case DPC_STATUS_SPEED_100:
		link->speed = 100;
		break;
	default:
		link->speed = 1000;
		break;
	}

	/* QEMU's PHY says for ever that it is done */
	if (dpcnic_hw_rd32(hw, DPC_CTRL) & DPC_CTRL_FRCSPD)
		return 0;
	err = dpcnic_hw_read_phy(hw, MII_BMSR, &bmsr);
	if (err || !(bmsr & BMSR_ANEGCOMPLETE))
		return err;

	link->autoneg_done = true;
	return dpcnic_hw_read_partner(hw, link);
}

/**
 * dpcnic_hw_set_pause() - flow control of the present link (3.5.5, 8.5)
 * @hw: the port
 * @tx: send PAUSE when the receive packet buffer fills up
 * @rx: obey PAUSE
 * @max_frame: longest frame received, in bytes with CRC: two must fit above the high mark
 *
 * To be called with what dpcnic_hw_read_link() found each time a link comes up. QEMU turns both on
 * by itself when autonegotiation ends, to no effect.
 *
 * Context: process or softirq.
 */
void dpcnic_hw_set_pause(struct dpcnic_hw *hw, bool tx, bool rx, u32 max_frame)
{
	u32 size = FIELD_GET(DPC_RXPBS_KB, dpcnic_hw_rd32(hw, DPC_RXPBS)) * 1024;
	u32 high = min(size * 9 / 10, size - 2 * max_frame) & DPC_FCRTH_RTH;

	dpcnic_hw_wr32(hw, DPC_FCAL, DPC_PAUSE_ADDR_LOW);
	dpcnic_hw_wr32(hw, DPC_FCAH, DPC_PAUSE_ADDR_HIGH);
	dpcnic_hw_wr32(hw, DPC_FCT, DPC_PAUSE_TYPE);
	dpcnic_hw_wr32(hw, DPC_FCTTV, DPC_PAUSE_TIME);
	dpcnic_hw_wr32(hw, DPC_FCRTL, tx ? (high - 16) | DPC_FCRTL_XONE : 0);
	dpcnic_hw_wr32(hw, DPC_FCRTH, tx ? high : 0);
	dpcnic_hw_update_ctrl(hw, DPC_CTRL_TFCE | DPC_CTRL_RFCE,
			      (tx ? DPC_CTRL_TFCE : 0) | (rx ? DPC_CTRL_RFCE : 0));
}
