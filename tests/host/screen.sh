# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests of what is on a terminal: . tests/host/screen.sh; tmux is the terminal.

screen_dir=$(mktemp -d)
trap 'tmux -S "$screen_dir/socket" kill-server 2>/dev/null; rm -rf "$screen_dir"' EXIT
term() { tmux -S "$screen_dir/socket" -f /dev/null "$@"; }
term new-session -d -x 130 -y 24 cat

# Run a command there, which ends with its exit status, whether it left the terminal's settings as
# they were, and whether something of it still runs.
term_run() # COMMAND...
{
	local command

	printf -v command '%q ' "$@"
	term respawn-pane -k "cd '$screen_dir'; export TZ=UTC TERM=tmux-256color; settings=\$(stty -g)
		$command
		echo \"status \$?\"; [ \"\$(stty -g)\" = \"\$settings\" ] && echo sane; exec cat"
}
press() { term send-keys "$@"; }
type_in() { term send-keys -l "$1"; }
size() { term resize-window -x "$1" -y "$2"; } # COLUMNS LINES
# All lines, without those at the end that are empty.
screen() { term capture-pane -p; }
screen_escapes() { term capture-pane -p -e; } # with colours
first_lines() { screen | head -n "$1"; } # COUNT
last_line() { screen | tail -n 1; }

# Poll until a command says something: what is on the screen comes when it comes.
comes_to() # DESCRIPTION EXPECTED COMMAND...
{
	local what=$1 expected=$2 got

	shift 2
	for _ in {1..600}; do
		got=$("$@")
		[ "$got" = "$expected" ] && { pass "$what"; return; }
		sleep "${screen_poll:-0.05}"
	done
	diag "expected:" "$expected" "got:" "$got"
	fail "$what"
}
# The same: something that matches.
comes_like() # DESCRIPTION REGEX COMMAND...
{
	local what=$1 regex=$2 got

	shift 2
	for _ in {1..600}; do
		got=$("$@")
		[[ $got =~ $regex ]] && { pass "$what"; return; }
		sleep "${screen_poll:-0.05}"
	done
	diag "no match: $regex" "got:" "$got"
	fail "$what"
}
# The command has ended, and has given back the screen, the cursor and the settings.
comes_back() # DESCRIPTION STATUS
{
	comes_like "$1" $'(^|\n)status '"$2"$'\nsane' screen
	is "$(term display-message -p '#{alternate_on} #{cursor_flag}')" "0 1" \
		"$1: the screen is the shell's, with its cursor"
}
