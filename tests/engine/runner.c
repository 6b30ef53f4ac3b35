// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the engine without a NIC: the module, and how tests/vm/70-engine.t drives it.
 *
 * In debugfs, directory dpcnic_engine_test:
 *
 *	tests	the tests, a line each: number|CPUs needed|sysfs attributes|name
 *	run	write a number: the test runs, on the first CPU, before write() returns
 *	report	what came of it: "ok" or "not ok", then what was not as it must be
 *
 * sysfs attributes of the network device (its name is in "netdev") are for the caller to set,
 * because there they are the same on every kernel.
 *
 * Its tracepoints have the names of dpcnic.ko's: do not load both.
 */
#include <linux/cpu.h>
#include <linux/debugfs.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/seq_file.h>

#include "sim.h"

/* Longer than any test with all its waits in vain: then something never returns. */
#define RUNNER_PATIENCE	(60 * HZ)

static u64 seed;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "of the random tests; 0: a new one");

static struct sim sim;
static struct dentry *dir;
static DEFINE_MUTEX(runner_lock);
static struct completion runner_done;

static const struct sim_test * const suites[] = {
	sim_batch_tests, sim_many_tests, sim_hold_tests, sim_dpc_tests, sim_race_tests,
};

static const struct sim_test *runner_find(unsigned int nr)
{
	const struct sim_test *test;
	int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		for (test = suites[i]; test->name; test++)
			if (!nr--)
				return test;
	return NULL;
}

static void runner_run(const struct sim_test *test)
{
	int i;

	if (sim_build(&sim, test->msgs, test->kind)) {
		sim_fail(&sim, "cannot build the device");
		return;
	}
	for (i = 0; i < test->msgs; i++)
		sim_aim(&sim.m[i], sim.cpu);
	if (test->netpoll && sim_netpoll_start(&sim)) {
		sim_fail(&sim, "cannot have netpoll");
	} else if (sim_open(&sim)) {
		sim_fail(&sim, "cannot open the device");
	} else {
		sim_log_reset(&sim);
		test->fn(&sim);
		sim.logging = false;
		sim_settle(&sim);
		sim_check_books(&sim, test);
		sim_close(&sim);
	}
	if (test->netpoll)
		sim_netpoll_stop(&sim);
	sim_drain(&sim);
	sim_dismantle(&sim);
}

static int runner_thread(void *data)
{
	runner_run(data);
	complete(&runner_done);
	return 0;
}

/* Return: the test has ended. */
static bool runner_start(const struct sim_test *test)
{
	struct task_struct *task;

	sim.failed = false;
	sim.hung = false;
	sim.anywhere = false;
	sim.logging = false;
	sim.step = 0;
	sim.flag = 0;
	sim.report_len = 0;
	sim.report[0] = '\0';
	sim.cpu = cpumask_first(cpu_online_mask);
	sim.other = cpumask_next(sim.cpu, cpu_online_mask);

	init_completion(&runner_done);
	task = kthread_create(runner_thread, (void *)test, "dpcnic_test");
	if (IS_ERR(task)) {
		sim_fail(&sim, "no thread: %pe", task);
		return true;
	}
	kthread_bind(task, sim.cpu);
	wake_up_process(task);
	if (wait_for_completion_timeout(&runner_done, RUNNER_PATIENCE))
		return true;

	sim_hang(&sim, "the test's end", __func__, __LINE__);
	__module_get(THIS_MODULE); /* the test runs in it, for ever */
	return false;
}

static ssize_t run_write(struct file *file, const char __user *text, size_t len, loff_t *pos)
{
	const struct sim_test *test;
	static bool stuck;
	unsigned int nr;
	int err;

	err = kstrtouint_from_user(text, len, 0, &nr);
	if (err)
		return err;
	test = runner_find(nr);
	if (!test)
		return -ENOENT;
	if (num_online_cpus() < test->cpus)
		return -EOPNOTSUPP;

	mutex_lock(&runner_lock);
	if (!stuck)
		stuck = !runner_start(test);
	else
		err = -EBUSY;
	mutex_unlock(&runner_lock);
	return err ?: len;
}

static const struct file_operations run_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= run_write,
};

static int report_show(struct seq_file *seq, void *unused)
{
	seq_puts(seq, sim.failed ? "not ok\n" : "ok\n");
	seq_puts(seq, sim.report);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(report);

static int tests_show(struct seq_file *seq, void *unused)
{
	const struct sim_test *test;
	unsigned int nr;

	for (nr = 0; (test = runner_find(nr)); nr++)
		seq_printf(seq, "%u|%d|%s|%s\n", nr, test->cpus, test->attributes ?: "",
			   test->name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tests);

static int netdev_show(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%s\n", sim.ndev->name);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(netdev);

static int __init runner_init(void)
{
	int err;

	err = sim_create(&sim);
	if (err)
		return err;
	while (!seed)
		seed = get_random_u32();
	sim.seed = seed;

	dir = debugfs_create_dir("dpcnic_engine_test", NULL);
	debugfs_create_file("tests", 0400, dir, NULL, &tests_fops);
	debugfs_create_file("netdev", 0400, dir, NULL, &netdev_fops);
	debugfs_create_file("report", 0400, dir, NULL, &report_fops);
	debugfs_create_file("run", 0200, dir, NULL, &run_fops);
	return 0;
}
module_init(runner_init);

static void __exit runner_exit(void)
{
	debugfs_remove(dir);
	sim_destroy(&sim);
}
module_exit(runner_exit);

MODULE_DESCRIPTION("Tests of dpcnic's engine, without a NIC; not to be loaded beside dpcnic");
MODULE_LICENSE("GPL");
