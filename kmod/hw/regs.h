/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Intel 82576 registers: DPC_ + the datasheet's name, bits below their register.
 *
 * Facts from the "Intel 82576EB Gigabit Ethernet Controller Datasheet", chapter 8 (sections are
 * named where a group begins). Descriptors are in desc.h.
 */
#ifndef DPCNIC_HW_REGS_H
#define DPCNIC_HW_REGS_H

#include <linux/bits.h>

#define DPC_QUEUES			16	/* receive and transmit queues each */
#define DPC_VECTORS			25	/* MSI-X vectors of the silicon; QEMU has 10 */
#define DPC_RAR_ENTRIES			24	/* exact address filters */
#define DPC_MTA_WORDS			128	/* 4096 bits */
#define DPC_VFTA_WORDS			128	/* 4096 bits */
#define DPC_RETA_ENTRIES		128
#define DPC_RSSRK_BYTES			40

/* 8.2 General */
#define DPC_CTRL			0x00000
#define DPC_CTRL_FD			BIT(0)
#define DPC_CTRL_GIO_MASTER_DIS		BIT(2)	/* no new DMA */
#define DPC_CTRL_SLU			BIT(6)	/* set link up */
#define DPC_CTRL_SPEED			GENMASK(9, 8)	/* as DPC_STATUS_SPEED; with FRCSPD */
#define DPC_CTRL_FRCSPD			BIT(11)
#define DPC_CTRL_FRCDPX			BIT(12)
#define DPC_CTRL_ADVD3WUC		BIT(20)	/* wake up from D3 without auxiliary power, too */
#define DPC_CTRL_RST			BIT(26)	/* self-clearing */
#define DPC_CTRL_RFCE			BIT(27)	/* obey received PAUSE */
#define DPC_CTRL_TFCE			BIT(28)	/* send PAUSE */
#define DPC_CTRL_VME			BIT(30)	/* VLAN tags from packet to descriptor, and back */
#define DPC_CTRL_PHY_RST		BIT(31)

#define DPC_STATUS			0x00008
#define DPC_STATUS_FD			BIT(0)
#define DPC_STATUS_LU			BIT(1)
#define DPC_STATUS_LAN_ID		GENMASK(3, 2)
#define DPC_STATUS_SPEED		GENMASK(7, 6)	/* 3 is 1000 Mb/s, too */
enum { DPC_STATUS_SPEED_10, DPC_STATUS_SPEED_100, DPC_STATUS_SPEED_1000 };
#define DPC_STATUS_GIO_MASTER_EN	BIT(19)	/* DMA still possible */
#define DPC_STATUS_PF_RST_DONE		BIT(21)

#define DPC_CTRL_EXT			0x00018
#define DPC_CTRL_EXT_PFRSTD		BIT(14)
#define DPC_CTRL_EXT_LINK_MODE		GENMASK(23, 22)	/* 0: internal copper PHY */
#define DPC_CTRL_EXT_DRV_LOAD		BIT(28)	/* tells firmware a driver owns the port */

#define DPC_MDIC			0x00020
#define DPC_MDIC_DATA			GENMASK(15, 0)
#define DPC_MDIC_REGADD			GENMASK(20, 16)
#define DPC_MDIC_PHYADD			GENMASK(25, 21)
#define DPC_MDIC_OP			GENMASK(27, 26)
enum { DPC_MDIC_OP_WRITE = 1, DPC_MDIC_OP_READ = 2 };
#define DPC_MDIC_R			BIT(28)	/* ready */
#define DPC_MDIC_E			BIT(30)	/* error */

#define DPC_FCAL			0x00028
#define DPC_FCAH			0x0002c
#define DPC_FCT				0x00030
#define DPC_VET				0x00038

#define DPC_LEDCTL			0x00e00
#define DPC_LEDCTL_ALL			0x01010101	/* a byte for each: mode, invert, blink */
#define DPC_LEDCTL_ON			0xe
#define DPC_LEDCTL_OFF			0xf

/* 8.3 Packet buffers */
#define DPC_RXPBS			0x02404
#define DPC_RXPBS_KB			GENMASK(6, 0)
#define DPC_TXPBS			0x03404

/* 8.4 NVM */
#define DPC_EECD			0x00010
#define DPC_EECD_EE_PRES		BIT(8)
#define DPC_EECD_AUTO_RD		BIT(9)	/* the NVM has been loaded into registers */
#define DPC_EECD_SIZE			GENMASK(14, 11)	/* 64 << this words */

#define DPC_EERD			0x00014
#define DPC_EERD_START			BIT(0)
#define DPC_EERD_DONE			BIT(1)
#define DPC_EERD_ADDR			GENMASK(15, 2)
#define DPC_EERD_DATA			GENMASK(31, 16)

#define DPC_EEMNGCTL			0x01010
#define DPC_EEMNGCTL_CFG_DONE0		BIT(18)	/* PHY of port 0 has its NVM settings */
#define DPC_EEMNGCTL_CFG_DONE1		BIT(19)

/* 8.5 Flow control */
#define DPC_FCTTV			0x00170
#define DPC_FCRTL			0x02160
#define DPC_FCRTL_RTL			GENMASK(15, 4)
#define DPC_FCRTL_XONE			BIT(31)	/* send XON when below the low mark */
#define DPC_FCRTH			0x02168
#define DPC_FCRTH_RTH			GENMASK(15, 4)
#define DPC_FCRTV			0x02460

/* 8.7 Semaphores */
#define DPC_SWSM			0x05b50
#define DPC_SWSM_SMBI			BIT(0)	/* set by the read that found it clear */
#define DPC_SWSM_SWESMBI		BIT(1)
#define DPC_FWSM			0x05b54
#define DPC_SW_FW_SYNC			0x05b5c
#define DPC_SW_FW_SYNC_SW_EEP		BIT(0)
#define DPC_SW_FW_SYNC_SW_PHY0		BIT(1)
#define DPC_SW_FW_SYNC_SW_PHY1		BIT(2)
#define DPC_SW_FW_SYNC_FW_SHIFT		16	/* firmware's bit for each of the above */

/* 8.8 Interrupts */
#define DPC_ICR				0x000c0
#define DPC_ICS				0x000c8
#define DPC_IMS				0x000d0
#define DPC_IMC				0x000d8
#define DPC_IAM				0x000e0
#define DPC_ICR_TXDW			BIT(0)	/* transmit descriptor written back */
#define DPC_ICR_LSC			BIT(2)	/* link status change */
#define DPC_ICR_RXDMT0			BIT(4)	/* receive descriptors run low */
#define DPC_ICR_RXO			BIT(6)	/* receiver overrun */
#define DPC_ICR_RXDW			BIT(7)	/* receive descriptor written back */
#define DPC_ICR_DOUTSYNC		BIT(28)	/* DMA out of sync */
#define DPC_ICR_DRSTA			BIT(30)	/* device reset asserted */
#define DPC_ICR_INTA			BIT(31)	/* this device asserts its INTx line */

#define DPC_GPIE			0x01514
#define DPC_GPIE_NSICR			BIT(0)	/* every read of ICR clears it */
#define DPC_GPIE_MULTIPLE_MSIX		BIT(4)
#define DPC_GPIE_EIAME			BIT(30)
#define DPC_GPIE_PBA_SUPPORT		BIT(31)
#define DPC_EICS			0x01520
#define DPC_EIMS			0x01524
#define DPC_EIMC			0x01528
#define DPC_EIAC			0x0152c
#define DPC_EIAM			0x01530
#define DPC_EICR			0x01580
#define DPC_EICR_MSIX			GENMASK(24, 0)	/* with MULTIPLE_MSIX: bit per vector */
#define DPC_EICR_OTHER			BIT(31)	/* without: any unmasked cause of ICR */

#define DPC_EITR(v)			(0x01680 + 4 * (v))
#define DPC_EITR_INTERVAL		GENMASK(14, 2)	/* 1 us units */
#define DPC_EITR_CNT_INGR		BIT(31)	/* keep the running counter */

/* One word holds receive n, transmit n, receive n + 8, transmit n + 8 (n = 0..7), low byte first */
#define DPC_IVAR(n)			(0x01700 + 4 * (n))
#define DPC_IVAR_WORDS			8
#define DPC_IVAR_VALID			BIT(7)
#define DPC_IVAR_MISC			0x01740
#define DPC_IVAR_MISC_TCP		GENMASK(7, 0)
#define DPC_IVAR_MISC_OTHER		GENMASK(15, 8)

/* 8.10 Receive */
#define DPC_RCTL			0x00100
#define DPC_RCTL_RXEN			BIT(1)
#define DPC_RCTL_SBP			BIT(2)	/* store bad packets */
#define DPC_RCTL_UPE			BIT(3)	/* unicast promiscuous */
#define DPC_RCTL_MPE			BIT(4)	/* multicast promiscuous */
#define DPC_RCTL_LPE			BIT(5)	/* long packets, up to RLPML */
#define DPC_RCTL_MO			GENMASK(13, 12)	/* 0: bits 47:36 of the address index MTA */
#define DPC_RCTL_BAM			BIT(15)	/* accept broadcast */
#define DPC_RCTL_VFE			BIT(18)	/* filter by VFTA */
#define DPC_RCTL_PMCF			BIT(23)	/* pass MAC control frames but PAUSE */
#define DPC_RCTL_SECRC			BIT(26)	/* strip the CRC */

#define DPC_RXCSUM			0x05000
#define DPC_RXCSUM_IPOFLD		BIT(8)
#define DPC_RXCSUM_TUOFLD		BIT(9)
#define DPC_RXCSUM_PCSD			BIT(13)	/* RSS hash instead of packet checksum */
#define DPC_RLPML			0x05004
#define DPC_RFCTL			0x05008
#define DPC_MTA(n)			(0x05200 + 4 * (n))
#define DPC_UTA(n)			(0x0a000 + 4 * (n))
#define DPC_VFTA(n)			(0x05600 + 4 * (n))
/* Entries 16..23 live apart */
#define DPC_RAL(n)			((n) < 16 ? 0x05400 + 8 * (n) : 0x054e0 + 8 * ((n) - 16))
#define DPC_RAH(n)			(DPC_RAL(n) + 4)
#define DPC_RAH_AV			BIT(31)

#define DPC_RXQ(n)			(0x0c000 + 0x40 * (n))
#define DPC_RDBAL(n)			(DPC_RXQ(n) + 0x00)
#define DPC_RDBAH(n)			(DPC_RXQ(n) + 0x04)
#define DPC_RDLEN(n)			(DPC_RXQ(n) + 0x08)
#define DPC_SRRCTL(n)			(DPC_RXQ(n) + 0x0c)
#define DPC_SRRCTL_BSIZEPACKET		GENMASK(6, 0)	/* 1 KB units */
#define DPC_SRRCTL_BSIZEHEADER		GENMASK(13, 8)	/* 64 B units */
#define DPC_SRRCTL_RDMTS		GENMASK(24, 20)
#define DPC_SRRCTL_DESCTYPE		GENMASK(27, 25)
enum { DPC_SRRCTL_DESCTYPE_LEGACY, DPC_SRRCTL_DESCTYPE_ADV_ONE_BUFFER };
#define DPC_SRRCTL_DROP_EN		BIT(31)
#define DPC_RDH(n)			(DPC_RXQ(n) + 0x10)
#define DPC_RXCTL(n)			(DPC_RXQ(n) + 0x14)
#define DPC_RDT(n)			(DPC_RXQ(n) + 0x18)
#define DPC_RXDCTL(n)			(DPC_RXQ(n) + 0x28)
#define DPC_RXDCTL_PTHRESH		GENMASK(4, 0)
#define DPC_RXDCTL_HTHRESH		GENMASK(12, 8)
#define DPC_RXDCTL_WTHRESH		GENMASK(20, 16)
#define DPC_RXDCTL_ENABLE		BIT(25)
#define DPC_RXDCTL_SWFLUSH		BIT(26)
#define DPC_RQDPC(n)			(DPC_RXQ(n) + 0x30)
#define DPC_RQDPC_COUNT			GENMASK(11, 0)

/* 8.10 Receive side scaling */
#define DPC_MRQC			0x05818
#define DPC_MRQC_ENABLE			GENMASK(2, 0)
#define DPC_MRQC_ENABLE_RSS		2
#define DPC_MRQC_TCPIPV4		BIT(16)
#define DPC_MRQC_IPV4			BIT(17)
#define DPC_MRQC_TCPIPV6EX		BIT(18)
#define DPC_MRQC_IPV6EX			BIT(19)
#define DPC_MRQC_IPV6			BIT(20)
#define DPC_MRQC_TCPIPV6		BIT(21)
#define DPC_MRQC_UDPIPV4		BIT(22)
#define DPC_MRQC_UDPIPV6		BIT(23)
#define DPC_MRQC_UDPIPV6EX		BIT(24)
#define DPC_RETA(n)			(0x05c00 + 4 * (n))	/* four entries each */
#define DPC_RETA_QUEUE			GENMASK(3, 0)
#define DPC_RSSRK(n)			(0x05c80 + 4 * (n))	/* four key bytes each */

/* 8.12 Transmit */
#define DPC_TCTL			0x00400
#define DPC_TCTL_EN			BIT(1)
#define DPC_TCTL_PSP			BIT(3)	/* pad short packets */
#define DPC_TCTL_CT			GENMASK(11, 4)
#define DPC_TCTL_BST			GENMASK(21, 12)
#define DPC_TCTL_RTLC			BIT(24)
#define DPC_TCTL_EXT			0x00404
#define DPC_TIPG			0x00410
#define DPC_DTXCTL			0x03590

#define DPC_TXQ(n)			(0x0e000 + 0x40 * (n))
#define DPC_TDBAL(n)			(DPC_TXQ(n) + 0x00)
#define DPC_TDBAH(n)			(DPC_TXQ(n) + 0x04)
#define DPC_TDLEN(n)			(DPC_TXQ(n) + 0x08)
#define DPC_TDH(n)			(DPC_TXQ(n) + 0x10)
#define DPC_TXCTL(n)			(DPC_TXQ(n) + 0x14)
#define DPC_TDT(n)			(DPC_TXQ(n) + 0x18)
#define DPC_TXDCTL(n)			(DPC_TXQ(n) + 0x28)
#define DPC_TXDCTL_PTHRESH		GENMASK(4, 0)
#define DPC_TXDCTL_HTHRESH		GENMASK(12, 8)
#define DPC_TXDCTL_WTHRESH		GENMASK(20, 16)
#define DPC_TXDCTL_ENABLE		BIT(25)
#define DPC_TXDCTL_SWFLSH		BIT(26)
#define DPC_TDWBAL(n)			(DPC_TXQ(n) + 0x38)
#define DPC_TDWBAH(n)			(DPC_TXQ(n) + 0x3c)

/* Time Sync Register Descriptions, and the filters that find packets to stamp */
#define DPC_TSYNCRXCFG			0x05f50	/* which messages: of PTP version 1, and 2 */
#define DPC_SYSTIML			0x0b600	/* reading it latches the other half */
#define DPC_SYSTIMH			0x0b604
#define DPC_TIMINCA			0x0b608
#define DPC_TIMINCA_INCVALUE		GENMASK(23, 0)
#define DPC_TIMINCA_INCPERIOD		GENMASK(31, 24)	/* of 16 ns each */
#define DPC_TSYNCTXCTL			0x0b614
#define DPC_TXSTMPL			0x0b618
#define DPC_TXSTMPH			0x0b61c	/* reading it takes back TSYNCTXCTL.TXTT */
#define DPC_TSYNCRXCTL			0x0b620
#define DPC_RXSTMPL			0x0b624
#define DPC_RXSTMPH			0x0b628
#define DPC_RXSATRH			0x0b630	/* reading it takes back TSYNCRXCTL.RXTT */
#define DPC_TSYNC_VALID			BIT(0)	/* TXTT, RXTT: a stamp waits; no other is taken */
#define DPC_TSYNCRXCTL_TYPE		GENMASK(3, 1)
enum { DPC_TSYNCRXCTL_TYPE_L4_V1 = 1, DPC_TSYNCRXCTL_TYPE_EVENT_V2 = 5 };
#define DPC_TSYNC_EN			BIT(4)	/* of both */

#define DPC_ETQF(n)			(0x05cb0 + 4 * (n))
#define DPC_ETQF_ETYPE			GENMASK(15, 0)
#define DPC_ETQF_ENABLE			BIT(26)
#define DPC_ETQF_1588			BIT(30)	/* look for packets to stamp */
#define DPC_SPQF(n)			(0x059c0 + 4 * (n))	/* source port, byte-swapped */
#define DPC_FTQF(n)			(0x059e0 + 4 * (n))
#define DPC_FTQF_PROTOCOL		GENMASK(7, 0)
#define DPC_FTQF_VF_BP			BIT(15)	/* BP: whatever that is in the packet */
#define DPC_FTQF_1588			BIT(27)
#define DPC_FTQF_PROTOCOL_BP		BIT(28)
#define DPC_FTQF_SOURCE_BP		BIT(29)
#define DPC_FTQF_DESTINATION_BP		BIT(30)
#define DPC_FTQF_SOURCE_PORT_BP		BIT(31)
#define DPC_IMIR(n)			(0x05a80 + 4 * (n))	/* destination port, byte-swapped */
#define DPC_IMIREXT(n)			(0x05aa0 + 4 * (n))
#define DPC_IMIREXT_SIZE_BP		BIT(12)
#define DPC_IMIREXT_CTRL_BP		BIT(19)

/* 8.16 Wake-up */
#define DPC_WUC				0x05800
#define DPC_WUC_PME_EN			BIT(1)
#define DPC_WUFC			0x05808
#define DPC_WUFC_LNKC			BIT(0)	/* link change */
#define DPC_WUFC_MAG			BIT(1)	/* magic packet */
#define DPC_WUFC_EX			BIT(2)	/* unicast, by the exact filters */
#define DPC_WUFC_MC			BIT(3)	/* multicast */
#define DPC_WUFC_BC			BIT(4)	/* broadcast */
#define DPC_WUS				0x05810

/* 8.21 Management */
#define DPC_MANC			0x05820
#define DPC_MANC_BLK_PHY_RST		BIT(18)	/* firmware uses the link: leave the PHY alone */

/* 8.19 Statistics; reading clears */
#define DPC_CRCERRS			0x04000
#define DPC_ALGNERRC			0x04004
#define DPC_SYMERRS			0x04008
#define DPC_RXERRC			0x0400c
#define DPC_MPC				0x04010
#define DPC_SCC				0x04014
#define DPC_ECOL			0x04018
#define DPC_MCC				0x0401c
#define DPC_LATECOL			0x04020
#define DPC_COLC			0x04028
#define DPC_DC				0x04030
#define DPC_TNCRS			0x04034
#define DPC_CEXTERR			0x0403c
#define DPC_RLEC			0x04040
#define DPC_XONRXC			0x04048
#define DPC_XONTXC			0x0404c
#define DPC_XOFFRXC			0x04050
#define DPC_XOFFTXC			0x04054
#define DPC_FCRUC			0x04058
#define DPC_PRC64			0x0405c
#define DPC_PRC127			0x04060
#define DPC_PRC255			0x04064
#define DPC_PRC511			0x04068
#define DPC_PRC1023			0x0406c
#define DPC_PRC1522			0x04070
#define DPC_GPRC			0x04074
#define DPC_BPRC			0x04078
#define DPC_MPRC			0x0407c
#define DPC_GPTC			0x04080
#define DPC_GORCL			0x04088
#define DPC_GORCH			0x0408c
#define DPC_GOTCL			0x04090
#define DPC_GOTCH			0x04094
#define DPC_RNBC			0x040a0
#define DPC_RUC				0x040a4
#define DPC_RFC				0x040a8
#define DPC_ROC				0x040ac
#define DPC_RJC				0x040b0
#define DPC_MGTPRC			0x040b4
#define DPC_MGTPDC			0x040b8
#define DPC_MGTPTC			0x040bc
#define DPC_TORL			0x040c0
#define DPC_TORH			0x040c4
#define DPC_TOTL			0x040c8
#define DPC_TOTH			0x040cc
#define DPC_TPR				0x040d0
#define DPC_TPT				0x040d4
#define DPC_PTC64			0x040d8
#define DPC_PTC127			0x040dc
#define DPC_PTC255			0x040e0
#define DPC_PTC511			0x040e4
#define DPC_PTC1023			0x040e8
#define DPC_PTC1522			0x040ec
#define DPC_MPTC			0x040f0
#define DPC_BPTC			0x040f4
#define DPC_TSCTC			0x040f8
#define DPC_IAC				0x04100

#endif /* DPCNIC_HW_REGS_H */
