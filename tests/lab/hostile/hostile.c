// SPDX-License-Identifier: GPL-2.0
/*
 * A device that lies: descriptors and registers say what QEMU's never do.
 *
 * Probes sit where dpcnic begins to look at what the device has written, and change it just before.
 * The driver knows nothing of this, and has nothing for it. One lie at a time:
 *
 *	echo NAME TIMES >/sys/module/hostile/parameters/lie
 *
 * told says how often it was told since; hidden, how many packets that the hardware has counted
 * have become a part of another by it; skip, how often the truth is told first. "none" takes back
 * what is still to be taken back.
 *
 * For the lab, and x86, only.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/irq.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/random.h>
#include <linux/vmalloc.h>

#include "../../../kmod/nic/nic.h"

#define REGS_SIZE	SZ_128K
#define WAIT_US		1000000

static char *device;
module_param(device, charp, 0444);
MODULE_PARM_DESC(device, "dpcnic's network device");

static int irq;
module_param(irq, int, 0644);
MODULE_PARM_DESC(irq, "what the lie flood sends");

struct lie;

static const struct lie *lie;
static atomic_t skip, left, told, hidden;
static struct dpcnic_nic *nic;
static void *memory; /* all-ones, or garbage */
static struct dpcnic_hw fake; /* whose registers are @memory */
static void __iomem *real_regs; /* while the NIC has those of fake */
static __le32 *held; /* the status of a descriptor whose DD was taken back, for the next look */

static bool once_more(void)
{
	if (atomic_dec_if_positive(&skip) >= 0)
		return false;
	if (atomic_dec_if_positive(&left) < 0)
		return false;
	atomic_inc(&told);
	return true;
}

/* --- received packets: what is done in a ring, before the driver takes it */

static bool rx_done(const struct dpcnic_rx_ring *rxr, u32 i)
{
	return rxr->desc[i & rxr->mask].wb.status_error & cpu_to_le32(DPC_RXD_STAT_DD);
}

static void rx_set_length(union dpcnic_rx_desc *desc, u32 len)
{
	desc->wb.length = cpu_to_le16(len);
}

/* Too short for a header, or longer than the buffer. */
static void rx_length(union dpcnic_rx_desc *desc)
{
	static const u32 lengths[] = { 0, ETH_HLEN - 1, DPCNIC_RX_BUF_SIZE + 1, U16_MAX };

	rx_set_length(desc, lengths[atomic_read(&told) % ARRAY_SIZE(lengths)]);
}

/* The next packet becomes a part of this one. */
static void rx_endless(union dpcnic_rx_desc *desc)
{
	desc->wb.status_error &= ~cpu_to_le32(DPC_RXD_STAT_EOP);
	atomic_inc(&hidden);
}

static void rx_headless(union dpcnic_rx_desc *desc)
{
	rx_set_length(desc, 0);
	rx_endless(desc);
}

/* Type, hash, tag, and every status and error but the two that say where the packet ends. */
static void rx_facts(union dpcnic_rx_desc *desc)
{
	const u32 keep = DPC_RXD_STAT_DD | DPC_RXD_STAT_EOP;
	u32 status = le32_to_cpu(desc->wb.status_error);

	get_random_bytes(&desc->wb.info, sizeof(desc->wb.info));
	get_random_bytes(&desc->wb.rss_hash, sizeof(desc->wb.rss_hash));
	desc->wb.status_error = cpu_to_le32((status & keep) | (get_random_u32() & ~keep));
	desc->wb.vlan = cpu_to_le16(get_random_u16());
}

static void rx_each(struct dpcnic_rx_ring *rxr, void (*tell)(union dpcnic_rx_desc *desc))
{
	u32 i;

	for (i = rxr->next; i != rxr->told && rx_done(rxr, i) && once_more(); i++)
		tell(&rxr->desc[i & rxr->mask]);
}

/* DD in a descriptor that was not given to the device, behind a ring that is full. */
static void rx_unowned(struct dpcnic_rx_ring *rxr)
{
	u32 i, us;

	for (us = 0; !rx_done(rxr, rxr->told - 1) && us < WAIT_US; us++)
		udelay(1);
	if (rxr->told == rxr->next || us == WAIT_US || !once_more())
		return;
	for (i = rxr->told; i != rxr->next + rxr->mask + 1; i++) {
		union dpcnic_rx_desc *desc = &rxr->desc[i & rxr->mask];

		rx_set_length(desc, ETH_ZLEN);
		desc->wb.status_error = cpu_to_le32(DPC_RXD_STAT_DD | DPC_RXD_STAT_EOP);
	}
}

/* Done bits out of order: the first comes later than others, with the next look at the ring. */
static void hold(__le32 *status)
{
	if (!once_more())
		return;
	*status &= ~cpu_to_le32(DPC_RXD_STAT_DD);
	held = status;
}

static void let_go(void)
{
	if (!held)
		return;
	*held |= cpu_to_le32(DPC_RXD_STAT_DD);
	held = NULL;
	dpcnic_hw_irq_trigger(&nic->hw, BIT(0)); /* as it would be told of */
}

static void rx_late(struct dpcnic_rx_ring *rxr)
{
	if (held)
		let_go();
	else if (rx_done(rxr, rxr->next) && rx_done(rxr, rxr->next + 1))
		hold(&rxr->desc[rxr->next & rxr->mask].wb.status_error);
}

/* --- sent packets */

static_assert(DPC_TXD_STAT_DD == DPC_RXD_STAT_DD);

/* DD wherever nothing was sent. */
static void tx_unsent(struct dpcnic_tx_ring *txr)
{
	u32 used = smp_load_acquire(&txr->used); /* as the driver does */
	u32 i;

	/* whoever sends has the rest, and clears DD in what he writes */
	if (!__netif_tx_trylock(txr->txq))
		return;
	if (used == txr->used && once_more()) {
		for (i = used; i != txr->next + txr->mask + 1; i++)
			txr->desc[i & txr->mask].wb.status |= cpu_to_le32(DPC_TXD_STAT_DD);
	}
	__netif_tx_unlock(txr->txq);
}

static void tx_late(struct dpcnic_tx_ring *txr)
{
	u32 used = smp_load_acquire(&txr->used); /* as the driver does */
	union dpcnic_tx_desc *desc;

	if (held) {
		let_go();
		return;
	}
	if (txr->next == used)
		return;
	desc = &txr->desc[txr->buf[txr->next & txr->mask].last & txr->mask];
	if (desc->wb.status & cpu_to_le32(DPC_TXD_STAT_DD))
		hold(&desc->wb.status);
}

/* --- registers */

/* Whoever asks the hardware asks something else, which says it is there. */
static void ask_garbage(struct pt_regs *regs)
{
	get_random_bytes(memory, REGS_SIZE);
	writel(DPC_STATUS_LU, fake.regs + DPC_STATUS);
	fake.dev = nic->hw.dev;
	fake.gone = false;
	regs->di = (unsigned long)&fake;
}

/* All-ones whatever is read; but DMA goes on, and nobody has told the kernel. */
static void die(void)
{
	memset(memory, 0xff, REGS_SIZE);
	real_regs = nic->hw.regs;
	WRITE_ONCE(nic->hw.regs, fake.regs);
}

static void rise(void)
{
	if (!real_regs)
		return;
	WRITE_ONCE(nic->hw.regs, real_regs);
	real_regs = NULL;
}

/* The message's interrupt, whether the message is disabled or not. */
static void flood(void)
{
	struct irq_data *data = irq_get_irq_data(irq);

	while (data && once_more()) {
		data->chip->irq_retrigger(data);
		usleep_range(50, 100); /* one that waits already stands for two */
	}
}

/* --- which lie is told where */

/**
 * struct lie - one lie; of its functions it has one
 * @name: how it is asked for
 * @rx_each: for each descriptor of a ring that is done
 * @rx: for a receive ring
 * @tx: for a transmit ring
 * @hw: for who asks for statistics or the link, with struct dpcnic_hw as its first argument
 * @no_stop: for who stops a queue, and is told that it does not stop
 * @no_start: for who starts a queue, likewise
 * @dma: for who maps memory for the device
 * @now: told at once
 */
struct lie {
	const char *name;
	void (*rx_each)(union dpcnic_rx_desc *desc);
	void (*rx)(struct dpcnic_rx_ring *rxr);
	void (*tx)(struct dpcnic_tx_ring *txr);
	void (*hw)(struct pt_regs *regs);
	bool no_stop;
	bool no_start;
	bool dma;
	void (*now)(void);
};

static const struct lie lies[] = {
	{ .name = "none" },
	{ .name = "rx-length", .rx_each = rx_length },
	{ .name = "rx-endless", .rx_each = rx_endless },
	{ .name = "rx-headless", .rx_each = rx_headless },
	{ .name = "rx-facts", .rx_each = rx_facts },
	{ .name = "rx-unowned", .rx = rx_unowned },
	{ .name = "rx-late", .rx = rx_late },
	{ .name = "tx-unsent", .tx = tx_unsent },
	{ .name = "tx-late", .tx = tx_late },
	{ .name = "registers", .hw = ask_garbage },
	{ .name = "no-stop", .no_stop = true },
	{ .name = "no-start", .no_start = true },
	{ .name = "no-dma", .dma = true },
	{ .name = "dead", .now = die },
	{ .name = "flood", .now = flood },
};

static int at_rx(struct kprobe *probe, struct pt_regs *regs)
{
	const struct lie *now = READ_ONCE(lie);
	struct dpcnic_rx_ring *rxr = (void *)regs_get_kernel_argument(regs, 0);

	if (now->rx_each)
		rx_each(rxr, now->rx_each);
	else if (now->rx)
		now->rx(rxr);
	return 0;
}

static int at_tx(struct kprobe *probe, struct pt_regs *regs)
{
	const struct lie *now = READ_ONCE(lie);

	if (now->tx)
		now->tx((void *)regs_get_kernel_argument(regs, 0));
	return 0;
}

static int at_hw(struct kprobe *probe, struct pt_regs *regs)
{
	const struct lie *now = READ_ONCE(lie);

	if (now->hw && once_more())
		now->hw(regs);
	return 0;
}

static struct kprobe probes[] = {
	{ .symbol_name = "dpcnic:dpcnic_rx_work", .pre_handler = at_rx },
	{ .symbol_name = "dpcnic:dpcnic_tx_work", .pre_handler = at_tx },
	{ .symbol_name = "dpcnic:dpcnic_hw_stats_update", .pre_handler = at_hw },
	{ .symbol_name = "dpcnic:dpcnic_hw_read_link", .pre_handler = at_hw },
};

static int after_stop(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (READ_ONCE(lie)->no_stop && once_more())
		regs_set_return_value(regs, -ETIMEDOUT);
	return 0;
}

static int after_start(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	if (READ_ONCE(lie)->no_start && once_more())
		regs_set_return_value(regs, -ETIMEDOUT);
	return 0;
}

static struct kretprobe stop_probe = {
	.kp.symbol_name = "dpcnic:dpcnic_hw_disable_queues",
	.handler = after_stop,
};

static struct kretprobe stop_one_probe = {
	.kp.symbol_name = "dpcnic:dpcnic_hw_disable_rxq",
	.handler = after_stop,
};

static struct kretprobe start_probe = {
	.kp.symbol_name = "dpcnic:dpcnic_hw_enable_rxq",
	.handler = after_start,
};

/* Memory cannot be mapped for the device: the platform's lie, not the device's. */
struct mapping {
	struct device *dev;
	size_t size;
	enum dma_data_direction dir;
};

static int before_map(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct mapping *mapping = (void *)ri->data;

	mapping->dev = (void *)regs_get_kernel_argument(regs, 0);
	mapping->size = regs_get_kernel_argument(regs, 3);
	mapping->dir = regs_get_kernel_argument(regs, 4);
	return mapping->dev != &nic->pdev->dev || !READ_ONCE(lie)->dma || !once_more();
}

static int after_map(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct mapping *mapping = (void *)ri->data;
	dma_addr_t dma = regs_return_value(regs);

	if (!dma_mapping_error(mapping->dev, dma))
		dma_unmap_page_attrs(mapping->dev, dma, mapping->size, mapping->dir,
				     DMA_ATTR_SKIP_CPU_SYNC);
	regs_set_return_value(regs, DMA_MAPPING_ERROR);
	return 0;
}

static struct kretprobe map_probe = {
	.kp.symbol_name = "dma_map_page_attrs",
	.entry_handler = before_map,
	.handler = after_map,
	.data_size = sizeof(struct mapping),
};

static struct kretprobe *after[] = { &stop_probe, &stop_one_probe, &start_probe, &map_probe };

static int set_lie(const char *val, const struct kernel_param *kp)
{
	char name[16];
	int times, i;

	if (sscanf(val, "%15s %d", name, &times) != 2)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		if (strcmp(lies[i].name, name))
			continue;
		WRITE_ONCE(lie, &lies[0]);
		synchronize_rcu(); /* no probe is at work with the old one */
		let_go();
		rise();
		atomic_set(&skip, 0);
		atomic_set(&told, 0);
		atomic_set(&hidden, 0);
		atomic_set(&left, times);
		if (lies[i].now)
			lies[i].now();
		WRITE_ONCE(lie, &lies[i]);
		return 0;
	}
	return -EINVAL;
}

static int get_lie(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s %d\n", lie->name, atomic_read(&left));
}

static const struct kernel_param_ops lie_ops = { .set = set_lie, .get = get_lie };
module_param_cb(lie, &lie_ops, NULL, 0644);
MODULE_PARM_DESC(lie, "NAME TIMES");
module_param_named(skip, skip.counter, int, 0644);
MODULE_PARM_DESC(skip, "so often the truth is told first");
module_param_named(told, told.counter, int, 0444);
MODULE_PARM_DESC(told, "how often it was told");
module_param_named(hidden, hidden.counter, int, 0444);
MODULE_PARM_DESC(hidden, "packets of the hardware's that were made parts of others");

static struct dpcnic_nic *find_nic(void)
{
	struct net_device *ndev = dev_get_by_name(&init_net, device ?: "");
	struct dpcnic_nic *found = NULL;

	if (!ndev)
		return NULL;
	if (!strcmp(ndev->dev.parent->driver->name, "dpcnic"))
		found = netdev_priv(ndev);
	dev_put(ndev);
	return found;
}

static int __init hostile_init(void)
{
	struct kprobe *all[ARRAY_SIZE(probes)];
	int err, i;

	lie = &lies[0];
	nic = find_nic();
	if (!nic)
		return -ENODEV;
	memory = vzalloc(REGS_SIZE);
	if (!memory)
		return -ENOMEM;
	fake.regs = (__force void __iomem *)memory;
	mutex_init(&fake.sync_lock);
	spin_lock_init(&fake.reg_lock);

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		all[i] = &probes[i];
	err = register_kprobes(all, ARRAY_SIZE(all));
	if (err)
		goto free_memory;
	err = register_kretprobes(after, ARRAY_SIZE(after));
	if (err)
		goto unregister;
	return 0;

unregister:
	unregister_kprobes(all, ARRAY_SIZE(all));
free_memory:
	vfree(memory);
	return err;
}
module_init(hostile_init);

static void __exit hostile_exit(void)
{
	int i;

	unregister_kretprobes(after, ARRAY_SIZE(after));
	for (i = 0; i < ARRAY_SIZE(probes); i++)
		unregister_kprobe(&probes[i]);
	let_go();
	rise();
	vfree(memory);
}
module_exit(hostile_exit);

MODULE_DESCRIPTION("Lab only: a device that lies");
MODULE_LICENSE("GPL");
