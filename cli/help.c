// SPDX-License-Identifier: GPL-2.0
/* "dpctool help": the tables of the command line, as text. */
#include <stdio.h>
#include <string.h>

#include "help.h"

#define HELP_WIDTH	80

static void append(char *buffer, size_t size, const char *text)
{
	strncat(buffer, text, size - strlen(buffer) - 1);
}

void help_synopsis(const struct command *command, char *buffer, size_t size)
{
	char part[64];

	snprintf(buffer, size, "%s", command->name);
	for (const struct verb *verb = command->verbs; verb && verb->name; verb++) {
		append(buffer, size, verb == command->verbs ? " {" : "|");
		append(buffer, size, verb->name);
	}
	if (command->verbs)
		append(buffer, size, "}");
	for (const struct verb *choice = command->choices; choice && choice->name; choice++) {
		append(buffer, size, choice == command->choices ? " [" : "|");
		append(buffer, size, choice->name);
	}
	if (command->choices)
		append(buffer, size, "]");
	for (size_t i = 0; i < KEYWORDS; i++) {
		if (!(command->keywords & 1 << i))
			continue;
		snprintf(part, sizeof(part), i == KEYWORD_DEV && command->names_device == ~0U ?
			 " %s %s" : " [%s %s]", keywords[i].name, keywords[i].argument);
		append(buffer, size, part);
	}
	if (command->takes_command)
		append(buffer, size, " [-- COMMAND ...]");
	if (command == &help_command)
		append(buffer, size, " [CMD]");
}

/*
 * Prints @text wrapped, every line after the first indented by @indent; the first is at @column
 * already.
 */
static void print_wrapped(const char *text, int column, int indent)
{
	const char *blank = "";

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column + length > HELP_WIDTH) {
			printf("\n%*s", indent, "");
			column = indent;
			blank = "";
		}
		printf("%s%.*s", blank, length, text);
		column += length + 1;
		blank = " ";
		text += length + (text[length] == ' ');
	}
	putchar('\n');
}

/* One entry of a list of words, their meaning in a column of its own. */
static void print_entry(const char *word, const char *help)
{
	int indent = 24;

	printf("  %-*s", indent - 2, word);
	if ((int)strlen(word) > indent - 3)
		printf("\n%*s", indent, "");
	print_wrapped(help, indent, indent);
}

static void print_options(void)
{
	char word[64];

	puts("\nOptions:");
	for (const struct option_help *option = options; option->name; option++) {
		char letter[] = { '-', (char)option->letter, ',', '\0' };

		snprintf(word, sizeof(word), "%-3s --%s%s%s",
			 option->letter < 256 ? letter : "", option->name,
			 option->argument && !option_joined(option) ? " " : "",
			 option->argument ? option->argument : "");
		print_entry(word, option->help);
	}
}

static void print_exit_codes(void)
{
	char word[16];

	puts("\nExit status:");
	for (int i = 0; i < DPCTOOL_CODES; i++) {
		snprintf(word, sizeof(word), "%d", i);
		print_entry(word, exit_code_help[i]);
	}
}

static void help_overview(void)
{
	char synopsis[SYNOPSIS_SIZE];

	puts("Usage: dpctool [OPTIONS] COMMAND ...\n"
	     "       dpctool help COMMAND\n\n"
	     "Shows how the dpcnic network driver queues, runs and throttles its DPCs.\n\n"
	     "Commands (default: show):");
	for (size_t i = 0; commands[i]; i++) {
		help_synopsis(commands[i], synopsis, sizeof(synopsis));
		printf("  ");
		print_wrapped(synopsis, 2, 8);
		printf("        ");
		print_wrapped(commands[i]->help, 8, 8);
	}
	print_options();
	print_exit_codes();
}

static void print_fields(const struct command *command)
{
	char word[64];

	puts(command->has_columns ? "\nColumns (-o), and their keys in JSON:"
				  : "\nKeys of the rows in JSON:");
	for (size_t i = 0; i < command->field_count; i++) {
		const struct field *field = &command->fields[i];

		snprintf(word, sizeof(word), "%s%s%s", command->has_columns ? field->name : "",
			 command->has_columns ? " " : "", field->key);
		print_entry(word, field->help);
	}
}

static void help_topic(const struct command *command)
{
	char synopsis[SYNOPSIS_SIZE], word[64];

	help_synopsis(command, synopsis, sizeof(synopsis));
	printf("Usage: dpctool [OPTIONS] ");
	print_wrapped(synopsis, 25, 15);
	for (const char *const *text = command->text; text && *text; text++) {
		putchar('\n');
		print_wrapped(*text, 0, 0);
	}
	if (command->verbs || command->keywords)
		putchar('\n');
	for (const struct verb *verb = command->verbs; verb && verb->name; verb++)
		print_entry(verb->name, verb->help);
	for (const struct verb *choice = command->choices; choice && choice->name; choice++)
		print_entry(choice->name, choice->help);
	for (size_t i = 0; i < KEYWORDS; i++) {
		if (!(command->keywords & 1 << i))
			continue;
		snprintf(word, sizeof(word), "%s %s", keywords[i].name, keywords[i].argument);
		print_entry(word, keywords[i].help);
	}
	if (command->keys)
		puts("\nKeys:");
	for (const struct key *key = command->keys; key && key->name; key++)
		print_entry(key->name, key->help);
	if (command->fields)
		print_fields(command);
	print_options();
}

static enum exit_code run(const struct request *request)
{
	if (request->topic)
		help_topic(request->topic);
	else
		help_overview();
	return output_end(false, 0);
}

const struct command help_command = {
	.name = "help",
	.help = "what dpctool and each of its commands can do",
	.run = run,
};
