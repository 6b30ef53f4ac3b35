#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The packages in build/deb are installed in a clean Debian 13, where DKMS
# builds the module; it boots, and they are used there (guest); and they go without a trace.
#
# Runs on this machine, as root: tests/lab/prove-exec knows. What is written is in memory.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
lab=$here/../lab
# shellcheck source=tests/lab/tap.sh
. "$lab/tap.sh"
[ -n "${OWN_MOUNTS:-}" ] || exec env OWN_MOUNTS=1 unshare --mount --propagation private "$0"

top=$(readlink -f "$here/../..")
clean=$("$lab/mkpackaging" clean) || { echo "Bail out! no clean Debian"; exit 1; }
work=$(mktemp -d)
trap 'umount -R "$work"; rmdir "$work"' EXIT
mount -t tmpfs -o mode=755 tmp "$work"
mkdir "$work"/{upper,work,root}
root=$work/root
mount -t overlay -o "lowerdir=$clean,upperdir=$work/upper,workdir=$work/work" overlay "$root"

# A command in that Debian.
inside()
{
	env -i PATH=/usr/sbin:/usr/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive INITRD=No \
		unshare --mount --pid --fork --kill-child --propagation private \
		bash -c 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$@"' \
		inside "$root" "$@"
}
# openssl: with it DKMS signs what it builds.
install()
{
	cp "$top"/build/deb/{dpcnic-dkms,dpctool}_*.deb "$root/tmp" &&
		cat /etc/resolv.conf >"$root/etc/resolv.conf" && inside apt-get -qq update &&
		inside sh -c 'apt-get -qq install --no-install-recommends openssl /tmp/*.deb'
}
# What of the packages lies about, but for what purging leaves on purpose: DKMS' own key.
traces()
{
	(cd "$root" && find etc usr var/lib -name '*dpcnic*' -o -name '*dpctool*') | grep -v '^var/lib/apt'
}

version=$(sed -n 's/^#define DPCTOOL_VERSION[[:space:]]*"\(.*\)"/\1/p' "$top/cli/version.h")
kernel=$(basename "$clean"/usr/lib/modules/*)
is "$(dpkg-deb -f "$top"/build/deb/dpctool_*.deb Version)" "$version" "the version is dpctool's"
ok "the packages are installed" install
is "$(inside dkms status)" "dpcnic/$version, $kernel, x86_64: installed" "DKMS has built the module"
"$lab/run" --root "$root" --name packages /dpcnic/tests/packages/guest | sed 's/^/    /'
is "${PIPESTATUS[0]}" 0 "they do in the machine what they should"
ok "the packages are purged" inside apt-get -qq purge dpcnic-dkms dpctool
is "$(traces)" "" "nothing of them is left"
done_testing
