# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# For tests that read JSON: . "${0%/*}/json.sh"
#
# One Python answers everything: under emulation starting one takes half a second.

mkfifo /run/json.ask /run/json.answer
"${BASH_SOURCE[0]%/*}/json.py" </run/json.ask >/run/json.answer &
exec {json_ask}>/run/json.ask {json_answer}</run/json.answer

# What an expression of Python says of the JSON on stdin; json.py knows which names there are.
json() # EXPRESSION
{
	local answer

	printf '%s\0%s\0' "$1" "$(</dev/stdin)" >&"$json_ask"
	read -r -d '' -u "$json_answer" answer
	printf '%s\n' "$answer"
}

# Everything that json was asked about and that dpctool wrote is as its schemas say.
documents_fit()
{
	local top=${BASH_SOURCE[0]%/*}/../..

	ok "JSON: all documents fit their schemas" "$top/tests/host/schema.py" "$top/cli/schema" </run/json.seen
}
