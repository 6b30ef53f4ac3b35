#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# README's three questions, answered as it says: by copying its lines. What they print is what stands
# there, but for numbers and how high they are.
. tests/host/golden.sh

section() { sed -n '/^### Three questions/,/^## /p' README.md; }
code() { section | awk '/^```/ { code = !code; block += code; next } code { print block, $0 }'; }
# The blocks that have a prompt, as a transcript.
transcript()
{
	code | awk '$1 != block { block = $1; prompt = 0 } { sub(/^[0-9]+ /, "") }
		/^> / { command = command substr($0, 2); next }
		command { print "$" command; command = "" }
		/^# / { command = substr($0, 2); prompt = 1; next }
		prompt { print }
		END { if (command) print "$" command }'
}
# What each command prints as one line, as it may be folded elsewhere.
looks()
{
	sed -E '/^msg/s/[.:=+*%@-]$/@/' | shape |
		awk '/^\$ / { if (line) print line; print; line = ""; next }
			{ line = line $0 " " } END { print line }' |
		sed -E 's/ +/ /g; s/scale .* not observable/scale/'
}

# The copied lines begin here; the first are to be had again by those after them.
eval "$(code | sed -n 's/^1 //p')"
# Eight flows and iperf3's own come to all queues: the key is Microsoft's example, and of these ports
# any nine of a kind will do.
key=6d:5a:56:da:25:5b:0e:c2:41:67:25:3d:43:a3:8f:b0:d0:ca:2b:cb:ae:7b:30:b4:77:cb:2d:a3:80:30:f2:0c:6a:42:b7:3b:be:ac:01:fa
# shellcheck disable=SC2154 # dev: of the copied lines
ok "where flows go is known" dpctool rss set dev "$dev" key $key
sysctl -q net.ipv4.ip_local_port_range="40992 41009" net.ipv4.tcp_tw_reuse=1
transcript >/run/readme
replay /run/readme >/run/copied
cat /run/copied >"$LAB_RESULTS/readme.copied"
ok "commands print what README says" diff -u <(looks </run/readme) <(looks </run/copied)
done_testing
