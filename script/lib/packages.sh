# Sourced by script/setup: which Debian packages kmill needs, and installing those that are missing.
#
# dpkg-query answers in milliseconds what is there; apt is asked only when something is not. A name with
# alternatives (`a|b`) is satisfied by either; the first that this release has is installed.

build_packages=(build-essential cmake ninja-build pkg-config ca-certificates zlib1g-dev libhdf5-dev libpq-dev
    libyaml-dev libmicrohttpd-dev libhiredis-dev libzip-dev libcurl4-openssl-dev libseccomp-dev libmd-dev libdeflate-dev 'libmsgpack-dev|libmsgpack-c-dev')
test_packages=(libcmocka-dev redis-tools python3 python3-h5py python3-yaml python3-jsonschema python3-msgpack)
# The pages are tried in a browser, and looked at in Chinese too.
page_test_packages=(chromium 'fonts-wqy-microhei|fonts-noto-cjk')

. /etc/os-release
# The layout check runs with one version of clang-format only (see script/format); other releases do without.
[ "${VERSION_CODENAME:-}" != bookworm ] || test_packages+=(clang-format-14)

missing_packages=()

# packages_need NAME...: remembers those that are not installed.
packages_need() {
    local name alternative
    local -A installed=()
    while read -r status name; do
        [ "$status" = installed ] && installed[$name]=1
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' ${*//|/ } 2> /dev/null)
    for name in "$@"; do
        for alternative in ${name//|/ }; do
            [ -z "${installed[$alternative]:-}" ] || continue 2
        done
        missing_packages+=("$name")
    done
}

# The PostgreSQL server is needed by the tests only, in any version and from wherever it comes.
packages_need_postgresql() {
    ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || command -v initdb > /dev/null || packages_need postgresql
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        die "script/setup: packages are missing (${missing_packages[*]}) and there is no sudo: run it as root once"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

# The first of `a|b` that this release offers.
package_choice() {
    local alternative
    for alternative in ${1//|/ }; do
        if apt-cache show --no-all-versions "$alternative" > /dev/null 2>&1; then
            echo "$alternative"
            return
        fi
    done
    die "script/setup: this release has no package ${1//|/ or }"
}

packages_install() {
    local name chosen=()
    [ ${#missing_packages[@]} -gt 0 ] || return 0
    command -v apt-get > /dev/null || die "script/setup: needs apt-get (Debian 12 or 13, Ubuntu with Python >= 3.13);" \
        "on another system install what ${missing_packages[*]} hold and call cmake yourself"
    echo "script/setup: installing ${missing_packages[*]}"
    apt_get update
    for name in "${missing_packages[@]}"; do
        chosen+=("$(package_choice "$name")")
    done
    apt_get install --no-install-recommends "${chosen[@]}"
    missing_packages=()
}

# True if this release's own Python is >= 3.13, installed or not.
system_python_serves() {
    local version
    version=$(dpkg-query -W -f '${Version}' python3 2> /dev/null) || version=
    if [ -z "$version" ]; then
        version=$(apt-cache show --no-all-versions python3 2> /dev/null | sed -n 's/^Version: //p')
    fi
    [ -n "$version" ] && dpkg --compare-versions "$version" ge 3.13~
}
