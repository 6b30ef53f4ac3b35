// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt routing (datasheet 7.3). Enable, disable and trigger are inline in hw.h.
 *
 * Queue and other causes are mapped to vectors by IVAR and IVAR_MISC. A vector's cause is latched
 * in EICR whatever its mask in EIMS is, and interrupts when both are set.
 */

#include "internal.h"

#define DPC_IVAR_BITS	8

/**
 * dpcnic_hw_irq_setup() - choose the interrupt mode; maps nothing yet (7.3.3.11, 8.8.17 GPIE)
 * @hw: the port, reset
 * @msix: MSI-X with vectors of their own; else one MSI or INTx line for everything
 * @nvec: MSI-X vectors in use, up to DPC_VECTORS; QEMU ignores causes of vector 10 and up
 *
 * All vectors are left disabled, with no interval (EITR). GPIE decides how the other interrupt
 * registers understand what is written to them, so it comes first; QEMU drops writes to EIAC
 * without it.
 *
 * The driver masks with EIMC and enables with EIMS itself, so no auto-mask: EIAM and IAM stay 0,
 * as reset leaves them, and GPIE.EIAME off. (QEMU does not do auto-mask, and what is written to
 * EIAM it stores inverted: leave it alone.) EIAC has all vectors: their EICR bit is cleared when
 * the message is sent, so nobody has to write EICR. In QEMU bits can only be added to EIAC, until
 * reset. NSICR lets each read of ICR clear it, whether it caused the interrupt or not.
 *
 * Context: process.
 */
void dpcnic_hw_irq_setup(struct dpcnic_hw *hw, bool msix, unsigned int nvec)
{
	unsigned int i;

	dpcnic_hw_irq_disable_all(hw);

	hw->msix = msix;
	if (msix) {
		dpcnic_hw_wr32(hw, DPC_GPIE, DPC_GPIE_MULTIPLE_MSIX | DPC_GPIE_PBA_SUPPORT |
					     DPC_GPIE_NSICR);
		dpcnic_hw_wr32(hw, DPC_EIAC, GENMASK(nvec - 1, 0));
	} else {
		dpcnic_hw_wr32(hw, DPC_GPIE, DPC_GPIE_NSICR);
		dpcnic_hw_wr32(hw, DPC_EIMS, DPC_EICR_OTHER); /* IMS is the mask here */
	}

	for (i = 0; i < DPC_IVAR_WORDS; i++)
		dpcnic_hw_wr32(hw, DPC_IVAR(i), 0);
	dpcnic_hw_wr32(hw, DPC_IVAR_MISC, 0);
	for (i = 0; i < nvec; i++)
		dpcnic_hw_irq_set_itr(hw, i, 0);
	dpcnic_hw_flush(hw);
}

/* Set the entry of @queue; receive and transmit alternate in an IVAR word (8.8.15). */
static void dpcnic_hw_irq_map(struct dpcnic_hw *hw, unsigned int queue, bool tx,
			      unsigned int vector)
{
	unsigned int word = queue % DPC_IVAR_WORDS;
	unsigned int shift = (2 * (queue / DPC_IVAR_WORDS) + tx) * DPC_IVAR_BITS;

	dpcnic_hw_rmw32(hw, DPC_IVAR(word), GENMASK(DPC_IVAR_BITS - 1, 0) << shift,
			(DPC_IVAR_VALID | vector) << shift);
}

/**
 * dpcnic_hw_irq_map_rx() - let a receive queue interrupt through a vector (8.8.15 IVAR)
 * @hw: the port, after dpcnic_hw_irq_setup()
 * @queue: receive queue
 * @vector: vector; 0 with one vector
 *
 * Context: process; not together with another map function.
 */
void dpcnic_hw_irq_map_rx(struct dpcnic_hw *hw, unsigned int queue, unsigned int vector)
{
	dpcnic_hw_irq_map(hw, queue, false, vector);
}

/**
 * dpcnic_hw_irq_map_tx() - let a transmit queue interrupt through a vector (8.8.15 IVAR)
 * @hw: the port, after dpcnic_hw_irq_setup()
 * @queue: transmit queue
 * @vector: vector; 0 with one vector, where QEMU signals no transmit completion without this
 *
 * Context: process; not together with another map function.
 */
void dpcnic_hw_irq_map_tx(struct dpcnic_hw *hw, unsigned int queue, unsigned int vector)
{
	dpcnic_hw_irq_map(hw, queue, true, vector);
}

/**
 * dpcnic_hw_irq_map_other() - let link changes and errors interrupt through a vector (8.8.16)
 * @hw: the port, after dpcnic_hw_irq_setup() with MSI-X
 * @vector: vector
 *
 * Context: process.
 */
void dpcnic_hw_irq_map_other(struct dpcnic_hw *hw, unsigned int vector)
{
	dpcnic_hw_wr32(hw, DPC_IVAR_MISC,
		       FIELD_PREP(DPC_IVAR_MISC_OTHER, DPC_IVAR_VALID | vector));
}

/**
 * dpcnic_hw_irq_set_itr() - least time between two interrupts of a vector (7.3.4, 8.8.14 EITR)
 * @hw: the port
 * @vector: vector; 0 with one vector
 * @usecs: microseconds, up to DPCNIC_HW_ITR_MAX; 0 for no limit
 *
 * The interval runs from one message to the next: the first of a burst is sent at once. Takes
 * effect after the interval that runs now.
 *
 * QEMU up to 10.0, with an interval, sends a second message whenever it ends: unasked, even with
 * the vector disabled by then, and clearing the vector's latched cause. So an interrupt that comes
 * while its message is disabled may stand for a packet nobody else will announce: it must lead to
 * another look at the rings, not only be counted. Silicon sends such a message too, when a cause
 * comes up before the write to EIMC has arrived.
 *
 * Context: any. One posted write.
 */
void dpcnic_hw_irq_set_itr(struct dpcnic_hw *hw, unsigned int vector, unsigned int usecs)
{
	u32 interval = min_t(u32, usecs, DPCNIC_HW_ITR_MAX);

	dpcnic_hw_wr32(hw, DPC_EITR(vector),
		       FIELD_PREP(DPC_EITR_INTERVAL, interval) | DPC_EITR_CNT_INGR);
}

/**
 * dpcnic_hw_irq_disable_all() - silence everything (8.8.6 EIMC, 8.8.11 IMC)
 * @hw: the port
 *
 * Returns when the device has got it. Interrupts may still be on their way to CPUs.
 *
 * Context: any; waits for the device.
 */
void dpcnic_hw_irq_disable_all(struct dpcnic_hw *hw)
{
	dpcnic_hw_wr32(hw, DPC_IMC, ~0U);
	dpcnic_hw_wr32(hw, DPC_EIMC, DPC_EICR_MSIX);
	dpcnic_hw_flush(hw);
}
