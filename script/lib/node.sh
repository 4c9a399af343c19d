# Sourced by script/setup: builds the web pages (frontend/dist), with a Node that is new enough.
#
# Their tools want Node >= 20.19. Where the release has an older one (Debian 12: 18), its npm fetches the Node of npm's
# own package `node` into ~/.cache/kmill, beside the private CPython. Both steps leave a stamp of what they were made
# from: frontend/node_modules/.stamp of the lock file, frontend/dist/.stamp of the sources. So a repeated call only
# reads the sources, needs no network and no Node, and an interrupted one starts again.

node_minimum=20.19
node_private=20.20.2
pages_cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmill

node_serves() { # PROGRAM
    local version
    version=$("$1" --version 2> /dev/null) && dpkg --compare-versions "${version#v}" ge "$node_minimum"
}

# The private Node, whole or not there: installed beside its place and renamed.
node_fetch_private() { # FOLDER
    local stage
    mkdir -p "$pages_cache"
    (
        flock 9 # two set-ups at once: the second waits, then finds it done
        [ ! -x "$1/node_modules/node/bin/node" ] || exit 0
        stage=$(mktemp -d "$pages_cache/stage.XXXXXX")
        trap 'rm -rf "$stage"' EXIT
        trap 'exit 130' INT TERM HUP
        echo "script/setup: this release's Node is older than $node_minimum: fetching Node $node_private by npm"
        npm install --prefix "$stage" --no-audit --no-fund --loglevel=error "node@$node_private" > "$stage/log" 2>&1 9>&- &&
            node_serves "$stage/node_modules/node/bin/node" || { tail -n 20 "$stage/log" >&2; exit 1; }
        rm -rf "$1"
        mv "$stage" "$1"
    ) 9> "$pages_cache/node.lock"
}

# node_present: puts a Node that serves into PATH, the machine's own or the one fetched before; 1 if there is none.
node_present() {
    local private=$pages_cache/node-$node_private-$(uname -m)/node_modules/node/bin
    ! node_serves node || return 0
    node_serves "$private/node" || return 1
    PATH=$private:$PATH
}

# node_provide: the same with an npm beside it, installing what is missing.
node_provide() {
    # A Node brings its own list of certificate authorities; the machine's may have more.
    export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
    if node_present && command -v npm > /dev/null; then return; fi
    packages_need nodejs npm
    packages_install
    node_present || { node_fetch_private "$pages_cache/node-$node_private-$(uname -m)" && node_present; }
}

# What the pages are made of, as one hash: everything in frontend/ but what is made there, and the texts they show.
pages_sources() {
    {
        find frontend \( -name node_modules -o -name dist \) -prune -o -type f ! -name schema.d.ts -print0
        find strategies -maxdepth 1 -type f -print0
        printf "%s\\0" server/openapi.yaml include/kmill/metrics.h
    } | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

npm_quietly() { # LOG ARGUMENT...
    local log=$1
    shift
    (cd frontend && npm "$@" < /dev/null) > "$log" 2>&1 || { tail -n 30 "$log" >&2; return 1; }
}

# pages_packages: frontend/node_modules as package-lock.json has them.
pages_packages() {
    local lock
    lock=$(cat frontend/package.json frontend/package-lock.json | sha256sum | cut -d ' ' -f 1)
    [ "$(cat frontend/node_modules/.stamp 2> /dev/null)" != "$lock" ] || return 0
    echo "script/setup: fetching what the web pages are built with"
    npm_quietly build/npm-ci.log ci --no-audit --no-fund --loglevel=error || return 1
    echo "$lock" > frontend/node_modules/.stamp
}

# pages_build: frontend/dist, built if anything changed.
pages_build() { # yes|no: whether frontend/node_modules has to be there too, for the tests of the pages
    local start=$SECONDS sources
    sources=$(pages_sources)
    if [ "$(cat frontend/dist/.stamp 2> /dev/null)" = "$sources" ] && { [ "$1" = no ] || [ -e frontend/node_modules/.stamp ]; }; then
        return
    fi
    mkdir -p build
    node_provide || return 1
    pages_packages || return 1
    [ "$(cat frontend/dist/.stamp 2> /dev/null)" != "$sources" ] || return 0
    echo "script/setup: building the web pages"
    npm_quietly build/npm-build.log run build || return 1
    echo "$sources" > frontend/dist/.stamp
    echo "script/setup: web pages built in $((SECONDS - start)) s: frontend/dist"
}
