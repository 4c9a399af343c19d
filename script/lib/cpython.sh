#!/bin/bash
# Builds a private static CPython 3.13 where the release's own Python is older (Debian 12), and prints its prefix.
#
# Subinterpreters with a GIL of their own can load _decimal and _datetime only from 3.13 on. Taking the next release's
# binary packages would upgrade libc; its *source* package, fetched through a private apt configuration and checked
# against the archive's signature as always, builds with build-essential alone. What strategies may import is linked
# into libpython, all other C extensions are left out.
#
# The result lies outside the build folder, in ~/.cache/kmill/python-3.13-RECIPE, where RECIPE is a hash of this file:
# another recipe is another folder. It is installed beside its place and renamed there, so it is whole or not there.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(dirname "$(readlink -f "$0")")
pgo=${KMILL_PGO:-0}
recipe=$({ cat "$here/cpython.sh" "$here/pgo_training.py"; echo "$pgo"; uname -m; . /etc/os-release; echo "$ID $VERSION_ID"; } |
    sha256sum | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmill
prefix=$cache/python-3.13-$recipe
if [ -e "$prefix/lib/libpython3.13.a" ]; then
    echo "$prefix"
    exit
fi
say() { echo "script/setup: $*" >&2; }
stop() { say "$*"; exit 2; }

. /etc/os-release
[ "$ID" = debian ] || stop "needs Python >= 3.13, which $PRETTY_NAME does not have: use a newer release," \
    "or set KMILL_PYTHON_PREFIX to a CPython >= 3.13 with lib/libpython3.*.a"

mkdir -p "$cache"
exec 9> "$cache/python.lock"
flock 9 # two set-ups at once: the second waits, then finds it done
if [ -e "$prefix/lib/libpython3.13.a" ]; then
    echo "$prefix"
    exit
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/kmill-python.XXXXXX")
stage=$(mktemp -d "$cache/stage.XXXXXX")
trap 'rm -rf "$work" "$stage"' EXIT
trap 'exit 130' INT TERM HUP

fetch_source() {
    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror options
    # The mirror this machine already uses, whatever the format of its source lists.
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
        "Codename: $VERSION_CODENAME" | head -n 1)
    [ -n "$mirror" ] || stop "apt knows no Debian mirror on this machine: run apt-get update, then try again"
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/source"
    echo "deb-src [signed-by=$keyring] $mirror trixie main" > "$work/python.list"
    options=(-qq -o Dir::Etc::sourcelist="$work/python.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$work/lists"
        -o Dir::Cache="$work/cache" -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User="$(id -un)")
    apt-get "${options[@]}" update
    (cd "$work/source" && apt-get "${options[@]}" source --download-only python3.13)
    tar -C "$work/source" -xf "$work"/source/python3.13_*.orig.tar.xz --exclude='*/Lib/test' --exclude='*/Doc'
}

configure_source() {
    local keep='array|_bisect|_datetime|_decimal|_heapq|_json|_opcode|_queue|_random|_statistics|_struct|math|cmath|unicodedata'
    local options=(--prefix="$prefix" --without-ensurepip --disable-test-modules --without-doc-strings --with-system-libmpdec=no)
    [ "$pgo" = 0 ] || options+=(--enable-optimizations)
    OPT="-DNDEBUG -O3 -Wall" "$1/configure" -q "${options[@]}"
    {
        echo '*static*'
        grep -E "^($keep) " Modules/Setup.stdlib
        echo '*disabled*'
        grep -oE '^[A-Za-z_][A-Za-z0-9_]* ' Modules/Setup.stdlib | grep -vE "^($keep) "
    } > Modules/Setup.local
}

# Runs a step with its output in a log, shown only if it goes wrong.
quietly() {
    local log=$work/$1.log
    shift
    "$@" > "$log" 2>&1 || { tail -n 30 "$log" >&2; stop "building CPython went wrong at: $*"; }
}

start=$SECONDS
say "this release's Python is older than 3.13: fetching its source package"
quietly fetch fetch_source
source=$(echo "$work"/source/Python-3.13*)
say "building a private static CPython (once, about two minutes)"
mkdir "$work/build"
cd "$work/build"
quietly configure configure_source "$source"
# 9>&-: a compiler left running by an interrupt must not hold the lock.
quietly make make -s -j"$(nproc)" PROFILE_TASK="$here/pgo_training.py" 9>&-
# compileall with several jobs would need _socket, which is left out.
quietly install make -s install DESTDIR="$stage" COMPILEALL_OPTS="-j1 -q" 9>&-
install -m 644 libpython3.13.a Modules/_decimal/libmpdec/libmpdec.a "$stage$prefix/lib/"
rm -rf "$prefix"
mv "$stage$prefix" "$prefix"
"$prefix/bin/python3.13" -I -S -c 'import collections, datetime, decimal, math, _decimal, _datetime' ||
    { rm -rf "$prefix"; stop "the CPython just built does not import its own decimal and datetime"; }
say "CPython 3.13 built in $((SECONDS - start)) s: $prefix"
echo "$prefix"
