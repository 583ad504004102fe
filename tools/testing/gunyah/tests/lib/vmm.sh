# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# A Linux guest in a VM, run by gunyah-vmm: this kernel, with an initramfs of
# its own, a disk, and the test "in-guest". What the guest says and what
# gunyah-vmm says stays in files: else nobody could tell who said it. On its virtio
# console it reads a line, and says one.
# gunyah.memory= is "lend" or "share", gunyah.cpus= how many vCPUs, gunyah.mem=
# how much memory, gunyah.huge=1 of hugetlbfs and gunyah.small=1 of single pages,
# gunyah.seconds= how long it may take.

# shellcheck disable=SC2034
GUEST=/tmp/guest
HVC=/tmp/hvc
VMM=/tmp/vmm
TYPED="on its virtio console"
guest_memory=${GUNYAH_MEMORY:-lend}
guest_cpus=${GUNYAH_CPUS:-2}
guest_mem=${GUNYAH_MEM:-64M}
guest_disk=/guest/disk,ro
guest_initrd=/guest/initramfs

# What one guest had would wait on the lists of single pages of a CPU, in reverse, and
# be in too many pieces for the next one.
echo 10000 >/proc/sys/vm/percpu_pagelist_high_fraction

# use_files NAME: of the guest that is run from here on, beside others
use_files()
{
	GUEST=/tmp/guest.$1
	HVC=/tmp/hvc.$1
	VMM=/tmp/vmm.$1
}

[ "${GUNYAH_SMALL:-0}" = 0 ] || echo deny >/sys/kernel/mm/transparent_hugepage/shmem_enabled

uptime_now() { cut -d' ' -f1 /proc/uptime; }
free_pages() { awk '/^nr_free_pages / { print $2 }' /proc/vmstat; }

# Pages that drivers hold for guests now, all over the machine
pinned_pages()
{
	awk '/^nr_foll_pin_acquired / { n += $2 } /^nr_foll_pin_released / { n -= $2 }
	     END { print n + 0 }' /proc/vmstat
}

# reserve_huge MIB: huge pages of the usual size; those for bounce buffers come on top
reserve_huge()
{
	pages=$(($1 / 2 + 4))
	pool=/sys/kernel/mm/hugepages/hugepages-2048kB
	echo $pages >$pool/nr_hugepages
	[ "$(cat $pool/free_hugepages)" -eq $pages ]
}

listens() { grep -q "GUEST listens" "$GUEST.raw"; }

# What is typed before Linux has the console ready is thrown away by its driver.
# Guests that are to end in another way do not listen.
type_when_asked()
{
	case $1 in
	*gunyah.end=* | *rdinit=*) ;;
	*) eventually "${GUNYAH_SECONDS:-200}" listens && echo "$TYPED" ;;
	esac 2>/dev/null
}

# run_guest WORDS [OPTION...]: until it ends, with WORDS on the guest's command
# line and OPTIONs on gunyah-vmm's, whose status it is
run_guest()
{
	words="console=ttyAMA0 quiet loglevel=1 panic=-1 kmemleak=off gunyah.run=in-guest $1"
	shift
	[ "${GUNYAH_HUGE:-0}" = 0 ] || set -- --hugepages "$@"
	pinned_before=$(pinned_pages)
	free_before=$(free_pages)
	rm -f "$GUEST.raw" "$HVC.in"
	mkfifo "$HVC.in"
	type_when_asked "$words" >"$HVC.in" &
	typist=$!
	begun=$(uptime_now)
	timeout -s INT "${GUNYAH_SECONDS:-200}" gunyah-vmm run --stats \
		--kernel /guest/Image --initrd "$guest_initrd" --disk "$guest_disk" \
		--mem "$guest_mem" "--$guest_memory" --cpus "$guest_cpus" \
		--append "$words" --console "file:$GUEST.raw" --virtio-console stdio "$@" \
		<"$HVC.in" >"$HVC" 2>"$VMM"
	guest_status=$?
	kill "$typist" 2>/dev/null
	wait "$typist"
	guest_seconds=$(echo "$begun $(uptime_now)" | awk '{ printf "%.1f", $2 - $1 }')
	# Whatever a guest prints, it is text here, and not this machine's result.
	tr -cd '\n -~' <"$GUEST.raw" | sed 's/GUNYAH-EXIT/exit/; s/Kernel panic/panic/' >"$GUEST"
	return $guest_status
}

# guest_says WHAT [VALUE]: on a line of its own; without VALUE print it
guest_says()
{
	[ $# -eq 2 ] || { sed -n "s/^GUEST $1 //p" "$GUEST"; return; }
	grep -qx "GUEST $1 $2" "$GUEST"
}

# Can this kernel, which is the guest's, too, have a disk?
has_disk() { [ -e /sys/bus/virtio/drivers/virtio_blk ]; }

# The line and the checksum that the disk was written with
guest_read_disk()
{
	guest_says line "$(sed -n 1p /guest/disk.expected)" &&
		guest_says sum "$(sed -n 2p /guest/disk.expected)"
}

guest_used_terminal() { guest_says typed "$TYPED" && grep -q "said by the guest" "$HVC"; }

# quote WHAT FILE: its last lines
quote()
{
	tail -n 40 "$2" | while read -r line; do
		tap_print "# $1: $line"
	done
}

# The driver takes a VM apart after it has been closed.
nothing_pinned() { [ "$(pinned_pages)" -eq "$pinned_before" ]; }

# All that the guest had, less what this machine has cached meanwhile
memory_free() { [ "$(free_pages)" -ge $((free_before - 4096)) ]; }

memory_came_back() { eventually 10 nothing_pinned && eventually 10 memory_free; }
