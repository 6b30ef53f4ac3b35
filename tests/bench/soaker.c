// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions did the machine execute, and not in vain? For instruction-counting mode,
 * where time is the instructions of all CPUs together. On every CPU a thread that anything else
 * goes before (SCHED_IDLE) executes what would have been idle time, in a loop whose passes it
 * counts. What is left of the time was work, of whatever kind and wherever.
 *
 * For each line on stdin a line on stdout: instructions of work since the start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#ifndef __x86_64__
#error "how many instructions a pass has must be known"
#endif
#define PASS_INSTRUCTIONS	2

/** struct soaker - one CPU's thread; @passes is written by it alone */
struct soaker {
	alignas(64) unsigned long passes;
	int cpu;
};

static void die(const char *what, int error)
{
	fprintf(stderr, "soaker: %s: %s\n", what, strerror(error));
	exit(1);
}

static void *soak(void *data)
{
	const struct sched_param param = {};
	struct soaker *soaker = data;
	cpu_set_t cpus;
	int error;

	CPU_ZERO(&cpus);
	CPU_SET(soaker->cpu, &cpus);
	error = pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	if (!error)
		error = pthread_setschedparam(pthread_self(), SCHED_IDLE, &param);
	if (error)
		die("cannot take a CPU", error);
	for (;;)
		asm volatile("1: incq %0; jmp 1b" : "+m" (soaker->passes));
	return NULL;
}

static unsigned long work(const struct soaker *soakers, long cpus)
{
	unsigned long passes = 0;
	struct timespec now;
	long i;

	for (i = 0; i < cpus; i++)
		passes += __atomic_load_n(&soakers[i].passes, __ATOMIC_RELAXED);
	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (unsigned long)now.tv_sec * 1000000000 + (unsigned long)now.tv_nsec -
	       passes * PASS_INSTRUCTIONS;
}

int main(void)
{
	long i, cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct soaker *soakers = aligned_alloc(64, (size_t)cpus * sizeof(*soakers));
	pthread_t thread;
	unsigned long start;
	int error;

	if (!soakers)
		die("cannot start", errno);
	memset(soakers, 0, (size_t)cpus * sizeof(*soakers));
	for (i = 0; i < cpus; i++) {
		soakers[i].cpu = (int)i;
		error = pthread_create(&thread, NULL, soak, &soakers[i]);
		if (error)
			die("cannot start", error);
	}
	start = work(soakers, cpus);
	while (getchar() != EOF) {
		printf("%lu\n", work(soakers, cpus) - start);
		fflush(stdout);
	}
	return 0;
}
