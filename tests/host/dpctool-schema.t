#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# JSON against the schemas in cli/schema: of all commands that read recordings. Those that need
# devices: tests/vm, documents_fit.
. tests/lab/tap.sh
flock cli make -s -C cli >&2 || exit 1

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
tests/host/recording.py "$files" >/dev/null
report() { build/dpctool -j report -i "$@"; } # FILE WORD...
for file in busy sound other timeline crowd extreme; do
	for command in show "hist lat" "hist run" "hist pkts" "heat runs" "heat lat-p99" trace check; do
		# shellcheck disable=SC2086 # several words
		report "$files/$file" $command
	done
	for format in csv perfetto chrome; do report "$files/$file" export $format -o "$files/out"; done
	build/dpctool --jsonl report -i "$files/$file" trace
	build/dpctool --jsonl report -i "$files/$file" show
done >"$files/documents"
build/dpctool -j version >>"$files/documents"
fits() { tests/host/schema.py cli/schema <"$1"; } # FILE
is "$(fits "$files/documents" | sed 's/[ 0-9]//g')" check,export,heat,hist,run,show,trace,version \
	"all documents fit their schemas"

# The schemas are strict: each document of a kind once, changed in every way there is.
cat >"$files/change.py" <<'END'
import copy, json, sys

def places(value, path=()):
    if isinstance(value, dict):
        yield path
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(member, (dict, list)) and key != "by_cpu":
            yield from places(member, path + (key,))

def at(value, path):
    for key in path:
        value = value[key]
    return value

kinds = {}
for line in open(sys.argv[1]):
    document = json.loads(line) if line.startswith('{"') and line.endswith("}\n") else {}
    kinds.setdefault(document.get("object"), document)
del kinds[None]
optional = {("trace", "rows")}
for name, document in kinds.items():
    for path in places(document):
        for key in [*at(document, path), "more"]:
            changed = copy.deepcopy(document)
            if key == "more":
                at(changed, path)[key] = 1
            elif key == "object" or (name, key) in optional:
                continue
            else:
                del at(changed, path)[key]
            print(json.dumps(changed))
END
python3 -IS "$files/change.py" "$files/documents" >"$files/changed"
is "$(fits "$files/changed" | wc -l)" "$(wc -l <"$files/changed")" \
	"a key more or less, wherever it is, and no document fits any more"
done_testing
