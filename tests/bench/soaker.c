// SPDX-License-Identifier: GPL-2.0
/*
 * How many instructions did the machine execute, and not in vain? For instruction-counting mode,
 * where time is the instructions of all CPUs together. On every CPU a thread that anything else
 * goes before (SCHED_IDLE) executes what would have been idle time, in a loop whose passes it
 * counts. What is left of the time was work, of whatever kind and wherever.
 *
 * Before, it fills the holes that the boot has left in the slabs of skbs, with datagrams that
 * nobody reads. A slab that is nearly full makes allocating and freeing dearer, by up to 150
 * instructions a packet, for whichever driver comes upon it.
 *
 * For each line on stdin a line on stdout: instructions of work since the start. That is also
 * where the profile (profile.c) has its marks.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef __x86_64__
#error "how many instructions a pass has must be known"
#endif
#define PASS_INSTRUCTIONS	2

/* that many in all; a socket takes no more than some 200 */
#define BALLAST_SOCKETS		16
#define BALLAST_EACH		128

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

static void fill_slabs(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len;
	int i, j, fd;

	for (i = 0; i < BALLAST_SOCKETS; i++) {
		len = sizeof(addr);
		addr.sin_port = 0;
		addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (fd < 0 || bind(fd, (struct sockaddr *)&addr, len) ||
		    getsockname(fd, (struct sockaddr *)&addr, &len))
			die("cannot fill slabs", errno);
		for (j = 0; j < BALLAST_EACH; j++) {
			if (sendto(fd, "", 1, 0, (struct sockaddr *)&addr, len) != 1)
				die("cannot fill slabs", errno);
		}
	}
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
	fill_slabs();
	memset(soakers, 0, (size_t)cpus * sizeof(*soakers));
	for (i = 0; i < cpus; i++) {
		soakers[i].cpu = (int)i;
		error = pthread_create(&thread, NULL, soak, &soakers[i]);
		if (error)
			die("cannot start", error);
	}
	start = work(soakers, cpus);
	while (getchar() != EOF) {
		/* does nothing, and is seen by profile.c: nopl 0x637064(%rax,%rax) */
		asm volatile(".byte 0x0f, 0x1f, 0x84, 0x00, 'd', 'p', 'c', 0x00");
		printf("%lu\n", work(soakers, cpus) - start);
		fflush(stdout);
	}
	return 0;
}
