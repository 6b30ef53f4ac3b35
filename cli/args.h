/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line. What dpctool accepts stands in tables: the commands (one struct command in each
 * command's file), the keywords and the options (args.c). The parser, the help texts, the manual
 * page and the completion all read them.
 */
#ifndef DPCTOOL_ARGS_H
#define DPCTOOL_ARGS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "colour.h"
#include "error.h"
#include "level.h"
#include "output.h"
#include "units.h"

/** enum keyword_id - the words that may follow a command, each with an argument */
enum keyword_id {
	KEYWORD_DEV,
	KEYWORD_MSG,
	KEYWORD_CPU,
	KEYWORD_INTERVAL,
	KEYWORD_COUNT,
	KEYWORD_RING,
	KEYWORD_PACKETS,
	KEYWORD_USECS,
	KEYWORD_FILE,
	KEYWORD_MAP,
	KEYWORD_QUEUES,
	KEYWORD_WEIGHTS,
	KEYWORD_TABLE,
	KEYWORD_KEY,
	KEYWORD_CPUS,
	KEYWORD_PROG,
	KEYWORD_MODE,
	KEYWORD_SOURCE,
	KEYWORD_DESTINATION,
	KEYWORD_PROTOCOL,
	KEYWORD_SPORT,
	KEYWORD_DPORT,
	KEYWORD_VERDICT,
	KEYWORD_PREFERENCE,
	KEYWORD_MAX,
	KEYWORD_TEXTFILE,
	KEYWORD_LISTEN,
	KEYWORD_BY,
	KEYWORD_SERIES,
	KEYWORD_USER,
	KEYWORDS
};

static_assert(KEYWORDS < 32, "sets of them are ints");

/** enum keyword_type - what a keyword's argument looks like */
enum keyword_type {
	TYPE_DEVICE,	/* const char *; "all" is NULL */
	TYPE_IDS,	/* struct id_set */
	TYPE_DURATION,	/* __u64, nanoseconds */
	TYPE_COUNT,	/* __u64 */
	TYPE_SIZE,	/* __u64, bytes */
	TYPE_TEXT,	/* const char * */
	TYPE_NUMBERS,	/* struct number_list */
	TYPE_BYTES,	/* struct byte_list */
};

/**
 * struct keyword - one keyword
 * @name: the word
 * @argument: placeholder of its argument in help texts
 * @type: how the argument is parsed
 * @offset: where in struct request it goes
 * @help: what it means
 */
struct keyword {
	const char *name;
	const char *argument;
	enum keyword_type type;
	size_t offset;
	const char *help;
};

/**
 * struct option_help - one option; the parser is args.c:take_option()
 * @letter: its short form, or an OPTION_* above all characters where it has none
 * @name: its long form
 * @argument: placeholder of its argument, or NULL; "[=WHEN]" where it may be left out
 * @help: what it does
 */
struct option_help {
	int letter;
	const char *name;
	const char *argument;
	const char *help;
};

/** option_joined() - may the option's argument be left out? It is joined to the name then. */
static inline bool option_joined(const struct option_help *option)
{
	return option->argument && *option->argument == '[';
}

/** struct verb - one of the words that choose what a command does, or with what */
struct verb {
	const char *name;
	const char *help;
};

#define KEY_CODES	4

/**
 * struct key - a key, or several that belong together, of a command with a screen
 * @name: as texts call it
 * @help: what it does
 * @action: the same, as the command knows it
 * @codes: what curses calls it, filled up with 0
 */
struct key {
	const char *name;
	const char *help;
	int action;
	int codes[KEY_CODES];
};

struct request;

/**
 * struct command - one command
 * @name: its word
 * @help: what it does, in one line
 * @text: what else a user must know: paragraphs, NULL-terminated
 * @verbs: the words one of which must follow, terminated by an empty one; NULL if there are none
 * @choices: words one of which may follow, without an argument, terminated by an empty one; or NULL
 * @keywords: set of the keywords it takes, 1 << enum keyword_id
 * @names_device: set of the verbs, 1 << their index, that must be told a device; ~0: all
 * @takes_command: it observes while "-- COMMAND" runs
 * @fields: what it reports per row, NULL if it reports no rows
 * @field_count: how many
 * @has_columns: -o chooses among @fields; else they are the keys of its JSON only
 * @writes_file: -o names its file
 * @reads_file: it can show a recording, with -i
 * @keys: keys of its screen, terminated by an empty one; NULL if it has none
 * @streams: it can go on and on, with --jsonl
 * @observes: it observes devices, each at its level
 * @lowest: below which there is nothing to tell
 * @run: does it
 */
struct command {
	const char *name;
	const char *help;
	const char *const *text;
	const struct verb *verbs;
	const struct verb *choices;
	unsigned int keywords;
	unsigned int names_device;
	bool takes_command;
	const struct field *fields;
	size_t field_count;
	bool has_columns;
	bool writes_file;
	bool reads_file;
	const struct key *keys;
	bool streams;
	bool observes;
	enum level lowest;
	enum exit_code (*run)(const struct request *request);
};

/** enum output_format - how reports are written */
enum output_format {
	OUTPUT_TEXT,
	OUTPUT_JSON,	/* each a document on a line of its own */
	OUTPUT_PRETTY,	/* each a document, indented */
	OUTPUT_STREAM,	/* like OUTPUT_JSON, but one follows the other until it is ended */
};

/**
 * struct request - a parsed command line
 * @command: what to do
 * @topic: of the help command: which command is asked about, NULL for all
 * @verb: index in @command->verbs
 * @choice: index in @command->choices, or -1
 * @given: set of the keywords that were given, 1 << enum keyword_id
 * @device: name, or NULL for all
 * @called: what the user called it, which may be an alternative name
 * @msgs: messages to report
 * @cpus: executing CPUs to report
 * @interval_ns: how long to observe
 * @count: how many reports or events; ~0 is no end
 * @ring_bytes: size of the ring buffer
 * @packets: bound of a DPC run
 * @usecs: bound of a DPC run
 * @file: BPF object
 * @map: which of its maps
 * @queues: how many
 * @weights: of queues or CPUs
 * @table: entries of an indirection table
 * @key: of a hash
 * @cpu_list: CPUs in the order they were given
 * @prog: which of a file's programs
 * @mode: how to attach
 * @source: network of a rule
 * @destination: the same
 * @protocol: of a rule
 * @sport: port of a rule
 * @dport: the same
 * @verdict: of a rule
 * @preference: of a rule
 * @max: limits, or NULL
 * @textfile: file to write, or NULL
 * @listen: address to serve at, or NULL
 * @by: what a row is of, or NULL
 * @series: how many there may be
 * @user: whom to become, or NULL
 * @argv: the COMMAND after "--", or NULL
 * @columns: argument of -o, or NULL
 * @input: argument of -i, or NULL
 * @format: how to print
 * @colour: when to use colours
 * @level: the level that devices are to be observed at
 * @level_given: the user asked for that
 * @strict: lost events are an error
 * @chain: attach by a dispatcher
 * @debug: show libbpf's messages
 */
struct request {
	const struct command *command;
	const struct command *topic;
	unsigned int verb;
	int choice;
	unsigned int given;
	const char *device;
	const char *called;
	struct id_set msgs;
	struct id_set cpus;
	__u64 interval_ns;
	__u64 count;
	__u64 ring_bytes;
	__u64 packets;
	__u64 usecs;
	const char *file;
	const char *map;
	__u64 queues;
	struct number_list weights;
	struct number_list table;
	struct byte_list key;
	struct number_list cpu_list;
	const char *prog;
	const char *mode;
	const char *source;
	const char *destination;
	const char *protocol;
	__u64 sport;
	__u64 dport;
	const char *verdict;
	__u64 preference;
	const char *max;
	const char *textfile;
	const char *listen;
	const char *by;
	__u64 series;
	const char *user;
	char **argv;
	const char *columns;
	const char *input;
	enum output_format format;
	enum colour_when colour;
	enum level level;
	bool level_given;
	bool strict;
	bool chain;
	bool debug;
};

/** request_end_ns() - when an observation that began at @start_ns ends; ~0 without an interval */
static inline __u64 request_end_ns(const struct request *request, __u64 start_ns)
{
	return request->given & 1 << KEYWORD_INTERVAL ? start_ns + request->interval_ns : ~0ULL;
}

/* What record writes, and report reads, unless another file is named. */
#define RECORDING_FILE		"dpctool.rec"

extern const struct command show_command, top_command, hist_command, heat_command, trace_command,
	check_command, record_command, report_command, export_command, throttle_command,
	policy_command, rule_command, rss_command, map_command, feature_command, bench_command,
	help_command, version_command;

extern const struct command *const commands[];	/* terminated by NULL */
extern const struct keyword keywords[KEYWORDS];
extern const struct option_help options[];	/* terminated by an empty one */

/**
 * misused() - say what is wrong with how the verb of @request was used
 * @word: the wrong word behind @what, or NULL
 *
 * Return: DPCTOOL_USAGE.
 */
enum exit_code misused(const struct request *request, const char *what, const char *word);

/**
 * misgiven() - say which keywords were given, or not given, that should be otherwise
 * @name: the verb, or what its words named
 * @what: what is wrong with them
 * @set: 1 << enum keyword_id
 *
 * Return: DPCTOOL_USAGE.
 */
enum exit_code misgiven(const struct request *request, const char *name, const char *what,
			unsigned int set);

/** parse_request() - fill @request from the command line */
enum exit_code parse_request(struct request *request, int argc, char **argv);

#endif /* DPCTOOL_ARGS_H */
