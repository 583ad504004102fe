# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The device-tree bindings and their examples.
#
# Where dt-schema is as new as the kernel wants it (no Debian 12 package is),
# this is the kernel's own dt_binding_check of our files; else the same steps by
# hand: check the schema, take the example out, compile it, validate it.
# The tools say what is wrong and still return 0: their output decides.

BINDINGS=Documentation/devicetree/bindings

check_binding()
{
	local file files
	need dt-doc-validate dt-validate dt-mk-schema dt-extract-example dtc || return 0
	mapfile -t files < <(our_files "$1" "^$BINDINGS/.*\.yaml$")
	if [ ${#files[@]} -eq 0 ]; then
		echo "error: no binding to check"
		return
	fi
	mkdir -p "$2"
	if new_dt_schema && [ "$1" = "$TOP" ]; then
		dt_binding_check "$2" "${files[@]}"
	fi
	# The path of a schema is part of its name: check it at its place.
	for file in "${files[@]}"; do
		mkdir -p "$(dirname "$2/$file")"
		cp "$1/$file" "$2/$file"
	done
	dt-mk-schema -j "$2/$BINDINGS" >"$2/schema.json" || echo "error: no schema"
	for file in "${files[@]}"; do
		(cd "$2/$BINDINGS" &&
			dt-doc-validate -u "$PWD" "${file#"$BINDINGS/"}" 2>&1) || true
		validate_example "$2" "$file"
	done
}

# validate_example DIR FILE: the examples of a binding
validate_example()
{
	local dts=$1/example.dts
	dt-extract-example "$1/$2" >"$dts"
	cpp -nostdinc -undef -D__DTS__ -x assembler-with-cpp \
		-I "$NEWEST/scripts/dtc/include-prefixes" -I "$NEWEST/include" \
		"$dts" "$dts.pp"
	dtc -Wno-avoid_unnecessary_addr_size -Wno-interrupt_provider -O dtb \
		-o "$dts.dtb" "$dts.pp" 2>&1 || echo "$2: the example does not compile"
	dt-validate -s "$1/schema.json" "$dts.dtb" 2>&1 || true
}

new_dt_schema()
{
	local wanted
	wanted=$(sed -n 's/^DT_SCHEMA_MIN_VERSION = //p' "$NEWEST/$BINDINGS/Makefile")
	printf '%s\n' "$wanted" "$(dt-doc-validate --version)" | sort -VC
}

# dt_binding_check DIR FILE...: the kernel's own check, in a copy of the tree's
# bindings with ours among them
dt_binding_check()
{
	local dir=$1 file
	shift
	mkdir -p "$dir/tree" "$dir/out"
	cp -al "$NEWEST/." "$dir/tree/"
	for file; do
		rm -f "$dir/tree/$file"
		cp "$TOP/$file" "$dir/tree/$file"
		make -s -C "$dir/tree" O="$dir/out" dt_binding_check \
			DT_SCHEMA_FILES="${file#"$BINDINGS/"}" >"$dir/kernel.log" 2>&1 ||
			echo "error: dt_binding_check of $file failed: see $dir/kernel.log"
		grep -F "$(basename "$file" .yaml)" "$dir/kernel.log" |
			grep -vE '^ *(DTEX|DTC|DTC_CHK|CHKDT|LINT|SCHEMA) ' || true
	done
	rm -rf "$dir/tree" "$dir/out"
}
