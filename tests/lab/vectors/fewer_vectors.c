// SPDX-License-Identifier: GPL-2.0
/*
 * Let one PCI device seem to have fewer interrupt vectors than it has.
 *
 * QEMU's igb has no option for the number of its MSI-X vectors, and drivers must
 * cope with few. The kernel learns the number from the device's MSI-X capability,
 * so configuration reads of that one field are answered here. Loaded by
 * tests/lab/init before any driver sees the device:
 *
 *   vectors >= 1   MSI-X with so many
 *   vectors == 0   no MSI-X: one MSI
 *   vectors == -1  neither: the INTx line
 *
 * For the lab only: one device alone on its bus, never unloaded.
 */
#include <linux/module.h>
#include <linux/pci.h>

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "PCI address, as 0000:01:00.0");

static int vectors = 1;
module_param(vectors, int, 0444);
MODULE_PARM_DESC(vectors, "MSI-X vectors to show; 0: only MSI; -1: only INTx");

static struct pci_ops *real_ops, ops;
static int flags_at;

static int read_fewer(struct pci_bus *bus, unsigned int devfn, int where,
		      int size, u32 *value)
{
	int err = real_ops->read(bus, devfn, where, size, value);

	/* The kernel reads the field by itself. Others, lspci for one, read more
	 * at once and are told the truth.
	 */
	if (!err && where == flags_at && size == 2)
		*value = (*value & ~PCI_MSIX_FLAGS_QSIZE) | (vectors - 1);
	return err;
}

static int __init fewer_vectors_init(void)
{
	unsigned int domain, bus, slot, function;
	struct pci_dev *pdev;

	if (!device || sscanf(device, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, function));
	if (!pdev)
		return -ENODEV;
	if (!pdev->msix_cap || vectors > pci_msix_vec_count(pdev)) {
		pci_err(pdev, "has %d vectors, not %d\n", pci_msix_vec_count(pdev), vectors);
		pci_dev_put(pdev);
		return -ERANGE;
	}

	if (vectors <= 0)
		pdev->msix_cap = 0;
	if (vectors < 0)
		pdev->msi_cap = 0;
	if (vectors > 0) {
		flags_at = pdev->msix_cap + PCI_MSIX_FLAGS;
		real_ops = pdev->bus->ops;
		ops = *real_ops;
		ops.read = read_fewer;
		pci_bus_set_ops(pdev->bus, &ops);
	}
	pci_info(pdev, "interrupt vectors shown: %d\n", vectors);
	pci_dev_put(pdev);
	return 0;
}
module_init(fewer_vectors_init);

MODULE_DESCRIPTION("Lab only: a PCI device with fewer interrupt vectors");
MODULE_LICENSE("GPL");
