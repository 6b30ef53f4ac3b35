#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What Prometheus gets, without a device: the text, the server, alerts and dashboard. References:
# values that dpctool-prometheus.py counts itself, and promtool. With a device:
# tests/vm/dpctool-prometheus.t.
. tests/lab/tap.sh
flock cli make -s -C cli all tests >&2 || exit 1

check() { tests/host/dpctool-prometheus.py "$@"; }
rules=cli/prometheus/rules.yml dashboard=cli/prometheus/dashboard.json

ok "every number is where it belongs, in all its digits" check values
ok "of a NAPI instance what is known is there, under its own name" check napi
ok "an edge is in its bucket, the next nanosecond is not" check edges
ok "as many series as are announced" check bound
ok "promtool finds nothing to say about them" sh -c \
	'for by in "" cpu; do echo 511 512 | build/cli/test-prometheus print $by | promtool check metrics 2>&1 || exit; done'
ok "the server serves its page, and a bounded number of askers" check http

ok "promtool takes the alerts" promtool check rules $rules
ok "each of them fires when it should, and not before" promtool test rules "${0%.t}-rules.yml"
ok "they ask for what exists" check known $rules
ok "so does the dashboard" check known $dashboard
ok "its queries are PromQL" check dashboard $dashboard

# systemd is there, as llvm wants it; what the unit starts is not installed here, nor its manual page.
units=$(mktemp -d)
trap 'rm -rf "$units"' EXIT
sed 's,^ExecStart=[^ ]*,ExecStart=/bin/true,' cli/prometheus/dpctool-prometheus.service >"$units/x.service"
is "$(systemd-analyze --man=no verify "$units/x.service" 2>&1; echo $?)" 0 "systemd finds nothing to say about its unit"

coproc server { exec build/cli/test-prometheus serve 127.0.0.1:0; }
read -r url <&"${server[0]}"
at=${url#http://} at=${at%/metrics}
said=$(build/dpctool export prometheus listen "$at" 2>&1)
is "$? $said" "2 dpctool: cannot listen on $at: Address already in use. Try: another port: listen ADDRESS:PORT" \
	"a port that is taken is told"
kill %1
done_testing
