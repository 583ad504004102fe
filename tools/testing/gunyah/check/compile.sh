# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Checks that compile: W=1 with gcc and clang, and sparse.
#
# Our directories are copied and built as an external module against kernel
# trees of their own, which are configured and prepared (never built) once:
# trees that are booted are not touched. External modules are always rebuilt
# whole, so nothing that was warned about earlier can go unnoticed.
#
# "Nothing new against the pristine tree" is a matter of the kernel's headers
# here. A source that includes the same headers as ours, and has nothing else,
# is built the same way, and the lines that it prints are not ours.

# kernel_source VERSION: its pristine source, fetched if need be
kernel_source()
{
	"$SCRIPTS/kernel-source" "$1"
}

# prepared_tree VERSION COMPILER: configure and prepare it once
prepared_tree()
{
	local source tree=$WORK/$1/$2 stamp
	source=$(kernel_source "$1")
	stamp=$(sha_of "$CHECK/check.config" "$source/Makefile")
	if [ "$(cat "$tree/.prepared" 2>/dev/null)" != "$stamp" ]; then
		rm -rf "$tree"
		mkdir -p "$tree"
		run_logged "$tree.log" "preparing a kernel tree: $1 for $2" \
			prepare_tree "$source" "$tree" "$2"
		echo "$stamp" >"$tree/.prepared"
	fi
	echo "$tree"
}

prepare_tree()
{
	local source=$1 tree=$2 line
	local make=(make -C "$source" "O=$tree" "-j$JOBS")
	mapfile -O "${#make[@]}" -t make < <(compiler_options "$3")
	"${make[@]}" tinyconfig
	(cd "$tree" && "$source/scripts/kconfig/merge_config.sh" -m .config \
		"$CHECK/check.config")
	"${make[@]}" olddefconfig
	while IFS= read -r line; do
		[[ $line != CONFIG_* ]] || grep -qxF "$line" "$tree/.config" || {
			echo "error: not in effect: $line"
			return 1
		}
	done <"$CHECK/check.config"
	"${make[@]}" modules_prepare
}

compiler_options()
{
	case $1 in
	clang) printf '%s\n' "LLVM=-${LLVM_VERSION:-19}" ;;
	*) printf '%s\n' "CROSS_COMPILE=$CROSS_COMPILE" ;;
	esac
}

# copy_sources ROOT DIR: the parts of a tree that take part in a module build,
# with the Kbuild files an external build needs
copy_sources()
{
	local dir
	mkdir -p "$2/include/uapi" "$2/arch/arm64/include"
	files_of "$1" | grep -E '^(arch|drivers|include|tools/testing/gunyah/model)/' |
		(cd "$1" && cpio -pdm --quiet "$2")
	for dir in drivers/mailbox drivers/tty/hvc; do
		[ ! -f "$2/$dir/Makefile.gunyah" ] ||
			cp "$2/$dir/Makefile.gunyah" "$2/$dir/Makefile"
	done
	# Where the kernel has the header of its consoles, which is its own
	# shellcheck disable=SC2016 # make's variable
	echo 'subdir-ccflags-y += -I$(srctree)/drivers/tty/hvc' >"$2/Kbuild"
	for dir in arch/arm64/gunyah drivers/mailbox drivers/tty/hvc drivers/virt/gunyah; do
		[ ! -f "$2/$dir/Makefile" ] || echo "obj-m += $dir/"
	done >>"$2/Kbuild"
}

# baseline_sources ROOT KERNEL DIR: the headers our sources include, no more
baseline_sources()
{
	local source dir=$3/drivers/virt/gunyah
	source=$(kernel_source "$2")
	mkdir -p "$dir" "$3/include/uapi" "$3/arch/arm64/include"
	files_of "$1" | grep -E '^(arch|drivers|include)/.*\.[ch]$' |
		(cd "$1" && xargs -r sed -n 's/^#include <\(.*\.h\)>.*/\1/p') | sort -u |
		while IFS= read -r header; do
			if [ -f "$source/include/$header" ] ||
				[ -f "$source/arch/arm64/include/$header" ]; then
				echo "#include <$header>"
			fi
		done >"$dir/baseline.c"
	# Declarations that a header may lack come from elsewhere in real files.
	sed -i '1i #include <linux/kernel.h>\n#include <linux/module.h>' "$dir/baseline.c"
	printf '%s\n' 'MODULE_DESCRIPTION("Headers alone");' 'MODULE_LICENSE("GPL");' \
		>>"$dir/baseline.c"
	echo 'obj-m += baseline.o' >"$dir/Makefile"
	echo 'obj-m += drivers/virt/gunyah/' >"$3/Kbuild"
}

# our_options ROOT: all of our Kconfig symbols as modules, for make and for cpp
our_options()
{
	local symbol flags="-I$1/include -I$1/include/uapi -I$1/arch/arm64/include"
	while IFS= read -r symbol; do
		echo "CONFIG_$symbol=m"
		flags+=" -DCONFIG_${symbol}_MODULE=1"
	done < <(find "$1" -name 'Kconfig*' -exec \
		sed -n 's/^\(menu\)\?config[[:space:]]\+\([A-Z0-9_]*GUNYAH[A-Z0-9_]*\)$/\2/p' {} +)
	echo "KCFLAGS=$flags"
}

# module_build TREE DIR OPTION...: all that kbuild has to say about DIR
module_build()
{
	local tree=$1 dir=$2
	local make=(make -s -k -C "$tree" "M=$dir" "-j$JOBS" KBUILD_MODPOST_WARN=1)
	shift 2
	mapfile -O "${#make[@]}" -t make < <(our_options "$dir")
	"${make[@]}" "$@" modules 2>&1 || echo "error: the build of $dir failed"
}

# compile_findings ROOT DIR KERNEL COMPILER OPTION...: lines of the build of
# ROOT that the build of the headers alone does not print
compile_findings()
{
	local root=$1 dir=$2 kernel=$3 tree
	local options
	mapfile -t options < <(compiler_options "$4")
	# Which headers may print is decided by our sources, planted ones included.
	tree=$(prepared_tree "$kernel" "$4")
	shift 4
	mkdir -p "$dir"
	baseline_sources "$TOP" "$kernel" "$dir/baseline"
	copy_sources "$root" "$dir/sources"
	module_build "$tree" "$dir/baseline" "${options[@]}" "$@" >"$dir/baseline.log"
	module_build "$tree" "$dir/sources" "${options[@]}" "$@" >"$dir/sources.log"
	plain_lines <"$dir/baseline.log" | sort -u >"$dir/baseline.lines"
	plain_lines <"$dir/sources.log" | grep -vxFf "$dir/baseline.lines" || true
	# Kbuild goes on without a checker that it can not use, in both builds.
	grep 'is not available' "$dir/sources.log" || true
	if ! find "$dir/sources" -name '*.ko' | grep -q .; then
		echo "error: no module came out of it: see $dir/sources.log"
	fi
}

# Which symbols the kernel exports is not known to a tree that is only
# prepared; and who included a header is no finding.
plain_lines()
{
	grep -vE -e '^WARNING: modpost: .*undefined!$' \
		-e '^WARNING: modpost: suppressed [0-9]+ unresolved symbol warnings' \
		-e '^WARNING: Symbol version dump .* is missing' \
		-e '^ *Modules may not have dependencies or modversions' \
		-e '^ *You may get many unresolved symbol' \
		-e '^(In file included| +) *from ' || true
}

# prepare_compile KERNEL CHECK: what takes long, before the check
prepare_compile()
{
	prepared_tree "$1" "${2%_sparse}" >/dev/null
	[[ $2 != *_sparse ]] || sparse_for "$1" >/dev/null
}

# Sparse reads each file in the build that gcc compiles it in: half the time.
check_gcc_sparse()
{
	local sparse
	sparse=$(sparse_for "$3")
	# It does not see what a guard() of cleanup.h releases; lockdep does.
	compile_findings "$1" "$2" "$3" gcc W=1 C=2 CHECK="$sparse" \
		CF="-D__CHECK_ENDIAN__ -Wno-context"
}

check_clang()
{
	compile_findings "$1" "$2" "$3" clang W=1
}

# sparse_for KERNEL: bookworm's will do up to 6.12; later kernels want what
# 0.6.5 brought, which is built from Debian's source package
sparse_for()
{
	if [ "$(printf '%s\n' "$1" 6.12 | sort -V | tail -n 1)" = 6.12 ]; then
		command -v sparse || echo /sparse-is-not-installed
		return
	fi
	if [ ! -x "$WORK/sparse/sparse" ]; then
		run_logged "$WORK/sparse.log" "building sparse from Debian's source package" \
			"$CHECK/build-sparse" "$WORK/sparse"
	fi
	echo "$WORK/sparse/sparse"
}
