// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool -t: is the device what the driver takes it for? Each result is 0, or the errno of what
 * failed. "offline" also does what no traffic survives.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>

#include "nic.h"

#define DPCNIC_TEST_PATIENCE	(5 * HZ)	/* emulated devices take their time */

enum dpcnic_test {
	DPCNIC_TEST_NVM,
	DPCNIC_TEST_LINK,
	DPCNIC_TEST_MESSAGES,
	DPCNIC_TEST_LOOPBACK,
	DPCNIC_TEST_REGISTERS,
	DPCNIC_TEST_CNT,
};

static const char dpcnic_test_names[DPCNIC_TEST_CNT][ETH_GSTRING_LEN] = {
	[DPCNIC_TEST_NVM]	= "NVM checksum",
	[DPCNIC_TEST_LINK]	= "Link",
	[DPCNIC_TEST_MESSAGES]	= "Messages",
	[DPCNIC_TEST_LOOPBACK]	= "Loopback (offline)",
	[DPCNIC_TEST_REGISTERS]	= "Registers (offline)",
};

/**
 * dpcnic_selftest_cnt() - how many results dpcnic_self_test() has
 *
 * Return: that.
 */
int dpcnic_selftest_cnt(void)
{
	return DPCNIC_TEST_CNT;
}

/**
 * dpcnic_selftest_strings() - their names
 * @data: out
 */
void dpcnic_selftest_strings(u8 *data)
{
	memcpy(data, dpcnic_test_names, sizeof(dpcnic_test_names));
}

/* Did a message interrupt, run a DPC where it has to, and get enabled again? */
static bool dpcnic_test_message_done(const struct dpcnic_msg *msg,
				     const struct dpcnic_msg_stats *before)
{
	struct dpcnic_msg_stats now;

	dpcnic_msg_read_stats(msg, &now);
	/* an ISR of the miniport's finds nothing to do and queues none (I3) */
	return now.isr.interrupts != before->isr.interrupts && now.enables != before->enables &&
	       (msg->ops->isr || now.run.runs != before->run.runs);
}

/* The whole way of each message: trigger, ISR, DPC, enable (I2, I4). */
static int dpcnic_test_messages(struct dpcnic_nic *nic)
{
	int i;

	for (i = 0; i < nic->engine->msg_cnt; i++) {
		struct dpcnic_msg *msg = &nic->engine->msg[i];
		unsigned long end = jiffies + DPCNIC_TEST_PATIENCE;
		struct dpcnic_msg_stats before;

		if (!dpcnic_msg_queue_cnt(nic, i) && i < nic->queue_msg_cnt)
			continue; /* fewer queues than messages: nothing is behind it */
		dpcnic_msg_read_stats(msg, &before);
		msg->ops->trigger(msg);
		while (!dpcnic_test_message_done(msg, &before)) {
			if (time_after(jiffies, end)) {
				netdev_err(nic->ndev, "message %d was triggered and did not interrupt, run its DPC and get enabled again\n",
					   i);
				return -ETIMEDOUT;
			}
			usleep_range(1000, 2000);
		}
	}
	return 0;
}

#define DPCNIC_TEST_PROTO	ETH_P_802_EX1
#define DPCNIC_TEST_LEN		1000

/**
 * struct dpcnic_test_frame - what is sent to ourselves
 * @eth: to our address
 * @queue: transmit queue
 * @fill: bytes that count up from @queue
 */
struct dpcnic_test_frame {
	struct ethhdr eth;
	__be16 queue;
	u8 fill[DPCNIC_TEST_LEN - sizeof(struct ethhdr) - sizeof(__be16)];
} __packed;

/**
 * struct dpcnic_test_loop - a loopback test under way
 * @pt: takes what comes back
 * @done: a frame of each queue has come back
 * @missing: bit per queue whose frame has not. Written by the receivers, atomically.
 */
struct dpcnic_test_loop {
	struct packet_type pt;
	struct completion done;
	unsigned long missing;
};

static void dpcnic_test_fill(struct dpcnic_test_frame *frame, const u8 *addr, u16 queue)
{
	int i;

	ether_addr_copy(frame->eth.h_dest, addr);
	ether_addr_copy(frame->eth.h_source, addr);
	frame->eth.h_proto = htons(DPCNIC_TEST_PROTO);
	frame->queue = htons(queue);
	for (i = 0; i < sizeof(frame->fill); i++)
		frame->fill[i] = queue + i;
}

/* Context: softirq. */
static int dpcnic_test_receive(struct sk_buff *skb, struct net_device *ndev,
			       struct packet_type *pt, struct net_device *orig_ndev)
{
	struct dpcnic_test_loop *loop = pt->af_packet_priv;
	const size_t len = sizeof(struct dpcnic_test_frame) - ETH_HLEN;
	const struct dpcnic_test_frame *frame;
	u16 queue;
	int i;

	skb = skb_share_check(skb, GFP_ATOMIC);
	if (!skb)
		return NET_RX_DROP;
	/* all but the Ethernet header, which is before skb->data */
	if (skb->len != len || !pskb_may_pull(skb, len))
		goto not_ours;
	frame = (const struct dpcnic_test_frame *)skb_mac_header(skb);
	queue = ntohs(frame->queue);
	for (i = 0; i < sizeof(frame->fill); i++) {
		if (frame->fill[i] != (u8)(queue + i))
			goto not_ours;
	}
	if (queue < DPC_QUEUES && test_and_clear_bit(queue, &loop->missing) &&
	    !READ_ONCE(loop->missing))
		complete(&loop->done);
not_ours:
	kfree_skb(skb);
	return NET_RX_SUCCESS;
}

static int dpcnic_test_send(struct dpcnic_nic *nic, u16 queue)
{
	struct netdev_queue *txq = netdev_get_tx_queue(nic->ndev, queue);
	struct sk_buff *skb;
	netdev_tx_t sent;

	skb = netdev_alloc_skb(nic->ndev, sizeof(struct dpcnic_test_frame));
	if (!skb)
		return -ENOMEM;
	dpcnic_test_fill(skb_put(skb, sizeof(struct dpcnic_test_frame)), nic->ndev->dev_addr,
			 queue);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_set_queue_mapping(skb, queue);
	skb->protocol = htons(DPCNIC_TEST_PROTO);

	/* past the qdisc, for which the device is detached */
	__netif_tx_lock_bh(txq);
	sent = dpcnic_start_xmit(skb, nic->ndev);
	__netif_tx_unlock_bh(txq);
	if (dev_xmit_complete(sent))
		return 0;
	kfree_skb(skb);
	return -EBUSY;
}

/* A frame from each transmit queue, through the PHY, back to whichever receive queue. */
static int dpcnic_test_loopback(struct dpcnic_nic *nic)
{
	struct dpcnic_test_loop loop = {
		.pt = {
			.type = htons(DPCNIC_TEST_PROTO),
			.dev = nic->ndev,
			.func = dpcnic_test_receive,
			.af_packet_priv = &loop,
		},
		.missing = GENMASK(nic->queue_cnt - 1, 0),
	};
	int err, i;

	if (nic->xdp_prog)
		return -EBUSY; /* it would get them first */
	init_completion(&loop.done);
	err = dpcnic_hw_start_loopback(&nic->hw);
	if (err)
		return err;

	dev_add_pack(&loop.pt);
	for (i = 0; i < nic->queue_cnt && !err; i++)
		err = dpcnic_test_send(nic, i);
	if (!err && !wait_for_completion_timeout(&loop.done, DPCNIC_TEST_PATIENCE)) {
		netdev_err(nic->ndev, "loopback: nothing came back of transmit queues %*pbl\n",
			   DPC_QUEUES, &loop.missing);
		err = -ETIMEDOUT;
	}
	dev_remove_pack(&loop.pt);
	return err;
}

/* What no traffic survives. The device begins anew afterwards. */
static int dpcnic_test_offline(struct dpcnic_nic *nic, u64 *data)
{
	netif_device_detach(nic->ndev);
	data[DPCNIC_TEST_LOOPBACK] = nic->up ? -dpcnic_test_loopback(nic) : ENETDOWN;
	dpcnic_detach(nic);
	data[DPCNIC_TEST_REGISTERS] = -dpcnic_hw_test_registers(&nic->hw);
	return dpcnic_attach(nic);
}

/**
 * dpcnic_self_test() - ethtool_ops.self_test
 * @ndev: the netdev; down, it has no messages and no link, and fails at those
 * @test: in and out
 * @data: out: 0, or errno, for each of dpcnic_selftest_strings()
 *
 * Context: process, RTNL held.
 */
void dpcnic_self_test(struct net_device *ndev, struct ethtool_test *test, u64 *data)
{
	struct dpcnic_nic *nic = netdev_priv(ndev);
	int i, err = 0;

	memset(data, 0, DPCNIC_TEST_CNT * sizeof(*data));
	data[DPCNIC_TEST_NVM] = dpcnic_hw_nvm_checksum_ok(&nic->hw) ? 0 : EIO;
	data[DPCNIC_TEST_LINK] = netif_carrier_ok(ndev) ? 0 : ENOLINK;
	data[DPCNIC_TEST_MESSAGES] = nic->up ? -dpcnic_test_messages(nic) : ENETDOWN;
	if (test->flags & ETH_TEST_FL_OFFLINE)
		err = dpcnic_test_offline(nic, data);

	for (i = 0; i < DPCNIC_TEST_CNT; i++) {
		if (data[i] || err)
			test->flags |= ETH_TEST_FL_FAILED;
	}
}
