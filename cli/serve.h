/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One page over HTTP, for Prometheus: GET and HEAD of /metrics, and of / for people, nothing else.
 *
 * In one thread, so a page is of one moment. Bounded: in connections, also per address, in what one
 * may send (and it must send it within SERVE_TIMEOUT_S of the last), in pages, one per connection.
 */
#ifndef DPCTOOL_SERVE_H
#define DPCTOOL_SERVE_H

#include <stdbool.h>
#include <stdio.h>
#include <linux/types.h>

#include "error.h"
#include "watch.h"

#define SERVE_PORT		10576
#define SERVE_CONNECTIONS	16
#define SERVE_PER_ADDRESS	8
#define SERVE_TIMEOUT_S		30

/**
 * struct serve_page - the page
 * @print: write it; errors are left in @out
 * @context: the other argument
 * @count: how often it was asked for
 */
struct serve_page {
	void (*print)(FILE *out, void *context);
	void *context;
	__u64 count;
};

/**
 * serve_listen() - listen, on a socket of our own, for serve()
 * @fd: the socket
 * @url: where the page will be
 * @address: numeric, "127.0.0.1:10576", "[::1]:10576", either without port; NULL is the first of
 *	these. Port 0 is any that is free.
 */
enum exit_code serve_listen(int *fd, char *url, size_t size, const char *address);

/** serve() - serve @page on @fd until @watch says that it is the end; then @fd is closed */
enum exit_code serve(int fd, struct serve_page *page, struct watch *watch);

#endif /* DPCTOOL_SERVE_H */
