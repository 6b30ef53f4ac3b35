// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "interrupt.h"

#define SIGNALS		3

static const int signals[SIGNALS] = { SIGINT, SIGTERM, SIGALRM };
static struct sigaction before[SIGNALS];
static atomic_int came;

/* What is just about to block when it comes would not see it: the alarm comes until it does. */
static void note(int signal)
{
	if (signal != SIGALRM)
		came = signal;
	alarm(1);
}

/* Without SA_RESTART: a write that waits for a pipe's reader ends with EINTR. */
void interrupt_catch(void)
{
	const struct sigaction noting = { .sa_handler = note };

	came = 0;
	for (size_t i = 0; i < SIGNALS; i++) {
		sigaction(signals[i], NULL, &before[i]);
		/* who started dpctool in the background may have them ignored */
		if (before[i].sa_handler != SIG_IGN || signals[i] == SIGALRM)
			sigaction(signals[i], &noting, NULL);
	}
}

bool interrupt_came(void)
{
	return came;
}

void interrupt_release(void)
{
	alarm(0);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &before[i], NULL);
	if (came)
		raise(came);
}
