// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>

#include "attach.h"
#include "cpumap.skel.h"
#include "least-loaded.skel.h"
#include "rss-sym.skel.h"
#include "rss.skel.h"
#include "rules.skel.h"
#include "weighted.skel.h"
#include "xdp_fill.h"
#include "xdp_policy.h"

/* Room for all that the verifier may say; memory it does not use is never touched. */
#define LOG_SIZE	(16 << 20)

/* How many of its last lines are shown unasked. */
#define LOG_LINES	8

const struct verb xdp_choices[XDP_POLICIES + 1] = {
	[XDP_RSS] = { "rss", "by the device's own hash key and table to the CPUs of its queues, "
		"or evenly to those of cpus LIST" },
	[XDP_RSS_SYM] = { "rss-sym", "the same, with both directions of a flow to one CPU" },
	[XDP_WEIGHTED] = { "weighted", "CPUs get as much as they weigh (cpus LIST weights LIST)" },
	[XDP_RULES] = { "rules", "as rules say (dpctool rule): by network, protocol or port "
		"to a CPU, dropped, or passed" },
	[XDP_CPUMAP] = { "cpumap", "as rss, through the kernel's CPUMAP: with any driver" },
	[XDP_LEAST_LOADED] = { "least-loaded", "new flows to the CPU whose DPCs wait least, among "
		"all or those of cpus LIST" },
	{ 0 }
};

/**
 * struct own_policy - one of dpctool's own policies
 * @elf: its object
 * @does: what it does
 * @must: keywords it must have
 * @may: keywords it may have
 * @steers: it does nothing but steer by dpcnic's kfunc
 */
struct own_policy {
	const void *(*elf)(size_t *size);
	const char *does;
	unsigned int must;
	unsigned int may;
	bool steers;
};

static const struct own_policy own[XDP_POLICIES] = {
	[XDP_RSS] = { rss_bpf__elf_bytes, "steers by the device's hash", 0,
		      1 << KEYWORD_CPUS, true },
	[XDP_RSS_SYM] = { rss_sym_bpf__elf_bytes, "steers both directions of a flow alike", 0,
			  1 << KEYWORD_CPUS, true },
	[XDP_WEIGHTED] = { weighted_bpf__elf_bytes, "steers by the weights of CPUs",
			   1 << KEYWORD_CPUS | 1 << KEYWORD_WEIGHTS, 0, true },
	[XDP_RULES] = { rules_bpf__elf_bytes, "does what its rules say", 0, 0, false },
	[XDP_CPUMAP] = { cpumap_bpf__elf_bytes, "spreads by the device's hash over a CPUMAP", 0,
			 1 << KEYWORD_CPUS, false },
	[XDP_LEAST_LOADED] = { least_loaded_bpf__elf_bytes, "steers new flows to where least waits",
			       0, 1 << KEYWORD_CPUS, true },
};

static enum exit_code usage(const char *format, const char *word)
{
	return fail(DPCTOOL_USAGE, "dpctool help policy", format, word);
}

const char *xdp_policy_name(const struct request *request)
{
	return request->choice < 0 ? "file" : xdp_choices[request->choice].name;
}

enum exit_code xdp_policy_check(const struct request *request)
{
	bool file = request->given & 1 << KEYWORD_FILE, ours = request->choice >= 0;
	unsigned int all = 1 << KEYWORD_CPUS | 1 << KEYWORD_WEIGHTS | 1 << KEYWORD_PROG, must, may;
	const char *name = xdp_policy_name(request);

	if (file == ours)
		return usage("policy: %s: rss, rss-sym, weighted, rules, cpumap, least-loaded or "
			     "file OBJ", file ? "one policy at a time" : "missing policy");
	must = file ? 0 : own[request->choice].must;
	may = file ? 1 << KEYWORD_PROG : must | own[request->choice].may;
	if (request->given & all & ~may)
		return misgiven(request, name, "takes no such parameter",
				request->given & all & ~may);
	if (must & ~request->given)
		return misgiven(request, name, "missing parameter", must & ~request->given);
	if (request->choice == XDP_WEIGHTED && request->cpu_list.count != request->weights.count)
		return usage("policy: %s: not as many weights as CPUs", name);
	if (request->choice == XDP_WEIGHTED && !number_list_sum(&request->weights))
		return usage("policy: %s: no CPU weighs anything", name);
	return DPCTOOL_OK;
}

static void append(char *text, size_t size, const char *word, const char *what)
{
	snprintf(text + strlen(text), size - strlen(text), "%s%s %s", *text ? " " : "", word, what);
}

void xdp_policy_describe(const struct request *request, char *parameters, size_t parameters_size,
			 char *does, size_t does_size)
{
	char list[256];

	*parameters = '\0';
	snprintf(does, does_size, "%s",
		 request->choice < 0 ? "what its program says" : own[request->choice].does);
	if (request->choice < 0)
		snprintf(parameters, parameters_size, "%s", request->file);
	if (request->given & 1 << KEYWORD_PROG)
		append(parameters, parameters_size, "prog", request->prog);
	if (request->given & 1 << KEYWORD_CPUS) {
		format_list(list, sizeof(list), &request->cpu_list);
		append(parameters, parameters_size, "cpus", list);
	}
	if (request->given & 1 << KEYWORD_WEIGHTS) {
		format_list(list, sizeof(list), &request->weights);
		append(parameters, parameters_size, "weights", list);
	}
}

/* FNV-1a: nobody has anything to gain by two that give the same. */
static __u64 fold(__u64 digest, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++)
		digest = (digest ^ byte[i]) * 0x100000001b3;
	return digest;
}

static __u64 fold_text(__u64 digest, const char *text)
{
	return text ? fold(digest, text, strlen(text) + 1) : digest;
}

static __u64 fold_list(__u64 digest, const struct number_list *list)
{
	digest = fold(digest, &list->count, sizeof(list->count));
	return fold(digest, list->numbers, list->count * sizeof(*list->numbers));
}

/* 0 or an errno. */
static int fold_file(__u64 *digest, const char *path)
{
	FILE *file = fopen(path, "re");
	char bytes[BUFSIZ];
	size_t count;
	int error;

	if (!file)
		return errno;
	while ((count = fread(bytes, 1, sizeof(bytes), file)))
		*digest = fold(*digest, bytes, count);
	error = ferror(file) ? errno : 0;
	fclose(file);
	return error;
}

enum exit_code xdp_policy_digest(const struct request *request, __u64 *digest)
{
	int error;

	*digest = fold_text(0xcbf29ce484222325, request->file);
	*digest = fold_text(*digest, request->prog);
	*digest = fold_list(*digest, &request->cpu_list);
	*digest = fold_list(*digest, &request->weights);
	error = request->file ? fold_file(digest, request->file) : 0;
	if (error)
		return fail(DPCTOOL_REFUSED, "dpctool policy check",
			    "policy: %s: cannot read it: %s", request->file, strerror(error));
	return DPCTOOL_OK;
}

bool xdp_policy_steers(const struct request *request)
{
	return request->choice >= 0 && own[request->choice].steers;
}

static enum exit_code open_object(struct xdp_policy *policy, const struct request *request)
{
	char reason[128];
	const void *elf;
	size_t size;

	if (request->choice >= 0) {
		elf = own[request->choice].elf(&size);
		policy->object = bpf_object__open_mem(elf, size, NULL);
	} else {
		policy->object = bpf_object__open_file(request->file, NULL);
	}
	if (policy->object)
		return DPCTOOL_OK;
	libbpf_strerror(errno, reason, sizeof(reason));
	return fail(DPCTOOL_USAGE, "the path of an object that clang made for BPF",
		    "policy: %s: no BPF object: %s",
		    request->file ? request->file : xdp_policy_name(request), reason);
}

/* Programs that a map calls (sections xdp/cpumap, xdp/devmap) are of the same type. */
static bool is_policy(const struct bpf_program *program)
{
	enum bpf_attach_type attached = bpf_program__expected_attach_type(program);

	return bpf_program__type(program) == BPF_PROG_TYPE_XDP && attached != BPF_XDP_CPUMAP &&
	       attached != BPF_XDP_DEVMAP;
}

/* Choose the object's program; what else it has is not loaded. */
static enum exit_code choose_program(struct xdp_policy *policy, const struct request *request)
{
	struct bpf_program *program;
	char names[256] = "";
	int count = 0;

	bpf_object__for_each_program(program, policy->object) {
		const char *name = bpf_program__name(program);

		bpf_program__set_autoload(program, false);
		if (!is_policy(program))
			continue;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 *names ? ", " : "", name);
		if (request->prog && strcmp(request->prog, name))
			continue;
		policy->program = program;
		count++;
	}
	if (count == 1) {
		bpf_program__set_autoload(policy->program, true);
		return DPCTOOL_OK;
	}
	if (!*names)
		return fail(DPCTOOL_USAGE, "dpctool help policy, for what makes one",
			    "policy: %s: has no XDP program", request->file);
	return fail(DPCTOOL_USAGE, "file OBJ prog NAME, with one of them",
		    "policy: %s: has %s (there are %s)", request->file,
		    count ? "several programs" : "no such program", names);
}

enum exit_code xdp_policy_open(struct xdp_policy *policy, const struct request *request)
{
	enum exit_code code;

	*policy = (struct xdp_policy){ 0 };
	code = open_object(policy, request);
	return code ? code : choose_program(policy, request);
}

/* Does the object name a function of dpcnic's? */
static bool wants_dpcnic(const struct bpf_object *object)
{
	const struct btf *btf = bpf_object__btf(object);

	for (__u32 id = 1; btf && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);
		const char *name = btf__name_by_offset(btf, type->name_off);

		if (btf_is_func(type) && !strncmp(name, "bpf_dpcnic_", strlen("bpf_dpcnic_")))
			return true;
	}
	return false;
}

/* The start of the last @count lines of @log. */
static const char *last_lines(const char *log, int count)
{
	const char *start = log + strlen(log);

	while (start > log && count) {
		start--;
		if (start == log || start[-1] == '\n')
			count--;
	}
	return start;
}

/* The verifier ends with statistics, which say nothing about the reason. */
static void cut_statistics(char *log)
{
	char *line;

	for (;;) {
		size_t length = strlen(log);

		while (length && log[length - 1] == '\n')
			log[--length] = '\0';
		line = (char *)last_lines(log, 1);
		if (strncmp(line, "processed ", strlen("processed ")))
			return;
		*line = '\0';
	}
}

/*
 * The log's reason for the refusal, which ends with its line, and where the lines begin that
 * explain it. Newer kernels (7.3, not 6.12) end with a report under a title, others with it.
 */
static const char *find_reason(const char *log, const char **lines)
{
	static const char title[] = "Verification failed: ";
	const char *report = strstr(log, title);

	if (!report) {
		*lines = last_lines(log, LOG_LINES);
		return last_lines(log, 1);
	}
	*lines = report + strcspn(report, "\n");
	return report + strlen(title);
}

static enum exit_code verifier_refused(struct xdp_policy *policy, const struct request *request)
{
	const char *reason, *line;
	enum exit_code code;
	int length;

	if (request->debug)
		fprintf(stderr, "%s", policy->log);
	cut_statistics(policy->log);
	reason = find_reason(policy->log, &line);
	code = fail(DPCTOOL_REFUSED, "again with -d, for all the verifier says",
		    "policy: %s: the verifier refused program %s: %.*s",
		    request->file ? request->file : xdp_policy_name(request),
		    bpf_program__name(policy->program), (int)strcspn(reason, "\n"), reason);
	for (int left = request->debug ? 0 : LOG_LINES; left && *line; line += length) {
		line += strspn(line, "\n");
		length = (int)strcspn(line, "\n");
		left -= length > 0;
		if (length)
			fprintf(stderr, "  | %.*s\n", length, line);
	}
	return code;
}

static enum exit_code load_failed(struct xdp_policy *policy, const struct request *request,
				  int error)
{
	const char *name = request->file ? request->file : xdp_policy_name(request);

	if ((error == EPERM || error == EACCES) && !*policy->log && !attach_has(CAP_SYS_ADMIN))
		return fail(DPCTOOL_UNABLE, "as root, or give it CAP_BPF and CAP_NET_ADMIN",
			    "policy: no permission to load a policy");
	if (*policy->log)
		return verifier_refused(policy, request);
	if (wants_dpcnic(policy->object) && access("/sys/module/dpcnic", F_OK))
		return fail(DPCTOOL_UNABLE, "modprobe dpcnic",
			    "policy: %s: needs dpcnic: it calls a function that the module offers",
			    name);
	switch (error) {
	case EPERM:
		return attach_forbidden("policy");
	case ENOSYS:
		return fail(DPCTOOL_UNABLE, "a kernel with CONFIG_BPF_SYSCALL and CONFIG_BPF_JIT",
			    "policy: this kernel has no BPF");
	default:
		return fail(DPCTOOL_REFUSED, "again with -d, for libbpf's reason",
			    "policy: %s: the kernel refused it: %s", name, strerror(error));
	}
}

enum exit_code xdp_policy_load(struct xdp_policy *policy, const struct request *request,
			       const struct device *device)
{
	int error;

	policy->log = calloc(1, LOG_SIZE);
	if (!policy->log)
		return fail(DPCTOOL_REFUSED, NULL, "policy: %s", strerror(ENOMEM));
	bpf_program__set_log_buf(policy->program, policy->log, LOG_SIZE);
	if (request->choice >= 0)
		xdp_fill_types(policy->object, device);
	error = xdp_fill_size(policy->object);
	if (!error)
		error = bpf_object__load(policy->object);
	if (error)
		return load_failed(policy, request, -error);
	return request->choice < 0 ? DPCTOOL_OK : xdp_fill(policy->object, request, device);
}

/* libbpf adds the flag that the section's name stands for only while it loads the program. */
bool xdp_policy_frags(const struct xdp_policy *policy)
{
	const char *section = bpf_program__section_name(policy->program);

	return !strncmp(section, "xdp.frags", strlen("xdp.frags")) ||
	       bpf_program__flags(policy->program) & BPF_F_XDP_HAS_FRAGS;
}

void xdp_policy_free(struct xdp_policy *policy)
{
	bpf_object__close(policy->object);
	free(policy->log);
}
