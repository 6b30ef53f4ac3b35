// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/genetlink.h>

#include "genl.h"

static int take_family_id(const struct nlattr *attribute, void *context)
{
	struct genl *genl = context;

	if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID)
		genl->family = mnl_attr_get_u16(attribute);
	return MNL_CB_OK;
}

static void take_family(const struct nlmsghdr *answer, void *context)
{
	mnl_attr_parse(answer, GENL_HDRLEN, take_family_id, context);
}

int genl_open(struct genl *genl, const char *family)
{
	char buffer[GENL_BUFFER];
	struct nlmsghdr *question;
	int error;

	*genl = (struct genl){ .family = GENL_ID_CTRL };
	genl->socket = mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC);
	if (!genl->socket)
		return -errno;
	if (mnl_socket_bind(genl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		error = -errno;
	} else {
		question = genl_question(genl, buffer, CTRL_CMD_GETFAMILY, false);
		mnl_attr_put_strz(question, CTRL_ATTR_FAMILY_NAME, family);
		error = genl_ask(genl, question, take_family, genl);
	}
	if (error)
		genl_close(genl);
	return error;
}

void genl_close(struct genl *genl)
{
	mnl_socket_close(genl->socket);
}

struct nlmsghdr *genl_question(const struct genl *genl, char *buffer, __u8 command, bool dump)
{
	struct nlmsghdr *question = mnl_nlmsg_put_header(buffer);
	struct genlmsghdr *header;

	question->nlmsg_type = genl->family;
	/* with the acknowledgment every answer has an end, whatever the command */
	question->nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : NLM_F_ACK);
	question->nlmsg_seq = 1;
	header = mnl_nlmsg_put_extra_header(question, sizeof(*header));
	header->cmd = command;
	header->version = 1;
	return question;
}

/**
 * struct taker - whom the answers are for
 * @take: the function
 * @context: its argument
 */
struct taker {
	genl_take take;
	void *context;
};

static int pass_on(const struct nlmsghdr *answer, void *data)
{
	const struct taker *taker = data;

	taker->take(answer, taker->context);
	return MNL_CB_OK;
}

int genl_ask(const struct genl *genl, const struct nlmsghdr *question, genl_take take,
	     void *context)
{
	struct taker taker = { .take = take, .context = context };
	char buffer[GENL_BUFFER];
	ssize_t length;
	int more;

	if (mnl_socket_sendto(genl->socket, question, question->nlmsg_len) < 0)
		return -errno;
	do {
		length = mnl_socket_recvfrom(genl->socket, buffer, sizeof(buffer));
		if (length < 0)
			return -errno;
		more = mnl_cb_run(buffer, (size_t)length, question->nlmsg_seq,
				  mnl_socket_get_portid(genl->socket), pass_on, &taker);
	} while (more > MNL_CB_STOP);
	return more < 0 ? -errno : 0;
}

__u64 genl_number(const struct nlattr *attribute)
{
	__u64 wide;

	if (mnl_attr_get_payload_len(attribute) == sizeof(__u32))
		return mnl_attr_get_u32(attribute);
	/* 64 bits may be aligned to 32 only */
	memcpy(&wide, mnl_attr_get_payload(attribute), sizeof(wide));
	return wide;
}

/**
 * struct numbers - where the attributes of an answer go
 * @values: by their types
 * @max: the last of them
 */
struct numbers {
	struct value *values;
	__u16 max;
};

static int take_number(const struct nlattr *attribute, void *context)
{
	__u16 type = mnl_attr_get_type(attribute);
	struct numbers *numbers = context;

	if (type <= numbers->max)
		numbers->values[type] = value_number(genl_number(attribute));
	return MNL_CB_OK;
}

void genl_numbers(const struct nlmsghdr *answer, struct value *numbers, __u16 max)
{
	struct numbers taken = { .values = numbers, .max = max };

	memset(numbers, 0, (max + 1) * sizeof(*numbers));
	mnl_attr_parse(answer, GENL_HDRLEN, take_number, &taken);
}
