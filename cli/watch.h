/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long an observation lasts: until a time, a signal, or the end of the COMMAND that is run
 * meanwhile.
 */
#ifndef DPCTOOL_WATCH_H
#define DPCTOOL_WATCH_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>
#include <linux/types.h>

#include "error.h"

/**
 * struct watch_progress - what a terminal is told of a watch, once a second
 * @end_ns: when it will be over, CLOCK_MONOTONIC; ~0 is not known
 * @next_ns: when it is told again; ~0 is never
 * @add: adds how far it is to the time, unless NULL
 * @context: its argument
 * @shown: it stands on the terminal
 */
struct watch_progress {
	__u64 end_ns;
	__u64 next_ns;
	void (*add)(FILE *file, const void *context);
	const void *context;
	bool shown;
};

/**
 * struct watch - an observation going on
 * @signals: file descriptor to read signals from
 * @child: the COMMAND, 0 if there is none or it has ended
 * @argv: the COMMAND, NULL if there is none
 * @status: how it ended, as waitpid() tells
 * @before: signals that were blocked when it began
 * @interrupted: the user asked for the end
 * @progress: what is told while it goes on
 * @start_ns: when it began, CLOCK_MONOTONIC
 * @start_realtime_ns: the same on CLOCK_REALTIME
 * @offset_ns: see watch_offset()
 */
struct watch {
	int signals;
	pid_t child;
	char *const *argv;
	int status;
	sigset_t before;
	bool interrupted;
	struct watch_progress progress;
	__u64 start_ns;
	__u64 start_realtime_ns;
	__u64 offset_ns;
};

/** enum watch_event - why watch_wait() returned */
enum watch_event {
	WATCH_TIME,	/* the time is reached, or there is data to read */
	WATCH_END,	/* the COMMAND has ended, or the user wants no more */
};

/** now_ns() - CLOCK_MONOTONIC */
__u64 now_ns(void);

/** now_realtime_ns() - CLOCK_REALTIME */
__u64 now_realtime_ns(void);

/** watch_start() - begin now; start the COMMAND @argv, if not NULL */
enum exit_code watch_start(struct watch *watch, char *const *argv);

/**
 * watch_offset() - CLOCK_REALTIME less CLOCK_MONOTONIC, now. While the clock is not set, and did
 * not drift by a millisecond, it is what it was, so that one interval begins where the other ended.
 */
__u64 watch_offset(struct watch *watch);

/**
 * watch_wait() - wait until @until_ns (CLOCK_MONOTONIC, ~0 for ever), until @data_fd is readable
 * (-1: no such), or for the end
 */
enum watch_event watch_wait(struct watch *watch, __u64 until_ns, int data_fd);

/**
 * watch_progress() - have watch_wait() tell on stderr how far it is, if that is a terminal. While a
 * COMMAND runs the terminal is the COMMAND's.
 * @end_ns: when it will be over, CLOCK_MONOTONIC; ~0 is not known
 * @add: adds something to the time, unless NULL
 * @context: its argument
 */
void watch_progress(struct watch *watch, __u64 end_ns,
		    void (*add)(FILE *file, const void *context), const void *context);

/** watch_hide() - clear the terminal's line of that, before something else is printed there */
void watch_hide(struct watch *watch);

/**
 * watch_finish() - wait for a COMMAND still running; failed it, say so and return DPCTOOL_COMMAND.
 * From now on SIGINT ends dpctool at once; those that came before were for the observation.
 */
enum exit_code watch_finish(struct watch *watch);

/** watch_command() - the COMMAND and how it ended, or null without one */
json_t *watch_command(const struct watch *watch);

#endif /* DPCTOOL_WATCH_H */
