// SPDX-License-Identifier: GPL-2.0
#include <unistd.h>

#include "extack.h"
#include "extack.skel.h"

struct extack_bpf *extack_listen(void)
{
	struct extack_bpf *extack = extack_bpf__open();

	if (!extack)
		return NULL;
	extack->rodata->process = (__u32)getpid();
	if (!extack_bpf__load(extack) && !extack_bpf__attach(extack))
		return extack;
	extack_bpf__destroy(extack);
	return NULL;
}

const char *extack_heard(const struct extack_bpf *extack)
{
	return extack ? extack->bss->message : "";
}

void extack_free(struct extack_bpf *extack)
{
	extack_bpf__destroy(extack);
}
