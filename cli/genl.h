/* SPDX-License-Identifier: GPL-2.0 */
/* Generic netlink: one question at a time, and its answers. */
#ifndef DPCTOOL_GENL_H
#define DPCTOOL_GENL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <linux/genetlink.h>
#include <linux/types.h>

#include "output.h"

/* Room for a question, and for the largest answer: a table of thousands of entries. */
#define GENL_BUFFER	32768

/**
 * struct genl - a socket that talks to one family of the kernel
 * @socket: the socket
 * @family: number of the family
 */
struct genl {
	struct mnl_socket *socket;
	__u16 family;
};

/** genl_take - is called with each answer, whose attributes begin at GENL_HDRLEN */
typedef void (*genl_take)(const struct nlmsghdr *answer, void *context);

/** genl_open() - talk to the family of name @family; 0 or -errno, -ENOENT: there is none */
int genl_open(struct genl *genl, const char *family);

void genl_close(struct genl *genl);

/**
 * genl_question() - begin a question in @buffer, of GENL_BUFFER bytes; its attributes follow
 * @dump: ask for all objects there are
 */
struct nlmsghdr *genl_question(const struct genl *genl, char *buffer, __u8 command, bool dump);

/** genl_ask() - ask it, and call @take with each answer; 0 or -errno */
int genl_ask(const struct genl *genl, const struct nlmsghdr *question, genl_take take,
	     void *context);

/** genl_number() - the value of an attribute whose number has 32 or 64 bits, as it needs */
__u64 genl_number(const struct nlattr *attribute);

/**
 * genl_numbers() - the attributes of an answer, all of them numbers, by their types up to @max; one
 * that is not there is unknown
 */
void genl_numbers(const struct nlmsghdr *answer, struct value *numbers, __u16 max);

#endif /* DPCTOOL_GENL_H */
