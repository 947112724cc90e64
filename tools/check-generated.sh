#!/bin/sh
# Fails when a generated file differs from what its sources say now; `make docs` writes them anew.
set -eu
cd "$(dirname "$0")/.."
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
stale=""

compare() {
    cmp -s "$1" "$2" || stale="$stale $1"
}

.venv/bin/python -m centrala.node.settings_page "$draft/settings.md"
compare docs/settings.md "$draft/settings.md"
if [ -f tools/openapi.py ]; then
    .venv/bin/python tools/openapi.py "$draft/openapi.json"
    compare desk/openapi.json "$draft/openapi.json"
fi
if [ -f desk/src/client/schema.d.ts ]; then
    (cd desk && ../tools/node npx openapi-typescript openapi.json --output "$draft/schema.d.ts" --alphabetize >/dev/null)
    compare desk/src/client/schema.d.ts "$draft/schema.d.ts"
fi
if [ -n "$stale" ]; then
    echo "Out of date:$stale. Run make docs and commit the result." >&2
    exit 1
fi
echo "Generated files are current."
