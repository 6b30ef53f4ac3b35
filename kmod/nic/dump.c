// SPDX-License-Identifier: GPL-2.0
/* ethtool -d and -e: registers and NVM, as they are. */
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/unaligned.h>

#include "nic.h"

/*
 * Version 1: pairs of 32-bit words in the machine's byte order, a register's offset in BAR 0 and
 * its value. Those of the PHY have DPCNIC_HW_DUMP_PHY in the first word, and all-ones as the second
 * where they could not be read. So readers look for what they know; what comes after which is not
 * promised.
 */
#define DPCNIC_DUMP_VERSION	1

/**
 * dpcnic_get_regs_len() - ethtool_ops.get_regs_len
 * @ndev: the netdev
 *
 * Return: bytes that dpcnic_get_regs() writes.
 */
int dpcnic_get_regs_len(struct net_device *ndev)
{
	return dpcnic_hw_dump_cnt() * sizeof(struct dpcnic_hw_dump);
}

/**
 * dpcnic_get_regs() - ethtool_ops.get_regs
 * @ndev: the netdev
 * @regs: out; its length is the user's affair
 * @data: out, of dpcnic_get_regs_len() bytes
 */
void dpcnic_get_regs(struct net_device *ndev, struct ethtool_regs *regs, void *data)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	regs->version = DPCNIC_DUMP_VERSION;
	dpcnic_hw_dump(&nic->hw, data);
}

/**
 * dpcnic_get_eeprom_len() - ethtool_ops.get_eeprom_len
 * @ndev: the netdev
 *
 * Return: the NVM's size in bytes.
 */
int dpcnic_get_eeprom_len(struct net_device *ndev)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);

	return 2 * dpcnic_hw_nvm_words(&nic->hw);
}

/**
 * dpcnic_get_eeprom() - ethtool_ops.get_eeprom
 * @ndev: the netdev
 * @eeprom: which bytes; the core has compared them with dpcnic_get_eeprom_len()
 * @data: out: words of the NVM, low byte first
 *
 * Return: 0 or an error.
 */
int dpcnic_get_eeprom(struct net_device *ndev, struct ethtool_eeprom *eeprom, u8 *data)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	u32 at = eeprom->offset, end = at + eeprom->len;
	u16 word;
	int err;

	eeprom->magic = nic->pdev->vendor | nic->pdev->device << 16;
	for (; at < end; at++) {
		/* a word at a time, but for an odd first byte */
		if (at == eeprom->offset || !(at % 2)) {
			err = dpcnic_hw_read_nvm(&nic->hw, at / 2, &word);
			if (err)
				return err;
		}
		*data++ = at % 2 ? word >> 8 : word & 0xff;
	}
	return 0;
}
