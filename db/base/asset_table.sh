#!/bin/sh
# Writes the assembly file that holds the files named on the command line: their bytes, each
# followed by a zero byte, and the table of them that asset.c searches, sorted by name.
# Usage, in the root of the tree: sh db/base/asset_table.sh FILE... > build/assets.S
set -eu
LC_ALL=C
export LC_ALL

for file in "$@"; do
    case $file in
    *[!A-Za-z0-9._/@+-]* | /* | *..*)
        echo "asset_table.sh: a name of other than letters, digits and ._/@+-: $file" >&2
        exit 1 ;;
    esac
    if [ ! -r "$file" ]; then
        echo "asset_table.sh: cannot read $file" >&2
        exit 1
    fi
done

if [ $# -gt 0 ]; then
    printf '%s\n' "$@"
fi | sort -u | awk '
{
    name[NR] = $0
}
END {
    print "\t.section .rodata"
    for (i = 1; i <= NR; i++) {
        printf ".Lname%d:\n\t.asciz \"%s\"\n", i, name[i]
        printf ".Ldata%d:\n\t.incbin \"%s\"\n.Lend%d:\n\t.byte 0\n", i, name[i], i
    }
    print "\t.balign 8\n\t.globl asset_count\n\t.type asset_count, %object"
    printf "asset_count:\n\t.quad %d\n\t.size asset_count, 8\n", NR
    print "\t.section .data.rel.ro, \"aw\"\n\t.balign 8"
    print "\t.globl asset_table\n\t.type asset_table, %object\nasset_table:"
    for (i = 1; i <= NR; i++)
        printf "\t.quad .Lname%d, .Ldata%d, .Lend%d - .Ldata%d\n", i, i, i, i
    print "\t.quad 0\n\t.size asset_table, . - asset_table"
    print "\t.section .note.GNU-stack, \"\", %progbits"
}'
