#!/bin/sh
# Compares PodTask with the real KubernetesPodOperator: conformance/kpo/compare.sh [2.11 | 3.3] [--template-files | --dags | --jobs | --spark | --mutations] [--seed N] [--count N] [--show N] [--record]
set -eu
cd "$(dirname "$0")/../.."
requirements=conformance/kpo/requirements.txt
name=cdk8s-airflow-kpo
airflow=
case ${1:-} in
  3.3) shift ;;
  2.11) shift; requirements=conformance/executor/requirements-2.11.txt; name=cdk8s-airflow-executor-2.11; airflow='--airflow 2.11' ;;
esac
venv=${KPO_VENV:-${TMPDIR:-/tmp}/$name}
if [ ! -x "$venv/bin/python" ] || ! cmp -s $requirements "$venv/requirements.txt"; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet -r $requirements
  cp $requirements "$venv/requirements.txt"
fi
script=compare
case ${1:-} in --template-files | --dags | --jobs | --spark | --mutations) script=${1#--}; airflow=; shift ;; esac
NODE_NO_WARNINGS=1 exec npx ts-node -T conformance/kpo/$script.ts --python "$venv/bin/python" $airflow "$@"
