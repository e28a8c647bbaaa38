"""Builds SparkApplications with the real SparkKubernetesOperator.

Reads a list of cases from stdin, `[{"id", "kwargs", "files"?}]`, and writes `{id: {"application"} or {"error"}}` to stdout: the body of the request that the
operator sends. Only the Kubernetes API is replaced; Jinja stays text, as no task runs. In a case's `kwargs` a list under `env_vars` becomes V1EnvVar
where `models` is true.
"""

import contextlib
import json
import os
import sys
import tempfile
from types import SimpleNamespace

FOLDER = os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

with contextlib.redirect_stdout(sys.stderr):
    from airflow.providers.cncf.kubernetes.operators.spark_kubernetes import SparkKubernetesOperator
    from kubernetes import client

CONTEXT = {
    "ti": SimpleNamespace(dag_id="dag", task_id="task", map_index=-1, try_number=1),
    "run_id": "run",
    "dag": SimpleNamespace(parent_dag=None),
}


class Cluster:
    """An API server in which an application runs as soon as it is made."""

    body = None

    def create_namespaced_custom_object(self, group, version, namespace, plural, body):
        self.body = client.ApiClient().sanitize_for_serialization(body)
        return self.body

    def get_namespaced_custom_object_status(self, **_):
        return {"status": {"applicationState": {"state": "RUNNING"}}}


def build(case):
    kwargs = {"task_id": "task", **case["kwargs"]}
    for name, text in case.get("files", {}).items():
        with open(os.path.join(FOLDER, name), "w") as file:
            file.write(text)
        kwargs["application_file"] = os.path.join(FOLDER, name)
    if case.get("models"):
        section = kwargs["template_spec"]["kubernetes"]
        section["env_vars"] = [client.V1EnvVar(name=each["name"], value=each["value"]) for each in section["env_vars"]]
    operator = SparkKubernetesOperator(**kwargs)
    cluster = Cluster()
    operator.custom_obj_api = cluster
    operator.client = None
    operator.find_spark_job = lambda context: None
    # The first lines of its execute().
    operator.name = operator.create_job_name()
    operator._setup_spark_configuration(CONTEXT)
    return cluster.body


if __name__ == "__main__":
    results = {}
    for case in json.load(sys.stdin):
        try:
            with contextlib.redirect_stdout(sys.stderr):
                results[case["id"]] = {"application": build(case)}
        except Exception as error:  # noqa: BLE001 - the refusal is the result
            results[case["id"]] = {"error": f"{type(error).__name__}: {error}"}
    json.dump(results, sys.stdout)
