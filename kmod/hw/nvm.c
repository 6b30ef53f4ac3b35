// SPDX-License-Identifier: GPL-2.0
/* NVM (datasheet 6 layout, 8.4.2 EERD). */

#include <linux/device.h>
#include <linux/unaligned.h>

#include "internal.h"

#define DPC_EERD_US		100000
#define DPC_NVM_CHECKSUM_WORDS	0x40
#define DPC_NVM_SUM		0xbaba

static int __dpcnic_hw_read_nvm(struct dpcnic_hw *hw, u16 word, u16 *val)
{
	u32 eerd;

	dpcnic_hw_wr32(hw, DPC_EERD, FIELD_PREP(DPC_EERD_ADDR, word) | DPC_EERD_START);
	if (dpcnic_hw_poll(hw, DPC_EERD, eerd, eerd & DPC_EERD_DONE, DPC_EERD_US))
		return -ETIMEDOUT;
	if (dpcnic_hw_gone(hw))
		return -ENODEV;

	*val = FIELD_GET(DPC_EERD_DATA, eerd);
	return 0;
}

/**
 * dpcnic_hw_read_nvm() - read a word of the NVM (8.4.2)
 * @hw: the port
 * @word: word address
 * @val: where to put it
 *
 * Context: process.
 * Return: 0; -ENODEV when the device is gone; -ETIMEDOUT or -EBUSY when the NVM does not answer or
 * firmware keeps it.
 */
int dpcnic_hw_read_nvm(struct dpcnic_hw *hw, u16 word, u16 *val)
{
	int err;

	err = dpcnic_hw_sync_get(hw, DPC_SW_FW_SYNC_SW_EEP);
	if (err)
		return err;

	err = __dpcnic_hw_read_nvm(hw, word, val);
	dpcnic_hw_sync_put(hw, DPC_SW_FW_SYNC_SW_EEP);
	return err;
}

/**
 * dpcnic_hw_nvm_words() - the NVM's size (8.4.1 EECD)
 * @hw: the port
 *
 * Context: process.
 * Return: words that can be read; 0 when the device is gone.
 */
unsigned int dpcnic_hw_nvm_words(struct dpcnic_hw *hw)
{
	u32 eecd = dpcnic_hw_rd32(hw, DPC_EECD);

	if (dpcnic_hw_gone(hw))
		return 0;
	return min(64U << FIELD_GET(DPC_EECD_SIZE, eecd), FIELD_MAX(DPC_EERD_ADDR) + 1);
}

/**
 * dpcnic_hw_nvm_checksum_ok() - do words 0x00 to 0x3f add up to 0xbaba (6.2, software checksum)?
 * @hw: the port
 *
 * Context: process.
 * Return: true if so; false also when the NVM cannot be read.
 */
bool dpcnic_hw_nvm_checksum_ok(struct dpcnic_hw *hw)
{
	u16 sum = 0, val;
	u16 word;
	int err;

	err = dpcnic_hw_sync_get(hw, DPC_SW_FW_SYNC_SW_EEP);
	if (err)
		return false;

	for (word = 0; word < DPC_NVM_CHECKSUM_WORDS; word++) {
		err = __dpcnic_hw_read_nvm(hw, word, &val);
		if (err)
			break;
		sum += val;
	}

	dpcnic_hw_sync_put(hw, DPC_SW_FW_SYNC_SW_EEP);
	return !err && sum == DPC_NVM_SUM;
}

/**
 * dpcnic_hw_read_mac() - the address reset loaded from the NVM into RAL/RAH 0 (8.10.19, 8.10.20)
 * @hw: the port, after dpcnic_hw_reset()
 * @addr: where to put it; whether it is a valid address is for the caller to judge
 *
 * Context: process.
 */
void dpcnic_hw_read_mac(struct dpcnic_hw *hw, u8 addr[ETH_ALEN])
{
	put_unaligned_le32(dpcnic_hw_rd32(hw, DPC_RAL(0)), addr);
	put_unaligned_le16(dpcnic_hw_rd32(hw, DPC_RAH(0)), addr + 4);
}
