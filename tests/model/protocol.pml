// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's protocol, interrupt -> queue -> run -> enable, for Spin. tests/host/model.t runs it.
 *
 * Modelled: a message with its DPCs on two CPUs, as kmod/engine/msg.c, dpc.c and hold.c have
 * them; the 82576 and QEMU's igb as kmod/hw describes them; NAPI as net/core/dev.c of Linux 6.12
 * has it.
 *  - Hardware: mask, latched cause, auto-clear, interrupts that are already flying when the mask
 *    is written, QEMU's stray interrupt, which comes unasked and clears the latched cause.
 *  - Affinity: which CPU an interrupt comes to is open each time, so it may change at any time.
 *    One ISR at a time, as genirq has it.
 *  - CPUs: a hard IRQ stops whatever its CPU does, a softirq and a task with BHs disabled exclude
 *    each other. So "this CPU's softirq comes after us" holds here for the same reasons as there.
 *  - NAPI: SCHED, MISSED, poll lists, complete_done() keeping or deferring, the watchdog timer;
 *    kthreads that run on any CPU (-DTHREADED); a busy polling task on any CPU.
 *  - Which DPCs: the default one, without an ISR; what an ISR asks for after it looked at the
 *    ring (-DASKED), or at a ring for each DPC, whose CPUs it targets (-DSPREAD); and a run may ask
 *    for the other DPC (-DCALLS=N).
 *  - Hold and release, so many times (-DHOLDS=N).
 *  - The first enable, against interrupts that came before it, and holds (-DSTART).
 *  - A second message on the same CPUs (-DMESSAGES=2), where holds wait for more than they must.
 *  - The miniport: a run takes all of the ring, or one packet and says more_pending.
 *
 * Checked, by assertion wherever it matters and in at_rest() when nothing can happen any more:
 *  - no packet stays in a ring, no request stays unheard, and no message disabled (T3, D2, I4);
 *  - never two runs on a ring (I10);
 *  - a message is enabled when it is disabled, once per batch, after all its DPCs have finished:
 *    none owes, none that owes is running, and each that an ISR or DPC asked for has looked (I4);
 *  - it is not enabled while it is held (I9);
 *  - no entry is put on a poll list twice;
 *  - it does come to rest (searched for with weak fairness, in the smaller configurations).
 *
 * Left out, and why that hides nothing:
 *  - Other messages, but in the smallest configurations: the engine shares nothing between them,
 *    and none of its functions for one reads or writes a field of another. What they share is CPUs
 *    and poll lists: an ISR or poll of one keeps a CPU from those of the other, which then take
 *    their steps later. Here any step may be taken at any time later anyhow, so a message alone
 *    has all the histories that it has beside another, and those suffice as every rule above is
 *    about one message. -DMESSAGES=2 shows it where it can be afforded: with two packets, stray
 *    interrupts or calls, and BROKEN_ONE_ACCOUNT shows that it would see what is shared.
 *    More CPUs with DPCs: whoever queues, runs or pays does it for the one DPC or the other, and
 *    the account only counts them. A third CPU, where no interrupt comes, has busy pollers.
 *  - Order on a poll list, time: any order and any duration is searched.
 *  - Statistics, stamps, tracepoints, contexts, throttle policies: nothing depends on them.
 *  - Bounds: so many packets, stray interrupts, busy polls (start or round), timers, calls and
 *    holds, no more. Every BROKEN_ variant already fails within bounds that the whole protocol is
 *    searched with, but BROKEN_SURPLUS_DROPPED, which needs all but strays.
 *  - A step here is one access to what others write, together with what only this context sees.
 *    Where two accesses are one step, nobody can tell: the holder of SCHED sets owes before anybody
 *    else looks, IRQs go off before a register write that only the ISR can notice.
 *  - Memory order: x86 lets a later read overtake a plain write, and nothing else. It could matter
 *    where a write of ours and a read of ours meet the reverse on another CPU. home and guest:
 *    locked instructions, without them BROKEN_LOOK_THEN_MOVE. entry and the ring: smp_mb() in
 *    dpcnic_dpc_begin(), without it BROKEN_NO_FOREIGN_BARRIER and _NO_SHARED_BARRIER; where it is
 *    left out, as the run is alone, begin() holds back the write. owes and who holds the NAPI:
 *    exchanges in dpcnic_dpc_charge() and _complete(), without them BROKEN_CHARGE_NO_XCHG,
 *    _PUT_BACK_NO_XCHG and _NO_OWES_BARRIER. again and outstanding: smp_mb() on both sides, without
 *    them BROKEN_NO_LATE_BARRIER and _NO_OPEN_BARRIER. outstanding, which dpcnic_msg_put() reads
 *    plainly: all that write it are locked, and what was written before is behind NAPI's own
 *    locked instruction. Architectures weaker than x86 are not covered.
 *  - dpcnic_msg_ask_again() could be missing, and nothing be lost: the last of the batch would
 *    raise the interrupt instead. So there is no broken variant without it.
 *  - netpoll does not hold SCHED, but poll_owner keeps it from a NAPI that is being polled; what
 *    is left is a visit like a busy poller's. Deregistering, pauses, and CPUs going offline. Lines:
 *    an interrupt that is disowned is none.
 *  - busy_poll_stop() of 6.12 starts its timer before the last poll, which may then be the only
 *    one to end with SCHED given back and no timer: a bug of NAPI with any driver, so the model
 *    starts it afterwards. The timer's callback is one step: hrtimer_active() is never seen true
 *    for one that has already found the NAPI held.
 *
 * BROKEN_... each take one thing away from the protocol; model.t knows how each must fail.
 * To see how: spin -a, cc -DSAFETY -DBFS -DNOREDUCE and ./pan for the shortest way to the error,
 * spin -p -t to read it.
 *
 * Size: up to 20 million states, two minutes and 1.6 GB for each configuration in model.t; the
 * broken variants take a second or two. `make test` searches about a minute, `make model` more.
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
#ifndef CALLS
#define CALLS	0
#endif
#ifndef HOLDS
#define HOLDS	0
#endif
#ifndef MESSAGES
#define MESSAGES	1
#endif

#define CPUS	2		/* with a DPC, and where the message interrupts */
#define ELSEWHERE	CPUS		/* a third, for pollers and kthreads */
#define NOWHERE	(CPUS + 1)

/* Whose are the rings? One ring, the home DPC's; or one for each DPC (ops->spread) */
#ifdef SPREAD
#define ASKED			/* the miniport has an ISR, which looks at the rings */
#define RINGS	CPUS
#define RING(d)	(d)
#define HAS_RING(d)	1
#else
#define RINGS	1
#define RING(d)	0
#define HAS_RING(d)	(home == (d))
#endif

typedef dpc_t {			/* struct dpcnic_dpc and its struct napi_struct, one per CPU */
	bit sched;		/* NAPI_STATE_SCHED */
	bit missed;		/* NAPI_STATE_MISSED */
	bit busy;		/* NAPI_STATE_IN_BUSY_POLL */
	bit thread;		/* NAPI_STATE_SCHED_THREADED */
	byte list = NOWHERE;	/* the CPU whose poll_list it is on */
	byte owner = NOWHERE;	/* list_owner: the same until it completes */
	byte timer = NOWHERE;	/* the CPU whose hrtimer is to wake it */
	bit csd;		/* on its way to its CPU */
	bit waiting;		/* entry */
	byte unseen = NOWHERE;	/* the CPU that alone sees yet that it took the entry */
	bit owes;
};

typedef msg_t {
	/* ==== The hardware ==== */

	byte ring[RINGS];	/* packets that no run has taken */
#ifdef START
	bit unmasked;		/* EIMS */
#else
	bit unmasked = 1;
#endif
	bit cause;		/* EICR: latched, masked or not */
	byte flying;		/* interrupts sent, not taken yet: one per CPU, where they merge */
	bit irq_disabled;	/* disable_irq() */

	/* ==== struct dpcnic_msg ==== */

#if defined(START) && !defined(BROKEN_CLOSED_AT_START)
	byte outstanding = 1;	/* as dpcnic_msg_reset() leaves it */
#else
	byte outstanding;
#endif
	byte home;		/* the CPU of the home DPC */
	bit guest;
	bit again;
	bit holds;		/* nested holds come and go under a mutex: only the first counts */
	bit hold_lock;		/* held for more than a step: by release and the first enable */
	bit parked;
	dpc_t dpcs[CPUS];

	/* ==== What is checked ==== */

	bit working[RINGS];	/* a run works on the ring */
	byte owing;		/* runs that have begun with a debt, not paid or put back yet */
	bit asked[CPUS];	/* asked for by ISR or DPC, with work no run has looked at yet */
	bit held		/* between hold and release */
};
msg_t msg[MESSAGES];

/* Every process is about one message at a time: its M. */
#define ring		msg[M].ring
#define unmasked	msg[M].unmasked
#define cause		msg[M].cause
#define flying		msg[M].flying
#define irq_disabled	msg[M].irq_disabled
#ifdef BROKEN_ONE_ACCOUNT
#define outstanding	msg[0].outstanding
#else
#define outstanding	msg[M].outstanding
#endif
#define home		msg[M].home
#define guest		msg[M].guest
#define again		msg[M].again
#define holds		msg[M].holds
#define hold_lock	msg[M].hold_lock
#define parked		msg[M].parked
#define dpc		msg[M].dpcs
#define working		msg[M].working
#define owing		msg[M].owing
#define asked		msg[M].asked
#define held		msg[M].held

#define LAST_DPC	2	/* DPCNIC_LAST_DPC */

inline any_message()
{
	if
	:: M = 0
	:: MESSAGES > 1 -> M = MESSAGES - 1
	fi
}

/* DPC @n of any message: @what is true of message @m, so M is one of those. */
#define ANY(what, n)	(what(0, n) || MESSAGES > 1 && what(MESSAGES - 1, n))
#define ONE_OF(what, n) \
	:: what(0, n) -> M = 0; d = n \
	:: MESSAGES > 1 && what(MESSAGES - 1, n) -> M = MESSAGES - 1; d = n

/* ==== CPUs ==== */

bit in_irq[CPUS + 2];		/* in hard IRQ: whatever the CPU did else stands still */
bit irqs_off[CPUS + 1];
bit bh[CPUS + 1];		/* softirq, or a task with BHs disabled: one at a time */
byte poller_cpu = NOWHERE;
byte thread_cpu[MESSAGES * CPUS] = NOWHERE;

byte polls = POLLS;		/* what is left of the bounds */
byte timers = TIMERS;
byte calls = CALLS;

/* The batch has no DPC that is queued, runs, or is wanted. */
#define NO_DPC	(!dpc[0].owes && !dpc[1].owes && owing == 0 && !asked[0] && !asked[1])

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
	assert(NO_DPC);				/* I4: not while a DPC is outstanding */
	assert(!held);				/* I9 */
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
	assert(dpc[n].sched && dpc[n].list == NOWHERE && !dpc[n].thread && !dpc[n].csd);
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

/* ==== kmod/engine/dpc.c: queueing ==== */

/* dpcnic_dpc_schedule() on CPU @c, within one step */
inline dpc_schedule(m, c)
{
	if
	:: m == c -> __napi_schedule(m, c)
	:: else -> dpc[m].csd = 1
	fi
}

/* dpcnic_dpc_queue_default(): DPC @h, on CPU @c */
inline queue_default(h, c, got)
{
	atomic { asked[h] = 1; dpc[h].waiting = 1 }
	atomic {
		napi_schedule_prep(h, got);
		if
		:: got -> dpc[h].owes = 1; dpc_schedule(h, c)
		:: else
		fi
	}
	if
	:: got
	:: else ->
		dpc[h].owes = 1;
#ifndef BROKEN_NO_SECOND_PREP
		atomic {
			napi_schedule_prep(h, got);
			if
			:: got -> dpc_schedule(h, c)
			:: else
			fi
		}
#endif
	fi
}

/* dpcnic_dpc_enter(), on CPU @c; @entered: none waited, as far as this CPU can see */
inline enter(m, c, entered)
{
	atomic {
		if
		:: dpc[m].waiting || (dpc[m].unseen != NOWHERE && dpc[m].unseen != c) -> entered = 0
		:: else -> dpc[m].waiting = 1; entered = 1
		fi
	}
}

/* dpcnic_dpc_charge(), on CPU @c */
inline charge(m, c, got)
{
#ifdef BROKEN_DEBT_FIRST
	got = 0;
#else
	atomic { napi_schedule_prep(m, got) }
#endif
	outstanding++;
#ifdef BROKEN_CHARGE_NO_XCHG
	if
	:: dpc[m].owes -> outstanding--
	:: else -> dpc[m].owes = 1
	fi;
#else
	if
	:: atomic { dpc[m].owes -> skip } outstanding--
	:: atomic { !dpc[m].owes -> dpc[m].owes = 1 }
	fi;
#endif
	atomic {
		if
		:: got
#ifndef BROKEN_NO_SECOND_CHARGE
		:: !got -> napi_schedule_prep(m, got)
#else
		:: !got
#endif
		fi;
		if
		:: got -> dpc_schedule(m, c)
		:: else
		fi;
		got = 0
	}
}

/* dpcnic_dpc_queue_one() and dpcnic_dpc_call(), on CPU @c */
inline queue_one(m, c, got)
{
	asked[m] = 1;
	enter(m, c, got);
	if
	:: got -> charge(m, c, got)
	:: else
	fi
}

/* ==== kmod/engine/msg.c: the end of a batch ==== */

/* dpcnic_msg_ask(), on CPU @c; @h: what a default verdict means */
inline ask(h, c, want, got)
{
#ifdef SPREAD
	/* the ISR's look, then one DPC per ring that is not empty */
	atomic { want = (ring[0] > 0 -> 1 : 0) + (ring[1] > 0 -> 2 : 0) }
	if
	:: want & 1 -> queue_one(0, c, got)
	:: else
	fi;
	if
	:: want & 2 -> queue_one(1, c, got)
	:: else
	fi;
	want = 0
#else
	if
	:: ring[0] > 0 -> queue_one(h, c, got)
	:: else
	fi
#endif
}

/* dpcnic_msg_settle_late() */
inline settle_late(got)
{
#ifdef BROKEN_NO_SETTLE
	skip
#else
	atomic { got = again; again = 0 }
	if
	:: got -> d_step { got = 0; cause = 1; hw_send() }
	:: else
	fi
#endif
}

/* dpcnic_msg_open(), IRQs off */
inline open(got)
{
#ifdef BROKEN_CLOSE_FIRST
	outstanding = 0;
	d_step { hw_enable() }
#else
	d_step { hw_enable() }
#ifdef BROKEN_NO_OPEN_BARRIER
	settle_late(got);
	outstanding = 0;
#elif defined(ASKED)
	outstanding = 0;
	settle_late(got);
#else
	outstanding = 0;
#endif
#endif
}

/* dpcnic_msg_end_batch(), on CPU @c, IRQs off. @go: still to be enabled */
inline end_batch(c, h, go, want, got)
{
#ifndef BROKEN_IRQS_ON
	irqs_off[c] = 1;
#endif
#if defined(ASKED)
	do
	:: atomic { !again -> break }
	:: atomic { again && go -> again = 0 }
		atomic { outstanding = LAST_DPC; h = home }
		ask(h, c, want, got);
		atomic { outstanding--; go = (outstanding == LAST_DPC - 1); h = 0 }
		if
		:: !go -> break
		:: else
		fi
	od;
#endif
#if HOLDS > 0
	if
	:: go && holds ->
#ifdef BROKEN_PARK_UNLOCKED
		go = 0;
		parked = 1;
#else
		atomic {
			!hold_lock ->
			go = !holds;
			if
			:: go
			:: else -> parked = 1; outstanding = LAST_DPC - 1
			fi
		}
#endif
	:: else
	fi;
#endif
	if
	:: go -> open(got)
	:: else
	fi;
	atomic { irqs_off[c] = 0; go = 0 }
}

/* dpcnic_msg_put(), on CPU @c: the plain read, and the decrement */
inline put(c, h, go, want, got)
{
#if CALLS > 0 || defined(ASKED)
	go = (outstanding == LAST_DPC);
	if
	:: go
#ifdef BROKEN_PLAIN_COUNT
	:: else -> h = outstanding - 1; outstanding = h; atomic { go = (h == LAST_DPC - 1); h = 0 }
#else
	:: else -> atomic { outstanding--; go = (outstanding == LAST_DPC - 1) }
#endif
	fi;
	if
	:: go -> end_batch(c, h, go, want, got)
	:: else
	fi
#else
	assert(outstanding == LAST_DPC);
	go = 1;
	end_batch(c, h, go, want, got)
#endif
}

/* ==== kmod/engine/dpc.c: running ==== */

/*
 * The miniport's part, ops->dpc: at the ring, if it has one, it takes a packet or all, and may ask
 * for the other DPC; then it has also looked at what that one asked of it.
 */
inline at_ring(d)
{
	assert(!working[RING(d)]);		/* I10: never two at a time */
	working[RING(d)] = 1
}

inline work(d, c, more, got)
{
#if CALLS > 0
	atomic {
		if
		:: ring[RING(d)] > 1 -> ring[RING(d)]--; more = 1; got = 1
		:: ring[RING(d)] > 0 -> ring[RING(d)] = 0; got = 1
		:: ring[RING(d)] == 0
		fi;
		asked[d] = 0
	}
	/* dpcnic_dpc_queue(): not for a run that is on nobody's account */
	if
	:: atomic { got && calls > 0 && dpc[d].owes -> calls--; got = 0 }
		queue_one(1 - d, c, got)
	:: got = 0
	fi;
	working[RING(d)] = 0
#else
	atomic {
		if
		:: ring[RING(d)] > 1 -> ring[RING(d)]--; more = 1	/* throttled: T2 */
		:: ring[RING(d)] = 0
		fi;
		asked[d] = 0;
		working[RING(d)] = 0
	}
#endif
}

/* dpcnic_dpc_visit(). A successful test_and_set_bit_lock() and a failing one are the same write. */
inline visit(d, c, more, got)
{
#if defined(SPREAD) || defined(BROKEN_NO_GUEST)
	if
	:: atomic { HAS_RING(d) -> at_ring(d) } work(d, c, more, got)
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
		got = 0;
		if
		:: atomic { HAS_RING(d) -> at_ring(d) } work(d, c, more, got)
		:: else
		fi;
		guest = 0
	fi
#endif
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
		:: dpc[d].thread && _pid == M * CPUS + d	/* current == napi->thread */
#else
		:: dpc[d].owner == c
#endif
		:: else -> atomic { napi_schedule(d, c, got) }
		fi
	fi
#endif
}

/* The debt is put back: @got if there was one, and ours is too much */
inline put_back(d, got)
{
#ifdef BROKEN_PUT_BACK_NO_XCHG
	atomic { got = dpc[d].owes; owing-- }
	dpc[d].owes = 1
#else
	atomic { got = dpc[d].owes; dpc[d].owes = 1; owing-- }
#endif
}

/* dpcnic_dpc_complete() */
inline complete(d, c, owes, done, armed, h, go, want, got)
{
#if defined(BROKEN_OWES_AFTER_COMPLETE)
	napi_complete_done(d, c, done, armed);
	if
	:: done && owes -> atomic { dpc[d].owes = 0; owing-- } put(c, h, go, want, got)
	:: !done && owes -> owing--
	:: else
	fi;
#elif defined(BROKEN_UNSOLICITED_ENABLES)
	dpc[d].owes = 0;
	napi_complete_done(d, c, done, armed);
	atomic { owing = owing - owes }
	if
	:: done -> put(c, h, go, want, got)
	:: else
	fi;
#else
	if
#ifdef BROKEN_PAYS_NEW_DEBT
	:: 1 -> atomic { owing = owing - owes; owes = dpc[d].owes; owing = owing + owes; dpc[d].owes = 0 }
#else
	:: owes -> dpc[d].owes = 0
#endif
	:: else
	fi;
	napi_complete_done(d, c, done, armed);
	if
	:: done && owes -> owing--; put(c, h, go, want, got)
#ifdef BROKEN_NO_OWES_BARRIER
	:: !done && owes -> ask_again(d, c, got); put_back(d, got)
#else
	:: !done && owes ->
		put_back(d, got);
		if
		:: got ->
			got = 0;
#ifdef BROKEN_SURPLUS_DROPPED
			outstanding--
#else
			put(c, h, go, want, got)
#endif
		:: else -> ask_again(d, c, got)
		fi
#endif
	:: else
	fi;
#endif
	d_step { owes = 0; done = 0; got = 0 }
}

/*
 * dpcnic_dpc_begin() on CPU @c: debt and entry. Where the run is alone no barrier follows, and the
 * processor may hold back that the entry was taken until after the look at the ring.
 */
#if defined(BROKEN_NO_FOREIGN_BARRIER)
#define ALONE(d, c)	1
#elif defined(BROKEN_NO_SHARED_BARRIER)
#define ALONE(d, c)	(d == c)
#else
#define ALONE(d, c)	(d == c && outstanding == LAST_DPC)
#endif
inline begin(d, c, owes)
{
	atomic { owes = dpc[d].owes; owing = owing + owes }
	atomic {
		if
		:: dpc[d].waiting && owes && ALONE(d, c) -> dpc[d].unseen = c
		:: 1
		fi;
		dpc[d].waiting = 0
	}
}

/* dpcnic_dpc_poll() on CPU @c; @more: it returns the budget */
inline poll(d, c, more, owes, done, armed, h, go, want, got)
{
	begin(d, c, owes);
	if
	:: owes ->
		if
		:: atomic { HAS_RING(d) -> at_ring(d) } work(d, c, more, got)
		:: else -> asked[d] = 0		/* without the ring: what the other DPC asked of it */
		fi;
		dpc[d].unseen = NOWHERE
	:: else -> visit(d, c, more, got)
	fi;
	if
	:: more -> atomic { owing = owing - owes; owes = 0 }
	:: else -> complete(d, c, owes, done, armed, h, go, want, got)
	fi
}

/* ==== Who polls ==== */

#ifdef THREADED
#define FIRST_TIMER	(MESSAGES * CPUS)
/* napi_threaded_poll(): one kthread per NAPI, on any CPU */
#define d	(_pid % CPUS)
active [MESSAGES * CPUS] proctype kthread() provided (!in_irq[thread_cpu[_pid]])
{
	bit more, owes, done, armed, go, got;
	byte h, want, M = _pid / CPUS;

end:	do
	:: atomic {
		dpc[d].thread ->
		if
		:: !bh[0] && !in_irq[0] -> thread_cpu[_pid] = 0
		:: !bh[1] && !in_irq[1] -> thread_cpu[_pid] = 1
		:: !bh[ELSEWHERE] -> thread_cpu[_pid] = ELSEWHERE
		fi;
		bh[thread_cpu[_pid]] = 1
	   }
	   poll(d, thread_cpu[_pid], more, owes, done, armed, h, go, want, got);
	   atomic {
		bh[thread_cpu[_pid]] = 0;
		thread_cpu[_pid] = NOWHERE;
		more = 0
	   }
	od
}
#undef d
#else
#define FIRST_TIMER	(CPUS + 1)
/* net_rx_action() of CPU @_pid */
#define LISTED(m, n)	(msg[m].dpcs[n].list == _pid)
active [CPUS + 1] proctype softirq() provided (!in_irq[_pid])
{
	byte d, h, want, M;
	bit more, owes, done, armed, go, got;

end:	do
	:: atomic {
		!bh[_pid] && (ANY(LISTED, 0) || ANY(LISTED, 1)) ->
		if
		ONE_OF(LISTED, 0)
		ONE_OF(LISTED, 1)
		fi;
		bh[_pid] = 1;
		dpc[d].list = NOWHERE
	   }
	   poll(d, _pid, more, owes, done, armed, h, go, want, got);
	   atomic {
		if
		:: more -> dpc[d].list = _pid; more = 0
		:: else
		fi;
		bh[_pid] = 0;
		d = 0; M = 0
	   }
	od
}
#endif

/* napi_watchdog(), the hrtimer of each NAPI */
#define d	((_pid - FIRST_TIMER) % CPUS)
active [MESSAGES * CPUS] proctype watchdog()
{
	byte M = (_pid - FIRST_TIMER) / CPUS;

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

/* dpcnic_dpc_hop(): a DPC arrives at its CPU */
#define FIRST_HOP	(FIRST_TIMER + MESSAGES * CPUS)
#define d	((_pid - FIRST_HOP) % CPUS)
active [MESSAGES * CPUS] proctype hop()
{
	byte M = (_pid - FIRST_HOP) / CPUS;

end:	do
	:: atomic { dpc[d].csd && !in_irq[d] && !irqs_off[d] -> dpc[d].csd = 0; __napi_schedule(d, d) }
	od
}
#undef d

#if POLLS > 0
#define FIRST_ISR	(FIRST_HOP + MESSAGES * CPUS + 1)
/* napi_busy_loop(), by a task on any CPU that polls any DPC */
#define FREE(m, n)	(!msg[m].dpcs[n].sched)
active proctype poller() provided (!in_irq[poller_cpu])
{
	byte d, h, want, M;
	bit more, owes, done, armed, early, go, got;

end:	do
	:: atomic {
		polls > 0 && (ANY(FREE, 0) || ANY(FREE, 1)) ->
		if
		ONE_OF(FREE, 0)
		ONE_OF(FREE, 1)
		fi;
		if
		:: !in_irq[0] -> poller_cpu = 0
		:: !in_irq[1] -> poller_cpu = 1
		:: poller_cpu = ELSEWHERE
		fi;
		polls--;
		dpc[d].sched = 1;
		dpc[d].busy = 1
	   }
	   do
	   :: atomic { polls > 0 && !bh[poller_cpu] -> bh[poller_cpu] = 1; polls-- }
	      poll(d, poller_cpu, more, owes, done, armed, h, go, want, got);
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
	   poll(d, poller_cpu, more, owes, done, armed, h, go, want, got);
	   atomic {
		if
		:: more && early -> dpc[d].timer = poller_cpu; dpc[d].sched = 0
		:: more && !early -> __napi_schedule(d, poller_cpu)
		:: else
		fi;
		more = 0; early = 0;
		bh[poller_cpu] = 0;
		d = 0; M = 0;
		poller_cpu = NOWHERE
	   }
	od
}
#else
#define FIRST_ISR	(FIRST_HOP + MESSAGES * CPUS)
#endif

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

/* dpcnic_msg_late(), dpcnic_dpc_run_again() */
inline late(h, c, got)
{
#if defined(BROKEN_NO_LATE_LOOK)
	skip
#elif defined(ASKED)
#ifdef BROKEN_NO_LATE_BARRIER
	got = (outstanding == 0);
	again = 1;
	if
	:: got -> settle_late(got)
	:: else
	fi
#else
	again = 1;
	if
	:: outstanding == 0 -> settle_late(got)
	:: else
	fi
#endif
#else
	h = c;
	if
	:: home == h ->
#ifdef BROKEN_LATE_ENTERS
		enter(h, c, got);
		if
		:: got -> atomic { napi_schedule(h, c, got) }
		:: else
		fi
#else
		if
		:: dpc[h].waiting || (dpc[h].unseen != NOWHERE && dpc[h].unseen != c)
		:: else -> atomic { napi_schedule(h, c, got) }
		fi
#endif
	:: else ->
#ifndef BROKEN_NO_TRIGGER
		hw_raise()
#endif
	fi
#endif
}

#define IRQS_ON(c)	(!irqs_off[c] && !in_irq[c])

/* The mask is written before anybody can tell that the account was opened before that. */
active [MESSAGES] proctype isr()
{
	byte c, h, want, M = _pid - FIRST_ISR;
	bit go, got;

end:	do
	:: atomic {
		flying > 0 && !irq_disabled && (IRQS_ON(0) || IRQS_ON(1)) ->
		if
		:: IRQS_ON(0) -> c = 0
		:: IRQS_ON(1) -> c = 1
		fi;
		flying--;
		in_irq[c] = 1;
		go = (outstanding == 0)
	   }
	   if
	   :: go ->
		d_step {
			go = 0;
			assert(NO_DPC);
			outstanding = LAST_DPC;
			unmasked = 0
		}
#ifndef SPREAD
		if
		:: home == c -> h = c
		:: else -> move_home(h, c, got)
		fi;
#endif
#ifdef ASKED
		ask(h, c, want, got);
#ifdef BROKEN_ISR_NO_PART
		skip
#else
		atomic { outstanding--; go = (outstanding == LAST_DPC - 1) }
		if
		:: go -> end_batch(c, h, go, want, got)
		:: else
		fi
#endif
#else
		queue_default(h, c, got)
#endif
	   :: else -> late(h, c, got)
	   fi;
	   atomic { in_irq[c] = 0; c = 0; h = 0; go = 0; got = 0 }
	od
}

#ifdef START
/* dpcnic_engine_enable(), on a CPU without interrupts */
active proctype start()
{
	bit got;
	byte M;

	do
	:: M < MESSAGES ->
		atomic { !hold_lock -> hold_lock = 1 }
		if
		:: holds -> parked = 1
		:: else -> open(got)
		fi;
		atomic { hold_lock = 0; M++ }
	:: else -> break
	od
}
#endif

/* ==== kmod/engine/hold.c ==== */

#if HOLDS > 0
/* dpcnic_msg_hold() and dpcnic_msg_release(), by a task on a CPU without interrupts */
active proctype holder()
{
	byte n = HOLDS, M;
	bit go, got;

end:	do
	:: n > 0 ->
	   atomic { any_message(); holds = 1; n-- }
#ifndef BROKEN_HOLD_NO_WAIT
	   /* synchronize_rcu() */
	   !irqs_off[0] && !in_irq[0];
	   !irqs_off[1] && !in_irq[1];
	   !irqs_off[ELSEWHERE] && !hold_lock;
#endif
	   unmasked = 0;
#ifndef BROKEN_HOLD_WITH_ISR
	   irq_disabled = 1;
	   !in_irq[0] && !in_irq[1];
#endif
	   go = (outstanding == 0);
	   if
	   :: go -> atomic { parked = 1; outstanding = LAST_DPC - 1; go = 0 }
	   :: else
	   fi;
	   irq_disabled = 0;

	   held = 1;
	   held = 0;

	   atomic { !hold_lock -> hold_lock = 1; holds = 0; go = parked; parked = 0 }
	   if
	   :: go -> open(got)
	   :: else
	   fi;
	   atomic { hold_lock = 0; go = 0 }
	:: n == 0 -> break
	od
}
#endif

/* ==== The world ==== */

active proctype packets()
{
	byte n = PACKETS, M;

	do
	:: n > 0 -> atomic { n--; any_message(); ring[0]++ } atomic { hw_raise(); M = 0 }
#ifdef SPREAD
	:: n > 0 -> atomic { n--; any_message(); ring[1]++ } atomic { hw_raise(); M = 0 }
#endif
	:: n == 0 -> break
	od
}

/* See dpcnic_hw_irq_set_itr() */
active proctype strays()
{
	byte n = STRAYS, M;

end:	do
	:: n > 0 ->
		atomic {
			any_message();
			flying < CPUS ->
			n--;
			cause = 0;
			flying++;
			M = 0
		}
	:: n == 0 -> break
	od
}

/* Nobody can do anything: everything must be done. */
active proctype at_rest()
{
	byte M;

end:	timeout ->
	do
	:: M < MESSAGES ->
		assert(ring[0] == 0 && ring[RINGS - 1] == 0 && !asked[0] && !asked[1]);
		assert(unmasked && outstanding == 0 && owing == 0 && NO_DPC);
		assert(!guest && !working[0] && !working[RINGS - 1] && !cause && !again && !parked);
		assert(!dpc[0].sched && !dpc[1].sched);
		M++
	:: else -> break
	od
}
