// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host_json.h"
#include "utf8.h"

/* Those of a recording, at most: what it claims is memory that it gets. */
#define IRQS_MAX	4096

static json_t *cpus_json(const struct host_load *load)
{
	json_t *cpus = json_array();

	for (__u32 i = 0; i < load->cpu_count; i++) {
		const struct host_cpu *cpu = &load->cpus[i];

		if (cpu->ksoftirqd_ns || cpu->ksoftirqd_wait_ns || cpu->stolen_ns)
			json_array_append_new(cpus, json_pack("{s:I, s:I, s:I, s:I}",
							      "cpu", (json_int_t)i,
							      "ksoftirqd_ns",
							      (json_int_t)cpu->ksoftirqd_ns,
							      "ksoftirqd_wait_ns",
							      (json_int_t)cpu->ksoftirqd_wait_ns,
							      "stolen_ns",
							      (json_int_t)cpu->stolen_ns));
	}
	return cpus;
}

static void add_irq(json_t *irqs, const struct host_irq *irq, __u32 cpus)
{
	json_t *counts = json_array();

	for (__u32 cpu = 0; cpu < cpus; cpu++)
		if (irq->counts[cpu])
			json_array_append_new(counts, json_pack("[I, I]", (json_int_t)cpu,
								(json_int_t)irq->counts[cpu]));
	if (json_array_size(counts))
		json_array_append_new(irqs, json_pack("{s:I, s:o, s:O}", "irq",
						      (json_int_t)irq->irq, "actions",
						      irq->actions ?
						      utf8_json_printable(irq->actions) :
						      json_null(), "counts", counts));
	json_decref(counts);
}

json_t *host_json(const struct host_load *load)
{
	json_t *irqs = json_array();

	for (size_t i = 0; i < load->irq_count && json_array_size(irqs) < IRQS_MAX; i++)
		add_irq(irqs, &load->irqs[i], load->cpu_count);
	return json_pack("{s:I, s:o, s:o}", "time_ns", (json_int_t)load->time_ns,
			 "cpus", cpus_json(load), "irqs", irqs);
}

static bool parse_cpu(struct host_load *load, json_t *json)
{
	json_int_t cpu, ksoftirqd, wait, stolen;

	if (json_unpack(json, "{s:I, s:I, s:I, s:I}", "cpu", &cpu, "ksoftirqd_ns", &ksoftirqd,
			"ksoftirqd_wait_ns", &wait, "stolen_ns", &stolen) ||
	    cpu < 0 || cpu >= load->cpu_count || ksoftirqd < 0 || wait < 0 || stolen < 0)
		return false;
	load->cpus[cpu] = (struct host_cpu){
		.online = true,
		.ksoftirqd_ns = (__u64)ksoftirqd,
		.ksoftirqd_wait_ns = (__u64)wait,
		.stolen_ns = (__u64)stolen,
	};
	return true;
}

static bool parse_counts(struct host_irq *irq, const json_t *counts, __u32 cpus)
{
	json_int_t cpu, count;
	json_t *pair;
	size_t i;

	json_array_foreach(counts, i, pair) {
		if (json_unpack(pair, "[I, I]", &cpu, &count) || cpu < 0 || cpu >= cpus ||
		    count < 0)
			return false;
		irq->counts[cpu] = (__u64)count;
	}
	return true;
}

static bool parse_irq(struct host_load *load, json_t *json)
{
	struct host_irq *irq = &load->irqs[load->irq_count];
	json_t *actions, *counts;
	const char *name;
	json_int_t number;

	if (json_unpack(json, "{s:I, s:o, s:o}", "irq", &number, "actions", &actions, "counts",
			&counts) ||
	    number < 0 || number > UINT32_MAX)
		return false;
	name = json_string_value(actions);
	/* it goes to the terminal */
	if (name && !utf8_is_printable(name))
		return false;
	irq->irq = (__u32)number;
	irq->counts = calloc(load->cpu_count, sizeof(*irq->counts));
	if (!irq->counts)
		return false;
	load->irq_count++;
	if (name)
		irq->actions = strdup(name);
	return parse_counts(irq, counts, load->cpu_count);
}

bool host_parse(struct host_load *load, const json_t *json, __u32 cpus)
{
	const json_t *time = json_object_get(json, "time_ns"), *list;
	json_t *one;
	size_t i;

	*load = (struct host_load){ .cpu_count = cpus };
	if (!json_is_integer(time) || json_integer_value(time) < 0)
		return false;
	load->time_ns = (__u64)json_integer_value(time);
	load->cpus = calloc(cpus, sizeof(*load->cpus));
	list = json_object_get(json, "irqs");
	if (!load->cpus || json_array_size(list) > IRQS_MAX)
		return false;
	load->irqs = calloc(json_array_size(list) + 1, sizeof(*load->irqs));
	if (!load->irqs)
		return false;
	json_array_foreach(list, i, one)
		if (!parse_irq(load, one))
			return false;
	json_array_foreach(json_object_get(json, "cpus"), i, one)
		if (!parse_cpu(load, one))
			return false;
	return true;
}
