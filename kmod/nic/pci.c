// SPDX-License-Identifier: GPL-2.0
/* The PCI function: probe and remove. */
#include <linux/cpumask.h>
#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/pm.h>

#include "nic.h"

#define DPCNIC_BAR	0

/* With MSI-X: a message for link and other causes, and at least one for queues */
#define DPCNIC_MSIX_MIN	2

/* As many queues as CPUs, up to what the device has. */
static int dpcnic_queues_wanted(void)
{
	return min_t(int, num_online_cpus(), DPC_QUEUES);
}

/*
 * The best is one message per queue, and one for the rest. Whatever is granted will do (I8).
 *
 * Return: number of messages or an error.
 */
static int dpcnic_alloc_vectors(struct pci_dev *pdev)
{
	int want = dpcnic_queues_wanted() + 1;
	int got = pci_alloc_irq_vectors(pdev, DPCNIC_MSIX_MIN, want, PCI_IRQ_MSIX);

	if (got > 0 && got < want)
		dev_info(&pdev->dev, "%d of %d MSI-X messages granted: queues share them\n",
			 got, want);
	if (got > 0)
		return got;

	dev_info(&pdev->dev, "no %d MSI-X messages to be had (%pe): trying one MSI for all queues\n",
		 DPCNIC_MSIX_MIN, ERR_PTR(got));
	got = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_MSI);
	if (got > 0)
		return got;

	dev_info(&pdev->dev, "no MSI to be had (%pe): trying the INTx line\n", ERR_PTR(got));
	got = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_INTX);
	if (got < 0)
		dev_err(&pdev->dev, "neither MSI-X, MSI nor an INTx line to be had: %pe\n",
			ERR_PTR(got));
	return got;
}

static void dpcnic_init_mac(struct dpcnic_nic *nic)
{
	u8 addr[ETH_ALEN];

	if (!dpcnic_hw_nvm_checksum_ok(&nic->hw))
		dev_warn(&nic->pdev->dev, "the NVM's checksum is wrong\n");

	dpcnic_hw_read_mac(&nic->hw, addr);
	if (is_valid_ether_addr(addr)) {
		eth_hw_addr_set(nic->ndev, addr);
		return;
	}
	eth_hw_addr_random(nic->ndev);
	dev_warn(&nic->pdev->dev, "the NVM holds no valid MAC address (%pM); using a random one: %pM\n",
		 addr, nic->ndev->dev_addr);
}

static int dpcnic_init_hw(struct dpcnic_nic *nic)
{
	struct pci_dev *pdev = nic->pdev;
	void __iomem *regs;
	int err;

	regs = pci_iomap(pdev, DPCNIC_BAR, 0);
	if (!regs) {
		dev_err(&pdev->dev, "cannot map the registers (BAR %d)\n", DPCNIC_BAR);
		return -EIO;
	}
	err = dpcnic_hw_init(&nic->hw, &pdev->dev, regs);
	if (!err)
		err = dpcnic_hw_reset(&nic->hw);
	if (err)
		pci_iounmap(pdev, regs);
	return err;
}

static int dpcnic_enable_pci(struct pci_dev *pdev)
{
	int err;

	err = pci_enable_device_mem(pdev);
	if (err)
		return err;

	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err) {
		dev_err(&pdev->dev, "no usable DMA configuration: %pe\n", ERR_PTR(err));
		goto disable_device;
	}
	err = pci_request_mem_regions(pdev, DPCNIC_NAME);
	if (err)
		goto disable_device;

	pci_set_master(pdev);
	return 0;

disable_device:
	pci_disable_device(pdev);
	return err;
}

static void dpcnic_disable_pci(struct pci_dev *pdev)
{
	pci_clear_master(pdev);
	pci_release_mem_regions(pdev);
	pci_disable_device(pdev);
}

static void dpcnic_init(struct dpcnic_nic *nic)
{
	nic->queue_cnt = dpcnic_queues_wanted();
	nic->rx_desc_cnt = DPCNIC_RX_DESC_DEFAULT;
	nic->tx_desc_cnt = DPCNIC_TX_DESC_DEFAULT;
	nic->speeds = DPCNIC_HW_SPEEDS;
	nic->pause = DPCNIC_PAUSE_AUTONEG | DPCNIC_PAUSE_RX | DPCNIC_PAUSE_TX;
	spin_lock_init(&nic->stats_lock);
	spin_lock_init(&nic->link_lock);
	INIT_DELAYED_WORK(&nic->service, dpcnic_service_work);
	INIT_WORK(&nic->reset, dpcnic_reset_work);
}

static int dpcnic_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct net_device *ndev;
	struct dpcnic_nic *nic;
	int err, msgs;

	err = dpcnic_enable_pci(pdev);
	if (err)
		return err;

	msgs = dpcnic_alloc_vectors(pdev);
	if (msgs < 0) {
		err = msgs;
		goto disable_pci;
	}

	ndev = alloc_etherdev_mqs(sizeof(*nic), DPC_QUEUES, DPC_QUEUES);
	if (!ndev) {
		err = -ENOMEM;
		goto free_vectors;
	}
	SET_NETDEV_DEV(ndev, &pdev->dev);
	pci_set_drvdata(pdev, ndev);
	nic = netdev_priv(ndev);
	nic->ndev = ndev;
	nic->pdev = pdev;
	dpcnic_init(nic);

	err = dpcnic_init_hw(nic);
	if (err)
		goto free_netdev;
	dpcnic_init_mac(nic);
	dpcnic_rss_init(nic);

	err = dpcnic_queues_create(nic, msgs);
	if (err)
		goto unmap_regs;
	err = netif_set_real_num_queues(ndev, nic->queue_cnt, nic->queue_cnt);
	if (err)
		goto destroy_queues;

	dpcnic_ptp_create(nic);
	dpcnic_netdev_init(nic);
	dpcnic_spread_irqs(nic);
	dpcnic_spread_xps(nic, 0, nic->queue_cnt);
	dpcnic_spread_add(nic);
	netif_carrier_off(ndev);
	err = register_netdev(ndev);
	if (err)
		goto remove_spread;

	pci_save_state(pdev); /* for recovery from a PCI error */
	netdev_info(ndev, "82576 %pM, %u queues, %u messages\n", ndev->dev_addr, nic->queue_cnt,
		    nic->engine->msg_cnt);
	return 0;

remove_spread:
	dpcnic_spread_remove(nic);
	dpcnic_ptp_destroy(nic);
destroy_queues:
	dpcnic_queues_destroy(nic);
unmap_regs:
	pci_iounmap(pdev, nic->hw.regs);
free_netdev:
	free_netdev(ndev);
free_vectors:
	pci_free_irq_vectors(pdev);
disable_pci:
	dpcnic_disable_pci(pdev);
	return err;
}

static void dpcnic_remove(struct pci_dev *pdev)
{
	struct net_device *ndev = pci_get_drvdata(pdev);
	struct dpcnic_nic *nic = netdev_priv(ndev);

	if (!pci_device_is_present(pdev))
		dpcnic_hw_set_gone(&nic->hw); /* pulled out; wait for nothing */
	unregister_netdev(ndev);
	cancel_work_sync(&nic->reset);
	dpcnic_ptp_destroy(nic);
	dpcnic_spread_remove(nic);
	dpcnic_hw_set_driver_loaded(&nic->hw, false);
	dpcnic_queues_destroy(nic);
	pci_iounmap(pdev, nic->hw.regs);
	free_netdev(ndev);
	pci_free_irq_vectors(pdev);
	dpcnic_disable_pci(pdev);
}

static const struct pci_device_id dpcnic_pci_tbl[] = {
	{ PCI_VDEVICE(INTEL, 0x10c9) },	/* 82576 copper */
	{}
};
MODULE_DEVICE_TABLE(pci, dpcnic_pci_tbl);

static struct pci_driver dpcnic_driver = {
	.name		= DPCNIC_NAME,
	.id_table	= dpcnic_pci_tbl,
	.probe		= dpcnic_probe,
	.remove		= dpcnic_remove,
	.shutdown	= dpcnic_shutdown,
	.err_handler	= &dpcnic_error_handlers,
	.driver.pm	= pm_sleep_ptr(&dpcnic_pm_ops),
};

static int __init dpcnic_module_init(void)
{
	int err;

	err = dpcnic_throttle_init();
	if (err)
		pr_warn(DPCNIC_NAME ": no throttle policies: %pe\n", ERR_PTR(err));
	err = dpcnic_steer_init();
	if (err)
		pr_warn(DPCNIC_NAME ": no steering: %pe\n", ERR_PTR(err));

	err = dpcnic_spread_init();
	if (err)
		return err;
	err = pci_register_driver(&dpcnic_driver);
	if (err)
		dpcnic_spread_exit();
	return err;
}
module_init(dpcnic_module_init);

static void __exit dpcnic_module_exit(void)
{
	pci_unregister_driver(&dpcnic_driver);
	dpcnic_spread_exit();
}
module_exit(dpcnic_module_exit);

MODULE_DESCRIPTION("Intel 82576 with the NDIS message-interrupt contract: messages, DPCs, throttle");
MODULE_LICENSE("GPL");
