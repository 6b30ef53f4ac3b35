#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lab: --vectors 3
# dpctool rss and map where queues share messages: a queue's CPU is its interrupt's only if it has a
# message of its own. That it is right, and what the policy rss makes of it (R4), says the driver:
# then no packet has to be steered.
. "${0%/*}/common.sh"

dpctool=build/dpctool
column() { $dpctool -o "$1" rss show dev "$dev" | awk 'NR > 2 && !/^--/ { print $1 }' | xargs; } # NAME
# What each queue's column is to be: the IRQ of its message, or where that arrives.
expected() # QUEUES MSG|IRQ|CPU
{
	local i msg own queue_msgs=$(($(messages) > 1 ? $(messages) - 1 : 1))

	for ((i = 0; i < $1; i++)); do
		msg=$((i % queue_msgs))
		own=$(($(messages) > 1 && i + queue_msgs >= $1 && i < queue_msgs))
		case $2$own in
		MSG*) echo $msg ;;
		IRQ*) irq_of $msg ;;
		CPU1) cat "/proc/irq/$(irq_of $msg)/effective_affinity_list" ;;
		CPU0) echo - ;;
		esac
	done | xargs
}

# The queues of each message, all of them once.
mapped() { $dpctool -o MSG,QUEUES map show dev "$dev" | awk 'NR > 1 && $2 != "-" { n = split($2, q, ",")
	for (i = 1; i <= n; i++) print $1, q[i] }' | sort; }
queues_of_messages() # QUEUES
{
	local i queue_msgs=$(($(messages) > 1 ? $(messages) - 1 : 1))

	for ((i = 0; i < $1; i++)); do
		printf '%d rx%d\n%d tx%d\n' $((i % queue_msgs)) "$i" $((i % queue_msgs)) "$i"
	done | sort
}

start_dpcnic
fixed_neighbours
mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf
for queues in 4 3 1; do
	ok "$queues queues" sh -c "ethtool -L $dev combined $queues 2>/run/err || grep -q unmodified /run/err"
	ok "$queues queues: link" wait_carrier "$dev" 30
	# The interrupts move, the queues that share them stay.
	for irq in $(irqs); do echo 2 >"/proc/irq/$irq/smp_affinity_list"; done
	ok "$queues queues: packets to all of them" tool rss "$dev" 4 tcp 200
	settle
	is "$(column MSG)" "$(expected $queues MSG)" "$queues queues: their messages"
	is "$(column IRQ)" "$(expected $queues IRQ)" "$queues queues: their IRQs"
	is "$(column CPU)" "$(expected $queues CPU)" "$queues queues: their CPUs, if the kernel tells"
	is "$(mapped)" "$(queues_of_messages $queues)" "$queues queues: the map of their messages"
	ok "$queues queues: rss" $dpctool policy attach dev "$dev" rss
	mark_anew
	tool rss "$dev" 4 tcp 400 >/run/queues
	settle
	mark
	is "$(for ((i = 0; i < queues; i++)); do grew "q\.rx${i}_packets"; done | xargs)" "$(</run/queues)" \
		"R1 $queues queues: packets come by those that their hashes say"
	is "$($dpctool policy counters dev "$dev" | awk '$1 == "steered" { s += $3 } END { print s }')" 400 \
		"$queues queues: rss has a CPU for each packet"
	is "$(grew 'S\.rx_steered')" 0 "R4 $queues queues: it is the one that has it already"
	ok "$queues queues: detach" $dpctool policy detach dev "$dev"
done
ok "the module is unloaded" wait_for 30 unload_module
done_testing
