#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What export makes of recordings, those of recording.py, read by others: Perfetto's format by
# Google's protobuf with Perfetto's schema, JSON and CSV by Python. Of a real one: dpctool-record.t.
. tests/lab/tap.sh
flock cli make -s -C cli >&2 || exit 1

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
tests/host/recording.py "$files" >/dev/null
ok "the schema compiles" protoc --proto_path=tests/host --python_out="$files" perfetto.proto
export_as() # FORMAT RECORDING WORD...
{
	build/dpctool -j report -i "$files/$2" export "$1" -o "$files/$2.$1" "${@:3}" >"$files/said"
}

for file in sound timeline crowd extreme; do
	for format in perfetto chrome; do
		ok "$file: export $format" export_as $format $file
		is "$(tests/host/export.py $format "$files/$file.$format" "$files/$file" "$files/said" "$files")" \
			sound "... every run once, with its times; tracks, slices and flows are sound"
	done
	build/dpctool -j report -i "$files/$file" trace >"$files/trace"
	ok "$file: export csv" export_as csv $file
	is "$(tests/host/export.py csv "$files/$file.csv" "$files/trace")" sound "... what trace has"
done
is "$(build/dpctool export perfetto -i "$files/timeline" -o "$files/out")" \
	"$files/out: 15 runs, lost 2, left out 1 without start or end; message tracks 4, CPU tracks 5, slices 47; open it in ui.perfetto.dev" \
	"it says what it wrote and what not"
is "$(build/dpctool export chrome -i "$files/crowd" -o "$files/out")" \
	"$files/out: 4 runs, lost 2, left out 2 that overlap; message tracks 1, CPU tracks 6, slices 8; open it in ui.perfetto.dev" \
	"... of runs that cannot be, too"
is "$(build/dpctool -i "$files/timeline" export csv -o - msg 1 cpu 2,3 2>"$files/said" | cut -d, -f 2-4)" \
	"dev,cpu,msg
eth7,2,1
eth7,2,1
eth7,3,1" "on standard output, some of them"
is "$(<"$files/said")" "standard output: 3 runs, lost 2" "... with a word on the other one"
is "$(build/dpctool -i "$files/timeline" export csv -o - dev 'a",b' 2>/dev/null | cut -d, -f 2-4 | uniq)" \
	'dev,cpu,msg
"a"",b",0
"a"",b",300' "of one device"
is "$(build/dpctool -j -i "$files/sound" export csv -o "$files/"$'\xff.csv' | python3 -c 'import json, sys
print(json.load(sys.stdin)["file"])')" "$files/?.csv" "a file whose name is no UTF-8 has one in JSON all the same"

# --- what goes wrong

refused() # STATUS REGEX DESCRIPTION ARGUMENT...
{
	local got

	build/dpctool "${@:4}" >"$files/out" 2>"$files/err"
	got=$?
	[ $got = "$1" ] && grep -Eq "^dpctool: $2\$" "$files/err" && { pass "$3"; return; }
	diag "status $got, expected $1: $(<"$files/err")"
	fail "$3"
}
refused 5 "output: incomplete: 2 runs were lost" "--strict: lost runs" \
	--strict -i "$files/sound" export chrome -o /dev/null
cp "$files/sound" "$files/kept"
refused 2 ".*/kept: not overwritten: it is a recording of dpctool. Try: .*" "-o is a recording" \
	-i "$files/sound" export csv -o "$files/kept"
ok "... which is as it was" cmp "$files/sound" "$files/kept"
refused 2 "/dev/full: not all was written: No space left on device. Try: .*" "a full disk" \
	-i "$files/sound" export perfetto -o /dev/full
refused 2 "/nowhere/x: No such file or directory. Try: .*" "no such directory" \
	-i "$files/sound" export perfetto -o /nowhere/x

# --- broken off: it waits for who has opened a pipe and reads nothing, as there is more than that holds

mkfifo "$files/pipe"
exec 3<>"$files/pipe"
for signal in INT TERM; do
	# A shell starts what is in the background with SIGINT ignored.
	env --default-signal=INT build/dpctool -i "$files/large" export csv -o "$files/pipe" 2>"$files/err" & export=$!
	timeout 60 head -c 1000 <&3 >/dev/null
	kill -"$signal" $export
	wait $export
	is "$? $(<"$files/err")" \
		"$((128 + $(kill -l $signal))) dpctool: $files/pipe: broken off, so not all was written" "SIG$signal: it ends by it"
	while read -r -t 0 -u 3; do dd bs=64k count=1 <&3 >/dev/null 2>&1; done
done
done_testing
