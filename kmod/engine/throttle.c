// SPDX-License-Identifier: GPL-2.0
/*
 * Throttle policies: BPF programs that bound each DPC run of a device (T5).
 *
 * The kernel keeps a policy's life: a BPF link holds the map that holds the policy, and this
 * module. Here is only which device has which: engine->throttle. It has two rules:
 *
 * - It is written under dpcnic_throttle_lock, by attaching, replacing and detaching, and when an
 *   engine comes and goes.
 * - A DPC reads it under RCU. The kernel frees a policy, with its programs, a grace period after
 * it was detached or replaced (bpf_struct_ops_map_free()), so nobody waits here.
 *
 * An engine that comes for a device that has one takes over its policy: the NIC may replace its
 * engine while it lives. A device that goes takes its engines along, and no policy points to a
 * device: one whose device is gone is attached to nothing.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "engine.h"
#include "throttle.h"

#define DPCNIC_THROTTLE_FLAGS	(DPCNIC_THROTTLE_TIMES | DPCNIC_THROTTLE_WAITING)

/* Counts the attached policies, those attached to nothing included. */
DEFINE_STATIC_KEY_FALSE(dpcnic_throttle_used);

/* Guards the list, and engine->throttle of all that are on it. */
static DEFINE_MUTEX(dpcnic_throttle_lock);
static LIST_HEAD(dpcnic_throttle_engines);

#define dpcnic_throttle_of(engine) \
	rcu_dereference_protected((engine)->throttle, lockdep_is_held(&dpcnic_throttle_lock))

/* How many other DPCs of the device wait on this DPC's CPU. */
static u32 dpcnic_throttle_waiting(const struct dpcnic_dpc *dpc)
{
	const struct dpcnic_engine *engine = dpc->msg->engine;
	u32 waiting = 0;
	int i;

	for (i = 0; i < engine->msg_cnt; i++) {
		const struct dpcnic_dpc *other = &engine->msg[i].dpc[dpc->cpu];

		waiting += other != dpc && dpcnic_dpc_waits(other);
	}
	return waiting;
}

/* What of the context is the same for all policies and what this one asks for. */
static void dpcnic_throttle_fill(const struct dpcnic_dpc *dpc, struct dpcnic_ask *ask, u32 flags)
{
	struct dpcnic_throttle_ctx *ctx = &ask->ctx;

	ctx->ifindex = dpc->msg->engine->ndev->ifindex;
	ctx->msg = dpc->msg->id;
	ctx->cpu = dpc->cpu;
	if (flags & DPCNIC_THROTTLE_WAITING)
		ctx->waiting = dpcnic_throttle_waiting(dpc);

	if (dpc->last.epoch != ask->epoch)
		return;
	ctx->bound = dpc->last.bound;
	ctx->packets = dpc->last.packets;
	ctx->more_pending = dpc->last.more_pending;
	if (flags & DPCNIC_THROTTLE_TIMES)
		ctx->run_ns = dpc->last.run_ns;
}

/**
 * dpcnic_throttle_ask() - ask the device's policy for the bound of a DPC run
 * @dpc: the DPC
 * @ask: the run: max, interrupts and coalesced of its context are filled in, and its start if that
 *	is known; else all is 0
 *
 * Context: dpcnic_dpc_poll(), but not for netpoll.
 * Return: the bound, 1..max; max if the device has no policy.
 */
u32 dpcnic_throttle_ask(const struct dpcnic_dpc *dpc, struct dpcnic_ask *ask)
{
	const struct dpcnic_engine *engine = dpc->msg->engine;
	const struct dpcnic_throttle_ops *ops;
	u32 bound = ask->ctx.max;

	rcu_read_lock();
	ops = rcu_dereference(engine->throttle);
	if (ops) {
		ask->epoch = READ_ONCE(engine->throttle_epoch);
		ask->times = ops->flags & DPCNIC_THROTTLE_TIMES;
		dpcnic_throttle_fill(dpc, ask, ops->flags);
		bound = clamp(ops->bound(&ask->ctx), 1, ask->ctx.max);
	}
	rcu_read_unlock();

	if (ask->times && !ask->started_ns)
		ask->started_ns = ktime_get_mono_fast_ns();
	return bound;
}

/**
 * dpcnic_throttle_note() - keep how a run ended, for the policy's next answer
 * @dpc: the DPC, whose NAPI the caller still holds
 * @ask: the run
 * @throttle: its bound and what came of it
 *
 * Context: dpcnic_dpc_poll(), before the DPC is completed.
 */
void dpcnic_throttle_note(struct dpcnic_dpc *dpc, const struct dpcnic_ask *ask,
			  const struct dpcnic_throttle *throttle)
{
	if (!ask->epoch)
		return;
	dpc->last = (struct dpcnic_last_run) {
		.run_ns = ask->times ? ktime_get_mono_fast_ns() - ask->started_ns : 0,
		.epoch = ask->epoch,
		.bound = throttle->max_nbls,
		.packets = throttle->indicated,
		.more_pending = throttle->more_pending,
	};
}

/* Is it the device that the calling task knows by this number? */
static bool dpcnic_throttle_is_for(const struct dpcnic_engine *engine, u32 ifindex)
{
	return engine->ndev->ifindex == ifindex &&
	       net_eq(dev_net(engine->ndev), current->nsproxy->net_ns);
}

static bool dpcnic_throttle_permitted(void)
{
	return ns_capable(current->nsproxy->net_ns->user_ns, CAP_NET_ADMIN);
}

/* The epochs tell what a DPC noted for an earlier attachment; 0 is none. */
static u32 dpcnic_throttle_next_epoch(void)
{
	static u32 epoch;

	lockdep_assert_held(&dpcnic_throttle_lock);
	if (!++epoch)
		epoch++;
	return epoch;
}

/* Give a device without a policy this one. */
static int __dpcnic_throttle_attach(const struct dpcnic_throttle_ops *ops)
{
	u32 epoch = dpcnic_throttle_next_epoch();
	struct dpcnic_engine *engine;
	int err = -ENODEV;

	list_for_each_entry(engine, &dpcnic_throttle_engines, throttle_node) {
		if (!dpcnic_throttle_is_for(engine, ops->ifindex))
			continue;
		if (dpcnic_throttle_of(engine))
			return -EBUSY; /* so have all engines of this device, and we changed none */
		WRITE_ONCE(engine->throttle_epoch, epoch);
		rcu_assign_pointer(engine->throttle, ops);
		err = 0;
	}
	return err;
}

/* Replace a policy wherever it is attached, also by none. */
static int __dpcnic_throttle_replace(const struct dpcnic_throttle_ops *old,
				     const struct dpcnic_throttle_ops *ops)
{
	struct dpcnic_engine *engine;
	int err = -ENODEV;

	list_for_each_entry(engine, &dpcnic_throttle_engines, throttle_node) {
		if (dpcnic_throttle_of(engine) != old)
			continue;
		if (ops && !dpcnic_throttle_is_for(engine, ops->ifindex))
			return -EXDEV; /* neither are the others, which are of the same device */
		rcu_assign_pointer(engine->throttle, ops);
		err = 0;
	}
	return err;
}

/*
 * Attach. Without a link nothing but the map's number would lead to an attached policy, and
 * nothing could replace it.
 */
static int dpcnic_throttle_reg(void *kdata, struct bpf_link *link)
{
	int err;

	if (!link)
		return -EOPNOTSUPP;
	if (!dpcnic_throttle_permitted())
		return -EPERM;

	mutex_lock(&dpcnic_throttle_lock);
	err = __dpcnic_throttle_attach(kdata);
	mutex_unlock(&dpcnic_throttle_lock);
	if (!err)
		static_branch_inc(&dpcnic_throttle_used);
	return err;
}

/* The link is detached, or its last reference is gone. */
static void dpcnic_throttle_unreg(void *kdata, struct bpf_link *link)
{
	mutex_lock(&dpcnic_throttle_lock);
	__dpcnic_throttle_replace(kdata, NULL);
	mutex_unlock(&dpcnic_throttle_lock);
	static_branch_dec(&dpcnic_throttle_used);
}

/* The link gets another policy: for the same device, if that is still there. */
static int dpcnic_throttle_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	int err;

	if (!dpcnic_throttle_permitted())
		return -EPERM;

	mutex_lock(&dpcnic_throttle_lock);
	err = __dpcnic_throttle_replace(old_kdata, kdata);
	mutex_unlock(&dpcnic_throttle_lock);
	return err;
}

/* Return: 1 for a member that is dealt with here, 0 for one that the BPF core has to look at. */
static int dpcnic_throttle_init_member(const struct btf_type *t, const struct btf_member *member,
				       void *kdata, const void *udata)
{
	const struct dpcnic_throttle_ops *from = udata;
	struct dpcnic_throttle_ops *ops = kdata;

	switch (__btf_member_bit_offset(t, member) / BITS_PER_BYTE) {
	case offsetof(struct dpcnic_throttle_ops, ifindex):
		ops->ifindex = from->ifindex;
		return 1;
	case offsetof(struct dpcnic_throttle_ops, flags):
		if (from->flags & ~DPCNIC_THROTTLE_FLAGS)
			return -EINVAL;
		ops->flags = from->flags;
		return 1;
	default:
		return 0;
	}
}

static int dpcnic_throttle_validate(void *kdata)
{
	const struct dpcnic_throttle_ops *ops = kdata;

	return ops->bound ? 0 : -EINVAL;
}

static int dpcnic_throttle_init_type(struct btf *btf)
{
	return 0;
}

/* The context is read like any kernel structure, by BTF, and written never. */
static bool dpcnic_throttle_is_valid_access(int off, int size, enum bpf_access_type type,
					    const struct bpf_prog *prog,
					    struct bpf_insn_access_aux *info)
{
	return bpf_tracing_btf_ctx_access(off, size, type, prog, info);
}

static const struct bpf_verifier_ops dpcnic_throttle_verifier_ops = {
	.get_func_proto		= bpf_base_func_proto,
	.is_valid_access	= dpcnic_throttle_is_valid_access,
};

/* Never called: tells the kernel's control flow integrity what the programs look like. */
static u32 dpcnic_throttle_bound_stub(struct dpcnic_throttle_ctx *ctx)
{
	return ctx->max;
}

static struct dpcnic_throttle_ops dpcnic_throttle_stubs = {
	.bound	= dpcnic_throttle_bound_stub,
};

static struct bpf_struct_ops dpcnic_throttle_type = {
	.name		= "dpcnic_throttle_ops",
	.owner		= THIS_MODULE,
	.verifier_ops	= &dpcnic_throttle_verifier_ops,
	.cfi_stubs	= &dpcnic_throttle_stubs,
	.init		= dpcnic_throttle_init_type,
	.init_member	= dpcnic_throttle_init_member,
	.validate	= dpcnic_throttle_validate,
	.reg		= dpcnic_throttle_reg,
	.unreg		= dpcnic_throttle_unreg,
	.update		= dpcnic_throttle_update,
};

/**
 * dpcnic_throttle_init() - let policies be loaded
 *
 * There is no way back, nor a need for one: the kernel forgets the type with the module's BTF.
 *
 * Context: process, when the module is loaded.
 * Return: 0 or a negative error; then there are no policies, and all else works.
 */
int dpcnic_throttle_init(void)
{
	return register_bpf_struct_ops(&dpcnic_throttle_type, dpcnic_throttle_ops);
}

/**
 * dpcnic_throttle_join() - a device has a new engine
 * @engine: not registered yet
 *
 * Context: process.
 */
void dpcnic_throttle_join(struct dpcnic_engine *engine)
{
	struct dpcnic_engine *other;

	mutex_lock(&dpcnic_throttle_lock);
	list_for_each_entry(other, &dpcnic_throttle_engines, throttle_node) {
		if (other->ndev != engine->ndev)
			continue;
		engine->throttle_epoch = other->throttle_epoch;
		rcu_assign_pointer(engine->throttle, dpcnic_throttle_of(other));
	}
	list_add_tail(&engine->throttle_node, &dpcnic_throttle_engines);
	mutex_unlock(&dpcnic_throttle_lock);
}

/**
 * dpcnic_throttle_leave() - an engine goes
 * @engine: not registered any more, so none of its DPCs runs
 *
 * Context: process.
 */
void dpcnic_throttle_leave(struct dpcnic_engine *engine)
{
	mutex_lock(&dpcnic_throttle_lock);
	list_del(&engine->throttle_node);
	mutex_unlock(&dpcnic_throttle_lock);
}
