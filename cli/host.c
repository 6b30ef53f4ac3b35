// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "host.h"
#include "irq.h"
#include "units.h"
#include "watch.h"

/* Reads the numbers of a line of /proc/interrupts; @columns tells whose CPU each of them is. */
static void read_counts(__u64 *counts, char *line, const struct number_list *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		counts[columns->numbers[i]] = strtoull(line, &line, 10);
}

static bool add_irq(struct host_load *load, char *line, const struct number_list *columns)
{
	struct host_irq irq = { .irq = (__u32)strtoul(line, &line, 10) };
	struct host_irq *grown;

	/* NMI, LOC and the like have no number */
	if (*line != ':')
		return true;
	grown = realloc(load->irqs, (load->irq_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	load->irqs = grown;
	irq.counts = calloc(load->cpu_count, sizeof(*irq.counts));
	if (!irq.counts)
		return false;
	read_counts(irq.counts, line + 1, columns);
	load->irqs[load->irq_count++] = irq;
	return true;
}

/* The first line names the CPUs that are online: "CPU0 CPU1 CPU3". */
static void read_columns(struct number_list *columns, char *line, struct host_load *load)
{
	unsigned int cpu;
	char *word;

	columns->count = 0;
	while ((word = strsep(&line, "\n ")) && columns->count < LIST_MAX) {
		if (sscanf(word, "CPU%u", &cpu) == 1 && cpu < load->cpu_count) {
			columns->numbers[columns->count++] = cpu;
			load->cpus[cpu].online = true;
		}
	}
}

static bool read_interrupts(struct host_load *load)
{
	struct number_list *columns = malloc(sizeof(*columns));
	FILE *file = fopen("/proc/interrupts", "re");
	bool ok = columns;
	char *line = NULL;
	size_t size = 0;

	if (file && ok && getline(&line, &size, file) > 0) {
		read_columns(columns, line, load);
		while (ok && getline(&line, &size, file) > 0)
			ok = add_irq(load, line, columns);
	}
	if (file)
		fclose(file);
	free(line);
	free(columns);
	return ok;
}

/* "cpu3 USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL ...", in ticks. */
static void read_stolen(struct host_load *load)
{
	__u64 tick_ns = NSEC_PER_SEC / (__u64)sysconf(_SC_CLK_TCK);
	FILE *file = fopen("/proc/stat", "re");
	unsigned long long stolen;
	char line[512];
	unsigned int cpu;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "cpu%u %*u %*u %*u %*u %*u %*u %*u %llu", &cpu, &stolen) == 2 &&
		    cpu < load->cpu_count)
			load->cpus[cpu].stolen_ns = stolen * tick_ns;
	if (file)
		fclose(file);
}

static bool is_ksoftirqd(const char *pid, __u32 *cpu)
{
	char *name = read_line("/proc/%s/comm", pid);
	bool is = name && sscanf(name, "ksoftirqd/%u", cpu) == 1;

	free(name);
	return is;
}

/* ksoftirqd/N takes DPCs over that softirq time did not suffice for. */
static void read_ksoftirqds(struct host_load *load)
{
	DIR *processes = opendir("/proc");
	unsigned long long ran, waited;
	struct dirent *process;
	char *times;
	__u32 cpu;

	while (processes && (process = readdir(processes))) {
		if (!is_ksoftirqd(process->d_name, &cpu) || cpu >= load->cpu_count)
			continue;
		times = read_line("/proc/%s/schedstat", process->d_name);
		if (times && sscanf(times, "%llu %llu", &ran, &waited) == 2) {
			load->cpus[cpu].ksoftirqd_ns = ran;
			load->cpus[cpu].ksoftirqd_wait_ns = waited;
		}
		free(times);
	}
	if (processes)
		closedir(processes);
}

bool host_read_interrupts(struct host_load *load, __u32 cpus)
{
	*load = (struct host_load){ .time_ns = now_ns(), .cpu_count = cpus };
	load->cpus = calloc(cpus, sizeof(*load->cpus));
	return load->cpus && read_interrupts(load);
}

bool host_read(struct host_load *load, __u32 cpus)
{
	if (!host_read_interrupts(load, cpus))
		return false;
	read_stolen(load);
	read_ksoftirqds(load);
	return true;
}

/*
 * A counter that went back began anew: the CPU, or the IRQ, went and came back. Of a CPU that was
 * not online the counters were not told.
 */
static __u64 since(__u64 now, __u64 before, bool told)
{
	if (!told)
		return 0;
	return now >= before ? now - before : now;
}

static void irq_since(struct host_irq *irq, const struct host_load *before)
{
	for (size_t i = 0; i < before->irq_count; i++) {
		if (before->irqs[i].irq != irq->irq)
			continue;
		for (__u32 cpu = 0; cpu < before->cpu_count; cpu++)
			irq->counts[cpu] = since(irq->counts[cpu], before->irqs[i].counts[cpu],
						 before->cpus[cpu].online);
	}
}

void host_since(struct host_load *load, const struct host_load *before)
{
	load->time_ns -= before->time_ns;
	for (__u32 i = 0; i < load->cpu_count; i++) {
		struct host_cpu *cpu = &load->cpus[i];
		const struct host_cpu *then = &before->cpus[i];

		cpu->ksoftirqd_ns = since(cpu->ksoftirqd_ns, then->ksoftirqd_ns, then->online);
		cpu->ksoftirqd_wait_ns = since(cpu->ksoftirqd_wait_ns, then->ksoftirqd_wait_ns,
					       then->online);
		cpu->stolen_ns = since(cpu->stolen_ns, then->stolen_ns, then->online);
	}
	for (size_t i = 0; i < load->irq_count; i++) {
		irq_since(&load->irqs[i], before);
		load->irqs[i].actions = irq_actions(load->irqs[i].irq);
	}
}

const struct host_irq *host_busiest(const struct host_load *load, __u32 cpu, __u64 except)
{
	const struct host_irq *busiest = NULL;

	for (size_t i = 0; i < load->irq_count; i++) {
		const struct host_irq *irq = &load->irqs[i];

		if (irq->irq != except &&
		    irq->counts[cpu] > (busiest ? busiest->counts[cpu] : 0))
			busiest = irq;
	}
	return busiest;
}

void host_free(struct host_load *load)
{
	for (size_t i = 0; i < load->irq_count; i++) {
		free(load->irqs[i].counts);
		free(load->irqs[i].actions);
	}
	free(load->irqs);
	free(load->cpus);
	*load = (struct host_load){ 0 };
}
