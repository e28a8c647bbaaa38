"""Renders templates with Airflow's own Jinja environment, macros, connections and pendulum: those of the version that this Python has.

Reads `{"identity", "context", "templates"}` from stdin, writes `{"airflowVersion", "results": [{"template", "output"} or {"template", "error"}]}`.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import warnings
from types import SimpleNamespace

given = json.load(sys.stdin)
identity, context = given["identity"], given["context"]
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"
for section, options in context["conf"].items():
    os.environ.update({f"AIRFLOW__{section}__{key}".upper(): value for key, value in options.items()})
warnings.simplefilter("ignore")

with contextlib.redirect_stdout(sys.stderr):
    import airflow
    import pendulum

    two = airflow.__version__.startswith("2.")
    if two:
        from airflow import macros
        from airflow.configuration import conf
        from airflow.models.connection import Connection
        from airflow.models.dag import DAG

        environment = DAG("recording", schedule=None).get_template_env()
    else:
        from airflow.sdk.definitions._internal.templater import create_template_env
        from airflow.sdk.definitions.connection import Connection
        from airflow.sdk.execution_time import macros

        environment = create_template_env()


class Variables:
    """As Airflow's VariableAccessor, over a dictionary."""

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
        uri = context["conn"][conn_id]
        return Connection(conn_id=conn_id, uri=uri) if two else Connection.from_uri(uri, conn_id=conn_id)

    def get(self, conn_id, default_conn=None):
        try:
            return getattr(self, conn_id)
        except LookupError:
            return default_conn


class Selected(list):
    """As LazyXComSelectSequence, which Airflow 2 gives for several tasks."""

    def __repr__(self):
        return f"LazySelectSequence([{len(self)} item{'' if len(self) == 1 else 's'}])"

    __str__ = __repr__


class TaskInstance:
    task_id, dag_id, run_id = identity["taskId"], identity["dagId"], identity["runId"]
    try_number, map_index = identity["tryNumber"], identity["mapIndex"]

    def xcom_pull(self, task_ids=None, dag_id=None, key="return_value"):
        if dag_id is not None and dag_id != self.dag_id:
            return None
        if isinstance(task_ids, (list, tuple)):
            values = [self.xcom_pull(i, key=key) for i in task_ids]
            return Selected(value for value in values if value is not None) if two else values
        return context["xcom"][task_ids].get(key)


date = pendulum.parse(identity["logicalDate"]).in_timezone("UTC")
day = pendulum.duration(days=1)
ts = date.isoformat()
dag = SimpleNamespace(dag_id=identity["dagId"])
start, end = (pendulum.parse(context[f"data_interval_{name}"]) for name in ("start", "end"))


def names():
    known = {
        "ds": date.strftime("%Y-%m-%d"), "ds_nodash": date.strftime("%Y%m%d"),
        "ts": ts, "ts_nodash": date.strftime("%Y%m%dT%H%M%S"), "ts_nodash_with_tz": ts.replace("-", "").replace(":", ""),
        "logical_date": date, "run_id": identity["runId"], "params": json.loads(json.dumps(context["params"])), "dag": dag,
        "task": SimpleNamespace(task_id=identity["taskId"], dag_id=identity["dagId"]),
        "dag_run": SimpleNamespace(
            run_id=identity["runId"], dag_id=identity["dagId"], logical_date=date, conf=json.loads(json.dumps(context["dag_run"]["conf"]))
        ),
        "data_interval_start": start, "data_interval_end": end,
        "var": {"value": Variables(False), "json": Variables(True)}, "conn": Connections(), "macros": macros,
        "task_instance_key_str": f"{identity['dagId']}__{identity['taskId']}__{date.strftime('%Y%m%d')}", "inlets": [],
        "prev_data_interval_start_success": None,
    }
    if two:
        known["conf"], known["execution_date"] = conf, date
        for name, at in (("yesterday_ds", date - day), ("tomorrow_ds", date + day)):
            known[name], known[f"{name}_nodash"] = at.strftime("%Y-%m-%d"), at.strftime("%Y%m%d")
    known["ti"] = known["task_instance"] = TaskInstance()
    return known


def too_long(*_):
    raise TimeoutError("5 s")


# A power of a power takes hours, and nobody renders it.
signal.signal(signal.SIGALRM, too_long)
results = []
for template in given["templates"]:
    signal.alarm(5)
    try:
        results.append({"template": template, "output": environment.from_string(template).render(**names())})
    except Exception as error:  # noqa: BLE001 - the refusal is the result
        results.append({"template": template, "error": f"{type(error).__name__}: {error}"[:200]})
signal.alarm(0)
json.dump({"airflowVersion": airflow.__version__, "results": results}, sys.stdout)
