// SPDX-License-Identifier: GPL-2.0
/*
 * The NIC put aside and taken back: sleep, shutdown, a reset of the function, a PCI error.
 *
 * All of them stop it with dpcnic_detach() and start it with dpcnic_attach(). What is configured is
 * kept by stack and driver; the device may have forgotten all of it meanwhile, and is reset anyway.
 */
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/pm_wakeup.h>
#include <linux/rtnetlink.h>

#include "nic.h"

static struct dpcnic_nic *dpcnic_pci_nic(struct pci_dev *pdev)
{
	return netdev_priv(pci_get_drvdata(pdev));
}

static void dpcnic_put_aside(struct dpcnic_nic *nic)
{
	rtnl_lock();
	dpcnic_detach(nic);
	rtnl_unlock();
}

/* The configuration space is as it was. Return: 0 or an error, and a message has been printed. */
static int dpcnic_take_back(struct dpcnic_nic *nic)
{
	int err = dpcnic_hw_found(&nic->hw);

	if (err) {
		dev_err(&nic->pdev->dev, "the device does not answer; remove it and rescan the PCI bus\n");
		return err;
	}
	rtnl_lock();
	err = dpcnic_attach(nic);
	rtnl_unlock();
	/* for dpcnic_slot_reset(); restoring it once has used it up */
	if (!dpcnic_hw_gone(&nic->hw))
		pci_save_state(nic->pdev);
	return err;
}

/*
 * The device is to wake the machine, or to do nothing at all. That it does not is no reason for the
 * machine not to sleep.
 */
static void dpcnic_wake_or_stop(struct dpcnic_nic *nic)
{
	struct device *dev = &nic->pdev->dev;
	int err;

	if (!device_may_wakeup(dev)) {
		dpcnic_hw_set_driver_loaded(&nic->hw, false);
		dpcnic_hw_stop_link(&nic->hw);
		return;
	}
	err = dpcnic_wol_arm(nic);
	if (err)
		dev_warn(dev, "will not wake the machine: its link cannot be started: %pe\n",
			 ERR_PTR(err));
}

/* The PCI core saves the configuration space and takes the power afterwards. */
static int dpcnic_suspend(struct device *dev)
{
	struct dpcnic_nic *nic = dpcnic_pci_nic(to_pci_dev(dev));

	dpcnic_put_aside(nic);
	dpcnic_wake_or_stop(nic);
	return 0;
}

static int dpcnic_resume(struct device *dev)
{
	return dpcnic_take_back(dpcnic_pci_nic(to_pci_dev(dev)));
}

DEFINE_SIMPLE_DEV_PM_OPS(dpcnic_pm_ops, dpcnic_suspend, dpcnic_resume);

/**
 * dpcnic_shutdown() - power-off, reboot and kexec: no DMA into memory that is somebody else's then
 * @pdev: the PCI function
 *
 * Context: process.
 */
void dpcnic_shutdown(struct pci_dev *pdev)
{
	struct dpcnic_nic *nic = dpcnic_pci_nic(pdev);

	dpcnic_put_aside(nic);
	pci_clear_master(pdev);
	if (system_state == SYSTEM_POWER_OFF) {
		dpcnic_wake_or_stop(nic);
		pci_wake_from_d3(pdev, device_may_wakeup(&pdev->dev));
		pci_set_power_state(pdev, PCI_D3hot);
	}
}

/*
 * A frozen device answers nothing, so nobody is to wait for that. It does no DMA either; should the
 * freeze be nothing but the kernel's word, being no bus master makes sure of it before memory is
 * freed. After an error that froze nothing some request was lost, and nobody knows whose: the
 * device is reset without its slot.
 */
static pci_ers_result_t dpcnic_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct dpcnic_nic *nic = dpcnic_pci_nic(pdev);

	if (state != pci_channel_io_normal) {
		dpcnic_hw_set_gone(&nic->hw);
		pci_clear_master(pdev);
	}
	dpcnic_put_aside(nic);

	switch (state) {
	case pci_channel_io_normal:
		return PCI_ERS_RESULT_CAN_RECOVER;
	case pci_channel_io_frozen:
		return PCI_ERS_RESULT_NEED_RESET;
	default:
		return PCI_ERS_RESULT_DISCONNECT;
	}
}

static pci_ers_result_t dpcnic_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	if (dpcnic_hw_found(&dpcnic_pci_nic(pdev)->hw))
		return PCI_ERS_RESULT_DISCONNECT;
	return PCI_ERS_RESULT_RECOVERED;
}

static void dpcnic_error_resume(struct pci_dev *pdev)
{
	dpcnic_take_back(dpcnic_pci_nic(pdev));
}

static void dpcnic_reset_prepare(struct pci_dev *pdev)
{
	dpcnic_put_aside(dpcnic_pci_nic(pdev));
}

static void dpcnic_reset_done(struct pci_dev *pdev)
{
	dpcnic_take_back(dpcnic_pci_nic(pdev));
}

const struct pci_error_handlers dpcnic_error_handlers = {
	.error_detected	= dpcnic_error_detected,
	.slot_reset	= dpcnic_slot_reset,
	.resume		= dpcnic_error_resume,
	.reset_prepare	= dpcnic_reset_prepare,
	.reset_done	= dpcnic_reset_done,
};
