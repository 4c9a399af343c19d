#!/bin/bash
# The tests of the web pages, as CTest runs them; exit code 77: left out, with the reason.
#
#   pages.sh unit                Vitest: logic and components
#   pages.sh browser [FILE...]   the pages in Chromium against the real server (KMILL names the binary)
set -euo pipefail
cd "$(dirname "$0")/../.."
export LC_ALL=C.UTF-8 TZ=UTC
. script/lib/node.sh

skip() {
    echo "skipped: $*"
    exit 77
}
node_present || skip "no Node >= $node_minimum here (script/setup --test brings one)"
[ -d frontend/node_modules/vitest ] || skip "frontend/node_modules is not there (script/setup --test fetches it)"

case ${1:-} in
    unit)
        cd frontend
        exec node node_modules/vitest/vitest.mjs run # the types were checked when the pages were built
        ;;
    browser)
        shift
        [ -x "${KMILL_CHROMIUM:-/usr/bin/chromium}" ] || skip "no /usr/bin/chromium (script/setup --test installs it)"
        [ -e "${KMILL_WEB:-frontend/dist}/index.html" ] || skip "the pages are not built (script/setup builds them)"
        world=$(mktemp -d "${TMPDIR:-/tmp}/kmill-e2e-world.XXXXXX")
        trap 'rm -rf "$world"' EXIT
        export KMILL_E2E_WORLD=$world/world
        node tests/e2e/world.mjs "$KMILL_E2E_WORLD"
        [ $# -gt 0 ] || set -- tests/e2e/*.e2e.mjs
        # One file at a time: the figures they measure are of a machine that does nothing else.
        node --test --test-concurrency=1 --test-reporter=spec "$@"
        ;;
    *)
        echo "usage: pages.sh unit | pages.sh browser [FILE...]" >&2
        exit 2
        ;;
esac
