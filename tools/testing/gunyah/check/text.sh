# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Checks that read the sources, the commits and the documents.
#
# Each is a function check_<name> ROOT DIR: print what is wrong with the tree
# ROOT, using DIR for whatever it has to put down. No output means no finding.

# our_files ROOT EXPRESSION: the files of ROOT whose name matches
our_files()
{
	files_of "$1" | grep -E -e "$2" || true
}

# need COMMAND...: say which are missing
need()
{
	local command status=0
	for command in "$@"; do
		command -v "$command" >/dev/null && continue
		echo "error: $command is not installed"
		status=1
	done
	return $status
}

check_checkpatch()
{
	our_files "$1" '\.([chS]|sh|py|dts|yaml|rst|ld|config)$|/(Kconfig|Makefile)[^/]*$' \
		>"$2.files"
	if [ ! -s "$2.files" ]; then
		echo "error: no file to check"
		return
	fi
	grep -vE '^tools/|trace\.h$' "$2.files" | checkpatch_files "$1"
	# Tracepoints are written as all tracepoints are.
	grep 'trace\.h$' "$2.files" |
		checkpatch_files "$1" OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
	# What checkpatch would like to see there is in no header they include, and
	# the compiler has its own way with names.
	local user=PREFER_DEFINED_ATTRIBUTE_MACRO,ARRAY_SIZE,BIT_MACRO,CAMELCASE,EXPORT_SYMBOL
	grep '^tools/' "$2.files" | grep -vE '/(harness/kernel|standin)/' |
		checkpatch_files "$1" $user
	# What stands in for the kernel's headers has their macros and types. The
	# registers that are switched are one list, used by macro.
	user+=,MACRO_ARG_REUSE,MACRO_ARG_UNUSED,MACRO_ARG_PRECEDENCE,COMPLEX_MACRO
	user+=,TRAILING_SEMICOLON,MULTISTATEMENT_MACRO_USE_DO_WHILE,USE_SPINLOCK_T
	user+=,VOLATILE,NEW_TYPEDEFS,IS_ENABLED_CONFIG
	grep -E '/(harness/kernel|standin)/' "$2.files" | checkpatch_files "$1" $user
}

# checkpatch_files ROOT [TYPES]: of the files named on the standard input, and
# without these types of messages
checkpatch_files()
{
	local root=$1
	# kzalloc_obj() is not in 6.12, and the operations of guest memory files are
	# a copy of shmem's that is made at run time.
	local ignored=ALLOC_WITH_SIZEOF,CONST_STRUCT${2:+,$2}
	# It takes a file's place in the tree into account: names are relative.
	(cd "$root" && xargs -r -d '\n' -n 24 -P "$JOBS" \
		perl "$NEWEST/scripts/checkpatch.pl" --no-tree --strict --terse \
		--show-types --no-summary --ignore "$ignored" -f) | grep -vE '^total: |^$' || true
}

# check_commits ROOT DIR: what a commit message has to be like. The contents of
# a commit are not looked at: files are checked as they are now, and a mistake
# mended later can not be taken out of the history.
check_commits()
{
	local types=BAD_SIGN_OFF,MISSING_SIGN_OFF,NO_AUTHOR_SIGN_OFF
	local commit started=0 mails=$2/mails
	types+=,FROM_SIGN_OFF_MISMATCH,COMMIT_MESSAGE
	types+=,GIT_COMMIT_ID,EMAIL_SUBJECT,UNKNOWN_COMMIT_ID,BAD_FIXES_TAG
	types+=,TYPO_SPELLING,REPEATED_WORD,NON_OCTAL_PERMISSIONS
	mkdir -p "$mails"
	commit_mails "$1" "$mails"
	for commit in "$mails"/*; do
		[ -f "$commit" ] || continue
		perl "$NEWEST/scripts/checkpatch.pl" --no-tree --strict --terse \
			--show-types --no-summary --types "$types" "$commit" |
			sed -n "s|^.*/mails/||p" >"$commit.out" &
		started=$((started + 1))
		[ $((started % JOBS)) -ne 0 ] || wait
		subject_findings "$commit"
	done
	wait
	cat "$mails"/*.out 2>/dev/null || echo "error: no commit to check"
}

# commit_mails ROOT DIR: each commit as a mail, with a diff that only tells
# checkpatch that it is a patch; of a planted tree, the mails that are kept there
commit_mails()
{
	local count=${CHECK_COMMITS:-40} commit format
	format='From %H Mon Sep 17 00:00:00 2001%nFrom: %an <%ae>%nDate: %aD%n'
	format+='Subject: [PATCH] %s%n%n%b---%ndiff --git a/file b/file%n'
	format+='--- a/file%n+++ b/file%n@@ -1 +1 @@%n-old%n+new'
	if [ "$1" != "$TOP" ]; then
		cp "$1"/*.mail "$2/"
		return
	fi
	[ "$count" != all ] || count=1000000
	git -C "$TOP" rev-list --no-merges -n "$count" HEAD |
		while IFS= read -r commit; do
			git -C "$TOP" log -1 --format="$format" "$commit" >"$2/${commit:0:12}"
		done
}

subject_findings()
{
	local subject form
	subject=$(sed -n 's/^Subject: \[PATCH\] //p' "$1" | head -n 1)
	[ ${#subject} -le 72 ] ||
		echo "$(basename "$1"): the subject has ${#subject} characters, 72 at most"
	awk -v name="$(basename "$1")" '/^---$/ { exit }
		/:\/\/|^[A-Z][a-z-]*: / { next }
		body && length > 80 { print name ":" NR ": a line of " length " characters" }
		/^$/ { body = 1 }' "$1"
	form='^[a-zA-Z0-9/,._-]+(, [a-zA-Z0-9/._-]+)*(: [a-z0-9/_.-]+)*: [A-Z].*[^.]$'
	[[ $subject =~ $form ]] ||
		echo "$(basename "$1"): the subject is not \"area: Capitalised, without a dot\""
}

check_kernel_doc()
{
	local files tool=$NEWEST/tools/docs/kernel-doc
	[ -f "$tool" ] || tool=$NEWEST/scripts/kernel-doc
	mapfile -t files < <(our_files "$1" '^(arch|drivers|include)/.*\.[ch]$')
	if [ ${#files[@]} -eq 0 ]; then
		echo "error: no file to check"
		return
	fi
	(cd "$1" && "$tool" -none -Wall -Werror "${files[@]}") 2>&1 || true
	# An export or a cross-file function without a kernel-doc comment is not
	# something kernel-doc speaks of.
	(cd "$1" && undocumented_exports "${files[@]}")
}

undocumented_exports()
{
	sed -n 's/^EXPORT_SYMBOL\(_GPL\)\?(\(\w*\));.*/\2/p' "$@" | sort -u |
		while IFS= read -r symbol; do
			grep -qE "^ \* $symbol\(\) - " "$@" ||
				echo "$symbol is exported and has no kernel-doc comment"
		done
}

check_shellcheck()
{
	local file
	need shellcheck || return 0
	files_of "$1" | while IFS= read -r file; do
		case $file in
		*.sh) printf '%s\0' "$file" ;;
		*.[chS] | *.rst | *.yaml | *.py) ;;
		*) head -c 64 "$1/$file" | tr -d '\0' | head -n 1 |
			grep -qE '^#!.*[/ ](ba|da|k)?sh\b' && printf '%s\0' "$file" ;;
		esac
	done >"$2.files"
	if [ ! -s "$2.files" ]; then
		echo "error: no shell script to check"
		return
	fi
	(cd "$1" && xargs -0 -n 8 -P "$JOBS" shellcheck -x -f gcc <"$2.files") || true
}

check_codespell()
{
	need codespell || return 0
	our_files "$1" '\.([chS]|sh|py|yaml|rst|md|config)$|/[A-Za-z-]*$|^[A-Za-z.]*$' |
		grep -v '/corpus/' >"$2.files"
	(cd "$1" && xargs -r -d '\n' -n 200 codespell -I "$CHECK/codespell.ignore" \
		--skip='*.bin' <"$2.files") || true
}

check_layering()
{
	"$CHECK/layering" "$1" 2>&1 || true
}

# Files of at most 1000 lines and functions of at most 80 are what a reader can
# keep in mind.
check_size()
{
	local files
	mapfile -t files < <(our_files "$1" '\.[chS]$')
	if [ ${#files[@]} -eq 0 ]; then
		echo "error: no file to check"
		return
	fi
	(cd "$1" && awk '
		FNR == 1 { if (lines > 1000) print last ": " lines " lines"; start = 0 }
		{ lines = FNR; last = FILENAME }
		/^{/ { start = FNR }
		/^}/ {
			if (start && FNR - start - 1 > 80)
				print FILENAME ":" start ": a function of " FNR - start - 1 " lines"
			start = 0
		}
		END { if (lines > 1000) print last ": " lines " lines" }' "${files[@]}")
}

# Every file has a maintainer, and every path of MAINTAINERS has a file.
check_maintainers()
{
	local pattern file matched
	local patterns=()
	if [ ! -f "$1/MAINTAINERS" ]; then
		echo "error: there is no MAINTAINERS"
		return
	fi
	files_of "$1" >"$2.files"
	cp "$2.files" "$2.rest"
	mapfile -t patterns < <(sed -n 's/^F:\t//p' "$1/MAINTAINERS")
	for pattern in "${patterns[@]}"; do
		[[ $pattern != */ ]] || pattern+='*'
		matched=
		while IFS= read -r file; do
			# shellcheck disable=SC2053 # it is a pattern
			[[ $file != $pattern ]] || matched=1
		done <"$2.files"
		[ -n "$matched" ] || echo "MAINTAINERS: no file matches $pattern"
		while IFS= read -r file; do
			# shellcheck disable=SC2053 # it is a pattern
			[[ $file == $pattern ]] || printf '%s\n' "$file"
		done <"$2.rest" >"$2.next"
		mv "$2.next" "$2.rest"
	done
	sed 's/$/: is in no entry of MAINTAINERS/' "$2.rest"
}

# What user space includes: as headers_install exports it, compiled alone by the
# oldest dialect it may meet.
check_uapi()
{
	local header headers compiler dialect
	mapfile -t headers < <(our_files "$1" '^include/uapi/.*\.h$')
	need gcc clang || return 0
	mkdir -p "$2/scripts" "$2/usr/include"
	gcc -o "$2/scripts/unifdef" "$NEWEST/scripts/unifdef.c"
	for header in "${headers[@]}"; do
		(cd "$2" && sh "$NEWEST/scripts/headers_install.sh" "$1/$header" \
			"usr/include/$(basename "$header")" 2>&1) || continue
		for compiler in gcc clang; do
			for dialect in c90 c11; do
				"$compiler" "-std=$dialect" -Wall -Wextra -Werror -fsyntax-only \
					-x c "$2/usr/include/$(basename "$header")" 2>&1 || true
			done
		done
	done
}
