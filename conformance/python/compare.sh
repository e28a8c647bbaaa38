#!/bin/sh
# Makes the Python package, and compares what examples.py synthesises with it with what the examples in TypeScript do: conformance/python/compare.sh
set -eu
cd "$(dirname "$0")/../.."
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 NODE_NO_WARNINGS=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
npx projen compile > "$work/compile.log" 2>&1 || { cat "$work/compile.log"; exit 1; }
npx jsii-pacmak --targets python --code-only --outdir "$work/package" .
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet -r conformance/python/requirements.txt "$work/package/python"
"$work/venv/bin/python" conformance/python/examples.py "$work/python"
npx ts-node -T conformance/python/examples.ts "$work/typescript"
diff -r "$work/typescript" "$work/python" || { echo 'different'; exit 1; }
find "$work/python" -type f | wc -l | sed 's/$/ files are equal/'
