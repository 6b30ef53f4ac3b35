// SPDX-License-Identifier: GPL-2.0
/*
 * Where do the instructions go? A plugin for QEMU's emulation (TCG), for tests/bench/profile: it
 * counts how often each translated block is executed, and whenever the machine executes the mark
 * that soaker has in it, writes what was executed since the last mark:
 *
 *	mark NUMBER
 *	ADDRESS EXECUTIONS INSTRUCTIONS		(one line a block; instructions: of one execution)
 *
 * usage: qemu-system-x86_64 -plugin build/cli/profile.so,out=FILE
 *
 * Debian has QEMU's plugins enabled, but not packaged their header: what is used of it is declared
 * here, as of version 4 of the interface (QEMU 9.2 to 10.0); a QEMU that has another refuses the
 * plugin. For emulation on one thread (icount).
 *
 * A call for each block, not the interface's inline additions: of these QEMU 10.0 makes, where
 * several processors share a thread, code that overwrites a constant of the block
 * (gen_cpu_index()).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Blocks beyond that are not counted, and said so. */
#define BLOCKS	262144

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

enum { CB_NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(unsigned long id,
					   void (*cb)(unsigned long id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int cpu, void *data), int flags,
					  void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int cpu, void *data), int flags,
					    void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
unsigned long qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);

int qemu_plugin_version = 4;
int qemu_plugin_install(unsigned long id, const struct qemu_info *info, int argc, char **argv);

/** struct block - a translated block; @executions: since the last mark */
struct block {
	unsigned long address;
	unsigned long executions;
	size_t instructions;
};

static struct block block[BLOCKS];
static unsigned int blocks, marks;
static FILE *out;

static void executed(unsigned int cpu, void *data)
{
	struct block *which = data;

	(void)cpu;
	which->executions++;
}

static void marked(unsigned int cpu, void *data)
{
	unsigned int i;

	(void)cpu;
	(void)data;
	fprintf(out, "mark %u\n", ++marks);
	for (i = 0; i < blocks; i++) {
		if (block[i].executions)
			fprintf(out, "%lx %lu %zu\n", block[i].address, block[i].executions,
				block[i].instructions);
		block[i].executions = 0;
	}
	fflush(out);
}

static void translated(unsigned long id, struct qemu_plugin_tb *tb)
{
	static const unsigned char mark_code[] = { 0x0f, 0x1f, 0x84, 0x00, 'd', 'p', 'c', 0x00 };
	size_t cnt = qemu_plugin_tb_n_insns(tb), i;
	unsigned char code[sizeof(mark_code)];

	(void)id;
	for (i = 0; i < cnt; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_data(insn, code, sizeof(code)) == sizeof(code) &&
		    !memcmp(code, mark_code, sizeof(code)))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, CB_NO_REGS, NULL);
	}

	if (blocks == BLOCKS) {
		fprintf(out, "full\n");
		return;
	}
	block[blocks].address = qemu_plugin_tb_vaddr(tb);
	block[blocks].instructions = cnt;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, CB_NO_REGS, &block[blocks]);
	blocks++;
}

int qemu_plugin_install(unsigned long id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "profile: out=FILE\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
