// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "units.h"
#include "utf8.h"
#include "watch.h"

/* What two clocks may differ by until they are said to. */
#define SAME_NS		(NSEC_PER_SEC / 1000)

static __u64 clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (__u64)time.tv_sec * NSEC_PER_SEC + (__u64)time.tv_nsec;
}

__u64 now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

__u64 now_realtime_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

/*
 * Runs in the child: only returns to its caller's error, through the pipe that a successful exec
 * closes.
 */
static void run_command(char *const *argv, const sigset_t *mask, int error_pipe)
{
	int error;

	sigprocmask(SIG_SETMASK, mask, NULL);
	execvp(argv[0], argv);
	error = errno;
	if (write(error_pipe, &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

static enum exit_code start_command(struct watch *watch, const sigset_t *mask)
{
	int ends[2], error = 0;

	fflush(stdout);
	if (pipe2(ends, O_CLOEXEC))
		return fail(DPCTOOL_COMMAND, NULL, "%s: cannot run it: %s", watch->argv[0],
			    strerror(errno));
	watch->child = fork();
	if (!watch->child)
		run_command(watch->argv, mask, ends[1]);
	if (watch->child < 0)
		error = errno;
	close(ends[1]);
	if (!error && read(ends[0], &error, sizeof(error)) == sizeof(error))
		waitpid(watch->child, NULL, 0);
	close(ends[0]);
	if (error)
		return fail(DPCTOOL_COMMAND, NULL, "%s: cannot run it: %s", watch->argv[0],
			    strerror(error));
	return DPCTOOL_OK;
}

enum exit_code watch_start(struct watch *watch, char *const *argv)
{
	sigset_t signals, before;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	/* Whoever started dpctool may ignore it, and children would vanish without telling. */
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_BLOCK, &signals, &before);

	*watch = (struct watch){
		.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
		.argv = argv,
		.before = before,
		.progress.next_ns = ~0ULL,
		.start_ns = now_ns(),
		.start_realtime_ns = now_realtime_ns(),
	};
	watch->offset_ns = watch->start_realtime_ns - watch->start_ns;
	if (watch->signals < 0)
		return fail(DPCTOOL_REFUSED, NULL, "signals: %s", strerror(errno));
	return argv ? start_command(watch, &before) : DPCTOOL_OK;
}

__u64 watch_offset(struct watch *watch)
{
	__u64 before = now_ns(), realtime = now_realtime_ns(), after = now_ns();
	__s64 change = (__s64)(realtime - before - watch->offset_ns);

	if (llabs(change) > (long long)(SAME_NS + after - before))
		watch->offset_ns += (__u64)change;
	return watch->offset_ns;
}

/*
 * A terminal sends its signals to the COMMAND as well, and others only to us: pass those on. With a
 * COMMAND it is its end that ends the observation.
 */
static enum watch_event take_signals(struct watch *watch)
{
	enum watch_event event = WATCH_TIME;
	struct signalfd_siginfo info;

	while (read(watch->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGCHLD) {
			if (watch->child &&
			    waitpid(watch->child, &watch->status, WNOHANG) == watch->child) {
				watch->child = 0;
				event = WATCH_END;
			}
			continue;
		}
		watch->interrupted = true;
		if (!watch->child)
			event = WATCH_END;
		else if (info.ssi_code != SI_KERNEL)
			kill(watch->child, (int)info.ssi_signo);
	}
	return event;
}

void watch_progress(struct watch *watch, __u64 end_ns,
		    void (*add)(FILE *file, const void *context), const void *context)
{
	if (watch->argv || !isatty(STDERR_FILENO))
		return;
	watch->progress = (struct watch_progress){
		.end_ns = end_ns,
		.next_ns = watch->start_ns + NSEC_PER_SEC,
		.add = add,
		.context = context,
	};
}

static void show_progress(struct watch *watch, __u64 now)
{
	struct watch_progress *progress = &watch->progress;

	fprintf(stderr, "\r\033[K%llus", (now - watch->start_ns) / NSEC_PER_SEC);
	if (progress->end_ns != ~0ULL)
		fprintf(stderr, " of %llus",
			(progress->end_ns - watch->start_ns + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	if (progress->add)
		progress->add(stderr, progress->context);
	fputs("; Ctrl-C ends it", stderr);
	progress->shown = true;
	progress->next_ns = now + NSEC_PER_SEC;
}

void watch_hide(struct watch *watch)
{
	if (watch->progress.shown)
		fputs("\r\033[K", stderr);
	watch->progress.shown = false;
}

enum watch_event watch_wait(struct watch *watch, __u64 until_ns, int data_fd)
{
	struct pollfd fds[] = { { .fd = watch->signals, .events = POLLIN },
				{ .fd = data_fd, .events = POLLIN } };
	struct timespec timeout;
	__u64 now, next, left;

	for (;;) {
		now = now_ns();
		if (now >= watch->progress.next_ns)
			show_progress(watch, now);
		next = watch->progress.next_ns < until_ns ? watch->progress.next_ns : until_ns;
		left = next > now ? next - now : 0;
		timeout = (struct timespec){ .tv_sec = (time_t)(left / NSEC_PER_SEC),
					     .tv_nsec = (long)(left % NSEC_PER_SEC) };
		ppoll(fds, 2, next == ~0ULL ? NULL : &timeout, NULL);
		if ((fds[0].revents & POLLIN) && take_signals(watch) == WATCH_END)
			return WATCH_END;
		if ((fds[1].revents & POLLIN) || now_ns() >= until_ns)
			return WATCH_TIME;
	}
}

enum exit_code watch_finish(struct watch *watch)
{
	watch->progress.next_ns = ~0ULL;
	while (watch->child)
		watch_wait(watch, ~0ULL, -1);
	watch_hide(watch);
	take_signals(watch);
	close(watch->signals);
	sigprocmask(SIG_SETMASK, &watch->before, NULL);
	/* A COMMAND that the user has ended has not failed. */
	if (!watch->argv || watch->interrupted || !watch->status)
		return DPCTOOL_OK;
	if (WIFSIGNALED(watch->status))
		return fail(DPCTOOL_COMMAND, NULL, "%s: killed by signal %d", watch->argv[0],
			    WTERMSIG(watch->status));
	return fail(DPCTOOL_COMMAND, NULL, "%s: failed: exit status %d", watch->argv[0],
		    WEXITSTATUS(watch->status));
}

json_t *watch_command(const struct watch *watch)
{
	json_t *status = json_null(), *killed = json_null(), *argv;

	if (!watch->argv)
		return json_null();
	argv = json_array();
	for (char *const *arg = watch->argv; *arg; arg++)
		json_array_append_new(argv, utf8_json(*arg));
	if (!watch->child && WIFEXITED(watch->status))
		status = json_integer(WEXITSTATUS(watch->status));
	if (!watch->child && WIFSIGNALED(watch->status))
		killed = json_integer(WTERMSIG(watch->status));
	return json_pack("{s:o, s:o, s:o}", "argv", argv, "exit", status, "signal", killed);
}
