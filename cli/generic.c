// SPDX-License-Identifier: GPL-2.0
/*
 * A device's rows are its NAPI instances, in the order the programs saw them, and then its IRQs.
 * Interrupts are counted by IRQ and CPU. They belong to the row of the NAPI instance that the IRQ
 * starts on that CPU, if that is known, and is one only; else to the IRQ's own.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "attach.h"
#include "figures.h"
#include "generic.h"
#include "generic.skel.h"
#include "generic_abi.h"
#include "host.h"
#include "napi.h"
#include "wiring.h"

/* NAPI instances that come while we look, as when a device is opened again. */
#define SPARE		8

/* Entries for a NAPI instance: the CPUs it runs on meanwhile. */
#define PLACES		4

/**
 * struct window - a map of the programs as we see it
 * @data: its elements; MAP_FAILED if it is not mapped
 * @size: in bytes
 */
struct window {
	void *data;
	size_t size;
};

/**
 * struct generic - see generic.h
 * @bpf: the programs and their maps, NULL at L0
 * @level: how it observes
 * @cpus: how many CPUs there can be
 * @list: the devices
 * @wirings: of each of ours, its IRQs as they were in the beginning
 * @first_irq: of each of ours, where its IRQs begin in @arrived
 * @first_row: of each of ours, where its rows begin in @credit
 * @first_napi: of each of ours, where its instances begin in maps
 * @irq_count: IRQs of all devices
 * @napi_count: the same of instances that there is room for
 * @row_room: the same of entries
 * @arrived: interrupts when we last looked, by IRQ and CPU
 * @credit: interrupts that belong to a row, by row and CPU
 * @entry_of: the entry of an instance on a CPU, plus 1; 0 if there is none
 * @entries, @arrivals, @napis, @rows: maps of the programs
 */
struct generic {
	struct generic_bpf *bpf;
	enum level level;
	__u32 cpus;
	const struct device_list *list;
	struct wiring wirings[OBSERVE_DEVICES];
	size_t first_irq[OBSERVE_DEVICES];
	size_t first_row[OBSERVE_DEVICES];
	size_t first_napi[OBSERVE_DEVICES];
	size_t irq_count;
	size_t napi_count;
	size_t row_room;
	__u64 *arrived;
	__u64 *credit;
	__u32 *entry_of;
	struct window entries;
	struct window arrivals;
	struct window napis;
	struct window rows;
};

static bool is_ours(const struct device *device)
{
	return device->level < LEVEL_3;
}

void generic_size(struct device *device)
{
	__u32 queues = device_queues(device->name, "");
	struct wiring wiring;
	struct napis napis;

	wiring_read(&wiring, device);
	napis_read(&napis, device);
	device->napis = queues > wiring.count ? queues : (__u32)wiring.count;
	if (device->napis < napis.count)
		device->napis = (__u32)napis.count;
	device->napis = 2 * device->napis + SPARE;
	device->messages = device->napis + (__u32)wiring.count;
	napis_free(&napis);
	wiring_free(&wiring);
}

/* Finds out what there is, and makes room for what is known of it. The IRQs may have changed. */
static int prepare(struct generic *generic)
{
	size_t rows = 0;

	for (size_t slot = 0; slot < generic->list->count; slot++) {
		const struct device *device = &generic->list->devices[slot];
		struct wiring *wiring = &generic->wirings[slot];

		if (!is_ours(device))
			continue;
		wiring_read(wiring, device);
		while (wiring->count > device->messages - device->napis)
			wire_free(&wiring->wires[--wiring->count]);
		generic->first_irq[slot] = generic->irq_count;
		generic->first_row[slot] = rows;
		generic->first_napi[slot] = generic->napi_count;
		generic->irq_count += wiring->count;
		generic->napi_count += device->napis;
		rows += device->messages;
	}
	generic->row_room = generic->napi_count * PLACES;
	generic->arrived = calloc(generic->irq_count * generic->cpus + 1, sizeof(__u64));
	generic->credit = calloc(rows * generic->cpus, sizeof(__u64));
	generic->entry_of = calloc(generic->napi_count * generic->cpus, sizeof(__u32));
	return generic->arrived && generic->credit && generic->entry_of ? 0 : -ENOMEM;
}

static __u32 highest_irq(const struct generic *generic)
{
	__u32 highest = 0;

	for (size_t slot = 0; slot < generic->list->count; slot++)
		for (size_t i = 0; i < generic->wirings[slot].count; i++)
			if (generic->wirings[slot].wires[i].irq > highest)
				highest = generic->wirings[slot].wires[i].irq;
	return highest;
}

/* What can only be set before the programs are loaded. */
static int set_up(struct generic *generic, const struct observer_request *request, int ring,
		  int counts)
{
	struct generic_bpf *bpf = generic->bpf;
	bool causal = generic->level == LEVEL_2;
	int error = 0;

	attach_devices((struct observe_device *)bpf->rodata->devices,
		       (__u32 *)&bpf->rodata->device_count, generic->list, false);
	*(bool *)&bpf->rodata->causal = causal;
	*(bool *)&bpf->rodata->counting = request->counting;
	*(bool *)&bpf->rodata->sending = request->ring_bytes;
	*(__u32 *)&bpf->rodata->cpus = generic->cpus;
	*(__u32 *)&bpf->rodata->netns = (__u32)device_netns();
	*(__u64 *)&bpf->rodata->wakeup_bytes = request->ring_bytes / 4;
	/* What a row's message is becomes known later: who takes the runs chooses. */
	memset((void *)bpf->rodata->wanted_msgs, 0xff, sizeof(bpf->rodata->wanted_msgs));
	if (request->ring_bytes)
		memcpy((void *)bpf->rodata->wanted_cpus, request->cpus->bits,
		       sizeof(request->cpus->bits));
	bpf_program__set_autoload(bpf->progs.raise_softirq, !causal);
	bpf_program__set_autoload(bpf->progs.enter_softirq, !causal);
	bpf_program__set_autoload(bpf->progs.leave_softirq, !causal);
	bpf_program__set_autoload(bpf->progs.begin_run, causal);
	bpf_program__set_autoload(bpf->progs.queue, causal);
	bpf_program__set_autoload(bpf->progs.queue_irqoff, causal);
	bpf_program__set_autoload(bpf->progs.coalesce, causal);
	bpf_map__set_max_entries(bpf->maps.irqs, highest_irq(generic) + 1);
	bpf_map__set_max_entries(bpf->maps.arrivals,
				 (__u32)(generic->irq_count * generic->cpus) + 1);
	bpf_map__set_max_entries(bpf->maps.napis, (__u32)generic->napi_count);
	bpf_map__set_max_entries(bpf->maps.numbers, (__u32)generic->napi_count);
	bpf_map__set_max_entries(bpf->maps.ids, (__u32)generic->napi_count);
	bpf_map__set_max_entries(bpf->maps.rows, (__u32)generic->row_room);
	bpf_map__set_max_entries(bpf->maps.places, (__u32)generic->row_room);
	bpf_map__set_max_entries(bpf->maps.entries,
				 request->counting ? (__u32)generic->row_room : 1);
	if (request->ring_bytes)
		bpf_map__set_max_entries(bpf->maps.ring, (__u32)request->ring_bytes);
	if (ring >= 0)
		error = bpf_map__reuse_fd(bpf->maps.ring, ring);
	if (!error && counts >= 0)
		error = bpf_map__reuse_fd(bpf->maps.counts, counts);
	return error;
}

/*
 * Where the counts of device @slot's IRQ number @index are: those of the first device that has it,
 * as on a line that several share, where an interrupt may be for any of them.
 */
static size_t place_of_irq(const struct generic *generic, size_t slot, size_t index)
{
	__u32 irq = generic->wirings[slot].wires[index].irq;

	for (size_t first = 0; first < slot; first++)
		for (size_t i = 0; i < generic->wirings[first].count; i++)
			if (generic->wirings[first].wires[i].irq == irq)
				return generic->first_irq[first] + i;
	return generic->first_irq[slot] + index;
}

static int set_irqs(const struct generic *generic)
{
	int irqs = bpf_map__fd(generic->bpf->maps.irqs), error = 0;

	for (size_t slot = 0; slot < generic->list->count; slot++) {
		const struct wiring *wiring = &generic->wirings[slot];

		for (size_t i = 0; !error && i < wiring->count; i++) {
			const struct generic_irq irq = {
				.index = (__u32)(place_of_irq(generic, slot, i) + 1),
				.device = (__u32)slot,
			};

			error = bpf_map_update_elem(irqs, &wiring->wires[i].irq, &irq, BPF_ANY);
		}
	}
	return error;
}

static int map_window(struct window *window, const struct bpf_map *map)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	/* elements of 8 bytes and more are padded to 8, as these are */
	window->size = (size_t)bpf_map__max_entries(map) * bpf_map__value_size(map);
	window->size = (window->size + page - 1) / page * page;
	window->data = mmap(NULL, window->size, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
	return window->data == MAP_FAILED ? -errno : 0;
}

static int map_windows(struct generic *generic)
{
	const struct generic_bpf *bpf = generic->bpf;
	int error;

	error = map_window(&generic->entries, bpf->maps.entries);
	error = error ? error : map_window(&generic->arrivals, bpf->maps.arrivals);
	error = error ? error : map_window(&generic->napis, bpf->maps.napis);
	return error ? error : map_window(&generic->rows, bpf->maps.rows);
}

static int load(struct generic *generic, const struct observer_request *request, int ring,
		int counts)
{
	int error;

	generic->bpf = generic_bpf__open();
	if (!generic->bpf)
		return -errno;
	error = set_up(generic, request, ring, counts);
	error = error ? error : generic_bpf__load(generic->bpf);
	error = error ? error : set_irqs(generic);
	error = error ? error : map_windows(generic);
	return error ? error : generic_bpf__attach(generic->bpf);
}

static const __u64 *find_counts(const struct host_load *load, __u32 irq)
{
	for (size_t i = 0; i < load->irq_count; i++)
		if (load->irqs[i].irq == irq)
			return load->irqs[i].counts;
	return NULL;
}

/* Of an IRQ that is gone, or a CPU that is offline, nothing is told: it had no more. */
static void read_proc(const struct generic *generic, __u64 *now)
{
	struct host_load load;

	if (!host_read_interrupts(&load, generic->cpus))
		no_memory();
	for (size_t slot = 0; slot < generic->list->count; slot++) {
		for (size_t i = 0; i < generic->wirings[slot].count; i++) {
			size_t at = (generic->first_irq[slot] + i) * generic->cpus;
			const __u64 *counts =
				find_counts(&load, generic->wirings[slot].wires[i].irq);

			for (__u32 cpu = 0; cpu < generic->cpus; cpu++)
				now[at + cpu] = counts && load.cpus[cpu].online ?
					counts[cpu] : generic->arrived[at + cpu];
		}
	}
	host_free(&load);
}

static void read_counted(const struct generic *generic, __u64 *now)
{
	const __u64 *arrivals = generic->arrivals.data;
	size_t cpus = generic->cpus;

	for (size_t slot = 0; slot < generic->list->count; slot++)
		for (size_t i = 0; i < generic->wirings[slot].count; i++)
			memcpy(now + (generic->first_irq[slot] + i) * cpus,
			       arrivals + place_of_irq(generic, slot, i) * cpus,
			       cpus * sizeof(*now));
}

/* Those of all IRQs, now, by IRQ and CPU. */
static void read_arrivals(const struct generic *generic, __u64 *now)
{
	if (generic->bpf)
		read_counted(generic, now);
	else
		read_proc(generic, now);
}

int generic_start(struct generic **out, const struct observer_request *request,
		  enum level level, int ring, int counts)
{
	struct generic *generic = calloc(1, sizeof(*generic));
	int error;

	*out = generic;
	if (!generic)
		return -ENOMEM;
	generic->level = level;
	generic->cpus = attach_cpus();
	generic->list = request->list;
	generic->entries.data = MAP_FAILED;
	generic->arrivals.data = MAP_FAILED;
	generic->napis.data = MAP_FAILED;
	generic->rows.data = MAP_FAILED;
	error = prepare(generic);
	if (!error && level > LEVEL_0)
		error = load(generic, request, ring, counts);
	if (error) {
		generic_free(generic);
		*out = NULL;
		return error;
	}
	if (level == LEVEL_0)
		read_arrivals(generic, generic->arrived);
	return 0;
}

int generic_ring(const struct generic *generic)
{
	return bpf_map__fd(generic->bpf->maps.ring);
}

int generic_counts(const struct generic *generic, struct timeline_counts *counts, __u32 cpus)
{
	__u32 zero = 0;

	return bpf_map__lookup_elem(generic->bpf->maps.counts, &zero, sizeof(zero), counts,
				    cpus * sizeof(*counts), 0);
}

void generic_stop(struct generic *generic)
{
	if (generic->bpf)
		generic_bpf__detach(generic->bpf);
}

static void unmap(const struct window *window)
{
	if (window->data != MAP_FAILED)
		munmap(window->data, window->size);
}

void generic_free(struct generic *generic)
{
	if (!generic)
		return;
	unmap(&generic->entries);
	unmap(&generic->arrivals);
	unmap(&generic->napis);
	unmap(&generic->rows);
	generic_bpf__destroy(generic->bpf);
	for (size_t slot = 0; slot < generic->list->count; slot++)
		wiring_free(&generic->wirings[slot]);
	free(generic->arrived);
	free(generic->credit);
	free(generic->entry_of);
	free(generic);
}

/* How many instances of a device were seen. */
static __u32 seen(const struct generic *generic, size_t slot)
{
	__u32 count = generic->bpf ? generic->bpf->bss->napi_counts[slot] : 0;
	__u32 room = generic->list->devices[slot].napis;

	return count < room ? count : room;
}

static void look_for_entries(struct generic *generic)
{
	const struct generic_place *rows = generic->rows.data;
	__u32 count = generic->bpf ? generic->bpf->bss->row_count : 0;

	for (__u32 i = 0; i < count && i < generic->row_room; i++) {
		__u32 napi = __atomic_load_n(&rows[i].napi, __ATOMIC_ACQUIRE);

		if (napi)
			generic->entry_of[(napi - 1) * generic->cpus + rows[i].cpu] = i + 1;
	}
}

/* What netlink tells counts more than what was learned. */
static struct value irq_of(const struct generic_napi *seen_napi, const struct napis *told)
{
	const struct napi *napi = napis_find(told, seen_napi->id);

	if (napi && napi->irq.known)
		return napi->irq;
	if (!seen_napi->irq || seen_napi->irq == GENERIC_SEVERAL)
		return (struct value){ 0 };
	return value_number(seen_napi->irq);
}

static const struct wire *wire_of(const struct wiring *wiring, struct value irq)
{
	for (size_t i = 0; irq.known && i < wiring->count; i++)
		if (wiring->wires[i].irq == irq.number)
			return &wiring->wires[i];
	return NULL;
}

static void look_at_napis(const struct generic *generic, size_t slot, struct row_id *ids)
{
	const struct device *device = &generic->list->devices[slot];
	const struct generic_napi *napis = generic->napis.data;
	const struct wire *wire;
	struct napis told;

	napis_read(&told, device);
	for (__u32 i = 0; i < seen(generic, slot); i++) {
		const struct generic_napi *napi = &napis[generic->first_napi[slot] + i];

		if (napi->id)
			ids[i].napi = value_number(napi->id);
		ids[i].irq = irq_of(napi, &told);
		ids[i].known = figures_of_level(generic->level);
		wire = wire_of(&generic->wirings[slot], ids[i].irq);
		if (wire)
			ids[i].msg = wire->msg;
	}
	napis_free(&told);
}

static void look_at_irqs(const struct generic *generic, size_t slot, struct row_id *ids)
{
	const struct wiring *wiring = &generic->wirings[slot];

	for (size_t i = 0; i < wiring->count; i++) {
		const char *napi = wiring->wires[i].napis;

		ids[i] = (struct row_id){
			.msg = wiring->wires[i].msg,
			.irq = value_number(wiring->wires[i].irq),
			.known = figures_of_level(LEVEL_0),
		};
		if (generic->level == LEVEL_0 && napi && !strchr(napi, ','))
			ids[i].napi = value_number(strtoull(napi, NULL, 10));
	}
}

/**
 * struct owners - the instances that an IRQ starts
 * @count: how many
 * @last: number of one of them, among those of its device
 */
struct owners {
	__u32 count;
	__u32 last;
};

/* Those that run on @cpu, or ~0 for all. */
static struct owners owners_of(const struct generic *generic, size_t slot,
			       const struct row_id *ids, __u32 irq, __u32 cpu)
{
	struct owners owners = { 0 };

	for (__u32 i = 0; i < seen(generic, slot); i++) {
		size_t at = (generic->first_napi[slot] + i) * generic->cpus;

		if (!ids[i].irq.known || ids[i].irq.number != irq ||
		    (cpu != ~0U && !generic->entry_of[at + cpu]))
			continue;
		owners.count++;
		owners.last = i;
	}
	return owners;
}

/* On no CPU there are two of them. */
static bool is_divided(const struct generic *generic, size_t slot, const struct row_id *ids,
		       __u32 irq)
{
	for (__u32 cpu = 0; cpu < generic->cpus; cpu++)
		if (owners_of(generic, slot, ids, irq, cpu).count > 1)
			return false;
	return true;
}

/* An IRQ that went and came back has begun anew. */
static __u64 arrived_since(__u64 now, __u64 before)
{
	return now >= before ? now - before : now;
}

/* Gives the interrupts of the device's IRQ number @index to the rows that they belong to. */
static void give(struct generic *generic, size_t slot, struct row_id *ids, __u32 index,
		 const __u64 *now)
{
	__u32 irq = generic->wirings[slot].wires[index].irq;
	size_t at = (generic->first_irq[slot] + index) * generic->cpus;
	struct owners all = owners_of(generic, slot, ids, irq, ~0U);
	bool divided = is_divided(generic, slot, ids, irq);

	for (__u32 cpu = 0; cpu < generic->cpus; cpu++) {
		struct owners owners = owners_of(generic, slot, ids, irq, cpu);
		__u32 row = generic->list->devices[slot].napis + index;

		if (divided && owners.count)
			row = owners.last;
		else if (divided && all.count == 1)
			row = all.last;
		generic->credit[(generic->first_row[slot] + row) * generic->cpus + cpu] +=
			arrived_since(now[at + cpu], generic->arrived[at + cpu]);
	}
	for (__u32 i = 0; i < seen(generic, slot); i++)
		if (divided && ids[i].irq.known && ids[i].irq.number == irq)
			ids[i].known |= figures_of_level(LEVEL_0);
}

static void look_at_device(struct generic *generic, size_t slot, struct row_id *ids,
			   const __u64 *now)
{
	__u32 count = seen(generic, slot);

	look_at_napis(generic, slot, ids);
	look_at_irqs(generic, slot, ids + generic->list->devices[slot].napis);
	for (__u32 i = 0; i < count; i++)
		ids[i].known &= ~figures_of_level(LEVEL_0);
	for (__u32 i = 0; i < generic->wirings[slot].count; i++)
		give(generic, slot, ids, i, now);
}

void generic_look(struct generic *generic, struct rows *rows)
{
	size_t size = generic->irq_count * generic->cpus + 1;
	__u64 *now = calloc(size, sizeof(*now));

	if (!now)
		no_memory();
	look_for_entries(generic);
	read_arrivals(generic, now);
	for (size_t slot = 0; slot < generic->list->count; slot++)
		if (is_ours(&generic->list->devices[slot]))
			look_at_device(generic, slot, rows[slot].ids, now);
	free(generic->arrived);
	generic->arrived = now;
}

void generic_entry(const struct generic *generic, size_t slot, __u32 row, __u32 cpu,
		   struct counters_entry *entry)
{
	const struct counters_entry *entries = generic->entries.data;
	__u32 index = 0;

	if (generic->bpf && row < generic->list->devices[slot].napis)
		index = generic->entry_of[(generic->first_napi[slot] + row) * generic->cpus + cpu];
	if (index)
		*entry = entries[index - 1];
	else
		memset(entry, 0, sizeof(*entry));
	entry->interrupts =
		generic->credit[(generic->first_row[slot] + row) * generic->cpus + cpu];
}

void generic_cost(const struct generic *generic, struct observer_cost *cost)
{
	struct bpf_program *program;

	if (!generic->bpf)
		return;
	bpf_object__for_each_program(program, generic->bpf->obj)
		if (bpf_program__fd(program) >= 0)
			attach_cost(program, &cost->runs, &cost->ns);
}

__u64 generic_missed(const struct generic *generic)
{
	const struct generic_bpf *bpf = generic->bpf;

	if (!bpf)
		return 0;
	return bpf->bss->unseen + attach_missed(bpf->progs.see_poll) +
	       attach_missed(bpf->progs.begin_run) + attach_missed(bpf->progs.queue) +
	       attach_missed(bpf->progs.queue_irqoff) + attach_missed(bpf->progs.coalesce);
}

__u64 generic_uncounted(const struct generic *generic)
{
	return generic->bpf ? generic->bpf->bss->unplaced + generic_missed(generic) : 0;
}
