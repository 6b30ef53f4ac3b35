// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's protocol, interrupt -> queue -> run -> enable, for Spin. tests/host/model.t runs it.
 *
 * Modelled: one message with its DPCs on two CPUs, as kmod/engine/msg.c and dpc.c have them; the
 * 82576 and QEMU's igb as kmod/hw describes them; NAPI as net/core/dev.c of Linux 6.12 has it.
 *  - Hardware: mask, latched cause, auto-clear, interrupts that are already flying when the mask
 *    is written, QEMU's stray interrupt, which comes unasked and clears the latched cause.
 *  - Affinity: which CPU an interrupt comes to is open each time, so it may change at any time.
 *    One ISR at a time, as genirq has it.
 *  - CPUs: a hard IRQ stops whatever its CPU does, a softirq and a task with BHs disabled exclude
 *    each other. So "this CPU's softirq comes after us" holds here for the same reasons as there.
 *  - NAPI: SCHED, MISSED, poll lists, complete_done() keeping or deferring, the watchdog timer;
 *    kthreads that run on any CPU (-DTHREADED); a busy polling task on any CPU.
 *  - The first enable, against interrupts that came before it (-DSTART).
 *  - The miniport: a run takes all of the ring, or one packet and says more_pending.
 *
 * Checked, by assertion wherever it matters and in at_rest() when nothing can happen any more:
 *  - no packet stays in the ring, and no message disabled (T3, I4);
 *  - never two runs on the ring (I10);
 *  - a message is enabled when it is disabled, once per batch, by a run that owed, after all DPCs
 *    of the batch have finished (I4); the account is exact;
 *  - no entry is put on a poll list twice;
 *  - it does come to rest (searched for with weak fairness, in the smaller configurations).
 *
 * Left out, and why that hides nothing:
 *  - Other messages: the engine shares nothing between them. What they share is CPUs and poll
 *    lists, where one message only delays the other, and here any step may be delayed at will.
 *    More than two CPUs: a run or ISR on a third is like one on the CPU that is not involved.
 *  - Order on a poll list, time: any order and any duration is searched.
 *  - Statistics, stamps, tracepoints: nothing depends on them.
 *  - Bounds: so many packets, stray interrupts, busy polls (start or round) and timers, no more.
 *    Every BROKEN_ variant already fails within bounds that the whole protocol is searched with.
 *  - A step here is one access to what others write, together with what only this context sees.
 *    Where two accesses are one step, nobody can tell: the holder of SCHED sets owes before anybody
 *    else looks, IRQs go off before a register write that only the ISR can notice.
 *  - Memory order: x86 lets a later read overtake a plain write, and nothing else. It could matter
 *    where a write of ours and a read of ours meet the reverse on another CPU. home and guest:
 *    locked instructions, without them BROKEN_LOOK_THEN_MOVE. waiting and the ring: smp_mb() in
 *    dpcnic_dpc_begin(), without it BROKEN_NO_FOREIGN_BARRIER. owes and who holds the NAPI:
 *    smp_mb() in dpcnic_dpc_complete(), without it BROKEN_NO_OWES_BARRIER. Everywhere else a
 *    locked instruction on napi->state stands between. Architectures weaker than x86 are not covered.
 *  - netpoll does not hold SCHED, but poll_owner keeps it from a NAPI that is being polled; what
 *    is left is a visit like a busy poller's. Deregistering and CPUs going offline.
 *  - busy_poll_stop() of 6.12 starts its timer before the last poll, which may then be the only
 *    one to end with SCHED given back and no timer: a bug of NAPI with any driver, so the model
 *    starts it afterwards. The timer's callback is one step: hrtimer_active() is never seen true
 *    for one that has already found the NAPI held.
 *
 * Not in the engine yet, hence not here: batches of several DPCs, DPCs on other CPUs, holding.
 *
 * BROKEN_... each take one thing away from the protocol; model.t knows how each must fail.
 * To see how: spin -a, cc -DSAFETY -DBFS -DNOREDUCE and ./pan for the shortest way to the error,
 * spin -p -t to read it.
 *
 * Size: up to 18 million states, 60 s and 1.1 GB for each configuration in model.t;
 * the broken variants take a second. `make test` searches about a minute, `make model` four.
 */
#ifndef PACKETS
#define PACKETS	2
#endif
#ifndef STRAYS
#define STRAYS	1
#endif
#ifndef POLLS
#define POLLS	2
#endif
#ifndef TIMERS
#define TIMERS	1
#endif

#define CPUS	2
#define NOWHERE	CPUS

/* ==== The hardware: one message ==== */

byte ring;			/* packets that no run has taken */
#ifdef START
bit unmasked;			/* EIMS */
#else
bit unmasked = 1;
#endif
bit cause;			/* EICR: latched, masked or not */
byte flying;			/* interrupts sent, not taken yet: one per CPU, where they merge */

/* ==== struct dpcnic_msg ==== */

#if defined(START) && !defined(BROKEN_CLOSED_AT_START)
byte outstanding = 1;		/* as dpcnic_msg_reset() leaves it */
#else
byte outstanding;
#endif
byte home;			/* the CPU of the home DPC */
bit guest;

#define LAST_DPC	2	/* DPCNIC_LAST_DPC */

/* ==== struct dpcnic_dpc and its struct napi_struct, one per CPU ==== */

typedef dpc_t {
	bit sched;		/* NAPI_STATE_SCHED */
	bit missed;		/* NAPI_STATE_MISSED */
	bit busy;		/* NAPI_STATE_IN_BUSY_POLL */
	bit thread;		/* NAPI_STATE_SCHED_THREADED */
	byte list = NOWHERE;	/* the CPU whose poll_list it is on */
	byte owner = NOWHERE;	/* list_owner: the same until it completes */
	byte timer = NOWHERE;	/* the CPU whose hrtimer is to wake it */
	bit waiting;
	bit owes;
};
dpc_t dpc[CPUS];

/* ==== CPUs ==== */

bit in_irq[CPUS + 1];		/* in hard IRQ: whatever the CPU did else stands still */
bit irqs_off[CPUS];
bit bh[CPUS];			/* softirq, or a task with BHs disabled: one at a time */
byte poller_cpu = NOWHERE;
byte thread_cpu[CPUS] = NOWHERE;

/* ==== What is checked ==== */

byte working;			/* runs that work on the ring */
byte debts;			/* DPCs charged to the batch that have not paid */

byte polls = POLLS;		/* what is left of the bounds */
byte timers = TIMERS;

/* ==== kmod/hw ==== */

inline hw_send()
{
	if
	:: cause && unmasked ->
		cause = 0;			/* EIAC */
		if
		:: flying < CPUS -> flying++
		:: else
		fi
	:: else
	fi
}

/* The cause of a packet, or dpcnic_hw_irq_trigger() */
inline hw_raise()
{
	d_step { cause = 1; hw_send() }
}

/* dpcnic_hw_irq_enable() */
inline hw_enable()
{
	assert(!unmasked);			/* I4: exactly once */
	assert(debts == 0);			/* I4: not while a DPC is outstanding */
	unmasked = 1;
	hw_send()
}

/* ==== NAPI: net/core/dev.c. Each of these is to be used within one step. ==== */

inline napi_schedule_prep(n, got)
{
	if
	:: dpc[n].sched -> dpc[n].missed = 1; got = 0
	:: else -> dpc[n].sched = 1; got = 1
	fi
}

/* On CPU @on, by the holder of SCHED */
inline __napi_schedule(n, on)
{
	assert(dpc[n].sched && dpc[n].list == NOWHERE && !dpc[n].thread);
#ifdef THREADED
	dpc[n].thread = 1
#else
	dpc[n].list = on;
	dpc[n].owner = on
#endif
}

inline napi_schedule(m, from, got)
{
	napi_schedule_prep(m, got);
	if
	:: got -> __napi_schedule(m, from)
	:: else
	fi;
	got = 0
}

/*
 * napi_complete_done() on CPU @c; @done is what it returns. Two steps: the timer is started after
 * SCHED was given back.
 */
inline napi_complete_done(d, c, done, armed)
{
	atomic {
		done = 0;
		if
		:: dpc[d].busy
		:: else ->
			dpc[d].thread = 0;
			dpc[d].owner = NOWHERE;
			if
			:: dpc[d].missed -> dpc[d].missed = 0; __napi_schedule(d, c)
			:: else ->
				dpc[d].sched = 0;
				if
				:: done = 1
				:: timers > 0 -> timers--; armed = 1; done = 1	/* gro_flush_timeout */
				:: timers > 0 -> timers--; armed = 1	/* napi_defer_hard_irqs */
				fi
			fi
		fi
	}
	if
	:: armed -> atomic { dpc[d].timer = c; armed = 0 }
	:: else
	fi
}

/* ==== kmod/engine/dpc.c ==== */

/* The miniport's part, dpcnic_queue_dpc(): two steps, ring_enter and ring_leave */
inline ring_enter()
{
	working++;
	assert(working == 1)			/* I10: never two at a time */
}

inline ring_leave(more)
{
	atomic {
		if
		:: ring > 1 -> ring--; more = 1	/* throttled: T2 */
		:: ring = 0
		fi;
		working--
	}
}

/* dpcnic_dpc_visit(). A successful test_and_set_bit_lock() and a failing one are the same write. */
inline visit(d, more, got)
{
#ifdef BROKEN_NO_GUEST
	if
	:: atomic { home == d -> ring_enter() } ring_leave(more)
	:: else
	fi
#else
	atomic { got = !guest; guest = 1 }
	if
	:: !got ->
#ifndef BROKEN_NO_VISIT_TRIGGER
		hw_raise()
#endif
	:: else ->
		if
		:: atomic { home == d -> ring_enter() } ring_leave(more)
		:: else
		fi;
		atomic { guest = 0; got = 0 }
	fi
#endif
}

/* dpcnic_msg_put() with one DPC in the batch, dpcnic_msg_end_batch() */
inline put(d, c)
{
#ifdef BROKEN_CLOSE_FIRST
	outstanding = 0;
#endif
	d_step {
#ifndef BROKEN_CLOSE_FIRST
		assert(outstanding == LAST_DPC);
#endif
		debts--;
#ifndef BROKEN_IRQS_ON
		irqs_off[c] = 1;
#endif
		hw_enable()
	}
	d_step {
#ifndef BROKEN_CLOSE_FIRST
		outstanding = 0;
#endif
		irqs_off[c] = 0
	}
}

/* dpcnic_dpc_runs_after_us(), and what follows if not */
inline ask_again(d, c, got)
{
#if defined(BROKEN_DEBT_GAP)
	skip
#elif defined(BROKEN_ASKS_ITSELF)
	atomic { napi_schedule(d, c, got) }
#else
	if
	:: !dpc[d].sched ->
		if
		:: dpc[d].timer != NOWHERE
		:: else -> atomic { napi_schedule(d, c, got) }
		fi
	:: else ->
		if
#ifdef THREADED
		:: dpc[d].thread && _pid == d		/* current == napi->thread */
#else
		:: dpc[d].owner == c
#endif
		:: else -> atomic { napi_schedule(d, c, got) }
		fi
	fi
#endif
}

/* dpcnic_dpc_complete() */
inline complete(d, c, owes, done, armed)
{
#if defined(BROKEN_OWES_AFTER_COMPLETE)
	napi_complete_done(d, c, done, armed);
	owes = dpc[d].owes;
	if
	:: done && owes -> dpc[d].owes = 0; put(d, c)
	:: else
	fi;
#elif defined(BROKEN_UNSOLICITED_ENABLES)
	dpc[d].owes = 0;
	napi_complete_done(d, c, done, armed);
	if
	:: done -> put(d, c)
	:: else
	fi;
#else
	d_step {
		owes = dpc[d].owes;
		dpc[d].owes = 0
	}
	napi_complete_done(d, c, done, armed);
	if
	:: done && owes -> put(d, c)
#ifdef BROKEN_NO_OWES_BARRIER
	:: !done && owes -> ask_again(d, c, done); dpc[d].owes = 1
#else
	:: !done && owes -> dpc[d].owes = 1; ask_again(d, c, done)
#endif
	:: else
	fi;
#endif
	d_step { owes = 0; done = 0 }
}

/*
 * dpcnic_dpc_poll() on CPU @c, with dpcnic_dpc_begin() and dpcnic_dpc_work(); @more: it returns the
 * budget
 */
inline poll(d, c, more, owes, done, armed)
{
	owes = dpc[d].owes;
	if
#ifdef BROKEN_NO_FOREIGN_BARRIER
	:: owes && d != c ->
		d_step { ring_enter() }
		ring_leave(more);
		dpc[d].waiting = 0
	:: owes && d == c -> atomic { dpc[d].waiting = 0; ring_enter() } ring_leave(more)
#else
	:: owes -> atomic { dpc[d].waiting = 0; ring_enter() } ring_leave(more)
#endif
	:: else -> dpc[d].waiting = 0; visit(d, more, done)
	fi;
	if
	:: more -> owes = 0
	:: else -> complete(d, c, owes, done, armed)
	fi
}

/* ==== Who polls ==== */

#ifdef THREADED
/* napi_threaded_poll(): one kthread per NAPI, on any CPU */
active [CPUS] proctype kthread() provided (!in_irq[thread_cpu[_pid]])
{
	bit more, owes, done, armed;

end:	do
	:: atomic {
		dpc[_pid].thread ->
		if
		:: !bh[0] && !in_irq[0] -> thread_cpu[_pid] = 0
		:: !bh[1] && !in_irq[1] -> thread_cpu[_pid] = 1
		fi;
		bh[thread_cpu[_pid]] = 1
	   }
	   poll(_pid, thread_cpu[_pid], more, owes, done, armed);
	   atomic {
		bh[thread_cpu[_pid]] = 0;
		thread_cpu[_pid] = NOWHERE;
		more = 0
	   }
	od
}
#else
/* net_rx_action() of CPU @_pid */
active [CPUS] proctype softirq() provided (!in_irq[_pid])
{
	byte d;
	bit more, owes, done, armed;

end:	do
	:: atomic {
		!bh[_pid] && (dpc[0].list == _pid || dpc[1].list == _pid) ->
		if
		:: dpc[0].list == _pid -> d = 0
		:: dpc[1].list == _pid -> d = 1
		fi;
		bh[_pid] = 1;
		dpc[d].list = NOWHERE
	   }
	   poll(d, _pid, more, owes, done, armed);
	   atomic {
		if
		:: more -> dpc[d].list = _pid; more = 0
		:: else
		fi;
		bh[_pid] = 0;
		d = 0
	   }
	od
}
#endif

/* napi_watchdog(), the hrtimer of each NAPI */
#define d	(_pid - CPUS)
active [CPUS] proctype watchdog()
{
end:	do
	:: atomic {
		dpc[d].timer != NOWHERE && !in_irq[dpc[d].timer] && !irqs_off[dpc[d].timer] ->
		if
		:: dpc[d].sched
		:: else ->
			dpc[d].sched = 1;
			__napi_schedule(d, dpc[d].timer)
		fi;
		dpc[d].timer = NOWHERE
	   }
	od
}
#undef d

/* napi_busy_loop(), by a task on any CPU that polls any of the two */
active proctype poller() provided (!in_irq[poller_cpu])
{
	byte d;
	bit more, owes, done, armed, early;

end:	do
	:: atomic {
		polls > 0 && (!dpc[0].sched || !dpc[1].sched) && (!in_irq[0] || !in_irq[1]) ->
		if
		:: !dpc[0].sched -> d = 0
		:: !dpc[1].sched -> d = 1
		fi;
		if
		:: !in_irq[0] -> poller_cpu = 0
		:: !in_irq[1] -> poller_cpu = 1
		fi;
		polls--;
		dpc[d].sched = 1;
		dpc[d].busy = 1
	   }
	   do
	   :: atomic { polls > 0 && !bh[poller_cpu] -> bh[poller_cpu] = 1; polls-- }
	      poll(d, poller_cpu, more, owes, done, armed);
	      atomic { bh[poller_cpu] = 0; more = 0 }
	   :: break
	   od;
	   /* busy_poll_stop(); @early: NAPI_F_PREFER_BUSY_POLL with a timer */
	   dpc[d].missed = 0;
	   dpc[d].busy = 0;
	   atomic {
		!bh[poller_cpu] -> bh[poller_cpu] = 1;
		if
		:: early = 0
		:: timers > 0 -> timers--; early = 1; dpc[d].timer = poller_cpu
		fi
	   }
	   poll(d, poller_cpu, more, owes, done, armed);
	   atomic {
		if
		:: more && early -> dpc[d].timer = poller_cpu; dpc[d].sched = 0
		:: more && !early -> __napi_schedule(d, poller_cpu)
		:: else
		fi;
		more = 0; early = 0;
		bh[poller_cpu] = 0;
		d = 0;
		poller_cpu = NOWHERE
	   }
	od
}

/* ==== kmod/engine/msg.c: dpcnic_msg_interrupt() ==== */

/* dpcnic_msg_move_home() */
inline move_home(h, c, got)
{
#if defined(BROKEN_HOME_TAKEN_BACK)
	h = home;
	home = c;
	if
	:: guest -> home = h
	:: else -> h = c
	fi
#elif defined(BROKEN_LOOK_THEN_MOVE)
	if
	:: guest -> h = home
	:: else -> home = c; h = c
	fi
#elif defined(BROKEN_NO_GUEST)
	home = c;
	h = c
#else
	atomic {
		got = !guest; guest = 1;
		if
		:: got -> home = c
		:: else
		fi;
		h = home
	}
	if
	:: got -> atomic { guest = 0; got = 0 }
	:: else
	fi
#endif
}

/* dpcnic_dpc_queue(): DPC @h, on CPU @c */
inline queue(h, c, got)
{
	dpc[h].waiting = 1;
	atomic {
		napi_schedule_prep(h, got);
		if
		:: got -> dpc[h].owes = 1; __napi_schedule(h, c)
		:: else
		fi
	}
	if
	:: got
	:: else ->
		dpc[h].owes = 1;
#ifndef BROKEN_NO_SECOND_PREP
		atomic { napi_schedule(h, c, got) }
#endif
	fi
}

/* dpcnic_msg_late(), dpcnic_dpc_run_again() */
inline late(h, c, got)
{
#ifdef BROKEN_NO_LATE_LOOK
	skip
#else
	h = c;
	if
	:: home == h ->
		if
		:: dpc[h].waiting
		:: else ->
			dpc[h].waiting = 1;
			atomic { napi_schedule(h, c, got) }
		fi
	:: else ->
#ifndef BROKEN_NO_TRIGGER
		hw_raise()
#endif
	fi
#endif
}

/* The mask is written before anybody can tell that the account was opened before that. */
active proctype isr()
{
	byte c, h;
	bit got;

end:	do
	:: atomic {
		flying > 0 && (!irqs_off[0] || !irqs_off[1]) ->
		if
		:: !irqs_off[0] -> c = 0
		:: !irqs_off[1] -> c = 1
		fi;
		flying--;
		in_irq[c] = 1;
		if
		:: outstanding == 0 ->
			assert(debts == 0);
			outstanding = LAST_DPC;
			debts = 1;
			unmasked = 0;
			goto begin_batch
		:: else
		fi
	   }
	   late(h, c, got);
	   goto out;
begin_batch:
	   if
	   :: home == c -> h = c
	   :: else -> move_home(h, c, got)
	   fi;
	   queue(h, c, got);
out:
	   atomic { in_irq[c] = 0; c = 0; h = 0; got = 0 }
	od
}

#ifdef START
/* dpcnic_engine_enable(), on any CPU */
active proctype start()
{
	byte c;

	atomic {
		if
		:: !in_irq[0] -> c = 0
		:: !in_irq[1] -> c = 1
		fi;
		irqs_off[c] = 1;
		hw_enable()
	}
	atomic { outstanding = 0; irqs_off[c] = 0; c = 0 }
}
#endif

/* ==== The world ==== */

active proctype packets()
{
	byte n = PACKETS;

	do
	:: n > 0 -> atomic { n--; ring++ } hw_raise()
	:: n == 0 -> break
	od
}

/* See dpcnic_hw_irq_set_itr() */
active proctype strays()
{
	byte n = STRAYS;

end:	do
	:: n > 0 ->
		atomic {
			flying < CPUS ->
			n--;
			cause = 0;
			flying++
		}
	:: n == 0 -> break
	od
}

/* Nobody can do anything: everything must be done. */
active proctype at_rest()
{
end:	timeout ->
	assert(ring == 0);
	assert(unmasked && outstanding == 0 && debts == 0);
	assert(!guest && !working && !cause);
	assert(!dpc[0].sched && !dpc[1].sched)
}
