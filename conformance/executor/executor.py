"""Builds worker pods with the real KubernetesExecutor's `PodGenerator.construct_pod`.

Reads `[{"id", "template", "identity", "queue", "module"?, "override"?, "settings"?}]` from stdin and writes `{"airflow": version, "pods": {id: {"pod"} or
{"error"}}}` to stdout. `template` is a pod_template_file; `module` the text of a module with executor_config dictionaries, of which `override` names one; it goes
through the form in which Airflow's database keeps it. `settings` is the text of an airflow_local_settings.py.
"""

import contextlib
import json
import os
import sys
import tempfile

FOLDER = os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

with contextlib.redirect_stdout(sys.stderr):
    import airflow.settings
    from airflow.providers.cncf.kubernetes.kubernetes_helper_functions import create_unique_id
    from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
    from airflow.version import version
    from kubernetes import client


def arguments(identity, queue):
    """What the executor takes for a task, without what only a running Airflow has."""
    if version.startswith("2"):
        return ["airflow", "tasks", "run", identity["dag_id"], identity["task_id"], identity["run_id"], "--local"]
    workload = {"token": "t", "ti": {**identity, "queue": queue}, "type": "ExecuteTask"}
    return ["python", "-m", "airflow.sdk.execution_time.execute_workload", "--json-string", json.dumps(workload)]


def build(case):
    path = os.path.join(FOLDER, "pod_template_file.yaml")
    with open(path, "w") as file:
        file.write(case["template"])
    override = None
    if "module" in case:
        module = {}
        exec(compile(case["module"], "pod_overrides.py", "exec"), module)
        stored = PodGenerator.serialize_pod(PodGenerator.from_obj(module[case["override"]]))
        override = PodGenerator.deserialize_model_dict(json.loads(json.dumps(stored)))
    settings = {}
    if "settings" in case:
        exec(compile(case["settings"], "airflow_local_settings.py", "exec"), settings)
    airflow.settings.pod_mutation_hook = settings.get("pod_mutation_hook", lambda pod: None)
    identity = case["identity"]
    pod = PodGenerator.construct_pod(
        **identity,
        pod_id=create_unique_id(identity["dag_id"], identity["task_id"]),
        kube_image="",
        date=None,
        args=arguments(identity, case["queue"]),
        pod_override_object=override,
        base_worker_pod=PodGenerator.deserialize_model_file(path),
        namespace="tasks",
        scheduler_job_id="7",
        with_mutation_hook=True,
    )
    return client.ApiClient().sanitize_for_serialization(pod)


results = {}
for case in json.load(sys.stdin):
    try:
        with contextlib.redirect_stdout(sys.stderr):
            results[case["id"]] = {"pod": build(case)}
    except Exception as error:  # noqa: BLE001 - the refusal is the result
        results[case["id"]] = {"error": f"{type(error).__name__}: {error or error.__cause__}"}
json.dump({"airflow": version, "pods": results}, sys.stdout)
