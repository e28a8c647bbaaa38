"""What a run of a task is to an operator: the context that Airflow would give it, and neither a connection nor a cluster behind its hook."""

from types import SimpleNamespace

import airflow
import pendulum
from kubernetes import client

if airflow.__version__.startswith("2."):
    from airflow.models.dag import DAG

    ENVIRONMENT = DAG("conformance", schedule=None).get_template_env()
else:
    from airflow.sdk.definitions._internal.templater import create_template_env

    ENVIRONMENT = create_template_env()


def context_of(run):
    """What Airflow would give to the operator, as far as the cases name it."""
    identity = run["identity"]
    date = pendulum.parse(identity["logicalDate"])
    ti = SimpleNamespace(
        task_id=identity["taskId"], dag_id=identity["dagId"], run_id=identity["runId"],
        map_index=identity.get("mapIndex", -1), try_number=identity.get("tryNumber", 1),
    )
    return {
        "ti": ti, "task_instance": ti, "task": ti, "run_id": identity["runId"], "dag": SimpleNamespace(dag_id=identity["dagId"]),
        "params": run["context"]["params"], "logical_date": date, "ds": date.strftime("%Y-%m-%d"), "ts": date.isoformat(),
    }


def built(operator, run=None):
    """The pod, or Job, of an operator: rendered for a run, where there is one."""
    context = context_of(run) if run else None
    if context:
        operator.render_template_fields(context, ENVIRONMENT)
    # The first line of its execute().
    operator.name = operator._set_name(operator.name)
    operator.hook = SimpleNamespace(
        get_namespace=lambda: None, is_in_cluster=bool(context and run["identity"]["inCluster"]),
        get_xcom_sidecar_container_image=lambda: None, get_xcom_sidecar_container_resources=lambda: None,
        get_xcom_sidecar_container_security_context=lambda: None,
    )
    job = hasattr(operator, "build_job_request_obj")
    request = operator.build_job_request_obj(None) if job else operator.build_pod_request_obj(context, dry_run=context is None)
    return client.ApiClient().sanitize_for_serialization(request)
