#!/bin/sh
# Compares PodTask with the real KubernetesPodOperator: conformance/kpo/compare.sh [--template-files | --dags | --jobs | --spark | --mutations] [--seed N] [--count N] [--show N] [--record]
set -eu
cd "$(dirname "$0")/../.."
venv=${KPO_VENV:-${TMPDIR:-/tmp}/cdk8s-airflow-kpo}
if [ ! -x "$venv/bin/python" ] || ! cmp -s conformance/kpo/requirements.txt "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet -r conformance/kpo/requirements.txt
  cp conformance/kpo/requirements.txt "$venv/requirements.txt"
fi
script=compare
case ${1:-} in --template-files | --dags | --jobs | --spark | --mutations) script=${1#--}; shift ;; esac
NODE_NO_WARNINGS=1 exec npx ts-node -T conformance/kpo/$script.ts --python "$venv/bin/python" "$@"
