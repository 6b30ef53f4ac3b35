// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

#define OPTIONS_MAX	16
#define OPTION_STRICT	256
#define OPTION_CHAIN	257
#define OPTION_JSONL	258
#define OPTION_LEVEL	260

const struct command *const commands[] = {
	&show_command, &top_command, &trace_command, &hist_command, &heat_command, &check_command,
	&record_command, &report_command, &export_command, &throttle_command, &policy_command,
	&rule_command, &rss_command, &map_command, &feature_command, &bench_command,
	&help_command, &version_command, NULL
};

#define AT(member)	offsetof(struct request, member)

const struct keyword keywords[KEYWORDS] = {
	[KEYWORD_DEV] = { "dev", "IF", TYPE_DEVICE, AT(device),
		"the network device; \"all\": every device that has interrupts, at most 16; the "
		"default is every device dpcnic drives, or all if there is none (feature, map "
		"show, policy list: all; throttle show: dpcnic's alone); rss, rule, and the other "
		"words of map, policy and throttle have no default" },
	[KEYWORD_MSG] = { "msg", "LIST", TYPE_IDS, AT(msgs),
		"only these messages, as in 0,2-3; \"all\" is the default" },
	[KEYWORD_CPU] = { "cpu", "LIST", TYPE_IDS, AT(cpus),
		"only DPCs that ran on these CPUs, as in 0,2-3; \"all\" is the default" },
	[KEYWORD_INTERVAL] = { "interval", "TIME", TYPE_DURATION, AT(interval_ns),
		"how long to observe, as in 500ms, 1s or 2m; a bare number is seconds; textfile: "
		"how often to write it, 15s is the default" },
	[KEYWORD_COUNT] = { "count", "N", TYPE_COUNT, AT(count),
		"how many reports to print, one per interval; trace: how many lines; textfile: for "
		"how many intervals to write it; bench: how many rounds" },
	[KEYWORD_RING] = { "ring", "SIZE", TYPE_SIZE, AT(ring_bytes),
		"size of the ring buffer, rounded up to a power of two, as in 256K; "
		"4M is the default" },
	[KEYWORD_PACKETS] = { "packets", "N", TYPE_COUNT, AT(packets),
		"fixed: how many packets a run may indicate" },
	[KEYWORD_USECS] = { "usecs", "N", TYPE_COUNT, AT(usecs),
		"time: how many microseconds a run may take, up to 1000000" },
	[KEYWORD_FILE] = { "file", "OBJ", TYPE_TEXT, AT(file),
		"a policy of your own: a BPF object file" },
	[KEYWORD_MAP] = { "map", "NAME", TYPE_TEXT, AT(map),
		"file: which of its policies, if it has several" },
	[KEYWORD_QUEUES] = { "queues", "N", TYPE_COUNT, AT(queues),
		"equal: the first N queues" },
	[KEYWORD_WEIGHTS] = { "weights", "LIST", TYPE_NUMBERS, AT(weights),
		"rss: how much each queue gets, from the first one on, as in 4,2,1,1; policy: each "
		"of the CPUs" },
	[KEYWORD_TABLE] = { "table", "LIST", TYPE_NUMBERS, AT(table),
		"set: the queue of each entry, as in 0,1,0,2 or 0-3; it is repeated to fill the "
		"device's table" },
	[KEYWORD_KEY] = { "key", "HEX", TYPE_BYTES, AT(key),
		"set: the hash key, as in 6d:5a:56:..." },
	[KEYWORD_CPUS] = { "cpus", "LIST", TYPE_NUMBERS, AT(cpu_list),
		"the CPUs to choose from, as in 0,2-3; map: to move to, in this order" },
	[KEYWORD_PROG] = { "prog", "NAME", TYPE_TEXT, AT(prog),
		"file: which of its programs, if it has several" },
	[KEYWORD_MODE] = { "mode", "MODE", TYPE_TEXT, AT(mode),
		"native, in the driver, or generic, in the stack; the default is native, or "
		"generic where the driver cannot" },
	[KEYWORD_SOURCE] = { "source", "NET", TYPE_TEXT, AT(source),
		"packets from this network, as in 192.0.2.0/24 or 2001:db8::1" },
	[KEYWORD_DESTINATION] = { "destination", "NET", TYPE_TEXT, AT(destination),
		"packets to this network" },
	[KEYWORD_PROTOCOL] = { "protocol", "NAME", TYPE_TEXT, AT(protocol),
		"packets of this protocol: tcp, udp, icmp, icmpv6 or a number" },
	[KEYWORD_SPORT] = { "sport", "N", TYPE_COUNT, AT(sport),
		"with protocol: only those from this port" },
	[KEYWORD_DPORT] = { "dport", "N", TYPE_COUNT, AT(dport),
		"with protocol: only those to this port" },
	[KEYWORD_VERDICT] = { "verdict", "WORD", TYPE_TEXT, AT(verdict),
		"what becomes of them: drop, pass, or the number of a CPU to steer them to" },
	[KEYWORD_PREFERENCE] = { "preference", "N", TYPE_COUNT, AT(preference),
		"of several rules that match, the one with the smallest number decides; 100 is the "
		"default" },
	[KEYWORD_MAX] = { "max", "LIMITS", TYPE_TEXT, AT(max),
		"what figures may be at most, as in lat-p99=50us,throt=5%,overlong=0" },
	[KEYWORD_TEXTFILE] = { "textfile", "FILE.prom", TYPE_TEXT, AT(textfile),
		"prometheus: write this file, as node_exporter's textfile collector reads it" },
	[KEYWORD_LISTEN] = { "listen", "ADDRESS", TYPE_TEXT, AT(listen),
		"prometheus: serve there, as in 192.0.2.1:10576 or [::1]:10576; 127.0.0.1:10576 is "
		"the default" },
	[KEYWORD_BY] = { "by", "WHAT", TYPE_TEXT, AT(by),
		"prometheus: series per msg (default), or per message and cpu" },
	[KEYWORD_SERIES] = { "series", "N", TYPE_COUNT, AT(series),
		"prometheus: how many there may be; 10000 is the default" },
	[KEYWORD_USER] = { "user", "NAME", TYPE_TEXT, AT(user),
		"prometheus: whom to become once it counts; default is nobody, if it serves and "
		"was started by root" },
};

const struct option_help options[] = {
	{ 'j', "json", NULL, "print JSON, every document on a line of its own" },
	{ 'p', "pretty", NULL, "print JSON, indented" },
	{ OPTION_JSONL, "jsonl", NULL,
		"show, hist, heat: the same as -j, one document per interval without an end, but "
		"for count, COMMAND or SIGINT; trace: a line for each run" },
	{ 'o', "output", "COL,...",
		"print these columns; with a + before the first one, print them after the "
		"default columns; record, export: write this file (default " RECORDING_FILE ", and "
		"dpctool with the format's own ending); export: \"-\" is standard output" },
	{ 'i', "input", "FILE",
		"show, top, trace, hist, heat, check, export: what \"dpctool record\" has written to FILE, "
		"not what happens now; report: the same (default " RECORDING_FILE ")" },
	{ 'c', "color", "[=WHEN]",
		"colours: auto (default: on a terminal that has them, unless NO_COLOR is set), "
		"always or never; always if WHEN is left out" },
	{ OPTION_LEVEL, "level", "LEVEL",
		"observe at this level: L0 (/proc, interrupts alone), L1 (the kernel's "
		"tracepoints), L2 (and its functions) or L3 (dpcnic's tracepoints); the default is "
		"for each device the highest there is: see \"dpctool feature\"" },
	{ OPTION_STRICT, "strict", NULL, "exit with status 5 if events were lost" },
	{ OPTION_CHAIN, "chain", NULL,
		"policy attach: through libxdp's dispatcher, beside other programs" },
	{ 'd', "debug", NULL, "show the messages of libbpf and of the kernel's BPF verifier" },
	{ 'V', "version", NULL, "the same as \"dpctool version\"" },
	{ 'h', "help", NULL, "the same as \"dpctool help\"" },
	{ 0 }
};

/* What each type takes, of those whose name does not tell. */
static const char *const valid[] = {
	[TYPE_IDS] = "numbers up to 8191, as in 0,2-3, or all",
	[TYPE_DURATION] = "1ns to 8760h, as in 500ms, 1s or 2m",
	[TYPE_COUNT] = "a whole number from 1 on",
	[TYPE_SIZE] = "1 to 2G bytes, as in 256K",
	[TYPE_NUMBERS] = "at most 4096 numbers up to 4294967294, as in 0,2-3",
	[TYPE_BYTES] = "at most 4096 bytes, as in 6d:5a",
};

static_assert(TIMELINE_IDS == 8192 && LIST_MAX == 4096 &&
	      DURATION_MAX == 8760 * 3600 * NSEC_PER_SEC, "valid[] says so");

/* @right: what would be, or NULL; @try: NULL is "dpctool help show". */
static enum exit_code wrong(const struct command *command, const char *what, const char *word,
			    const char *right, const char *try)
{
	char help[64];

	snprintf(help, sizeof(help), "dpctool help%s%s", command ? " " : "",
		 command ? command->name : "");
	return fail(DPCTOOL_USAGE, try ? try : help, "%s%s%s%s%s%s%s%s%s",
		    command ? command->name : "", command ? ": " : "", what, word ? " '" : "",
		    word ? word : "", word ? "'" : "", right ? " (" : "", right ? right : "",
		    right ? ")" : "");
}

static enum exit_code usage(const struct command *command, const char *what, const char *word)
{
	return wrong(command, what, word, NULL, NULL);
}

enum exit_code misused(const struct request *request, const char *what, const char *word)
{
	const struct command *command = request->command;
	char subject[128];

	snprintf(subject, sizeof(subject), "%s: %s", command->verbs[request->verb].name, what);
	return usage(command, subject, word);
}

enum exit_code misgiven(const struct request *request, const char *name, const char *what,
			unsigned int set)
{
	char subject[256];

	snprintf(subject, sizeof(subject), "%s: %s", name, what);
	for (size_t i = 0; i < KEYWORDS; i++)
		if (set & 1 << i)
			snprintf(subject + strlen(subject), sizeof(subject) - strlen(subject),
				 "%s %s %s", set & ((1U << i) - 1) ? "," : ":", keywords[i].name,
				 keywords[i].argument);
	return usage(request->command, subject, NULL);
}

/**
 * struct lookup - looks up a word that may be abbreviated, one candidate after the other
 * @word: the word
 * @found: index of the candidate it means
 * @matches: how many candidates begin with it
 * @names: these candidates
 * @all: all candidates
 */
struct lookup {
	const char *word;
	size_t found;
	size_t matches;
	char names[256];
	char all[256];
};

static void add_name(char names[256], const char *name)
{
	size_t length = strlen(names);

	snprintf(names + length, 256 - length, "%s%s", length ? ", " : "", name);
}

/* Returns true if @name is the very word: no further candidate needs to be looked at. */
static bool lookup_try(struct lookup *lookup, const char *name, size_t index)
{
	add_name(lookup->all, name);
	if (strncmp(name, lookup->word, strlen(lookup->word)) || !*lookup->word)
		return false;
	lookup->found = index;
	if (!strcmp(name, lookup->word)) {
		lookup->matches = 1;
		return true;
	}
	lookup->matches++;
	add_name(lookup->names, name);
	return false;
}

/* @device: what stands before the name of a device, if the word is one; or NULL */
static enum exit_code lookup_end(const struct lookup *lookup, const struct command *command,
				 const char *kind, const char *device)
{
	char what[32], right[sizeof(lookup->all) + 16], try[64];

	if (lookup->matches == 1)
		return DPCTOOL_OK;
	snprintf(what, sizeof(what), "%s %s", lookup->matches ? "ambiguous" : "unknown", kind);
	if (lookup->matches)
		return wrong(command, what, lookup->word, lookup->names, NULL);
	snprintf(right, sizeof(right), "there are %s", lookup->all);
	if (!device || !if_nametoindex(lookup->word))
		return wrong(command, what, lookup->word, right, NULL);
	snprintf(try, sizeof(try), "%s %s", device, lookup->word);
	return wrong(command, what, lookup->word, right, try);
}

static enum exit_code find_command(const char *word, const struct command **command)
{
	struct lookup lookup = { .word = word };
	enum exit_code code;

	for (size_t i = 0; commands[i]; i++)
		if (lookup_try(&lookup, commands[i]->name, i))
			break;
	code = lookup_end(&lookup, NULL, "command", "dpctool show dev");
	if (!code)
		*command = commands[lookup.found];
	return code;
}

static enum exit_code find_verb(const struct command *command, const char *word, unsigned int *verb)
{
	struct lookup lookup = { .word = word };

	for (size_t i = 0; command->verbs[i].name; i++)
		if (lookup_try(&lookup, command->verbs[i].name, i))
			break;
	*verb = (unsigned int)lookup.found;
	return lookup_end(&lookup, command, "word", NULL);
}

/* @found is the number of a keyword, or KEYWORDS and the number of a choice. */
static enum exit_code find_word(const struct command *command, const char *word, size_t *found)
{
	struct lookup lookup = { .word = word };
	bool done = false;

	for (size_t i = 0; i < KEYWORDS && !done; i++)
		if (command->keywords & 1 << i)
			done = lookup_try(&lookup, keywords[i].name, i);
	for (size_t i = 0; command->choices && command->choices[i].name && !done; i++)
		done = lookup_try(&lookup, command->choices[i].name, KEYWORDS + i);
	*found = lookup.found;
	return lookup_end(&lookup, command, "word",
			  command->keywords & 1 << KEYWORD_DEV ? "dev" : NULL);
}

static bool parse_argument(const struct keyword *keyword, const char *text, void *out)
{
	switch (keyword->type) {
	case TYPE_DEVICE:
		*(const char **)out = strcmp(text, "all") ? text : NULL;
		return *text;
	case TYPE_IDS:
		return parse_ids(text, out);
	case TYPE_DURATION:
		return parse_duration(text, out);
	case TYPE_COUNT:
		return parse_number(text, ~0ULL, out);
	case TYPE_SIZE:
		return parse_size(text, out);
	case TYPE_TEXT:
		*(const char **)out = text;
		return *text;
	case TYPE_NUMBERS:
		return parse_list(text, out);
	case TYPE_BYTES:
		return parse_bytes(text, out);
	}
	return false;
}

static enum exit_code parse_choice(struct request *request, int choice)
{
	const struct command *command = request->command;

	if (request->choice >= 0)
		return usage(command, "one too many:", command->choices[choice].name);
	request->choice = choice;
	return DPCTOOL_OK;
}

static enum exit_code parse_keyword(struct request *request, size_t id, const char *argument)
{
	const struct command *command = request->command;
	const struct keyword *keyword = &keywords[id];
	char what[64];

	if (request->given & 1 << id)
		return usage(command, "given twice:", keyword->name);
	request->given |= 1 << id;
	if (!argument) {
		snprintf(what, sizeof(what), "missing argument: %s after", keyword->argument);
		return usage(command, what, keyword->name);
	}
	if (!parse_argument(keyword, argument, (char *)request + keyword->offset)) {
		snprintf(what, sizeof(what), "%s: not a valid %s:", keyword->name,
			 keyword->argument);
		return wrong(command, what, argument, valid[keyword->type], NULL);
	}
	return DPCTOOL_OK;
}

/* "dpctool help [CMD]" and "dpctool CMD help" ask the same. */
static enum exit_code parse_help(struct request *request, int count, char **words)
{
	enum exit_code code = count ? find_command(words[0], &request->topic) : DPCTOOL_OK;

	return !code && count > 1 ? usage(request->topic, "help: one too many:", words[1]) : code;
}

/* Keywords with their arguments, and choices, in any order. */
static enum exit_code parse_rest(struct request *request, int count, char **words)
{
	enum exit_code code = DPCTOOL_OK;
	int used;

	for (; count > 0 && !code; count -= used, words += used) {
		size_t word;

		code = find_word(request->command, words[0], &word);
		used = word < KEYWORDS ? 2 : 1;
		if (!code && word < KEYWORDS)
			code = parse_keyword(request, word, count > 1 ? words[1] : NULL);
		else if (!code)
			code = parse_choice(request, (int)(word - KEYWORDS));
	}
	return code;
}

static enum exit_code missing_verb(const struct command *command)
{
	char what[128] = "missing word: one of";

	for (size_t i = 0; command->verbs[i].name; i++)
		snprintf(what + strlen(what), sizeof(what) - strlen(what), "%s %s", i ? "," : "",
			 command->verbs[i].name);
	return usage(command, what, NULL);
}

/* "dpctool report hist lat" is "dpctool -i FILE hist lat"; a bare one shows. */
static enum exit_code parse_report(struct request *request, int *count, char ***words)
{
	enum exit_code code;

	if (!request->input)
		request->input = RECORDING_FILE;
	if (!*count) {
		request->command = &show_command;
		return DPCTOOL_OK;
	}
	code = find_verb(&report_command, **words, &request->verb);
	if (code)
		return code;
	code = find_command(report_command.verbs[request->verb].name, &request->command);
	request->verb = 0;
	(*words)++;
	(*count)--;
	return code;
}

static enum exit_code parse_words(struct request *request, int count, char **words)
{
	const struct command *command;
	enum exit_code code;

	/* A bare "dpctool" shows all there is to see. */
	request->command = &show_command;
	if (count) {
		code = find_command(*words++, &request->command);
		if (code)
			return code;
		count--;
	}
	if (request->command == &help_command)
		return parse_help(request, count, words);
	if (count && !strcmp(*words, "help")) {
		request->topic = request->command;
		request->command = &help_command;
		return DPCTOOL_OK;
	}

	if (request->command == &report_command) {
		code = parse_report(request, &count, &words);
		if (code)
			return code;
	}
	command = request->command;
	if (command->verbs) {
		if (!count)
			return missing_verb(command);
		code = find_verb(command, *words++, &request->verb);
		if (code)
			return code;
		count--;
	}
	return parse_rest(request, count, words);
}

static enum exit_code one_form(void)
{
	return usage(NULL, "--jsonl has a line for each document: no --pretty", NULL);
}

/* A number below 0 looks like one, too. */
static enum exit_code unknown_option(const char *word)
{
	struct lookup lookup = { .word = word + 2 };

	if (isdigit((unsigned char)word[1]))
		return usage(NULL, "neither an option nor a number from 0 on:", word);
	for (size_t i = 0; options[i].name && word[1] == '-'; i++)
		lookup_try(&lookup, options[i].name, i);
	return lookup.matches > 1 ? lookup_end(&lookup, NULL, "option", NULL) :
				    usage(NULL, "unknown option", word);
}

static enum exit_code take_option(struct request *request, int letter, const char *word)
{
	switch (letter) {
	case 'j':
		if (request->format == OUTPUT_TEXT)
			request->format = OUTPUT_JSON;
		return DPCTOOL_OK;
	case 'p':
		if (request->format == OUTPUT_STREAM)
			return one_form();
		request->format = OUTPUT_PRETTY;
		return DPCTOOL_OK;
	case OPTION_JSONL:
		if (request->format == OUTPUT_PRETTY)
			return one_form();
		request->format = OUTPUT_STREAM;
		return DPCTOOL_OK;
	case 'o':
		request->columns = optarg;
		return DPCTOOL_OK;
	case 'i':
		request->input = optarg;
		return DPCTOOL_OK;
	case 'c':
		if (colour_parse(optarg, &request->colour))
			return DPCTOOL_OK;
		return usage(NULL, "color: not auto, always or never:", optarg);
	case OPTION_LEVEL:
		request->level_given = level_parse(optarg, &request->level);
		if (request->level_given)
			return DPCTOOL_OK;
		return usage(NULL, "level: not L0, L1, L2 or L3:", optarg);
	case OPTION_STRICT:
		request->strict = true;
		return DPCTOOL_OK;
	case OPTION_CHAIN:
		request->chain = true;
		return DPCTOOL_OK;
	case 'd':
		request->debug = true;
		return DPCTOOL_OK;
	case 'V':
		request->command = &version_command;
		return DPCTOOL_OK;
	case 'h':
		request->command = &help_command;
		return DPCTOOL_OK;
	case ':':
		return usage(NULL, "missing argument of option", word);
	}
	return unknown_option(word);
}

/*
 * The option that getopt_long() does not know. Of one letter it tells the letter, which may stand
 * among others in a word; that word is not behind it yet.
 */
static const char *unknown(const char *shorts, const char *word)
{
	static char option[3];

	if (!optopt || optopt >= OPTION_STRICT || strchr(shorts, optopt))
		return word;
	snprintf(option, sizeof(option), "-%c", optopt);
	return option;
}

/* Takes the options out of argv and leaves the words from optind on, as getopt_long() does. */
static enum exit_code parse_options(struct request *request, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX] = { 0 };
	char shorts[3 * OPTIONS_MAX + 2] = ":";
	enum exit_code code;
	int letter;

	for (size_t i = 0; options[i].name; i++) {
		int takes = !options[i].argument ? no_argument :
			    option_joined(&options[i]) ? optional_argument : required_argument;

		longs[i] = (struct option){ options[i].name, takes, NULL, options[i].letter };
		if (options[i].letter < OPTION_STRICT)
			sprintf(shorts + strlen(shorts), "%c%.*s", options[i].letter, takes, "::");
	}
	opterr = 0;
	while ((letter = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const char *word = argv[optind - 1];

		code = take_option(request, letter, letter == '?' ? unknown(shorts, word) : word);
		if (code)
			return code;
	}
	return DPCTOOL_OK;
}

/* What single words cannot tell. */
static enum exit_code check_request(const struct request *request)
{
	const struct command *command = request->command;
	bool stream = request->format == OUTPUT_STREAM;
	unsigned int limits = 1 << KEYWORD_COUNT;
	struct columns columns;

	if (stream && !command->streams)
		return usage(command, "is no stream: -j, not --jsonl", NULL);
	/* What streams by intervals has them also while a COMMAND runs. */
	if (!stream || command == &trace_command)
		limits |= 1 << KEYWORD_INTERVAL;
	if (request->argv && !command->takes_command)
		return usage(command, "takes no COMMAND after", "--");
	if (request->argv && !request->argv[0])
		return usage(command, "missing COMMAND after", "--");
	if (request->argv && (request->given & limits))
		return usage(command, limits & 1 << KEYWORD_INTERVAL ?
			     "the COMMAND says how long: no interval, no count" :
			     "the COMMAND says how long: no count", NULL);
	if (request->level_given && (!command->observes || request->input))
		return usage(command, "observes nothing now: no --level", NULL);
	if (request->columns && !command->has_columns && !command->writes_file)
		return usage(command, "has no columns to choose with -o", NULL);
	/* before anything is observed or changed that could not be told then */
	if (command->has_columns && columns_choose(&columns, command->fields, command->field_count,
						   request->columns, false, false))
		return DPCTOOL_USAGE;
	if (command->names_device & 1 << request->verb && !request->device)
		return misused(request, "missing device: dev IF", NULL);
	if (!request->input)
		return DPCTOOL_OK;
	if (!command->reads_file)
		return usage(command, "reads no file with -i", NULL);
	limits = 1 << KEYWORD_INTERVAL | 1 << KEYWORD_RING;
	if (command != &trace_command)
		limits |= 1 << KEYWORD_COUNT;
	if (request->argv || (request->given & limits))
		return usage(command, "a recording is over: no interval, ring, COMMAND or count of "
			     "tables", NULL);
	return DPCTOOL_OK;
}

enum exit_code parse_request(struct request *request, int argc, char **argv)
{
	enum exit_code code;

	*request = (struct request){
		.interval_ns = NSEC_PER_SEC,
		.count = 1,
		.ring_bytes = 4 << 20,
		.choice = -1,
		.preference = 100,
	};
	id_set_fill(&request->msgs);
	id_set_fill(&request->cpus);

	/* getopt_long() would drop the "--" and lose where the COMMAND begins. */
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--"))
			continue;
		request->argv = argv + i + 1;
		argv[i] = NULL;
		argc = i;
	}
	code = parse_options(request, argc, argv);
	if (code || request->command == &version_command)
		return code;
	if (request->command == &help_command)
		return parse_help(request, argc > optind, argv + optind);
	if (request->format == OUTPUT_STREAM)
		request->count = ~0ULL;
	code = parse_words(request, argc - optind, argv + optind);
	return code ? code : check_request(request);
}
