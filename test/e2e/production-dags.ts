/** What a task prints. */
export const LINE = 'the log of a pod that is gone';
/** For both versions. */
export const HEAD = `
import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

try:
    from airflow.sdk import dag, task
except ImportError:
    from airflow.decorators import dag, task

def settings(**more):
    return dict(schedule=None, start_date=datetime(2024, 1, 1), catchup=False, is_paused_upon_creation=False, **more)
`;
export const TWO_TASKS = `${HEAD}
AIRFLOW3 = "datetime" in globals() and task.__module__.startswith("airflow.sdk")

@dag(**settings())
def two_tasks():
    @task
    def extract() -> dict:
        print("${LINE}")
        assert not Path("/etc/airflow").exists()
        for folder in ("/opt/airflow", "/home/airflow", "/etc"):
            assert not os.access(folder, os.W_OK), f"{folder} can be written"
        # What a task of Airflow 3 must not hold; Airflow itself puts a URL that cannot be opened into its environment.
        words = ("SQL_ALCHEMY_CONN", "FERNET_KEY", "SECRET_KEY", "JWT_SECRET", "METADATA_DB_", "AIRFLOW_CONN_AIRFLOW_LOGS")
        found = [name for name, value in os.environ.items()
                 if any(word in name for word in words) and not value.startswith("airflow-db-not-allowed:")]
        if AIRFLOW3:
            assert not found, f"secrets in the environment: {found}"
            try:
                socket.create_connection(("postgres", 5432), timeout=3)
                raise AssertionError("the database can be reached")
            except TimeoutError:
                pass
        return {"rows": 21}

    @task
    def load(extracted: dict) -> int:
        return extracted["rows"] * 2

    load(extract())

two_tasks()
`;
export const LAUNCHING = `${HEAD}
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import models as k8s

RESTRICTED = dict(
    image="localhost/busybox:1",
    cmds=["sh", "-c"],
    do_xcom_push=True,
    # Without the pgrep of procps in the sidecar (BusyBox, also Alpine) the operator ends it in a way that fails now and then.
    retries=12,
    retry_delay=timedelta(seconds=1),
    startup_timeout_seconds=300,
    automount_service_account_token=False,
    security_context=k8s.V1PodSecurityContext(
        run_as_non_root=True, run_as_user=1000, seccomp_profile=k8s.V1SeccompProfile(type="RuntimeDefault")),
    container_security_context=k8s.V1SecurityContext(
        allow_privilege_escalation=False, capabilities=k8s.V1Capabilities(drop=["ALL"])),
)

@dag(**settings())
def launching():
    direct = KubernetesPodOperator(task_id="direct", arguments=['echo \\'{"rows": 21}\\' > /airflow/xcom/return.json'], **RESTRICTED)
    deferred = KubernetesPodOperator(
        task_id="deferred", arguments=["echo 42 > /airflow/xcom/return.json"], deferrable=True, poll_interval=2, **RESTRICTED)
    [direct, deferred]

launching()
`;
export const changing = (description: string) => `${HEAD}
@dag(**settings(description="${description}"))
def changing():
    @task
    def nothing():
        pass

    nothing()

changing()
`;
