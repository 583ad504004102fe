# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts of this directory share: where things are, how they speak,
# and how a long step is run. Sourced, never executed.

set -euo pipefail

# shellcheck disable=SC2034
{
	TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)
	TESTING=$TOP/tools/testing/gunyah
	SCRIPTS=$TESTING/scripts
	BUILD=$TOP/build
	LOGS=$BUILD/logs

	# What an overlay takes from this repository
	OUR_DIRS=(
		arch/arm64/gunyah
		drivers/virt/gunyah
		Documentation/virt/gunyah
		tools/testing/gunyah
		tools/testing/selftests/gunyah
		tools/virt/gunyah
	)
	OUR_FILES=(
		arch/arm64/include/asm/gunyah.h
		'include/linux/gunyah*.h'
		'include/uapi/linux/gunyah*.h'
		drivers/mailbox/gunyah-msgq.c
		'drivers/mailbox/*.gunyah'
		'drivers/tty/hvc/*gunyah*'
		'Documentation/ABI/testing/sysfs-*-gunyah'
		Documentation/devicetree/bindings/firmware/gunyah-hypervisor.yaml
	)
}

# Nothing below may depend on the caller's language, and builds repeat exactly.
export LC_ALL=C
export PATH=$PATH:/usr/sbin:/sbin
export ARCH=arm64
export CROSS_COMPILE=${CROSS_COMPILE:-aarch64-linux-gnu-}
export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 2026'
export KBUILD_BUILD_USER=gunyah KBUILD_BUILD_HOST=linux
unset MAKEFLAGS MFLAGS MAKELEVEL

say() { printf '%s\n' "gunyah: $*" >&2; }

# die WHAT [WHAT TO DO...]: what failed, then what to do about it
die()
{
	say "error: $1"
	shift
	local line
	for line in "$@"; do
		printf '        %s\n' "$line" >&2
	done
	exit 1
}

# sha_of PATH...: one checksum over the names and contents of files and trees
sha_of()
{
	find "$@" -type f -print0 | sort -z | xargs -0r sha256sum | sha256sum | cut -d' ' -f1
}

# is_kernel_source DIR: not only a tree with a Kbuild file, which this one has, too
is_kernel_source() { [ -f "$1/Kbuild" ] && [ -f "$1/init/main.c" ]; }

# list_files TREE: names, sizes and times of what is in it. They tell whether it has
# changed, in a second; contents would take a minute.
list_files() { find "$1" -name .git -prune -o ! -type d -printf '%P %s %T@\n' | sort; }

# kernel_dir: where everything built for the chosen kernel is
kernel_dir()
{
	if [ -n "${KERNEL_SRC:-}" ]; then
		echo "$BUILD/linux-user-$(cd "$KERNEL_SRC" && pwd | cksum | cut -d' ' -f1)"
	else
		echo "$BUILD/linux-${KERNEL:-6.12}"
	fi
}

# exclusive FILE: wait until no other script works below FILE
exclusive()
{
	mkdir -p "$(dirname "$1")"
	exec 9>"$1"
	flock -n 9 && return
	say "waiting for another build of the same tree ($1)"
	flock 9
}

# copy_ours OUTPUT: what an overlay takes from this repository, what is new with
# the time of now, as what was edited during a build is older than its objects;
# what has gone here goes there
copy_ours()
{
	local output=$1 pattern file
	cd "$TOP"
	for pattern in "${OUR_DIRS[@]}"; do
		[ ! -e "$pattern" ] ||
			rsync -aR --no-times --checksum --delete --exclude='*.o' \
				--exclude='*.ko' --exclude='*.mod*' --exclude='.*.cmd' \
				--exclude='modules.order' --exclude=__pycache__ \
				"./$pattern" "$output/"
	done
	for pattern in "${OUR_FILES[@]}"; do
		for file in "$output"/$pattern; do
			[ -e "${file#"$output"/}" ] || rm -f "$file"
		done
		for file in $pattern; do
			[ ! -e "$file" ] || rsync -aR --no-times --checksum "./$file" "$output/"
		done
	done
}

# progress PID LOG START: one line that moves on a terminal, one line every
# 20 s elsewhere, until PID ends. STEPS, when set, is about how many lines the
# log will have.
progress()
{
	local pid=$1 log=$2 start=$3 lines last=0 elapsed now
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.5
		elapsed=$((SECONDS - start))
		if [ -t 2 ]; then
			now=$((elapsed + 1))
		else
			now=$((elapsed / 20))
		fi
		[ "$now" -gt "$last" ] || continue
		last=$now
		lines=$(wc -l <"$log")
		if [ -t 2 ]; then
			printf '\r        %4d s, %d%s steps ' "$elapsed" "$lines" \
				"${STEPS:+ of about $STEPS}" >&2
		else
			printf '        %4d s, %d%s steps: %s\n' "$elapsed" "$lines" \
				"${STEPS:+ of about $STEPS}" \
				"$(tail -n 1 "$log" | cut -c1-60)" >&2
		fi
	done
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# run_logged LOG WHAT COMMAND...: run a long step with its output in LOG. It is
# a process group of its own, so that an interrupt ends all of it.
run_logged()
{
	local log=$1 what=$2 start=$SECONDS pid status=0
	shift 2
	mkdir -p "$(dirname "$log")"
	say "$what"
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	# shellcheck disable=SC2064 # this process, not a later one
	trap "kill -- -$pid 2>/dev/null; exit 130" INT TERM HUP
	progress "$pid" "$log" "$start"
	wait "$pid" || status=$?
	trap - INT TERM HUP
	if [ "$status" -ne 0 ]; then
		tail -n 15 "$log" >&2
		die "$what: failed after $((SECONDS - start)) s with status $status" \
			"the whole log is $log"
	fi
}
