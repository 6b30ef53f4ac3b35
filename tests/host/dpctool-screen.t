#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What dpctool top draws, and what its keys do, in a terminal of tmux. All of it from a recording, so
# that every character is known; what is observed as it happens: tests/vm/dpctool-top.t.
. tests/lab/tap.sh
. tests/host/screen.sh
flock cli make -s -C cli >&2 || exit 1

dpctool=${DPCTOOL:-$PWD/build/dpctool} files=$screen_dir
tests/host/recording.py "$files" >/dev/null
top() { term_run "$dpctool" report -i busy top "$@"; }

# --- the rows

head='elsewhere  eth7,eth8  1970-01-01 00:16:42  recorded  lost 0'
hint='q quit  ? help  b m c d rows  < > r sort  f filter  h H below  p pause  w write'
columns='  DEV    MSG IRQ CPU INTR QUEUED COAL RUN LAT-AVG LAT-P99 RUN-AVG RUN-P99 PKTS THROT DISABLED DIS%'
eth7_0_0='eth7     0  30   0   11     10    0  10  1.00us  1.00us  5.00us  5.00us   30     0    100ms 5.0%'
eth7_0_2='eth7     0  30   2    2      5    0   5  3.00us  3.00us  9.00us  9.00us  320     4   50.0ms 2.5%'
eth7_1_1='eth7     1  31   1   20     20    0  20  2.00us  2.00us  70.0us  70.0us  200     0      0ns 0.0%'
eth8_0_2='eth8     0  40   2   41     40    0  40   500ns   500ns   800ns   800ns   40     0      0ns 0.0%'
eth8_1_3='eth8     1   -   3    0      1    0   1  6.00ms  6.00ms  12.0ms  12.0ms    0     0      0ns 0.0%'
total='       total           74     76    0  76  80.1us  6.00ms   178us  12.0ms  590     4    150ms 1.9%'
by_both="$head
in 2.00s, by message and CPU, RUN descending
$columns
> $eth8_0_2
  $eth7_1_1
  $eth7_0_0
  $eth7_0_2
  $eth8_1_3
$total"

top
whole=$by_both$'\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n'$hint
comes_to "the busiest first" "$whole" screen
press m
comes_to "m: messages; CPUs are added up" "$head
in 2.00s, by message, RUN descending
$columns
> $eth8_0_2
  $eth7_1_1
  eth7     0  30   *   13     15    0  15  1.67us  3.00us  6.33us  9.00us  350     4    150ms 7.5%
  $eth8_1_3
$total" first_lines 8
press c
comes_to "c: CPUs; messages of all devices are added up" "$head
in 2.00s, by CPU, RUN descending
  DEV    MSG IRQ CPU INTR QUEUED COAL RUN LAT-AVG LAT-P99 RUN-AVG RUN-P99 PKTS THROT DISABLED DIS%
> *        *   *   2   43     45    0  45   778ns  3.00us  1.71us  9.00us  360     4   50.0ms 1.3%
  $eth7_1_1
  $eth7_0_0
  $eth8_1_3
$total" first_lines 8
press d
comes_to "d: devices" "$head
in 2.00s, by device, RUN descending
  DEV    MSG IRQ CPU INTR QUEUED COAL RUN LAT-AVG LAT-P99 RUN-AVG RUN-P99 PKTS THROT DISABLED DIS%
> eth8     *   *   *   41     41    0  41   147us  6.00ms   293us  12.0ms   40     0      0ns 0.0%
  eth7     *   *   *   33     35    0  35  1.86us  3.00us  42.7us  70.0us  550     4    150ms 3.8%
$total" first_lines 6
press b
comes_to "b: back to both" "$by_both" first_lines 9
is "$(first_lines 9 | sed -n '4,8s/^..//p' | sort)" \
	"$("$dpctool" report -i "$files/busy" show | grep -E '^eth. +[0-9]' | sort)" \
	"the rows are those of show"

# --- order

press '>'
comes_to "> sorts by the next column" "in 2.00s, by message and CPU, LAT-AVG descending
$columns
> $eth8_1_3
  $eth7_0_2
  $eth7_1_1
  $eth7_0_0
  $eth8_0_2" eval 'first_lines 8 | tail -n 7'
press r
comes_to "r reverses" "in 2.00s, by message and CPU, LAT-AVG ascending
$columns
> $eth8_0_2
  $eth7_0_0
  $eth7_1_1
  $eth7_0_2
  $eth8_1_3" eval 'first_lines 8 | tail -n 7'
press r '<' '<'
comes_to "< by the one before; rows that are equal are in order" "in 2.00s, by message and CPU, COAL descending
$columns
> $eth7_0_0
  $eth7_0_2
  $eth7_1_1
  $eth8_0_2
  $eth8_1_3" eval 'first_lines 8 | tail -n 7'
press Down Down
comes_like "a row is chosen" $'\n> '"$eth7_1_1" screen
press s
comes_to "s is >; the row chosen is where it is now" "in 2.00s, by message and CPU, RUN descending
$columns
  $eth8_0_2
> $eth7_1_1" eval 'first_lines 5 | tail -n 4'
press PgDn
comes_like "PgDn: the last row" $'\n> '"$eth8_1_3" screen
press k
comes_like "k: the one above" $'\n> '"$eth7_0_2" screen
press PgUp
comes_to "PgUp: the first" "$by_both" first_lines 9
press '<' '<' '<' '<' '<'
comes_like "an IRQ that is unknown is last" "IRQ descending.*> $eth8_0_2.*$eth8_1_3"$'\n'"$total" screen
press r
comes_like "also ascending" "IRQ ascending.*$eth8_0_2"$'\n'"  $eth8_1_3"$'\n'"$total" screen
press r '>' '>' '>' '>' '>'
comes_like "back by as many columns" "RUN descending" screen

# --- filter

press f
type_in 'cpu 2 pkts>x'
press Enter
comes_to "a filter that is none: why" \
	"filter: cpu 2 pkts>x_  'x': no value, as in 1000, 50us or 5%" last_line
press BSpace
type_in 100
press Enter
comes_to "it can be typed on; the total is of what is left" "$head
in 2.00s, by message and CPU, RUN descending, filter: cpu 2 pkts>100
  DEV    MSG IRQ CPU INTR QUEUED COAL RUN LAT-AVG LAT-P99 RUN-AVG RUN-P99 PKTS THROT DISABLED DIS%
> $eth7_0_2
       total            2      5    0   5  3.00us  3.00us  9.00us  9.00us  320     4   50.0ms 2.5%" first_lines 5
press /
type_in ' dev eth8'
press Escape
comes_to "Escape leaves it as it was" "$hint" last_line
press / C-u
type_in 'dev eth8'
press Enter
comes_like "a device" "filter: dev eth8.*> $eth8_0_2"$'\n'"  $eth8_1_3"$'\n'"       total" screen
press / C-u
type_in 'runs'
press Enter
comes_like "what it could have been" "^filter: runs_  'runs': not msg LIST, cpu LIST, dev IF, COLUMN" last_line
press C-u Enter
comes_to "no filter" "$by_both" first_lines 9

# --- below

below() { screen | sed -n '/^----/,$p' | sed '1d;$d' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }
press Down h
comes_to "h: how long the row's runs waited" "$("$dpctool" report -i "$files/busy" hist lat dev eth7 msg 1 |
	sed '1s/ (cpu1)//; 1s/eth7/eth7 msg 1 cpu 1/; $d')" below
press h
comes_to "h: how long they took" "$("$dpctool" report -i "$files/busy" hist run dev eth7 msg 1 |
	sed '1s/ (cpu1)//; 1s/eth7/eth7 msg 1 cpu 1/; $d')" below
press h Down
comes_to "h: packets; of the next row now" "$("$dpctool" report -i "$files/busy" hist pkts dev eth7 msg 0 cpu 0 |
	sed '1s/ (cpu0)//; 1s/eth7/eth7 msg 0 cpu 0/; $d')" below
press h
comes_to "h: none" "" below
press H
comes_to "H: the map of its device" "$("$dpctool" report -i "$files/busy" heat runs dev eth7 |
	sed '1s/runs/RUN/; $d')" below
press '>' '>' '>'
comes_to "of what it is sorted by" "$("$dpctool" report -i "$files/busy" heat run-avg dev eth7 |
	sed '1s/run-avg/RUN-AVG/; $d')" below
ok "it has colours" eval "screen_escapes | grep -q $'\e\\\[[0-9;]*48;5;160m'"
press h
comes_like "h: a histogram instead" "^queue->run latency" below
size 130 11
press d h
comes_to "wider buckets where there are few lines" \
	"run time, eth8, 2.00s, n=41  p50 895ns  p90 895ns  p99 12.0ms  p99.9 12.0ms  max 12.0ms
      512ns-131us         40 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|
     131us-33.6ms          1 |@                               |" below
size 130 10
comes_like "what does not fit all the same is told" $'max 12.0ms\n''\(2 more lines\)$' below
size 130 24
press b h h '<' '<' '<' PgUp
comes_to "and back" "$whole" screen

# --- keys

press '?'
comes_to "? lists the keys" "$("$dpctool" help top | awk '/^Keys:/ { on = 1; next } /^$/ { on = 0 }
	on && /^  [^ ]/ { print substr($0, 3, 11) }' | sed 's/ *$//')" \
	eval "screen | sed '\$d' | cut -c 2-12 | grep . | sed 's/ *\$//'"
press x
comes_to "any key goes back" "$by_both" first_lines 9
press x
comes_to "a key that is none" "no such key; ? lists them" last_line
for key in p Enter +; do
	press b $key
	comes_to "$key: not with a recording" "a recording is over: no intervals" last_line
done
press w
comes_to "w says where it wrote" "$files/dpctool-19700101-001640.000.json: written" last_line
is "$(<"$files/dpctool-19700101-001640.000.json")" "$("$dpctool" report -i "$files/busy" -j show)" \
	"it is what show would have printed"
press b w
comes_to "what is written once stays" "dpctool-19700101-001640.000.json: not written: File exists" last_line

# --- sizes

press b
size 80 24
comes_to "80 columns: a number is there whole, or not" "$head
in 2.00s, by message and CPU, RUN descending
  DEV    MSG IRQ CPU INTR QUEUED COAL RUN LAT-AVG LAT-P99 RUN-AVG RUN-P99 PKTS >
> ${eth8_0_2%     0      0ns *}" first_lines 4
press Right Right
comes_like "Right: what is there" $'\n''< IRQ CPU INTR .* PKTS THROT      >'$'\n' screen
press Left Left
size 30 5
comes_to "30 columns, 5 lines" "elsewhere  eth7,eth8  1970-01>
in 2.00s, by message and CPU,>
  DEV    MSG IRQ CPU INTR    >
       total           74
q quit  ? help  b m c d rows >" screen
for lines in 4 3 2 1; do
	size 3 $lines
	comes_like "3 columns, $lines lines" '^q >$' last_line
done
size 130 24
comes_to "and back" "$whole" screen
size 130 7
press PgDn
comes_like "few lines: the rows scroll" $'DIS%\n  '"$eth7_0_2"$'\n> '"$eth8_1_3"$'\n'"$total" screen
size 130 24

# --- ends

press q
comes_back "q" 0
comes_like "the last line" '^-- 2.00s, lost 0' screen
for key in C-c C-\\; do
	top
	comes_like "it begins" RUN-P99 screen
	press "$key"
	comes_back "$key" 0
done
for signal in TERM HUP; do
	top
	comes_like "it begins" RUN-P99 screen
	pkill "-$signal" -P "$(term display-message -p '#{pane_pid}')" dpctool
	comes_back "SIG$signal" 0
done

# stopped by a shell, and on again
term respawn-pane -k "cd '$files'; exec env TZ=UTC TERM=tmux-256color PS1='$ ' bash --norc -i"
type_in "$dpctool report -i busy top"
press Enter
comes_to "it begins" "$whole" screen
press C-z
comes_like "C-z: it is stopped" 'Stopped +.* report -i busy top'$'\n''\$$' screen
is "$(term display-message -p '#{alternate_on} #{cursor_flag}')" "0 1" "the shell has the screen"
type_in fg
press Enter
comes_to "fg: it is there again" "$whole" screen
press q
comes_like "q" '-- 2.00s, lost 0'$'\n''\$$' screen

# --- terminals

top -o MSG,CPU,PKTS dev eth7 msg 0
comes_to "columns, a device and a message are chosen" "    MSG CPU PKTS
>     0   0   30
      0   2  320
  total      350" eval "first_lines 6 | tail -n 4"
press '>'
comes_like "from a column that is not there to the first" "MSG descending" screen
press q
coloured() # COMMAND...: is there any colour?
{
	term_run "$@"
	comes_like "it begins" RUN-P99 screen
	press H
	comes_like "with a map" scale below
	screen_escapes | grep -q $'\e\[[0-9;]*[34]8;' && echo yes || echo no
	press q
}
is "$(coloured "$dpctool" report -i busy top | tail -n 1)" yes "colours where the terminal has them"
is "$(coloured env NO_COLOR=1 "$dpctool" report -i busy top | tail -n 1)" no "NO_COLOR"
is "$(coloured "$dpctool" --color=never report -i busy top | tail -n 1)" no "--color=never"
is "$(coloured env TERM=vt100 "$dpctool" --color=always report -i busy top | tail -n 1)" no "a terminal without"
is "$(coloured env TERM=vt100 "$dpctool" report -i busy top | grep -c '^ok')" 2 "vt100 has the map"
for type in dumb nosuch ''; do
	term_run env TERM=$type "$dpctool" report -i busy top
	comes_like "TERM=$type" "dpctool: top: cannot draw on a terminal of type '$type'\. Try: TERM=vt100" \
		eval "screen | tr -d '\n'"
	comes_back "TERM=$type" 2
done
no_terminal() { term_run "$BASH" -c "$1"; }
no_terminal "'$dpctool' report -i busy top | cat; exit \${PIPESTATUS[0]}"
comes_like "stdout is no terminal" 'top: no terminal to draw on\. Try: dpctool show, or dpctool --jsonl show' \
	eval "screen | tr -d '\n'"
comes_back "stdout is no terminal" 2
no_terminal "'$dpctool' report -i busy top </dev/null"
comes_like "stdin is no terminal" 'top: no terminal to draw on' eval "screen | tr -d '\n'"
comes_back "stdin is no terminal" 2

# --- a terminal that goes

top
comes_like "it begins" RUN-P99 screen
pid=$(pgrep -P "$(term display-message -p '#{pane_pid}')" dpctool)
term kill-server
# Nobody may wait for it any more.
comes_to "it ends with its terminal" gone eval "grep -qs '^State:.[^Z]' /proc/$pid/status || echo gone"
done_testing
