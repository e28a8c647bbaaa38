"""Reads what cdk8s-airflow writes as Python.

Takes `{"dags": {id: {"text", "run"?}}, "literals": [[python, json]]}` from stdin. Each DAG file is run as Airflow runs it, and the pod of its only operator built as
the operator builds it, for the run of a task where there is one; warnings are errors. Writes `{"pods": {id: {"pod"} or {"error"}}, "literals": [indexes that differ]}` to stdout.
"""

import ast
import contextlib
import json
import os
import sys
import tempfile
import warnings

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

with contextlib.redirect_stdout(sys.stderr):
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from runs import built


def build(text, run=None):
    names = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(compile(text, "dag.py", "exec"), names)  # noqa: S102 - that is what is tested
        operator = next(value for value in names.values() if isinstance(value, KubernetesPodOperator))
    return built(operator, run)


asked = json.load(sys.stdin)
pods = {}
for name, dag in asked["dags"].items():
    try:
        with contextlib.redirect_stdout(sys.stderr):
            pods[name] = {"pod": build(**dag)}
    except Exception as error:  # noqa: BLE001 - the refusal is the result
        pods[name] = {"error": f"{type(error).__name__}: {error}"}
different = [i for i, (python, text) in enumerate(asked["literals"]) if ast.literal_eval(python) != json.loads(text)]
json.dump({"pods": pods, "literals": different}, sys.stdout)
