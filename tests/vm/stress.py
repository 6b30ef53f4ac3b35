#!/usr/bin/python3 -IS
# SPDX-License-Identifier: GPL-2.0
"""usage: stress.py SEED SECONDS DEVICE [--replug]

Change everything that can be changed of NIC A, at random, while packets go both ways. This process
alone decides what comes next, of SEED; what it does it prints, one line each. It ends with the first
command that fails, or when the time is over; then all is as it was at the beginning, and the load is
gone. With --replug also the device goes and comes: reset, unbound, removed, pulled out.
"""
import glob
import json
import os
import random
import signal
import subprocess
import sys
import time

DPCTOOL = "/dpcnic/build/dpctool"
TRAFFIC = "/dpcnic/build/cli/test-traffic"
EVENTS = "/sys/kernel/tracing/events/dpcnic"
NOT_FOUND = 3
PORT = "00:10.0"  # NIC A's slot
ADDRESSES = "192.0.2.1/24", "2001:db8::1/64"
PATIENCE = 40
QUEUES, RINGS, MTUS = 16, (64, 128, 256, 512), (1500, 1280, 3000, 9000)

seed, seconds, dev = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
replug = "--replug" in sys.argv
dice = random.Random(seed)
pci = os.path.basename(os.path.realpath(f"/sys/class/net/{dev}/device"))
cpus = os.cpu_count()
step = 0


class Failed(Exception):
    pass


def say(*words):
    print(f"{step}: {time.monotonic() - started:.1f}:", *words, flush=True)


def run(*command):
    say(*command)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(command)}: status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def write(path, text):
    say(f"{text} >{path}")
    with open(path, "w") as file:
        file.write(text)


def wait(what, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {PATIENCE} s")
        time.sleep(0.05)


def read(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def wait_carrier():
    wait("link", lambda: read(f"/sys/class/net/{dev}/carrier") == "1")


# --- QEMU


def qmp(command, arguments):
    say("qmp", command, json.dumps(arguments))
    port = os.open("/dev/virtio-ports/qmp", os.O_RDWR)
    for request in ({"execute": "qmp_capabilities"},
                    {"execute": command, "arguments": arguments, "id": "asked"}):
        os.write(port, json.dumps(request).encode() + b"\n")
    with os.fdopen(port) as answers:
        for line in answers:
            answer = json.loads(line)
            if answer.get("id") == "asked":
                if "error" in answer:
                    raise Failed(f"qmp {command}: {answer['error']}")
                return


def set_link(up):
    qmp("set_link", {"name": "nic-a", "up": up})


# --- what may change, and what it is now


class State:
    def __init__(self):
        self.policy = self.throttle = None
        self.offline = set()
        self.observers = []
        self.mtu = 1500


state = State()


def affinity():
    irqs = os.listdir(f"/sys/bus/pci/devices/{pci}/msi_irqs")
    online = [cpu for cpu in range(cpus) if cpu not in state.offline]
    for _ in range(dice.randint(1, 5)):
        irq = dice.choice(sorted(irqs))
        write(f"/proc/irq/{irq}/smp_affinity_list", str(dice.choice(online)))


def hotplug():
    cpu = dice.randrange(1, cpus)
    online = cpu in state.offline
    write(f"/sys/devices/system/cpu/cpu{cpu}/online", str(int(online)))
    (state.offline.remove if online else state.offline.add)(cpu)


def attach(kind, name, names):
    verb = "replace" if name else "attach"
    run(DPCTOOL, kind, verb, "dev", dev, *names.split())
    return names


def policy():
    if state.policy and dice.random() < 0.3:
        run(DPCTOOL, "policy", "detach", "dev", dev)
        state.policy = None
    else:
        if state.mtu > 1500:
            set_mtu(1500)
        names = [name for name in ("rss", "rss-sym", "least-loaded", "rules", "cpumap")
                 if name != state.policy]
        state.policy = attach("policy", state.policy, dice.choice(names))


def throttle():
    if state.throttle and dice.random() < 0.3:
        run(DPCTOOL, "throttle", "detach", "dev", dev)
        state.throttle = None
    else:
        names = [name for name in ("fixed packets 1", "fixed packets 8", "time usecs 50", "fair")
                 if name != state.throttle]
        state.throttle = attach("throttle", state.throttle, dice.choice(names))


def rings():
    run("ethtool", "-G", dev, "rx", str(dice.choice(RINGS)), "tx", str(dice.choice(RINGS)))


def channels():
    run("ethtool", "-L", dev, "combined", str(dice.randint(1, QUEUES)))


def set_mtu(value):
    run("ip", "link", "set", dev, "mtu", str(value))
    state.mtu = value


def mtu():
    set_mtu(dice.choice(MTUS if not state.policy else MTUS[:2]))


def coalescing():
    run("ethtool", "-C", dev, "rx-usecs", str(dice.choice((0, 0, 20, 500))))


def features():
    run("ethtool", "-K", dev, dice.choice(("gro", "rxhash", "rx", "tso", "rxvlan", "rx-all")),
        dice.choice(("on", "off")))


def threaded():
    write(f"/sys/class/net/{dev}/threaded", str(dice.randrange(2)))


def flap():
    set_link(False)
    time.sleep(dice.choice((0, 0.1, 0.5)))
    set_link(True)
    wait_carrier()


def down_up():
    run("ip", "link", "set", dev, "down")
    run("ip", "link", "set", dev, "up")
    ready()


def observe():
    command = dice.choice((
        (DPCTOOL, "-j", "show", "dev", dev, "interval", "1h"),
        (DPCTOOL, "hist", "lat", "dev", dev, "interval", "1h"),
        (DPCTOOL, "trace", "dev", dev, "interval", "1h"),
        (DPCTOOL, "-o", f"/run/stress.{step}.rec", "record", "dev", dev, "interval", "1h"),
    ))
    if len(state.observers) < 3:
        say("observe", *command[1:])
        with open(f"/run/stress.{step}.err", "w") as errors:
            observer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        state.observers.append((step, observer))
    else:
        forget()


def forget():
    if state.observers:
        begun, observer = state.observers.pop(dice.randrange(len(state.observers)))
        how = dice.choice((signal.SIGINT, signal.SIGKILL))
        ended = observer.poll()
        say("end an observer:", how.name)
        observer.send_signal(how)
        status = observer.wait()
        # What begins when the device has just gone finds none.
        if (ended is not None or status not in (0, -how)) and not (replug and ended == NOT_FOUND):
            raise Failed(f"observer of step {begun}: status {status}, before {how.name} {ended}: " +
                         read(f"/run/stress.{begun}.err"))
        for path in glob.glob(f"/run/stress.{begun}.*"):
            os.unlink(path)


def tracepoints():
    write(f"{EVENTS}/enable", str(dice.randrange(2)))


# --- the device goes, and comes


def ready():
    """Up, with its addresses, and a link."""
    for address in ADDRESSES:
        run("ip", "addr", "replace", address, "dev", dev, *(["nodad"] if ":" in address else []))
    run("ip", "link", "set", dev, "up")
    wait_carrier()


def away():
    """It is another device from now on: what was attached to it has gone with it."""
    state.policy = state.throttle = None
    state.mtu = 1500


def found():
    global dev

    path = f"/sys/bus/pci/devices/{pci}"
    wait("a device", lambda: os.path.exists(path + "/driver"))
    if os.path.basename(os.readlink(path + "/driver")) != "dpcnic":  # igb took it
        write(path + "/driver_override", "dpcnic")
        write(path + "/driver/unbind", pci)
        write("/sys/bus/pci/drivers_probe", pci)
    dev = os.listdir(path + "/net")[0]
    ready()


def detached():
    for kind, name in ("policy", state.policy), ("throttle", state.throttle):
        if name:
            run(DPCTOOL, kind, "detach", "dev", dev)
    away()


def reset():
    write(f"/sys/bus/pci/devices/{pci}/reset", "1")
    wait_carrier()


def rebind():
    detached()
    write("/sys/bus/pci/drivers/dpcnic/unbind", pci)
    write("/sys/bus/pci/drivers/dpcnic/bind", pci)
    found()


def rescan():
    detached()
    write(f"/sys/bus/pci/devices/{pci}/remove", "1")
    write("/sys/bus/pci/rescan", "1")
    found()


def slot(value):
    run("setpci", "-s", PORT, f"CAP_EXP+18.w={value}")


def gone():
    control = subprocess.check_output(("setpci", "-s", PORT, "CAP_EXP+18.w"), text=True)
    return not os.path.exists(f"/sys/bus/pci/devices/{pci}") and int(control, 16) & 0x700 == 0x700


def pull_and_push():  # as 54-unplug.t tells
    detached()
    for value in "0000:0020", "0700:0700", "0120:0720":
        slot(value)
    wait("the device is gone", gone)
    qmp("device_add", {"driver": "igb", "id": "nic-a", "bus": "port-a", "netdev": "net-a",
                       "mac": "02:dc:00:00:00:0a"})
    found()


# --- all together

ACTIONS = {affinity: 6, hotplug: 3, policy: 4, throttle: 4, rings: 3, channels: 3, mtu: 2,
           coalescing: 2, features: 2, threaded: 1, flap: 1, down_up: 1, observe: 3, forget: 2,
           tracepoints: 1}
if replug:
    ACTIONS.update({reset: 3, rebind: 3, rescan: 2, pull_and_push: 2})


def restore():
    for cpu in sorted(state.offline):
        write(f"/sys/devices/system/cpu/cpu{cpu}/online", "1")
    while state.observers:
        forget()
    write(f"{EVENTS}/enable", "0")
    detached()
    write(f"/sys/class/net/{dev}/threaded", "0")
    set_mtu(1500)
    run("ethtool", "-L", dev, "combined", str(QUEUES))
    run("ethtool", "-G", dev, "rx", "256", "tx", "256")
    run("ethtool", "-C", dev, "rx-usecs", "0")
    run("ethtool", "-K", dev, "gro", "on", "rxhash", "on", "rx", "on", "tso", "on", "rxvlan", "on",
        "rx-all", "off")


def load():
    enough = "/run/stress.enough"
    if os.path.exists(enough):
        os.unlink(enough)
    loads = [subprocess.Popen((TRAFFIC, "load", "--size", str(size))) for size in (60, 1400)]
    streams = []
    if not replug:  # which outlives no device
        streams = [subprocess.Popen((TRAFFIC, "tcp", "--until", enough, "--rate", "2000000",
                                     "--sender", sender, "--port", str(port)))
                   for sender, port in (("a", 7020), ("b", 7021))]

    def stop():
        open(enough, "w").close()
        for stream in streams:
            if stream.wait():
                raise Failed("TCP: what arrived is not what was sent")
        for one in loads:
            one.kill()
            one.wait()

    return stop


started = time.monotonic()
try:
    say("seed", seed)
    run("ethtool", "-L", dev, "combined", str(QUEUES))
    stop_load = load()
    while time.monotonic() < started + seconds:
        step += 1
        dice.choices(*zip(*ACTIONS.items()))[0]()
        time.sleep(dice.choice((0, 0.05, 0.3)))
    restore()
    stop_load()
    say("over")
except Failed as failed:
    print(failed, flush=True)
    sys.exit(1)
except OSError as error:
    print(error, flush=True)
    sys.exit(1)
