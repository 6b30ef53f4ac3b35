// SPDX-License-Identifier: GPL-2.0
/*
 * Let the machine's virtio devices stay awake while all others sleep.
 *
 * The lab's root is served by virtio-fs, which refuses to be suspended, and so the machine could
 * not sleep at all. While this is loaded the PM core leaves such devices out. They keep their power
 * as long as the sleep is no deeper than a test of it (/sys/power/pm_test), or s2idle.
 *
 * For the lab only.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

static void keep_virtio(bool keep)
{
	struct pci_dev *pdev = NULL;

	while ((pdev = pci_get_device(PCI_VENDOR_ID_REDHAT_QUMRANET, PCI_ANY_ID, pdev)))
		dev_pm_syscore_device(&pdev->dev, keep);
}

static int __init keep_virtio_init(void)
{
	keep_virtio(true);
	return 0;
}
module_init(keep_virtio_init);

static void __exit keep_virtio_exit(void)
{
	keep_virtio(false);
}
module_exit(keep_virtio_exit);

MODULE_DESCRIPTION("Lab only: virtio devices stay awake");
MODULE_LICENSE("GPL");
