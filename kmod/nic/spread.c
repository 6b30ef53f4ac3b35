// SPDX-License-Identifier: GPL-2.0
/*
 * Which CPU a queue belongs to: queue i to the i-th CPU, nearest first.
 *
 * A queue with a message of its own follows that message's interrupt (engine: msg->home), which
 * begins on that CPU. Queues that share a message have their CPU in queue->cpu, and the DPC there
 * works on them; these must be online CPUs, so they follow CPU hotplug.
 *
 * Hotplug calls back with CPUs write-locked, and holders of RTNL lock CPUs for reading
 * (netif_set_xps_queue() does). So the order is RTNL, CPUs, @spread_lock, and the callbacks do
 * without RTNL.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>

#include "nic.h"

#define DPCNIC_NO_CPU	(-1)

static enum cpuhp_state dpcnic_cpuhp_state;

/* The CPU of queue @idx without CPU @leaving, which may be DPCNIC_NO_CPU. Context: CPUs locked. */
static int dpcnic_spread_cpu(const struct dpcnic_nic *nic, unsigned int idx, int leaving)
{
	int node = dev_to_node(&nic->pdev->dev);
	unsigned int cnt = num_online_cpus();
	unsigned int i;
	int cpu;

	if (leaving != DPCNIC_NO_CPU)
		cnt--;
	idx %= cnt;

	for (i = 0; ; i++) {
		cpu = cpumask_local_spread(i, node);
		if (cpu != leaving && !idx--)
			return cpu;
	}
}

/* The same, where CPUs may come and go. */
static int dpcnic_spread_cpu_now(const struct dpcnic_nic *nic, unsigned int idx)
{
	int cpu;

	cpus_read_lock();
	cpu = dpcnic_spread_cpu(nic, idx, DPCNIC_NO_CPU);
	cpus_read_unlock();
	return cpu;
}

/**
 * dpcnic_spread_irqs() - messages of one queue interrupt that queue's CPU
 * @nic: the NIC, with @queue_cnt set
 *
 * Once, so that what the user sets later stays. Shared messages are left to the kernel.
 *
 * Context: process.
 */
void dpcnic_spread_irqs(struct dpcnic_nic *nic)
{
	int i;

	if (!dpcnic_has_other_msg(nic))
		return;
	for (i = 0; i < nic->queue_msg_cnt; i++) {
		if (dpcnic_msg_queue_cnt(nic, i) == 1)
			irq_set_affinity(pci_irq_vector(nic->pdev, i),
					 cpumask_of(dpcnic_spread_cpu_now(nic, i)));
	}
}

/**
 * dpcnic_spread_xps() - let CPUs transmit by their own queue (XPS)
 * @nic: the NIC
 * @from: the first queue that is new
 * @to: the one after the last
 *
 * New queues only, so that what the user set for others stays.
 *
 * Context: process, RTNL held or before the netdev is registered.
 */
void dpcnic_spread_xps(struct dpcnic_nic *nic, u16 from, u16 to)
{
	int i;

	for (i = from; i < to; i++)
		netif_set_xps_queue(nic->ndev, cpumask_of(dpcnic_spread_cpu_now(nic, i)), i);
}

/**
 * dpcnic_spread_assign() - give every queue its CPU
 * @nic: the NIC, its messages not registered
 *
 * CPUs may come and go until dpcnic_spread_start(), which looks again.
 *
 * Context: process, RTNL held.
 */
void dpcnic_spread_assign(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->queue_cnt; i++)
		nic->queue[i].cpu = dpcnic_spread_cpu_now(nic, i);
}

/**
 * struct dpcnic_spread - queues that are to change their CPU
 * @nic: the NIC
 * @msg: a message
 * @cpu: the CPU of each queue from now on
 */
struct dpcnic_spread {
	struct dpcnic_nic *nic;
	struct dpcnic_msg *msg;
	int cpu[DPC_QUEUES];
};

static bool dpcnic_spread_differs(const struct dpcnic_spread *spread)
{
	const struct dpcnic_nic *nic = spread->nic;
	int i;

	for (i = spread->msg->id; i < nic->queue_cnt; i += nic->queue_msg_cnt) {
		if (nic->queue[i].cpu != spread->cpu[i])
			return true;
	}
	return false;
}

/* Context: neither ISR nor DPC of the message runs. */
static void dpcnic_spread_change(void *arg)
{
	struct dpcnic_spread *spread = arg;
	struct dpcnic_nic *nic = spread->nic;
	int i;

	for (i = spread->msg->id; i < nic->queue_cnt; i += nic->queue_msg_cnt)
		WRITE_ONCE(nic->queue[i].cpu, spread->cpu[i]);
}

/*
 * Give the queues of shared messages their CPUs. A ring never has two DPCs at once (I10). The
 * interrupt that an old CPU's DPC was queued by is spent, so the message is triggered for the new
 * ones.
 *
 * Context: process, CPUs and @spread_lock held.
 * Return: true if any queue moved.
 */
static bool dpcnic_spread_update(struct dpcnic_nic *nic, int leaving)
{
	struct dpcnic_spread spread = { .nic = nic };
	bool moved = false;
	int i;

	for (i = 0; i < nic->queue_cnt; i++)
		spread.cpu[i] = dpcnic_spread_cpu(nic, i, leaving);

	for (i = 0; i < nic->queue_msg_cnt; i++) {
		spread.msg = &nic->engine->msg[i];
		if (!spread.msg->ops->spread || !dpcnic_spread_differs(&spread))
			continue;
		dpcnic_msg_pause(spread.msg);
		dpcnic_msg_synchronize(spread.msg, dpcnic_spread_change, &spread);
		dpcnic_msg_resume(spread.msg);
		spread.msg->ops->trigger(spread.msg);
		moved = true;
	}
	return moved;
}

/**
 * dpcnic_spread_start() - follow CPU hotplug from now on
 * @nic: the NIC, its messages enabled
 *
 * Context: process, RTNL held.
 */
void dpcnic_spread_start(struct dpcnic_nic *nic)
{
	cpus_read_lock();
	mutex_lock(&nic->spread_lock);
	dpcnic_spread_update(nic, DPCNIC_NO_CPU);
	nic->spreading = true;
	mutex_unlock(&nic->spread_lock);
	cpus_read_unlock();
}

/**
 * dpcnic_spread_stop() - undo dpcnic_spread_start()
 * @nic: the NIC, its messages still registered
 *
 * Context: process, RTNL held.
 */
void dpcnic_spread_stop(struct dpcnic_nic *nic)
{
	mutex_lock(&nic->spread_lock);
	nic->spreading = false;
	mutex_unlock(&nic->spread_lock);
}

static void dpcnic_spread_hotplug(struct dpcnic_nic *nic, int leaving)
{
	mutex_lock(&nic->spread_lock);
	if (nic->spreading && dpcnic_spread_update(nic, leaving))
		mod_delayed_work(system_wq, &nic->service, 0);
	mutex_unlock(&nic->spread_lock);
}

static int dpcnic_cpu_online(unsigned int cpu, struct hlist_node *node)
{
	dpcnic_spread_hotplug(hlist_entry(node, struct dpcnic_nic, cpuhp), DPCNIC_NO_CPU);
	return 0;
}

/* It is still online, and its DPCs still run. */
static int dpcnic_cpu_offline(unsigned int cpu, struct hlist_node *node)
{
	struct dpcnic_nic *nic = hlist_entry(node, struct dpcnic_nic, cpuhp);

	dpcnic_engine_unbind_threads(nic->engine, cpu);
	dpcnic_spread_hotplug(nic, cpu);
	return 0;
}

/**
 * dpcnic_spread_add() - let CPU hotplug know the NIC
 * @nic: the NIC
 *
 * Context: process, without RTNL.
 */
void dpcnic_spread_add(struct dpcnic_nic *nic)
{
	mutex_init(&nic->spread_lock);
	cpuhp_state_add_instance_nocalls(dpcnic_cpuhp_state, &nic->cpuhp);
}

/**
 * dpcnic_spread_remove() - undo dpcnic_spread_add()
 * @nic: the NIC, stopped
 *
 * Context: process, without RTNL.
 */
void dpcnic_spread_remove(struct dpcnic_nic *nic)
{
	cpuhp_state_remove_instance_nocalls(dpcnic_cpuhp_state, &nic->cpuhp);
}

/**
 * dpcnic_spread_init() - get a place in CPU hotplug; for the whole module
 *
 * Return: 0 or an error.
 */
int dpcnic_spread_init(void)
{
	int state = cpuhp_setup_state_multi(CPUHP_AP_ONLINE_DYN, "net/dpcnic:online",
					    dpcnic_cpu_online, dpcnic_cpu_offline);

	if (state < 0)
		return state;
	dpcnic_cpuhp_state = state;
	return 0;
}

/**
 * dpcnic_spread_exit() - undo dpcnic_spread_init()
 */
void dpcnic_spread_exit(void)
{
	cpuhp_remove_multi_state(dpcnic_cpuhp_state);
}
