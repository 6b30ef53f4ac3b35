/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts what I5 forbids in the steady state: the atomic read-modify-write operations and full
 * barriers that the engine itself asks for. Included before the engine's sources and after all
 * headers they include, whose own use of such operations (NAPI's) is not counted.
 */
#ifndef DPCNIC_TEST_COUNT_ATOMICS_H
#define DPCNIC_TEST_COUNT_ATOMICS_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/netdevice.h>

#include "engine/engine.h"
#include "engine/stamp.h"
#include "engine/throttle.h"
#include "engine/trace.h"
#include "sim.h"

/* exact while one CPU is at work, and only then looked at */
#define sim_count(operation)	({ data_race(sim_atomics++); operation; })

/* a name in parentheses is the function, not this macro again */
#define atomic_inc(v)			sim_count((atomic_inc)(v))
#define atomic_dec(v)			sim_count((atomic_dec)(v))
#define atomic_dec_return(v)		sim_count((atomic_dec_return)(v))
#define atomic64_inc(v)			sim_count((atomic64_inc)(v))
#undef test_and_set_bit_lock
#define test_and_set_bit_lock(n, p)	sim_count(arch_test_and_set_bit_lock(n, p))
#undef clear_bit_unlock
#define clear_bit_unlock(n, p)		sim_count(arch_clear_bit_unlock(n, p))
#undef xchg
#define xchg(p, v)			sim_count(raw_xchg(p, v))
#undef cmpxchg
#define cmpxchg(p, o, n)		sim_count(raw_cmpxchg(p, o, n))
#undef smp_mb
#define smp_mb()			sim_count(__smp_mb())

#endif /* DPCNIC_TEST_COUNT_ATOMICS_H */
