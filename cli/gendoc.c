// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the command line's tables for what the build makes of them besides dpctool itself:
 * "gendoc man" for the manual page, "gendoc completion" for bash.
 */
#include <stdio.h>
#include <string.h>

#include "help.h"

/* Text for roff: a hyphen is a minus, a backslash itself. */
static void roff(const char *text)
{
	for (; *text; text++) {
		if (*text == '-' || *text == '\\')
			putchar('\\');
		putchar(*text == '\\' ? 'e' : *text);
	}
}

static void roff_entry(const char *word, const char *argument, const char *help)
{
	printf(".TP\n\\fB");
	roff(word);
	printf("\\fR");
	if (argument) {
		printf(" \\fI");
		roff(argument);
		printf("\\fR");
	}
	putchar('\n');
	roff(help);
	putchar('\n');
}

static void man_command(const struct command *command)
{
	char synopsis[SYNOPSIS_SIZE];

	help_synopsis(command, synopsis, sizeof(synopsis));
	printf(".SS ");
	roff(synopsis);
	putchar('\n');
	roff(command->help);
	puts(".");
	for (const char *const *text = command->text; text && *text; text++) {
		puts(".PP");
		roff(*text);
		putchar('\n');
	}
	for (const struct verb *verb = command->verbs; verb && verb->name; verb++)
		roff_entry(verb->name, NULL, verb->help);
	for (const struct verb *choice = command->choices; choice && choice->name; choice++)
		roff_entry(choice->name, NULL, choice->help);
	if (command->keys)
		puts(".PP\nKeys:");
	for (const struct key *key = command->keys; key && key->name; key++)
		roff_entry(key->name, NULL, key->help);
	if (!command->fields)
		return;
	puts(command->has_columns ? ".PP\nColumns, each with its key in JSON:" :
	     ".PP\nKeys of the rows in JSON:");
	for (size_t i = 0; i < command->field_count; i++) {
		const struct field *field = &command->fields[i];

		roff_entry(command->has_columns ? field->name : field->key,
			   command->has_columns ? field->key : NULL, field->help);
	}
}

static void man(void)
{
	char word[64];

	puts(".SH COMMANDS");
	for (size_t i = 0; commands[i]; i++)
		man_command(commands[i]);
	puts(".SH KEYWORDS");
	for (size_t i = 0; i < KEYWORDS; i++)
		roff_entry(keywords[i].name, keywords[i].argument, keywords[i].help);
	puts(".SH OPTIONS");
	for (const struct option_help *option = options; option->name; option++) {
		if (option->letter < 256)
			snprintf(word, sizeof(word), "-%c, --%s%s", option->letter, option->name,
				 option_joined(option) ? option->argument : "");
		else
			snprintf(word, sizeof(word), "--%s", option->name);
		roff_entry(word, option_joined(option) ? NULL : option->argument, option->help);
	}
	puts(".SH EXIT STATUS");
	for (int i = 0; i < DPCTOOL_CODES; i++) {
		snprintf(word, sizeof(word), "%d", i);
		roff_entry(word, NULL, exit_code_help[i]);
	}
}

static void completion_command(const struct command *command)
{
	printf("\t%s)\n\t\twords='help", command->name);
	for (const struct verb *verb = command->verbs; verb && verb->name; verb++)
		printf(" %s", verb->name);
	for (const struct verb *choice = command->choices; choice && choice->name; choice++)
		printf(" %s", choice->name);
	for (size_t i = 0; i < KEYWORDS; i++)
		if (command->keywords & 1 << i)
			printf(" %s", keywords[i].name);
	puts("'");
	if (command->has_columns) {
		printf("\t\tcolumns='");
		for (size_t i = 0; i < command->field_count; i++)
			printf("%s%s", i ? " " : "", command->fields[i].name);
		puts("'");
	}
	puts("\t\t;;");
}

static void completion(void)
{
	printf("\toptions='");
	for (const struct option_help *option = options; option->name; option++)
		printf("%s--%s", option == options ? "" : " ", option->name);
	printf("'\n\tkeywords='");
	for (size_t i = 0; i < KEYWORDS; i++)
		printf("%s%s", i ? " " : "", keywords[i].name);
	puts("'\n\tcase $command in");
	for (size_t i = 0; commands[i]; i++)
		if (commands[i] != &help_command)
			completion_command(commands[i]);
	printf("\t*)\n\t\twords='");
	for (size_t i = 0; commands[i]; i++)
		printf("%s%s", i ? " " : "", commands[i]->name);
	puts("'\n\t\t;;\n\tesac");
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "man"))
		man();
	else if (argc == 2 && !strcmp(argv[1], "completion"))
		completion();
	else
		return 1;
	return output_end(false, 0);
}
