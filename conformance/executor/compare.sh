#!/bin/sh
# Compares the pods of KubernetesExecutor with ours: conformance/executor/compare.sh [2.11 | 3.3] [--seed N] [--count N] [--show N] [--record]
set -eu
cd "$(dirname "$0")/../.."
version=3.3
case ${1:-} in 2.11 | 3.3) version=$1; shift ;; esac
requirements=conformance/executor/requirements-$version.txt
venv=${EXECUTOR_VENV:-${TMPDIR:-/tmp}/cdk8s-airflow-executor-$version}
if [ ! -x "$venv/bin/python" ] || ! cmp -s "$requirements" "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet -r "$requirements"
  cp "$requirements" "$venv/requirements.txt"
fi
NODE_NO_WARNINGS=1 exec npx ts-node -T conformance/executor/compare.ts --python "$venv/bin/python" --airflow "$version" "$@"
