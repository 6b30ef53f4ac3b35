// SPDX-License-Identifier: GPL-2.0
/* NAPI kthreads belong on the CPUs of their DPCs (D5). */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/netdevice.h>
#include <linux/sched.h>

#include "engine.h"

static void dpcnic_dpc_bind_thread(struct dpcnic_dpc *dpc)
{
	struct task_struct *thread = READ_ONCE(dpc->napi.thread);

	if (!thread || thread->pid == READ_ONCE(dpc->thread) || !cpu_online(dpc->cpu))
		return;
	/* a user may be about to move it; a later round looks again */
	if (data_race(cpumask_equal(thread->cpus_ptr, cpumask_of(dpc->cpu))))
		WRITE_ONCE(dpc->thread, thread->pid);
	else
		set_cpus_allowed_ptr(thread, cpumask_of(dpc->cpu));
}

/**
 * dpcnic_engine_bind_threads() - bind NAPI kthreads to the CPUs of their DPCs (D5)
 * @engine: the engine
 *
 * The kernel makes the kthreads ("threaded" in sysfs) and tells no driver. So this is to be called
 * every now and then; until then a kthread may run elsewhere, which is counted (foreign). Each is
 * bound until a later call finds it so, because since 6.14 a kthread that starts unbinds itself;
 * where a user moves it after that it stays.
 *
 * Context: process, RTNL held.
 */
void dpcnic_engine_bind_threads(struct dpcnic_engine *engine)
{
	int cpu, i;

	cpus_read_lock(); /* none that is bound is about to go offline */
	netdev_lock(engine->ndev);
	for (i = 0; i < engine->msg_cnt; i++)
		for_each_possible_cpu(cpu)
			dpcnic_dpc_bind_thread(&engine->msg[i].dpc[cpu]);
	netdev_unlock(engine->ndev);
	cpus_read_unlock();
}

/**
 * dpcnic_engine_unbind_threads() - a CPU goes offline, and NAPI kthreads that are bound to it
 * elsewhere
 * @engine: the engine
 * @cpu: the CPU
 *
 * When it is back, dpcnic_engine_bind_threads() is to bind them again.
 *
 * Context: process, CPU hotplug.
 */
void dpcnic_engine_unbind_threads(struct dpcnic_engine *engine, int cpu)
{
	int i;

	for (i = 0; i < engine->msg_cnt; i++)
		WRITE_ONCE(engine->msg[i].dpc[cpu].thread, 0);
}
