"""Renders templates with Airflow's own Jinja environment, macros, connections and pendulum.

Reads `{"identity", "context", "templates"}` from stdin, writes a list of `{"template", "output"}` or `{"template", "error"}`.
"""

import contextlib
import json
import os
import sys
import tempfile
from types import SimpleNamespace

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

with contextlib.redirect_stdout(sys.stderr):
    import pendulum
    from airflow.sdk.definitions._internal.templater import create_template_env
    from airflow.sdk.definitions.connection import Connection
    from airflow.sdk.execution_time import macros

given = json.load(sys.stdin)
identity, context = given["identity"], given["context"]


class Variables:
    """As airflow.sdk.execution_time.context.VariableAccessor, over a dictionary."""

    def __init__(self, as_json):
        self._as_json = as_json

    def __getattr__(self, key):
        if key not in context["var"]["value"]:
            raise LookupError(f"variable {key} not found")
        text = context["var"]["value"][key]
        return json.loads(text) if self._as_json else text

    def get(self, key, default=None):
        try:
            return getattr(self, key)
        except LookupError:
            return default


class Connections:
    def __getattr__(self, conn_id):
        if conn_id not in context["conn"]:
            raise LookupError(f"connection {conn_id} not found")
        return Connection.from_uri(context["conn"][conn_id], conn_id=conn_id)

    def get(self, conn_id, default_conn=None):
        return getattr(self, conn_id)


class TaskInstance:
    task_id, dag_id, run_id = identity["taskId"], identity["dagId"], identity["runId"]
    try_number, map_index = identity["tryNumber"], identity["mapIndex"]

    def xcom_pull(self, task_ids=None, key="return_value"):
        if isinstance(task_ids, list):
            return [self.xcom_pull(i, key) for i in task_ids]
        return context["xcom"][task_ids].get(key)


date = pendulum.parse(identity["logicalDate"]).in_timezone("UTC")
ts = date.isoformat()
dag = SimpleNamespace(dag_id=identity["dagId"])
names = {
    "ds": date.strftime("%Y-%m-%d"), "ds_nodash": date.strftime("%Y%m%d"),
    "ts": ts, "ts_nodash": date.strftime("%Y%m%dT%H%M%S"), "ts_nodash_with_tz": ts.replace("-", "").replace(":", ""),
    "logical_date": date, "run_id": identity["runId"], "params": context["params"], "dag": dag,
    "task": SimpleNamespace(task_id=identity["taskId"], dag_id=identity["dagId"]),
    "dag_run": SimpleNamespace(run_id=identity["runId"], dag_id=identity["dagId"], logical_date=date, conf=context["dag_run"]["conf"]),
    "data_interval_start": pendulum.parse(context["data_interval_start"]), "data_interval_end": pendulum.parse(context["data_interval_end"]),
    "var": {"value": Variables(False), "json": Variables(True)}, "conn": Connections(), "macros": macros,
    "task_instance_key_str": f"{identity['dagId']}__{identity['taskId']}__{date.strftime('%Y%m%d')}", "inlets": [],
    "prev_data_interval_start_success": None,
}
names["ti"] = names["task_instance"] = TaskInstance()
environment = create_template_env()
results = []
for template in given["templates"]:
    try:
        results.append({"template": template, "output": environment.from_string(template).render(**names)})
    except Exception as error:  # noqa: BLE001 - the refusal is the result
        results.append({"template": template, "error": f"{type(error).__name__}: {error}"[:200]})
json.dump(results, sys.stdout)
