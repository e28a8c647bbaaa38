"""Examples of this library as apps in Python: what they synthesise into the given folder is what the examples in TypeScript do.

Structs are classes, such as WorkerPool(...); objects of Kubernetes and what has free keys are dictionaries with Kubernetes' own names.
"""
import sys

from cdk8s import App, Chart
from cdk8s_airflow import (
    AirflowAuth, AirflowKubernetesDeployment, AirflowObjects, AirflowPool, AirflowVersion, ApiServerProps, CeleryBroker, CeleryResultBackend, CloudIdentity,
    ClusterQueue, ClusterQueueFlavorQuotas, ClusterQueueResourceGroup, ClusterQueueResourceQuota, DagBundle, DagBundles, DagFile, DagProcessorPool,
    DagTaskOptions, DatabaseCleanupProps, DeleteJobTask, Executor, Exposure, FabLdap, FabUser, FlowerProps, GatewayRef, GitSyncDags, GrafanaDashboardProps,
    HorizontalAutoscaling, InstallKueueTask, JobTask, KedaScaling, KueueJobTask, LocalQueue, MetadataDatabase, MonitoringProps, NetworkPoliciesProps, NodePool, PatchJobTask,
    PgBouncerProps, PodCleanupProps, PodLaunchingProps, PodTask, PrometheusMonitorProps, PrometheusRuleProps, ResourceFlavor, S3Credentials, SecretRef,
    SecretsBackend, StatefulComponentProps, StatsdProps, TaskLogs, TaskSecret, TriggererProps, WorkerPool, WorkerProps,
)


class Mapping(Chart):
    def __init__(self, scope, id):
        super().__init__(scope, id)
        common = {"image": "busybox:1.37", "xcom_sidecar_container_image": "busybox:1.37", "render_as": "PodTemplate", "do_xcom_push": True}
        days = PodTask(self, "days", cmds=["sh", "-c", 'echo \'[{"DAY": "1"}, {"DAY": "2"}, {"DAY": "3"}]\' > /airflow/xcom/return.json'], **common)
        command = 'echo "loading day $DAY"; echo "$((DAY * 10))" > /airflow/xcom/return.json'
        load = PodTask(self, "load", cmds=["sh", "-c", command], expand={"envVars": days.output}, **common)
        PodTask(self, "report", cmds=["sh", "-c", 'echo "$LOADED" > /airflow/xcom/return.json'], env_vars={"LOADED": load.output}, **common)


class ProductionAirflow(Chart):
    def __init__(self, scope, id, *, version, replicas, host, database_host, database_cidrs, repo):
        super().__init__(scope, id, namespace=id)
        secret = SecretRef.existing
        user_interface = {"api_server" if version.major >= 3 else "webserver": ApiServerProps(replicas=replicas)}
        AirflowKubernetesDeployment(
            self, "airflow",
            version=version,
            database=MetadataDatabase.postgres(host=database_host, cidrs=database_cidrs, password=secret("airflow-database", "password")),
            dags=GitSyncDags(
                repo=repo, ref="main", period_seconds=10, username="airflow", token=secret("airflow-git", "token"), ca_certificate=secret("airflow-git", "ca.crt"),
            ),
            logs=TaskLogs.s3(
                bucket="airflow", prefix=id, endpoint="https://minio.example.com", region="us-east-1",
                credentials=S3Credentials(
                    access_key_id=secret("airflow-logs", "access-key-id"), secret_access_key=secret("airflow-logs", "secret-access-key"),
                ),
            ),
            auth=AirflowAuth.fab(users=[FabUser(username="admin", email="airflow@example.com", password=secret("airflow-admin", "password"))]),
            exposure=Exposure.ingress(host=host, tls_secret_name="airflow-tls"),
            pod_launching=PodLaunchingProps(deferrable=True),
            parallelism=16,
            workers=WorkerProps(resources={"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}}),
            pod_cleanup=PodCleanupProps(),
            database_cleanup=DatabaseCleanupProps(schedule="30 3 * * 0"),
            scheduler=StatefulComponentProps(replicas=replicas),
            **user_interface,
        )


class CeleryAirflow(Chart):
    def __init__(self, scope, id):
        super().__init__(scope, id, namespace="airflow-celery")

        def secret(name, key):
            return SecretRef.external(store="airflow", store_kind="SecretStore", remote_key=f"airflow/{name}", property=key)

        def role(name):
            return CloudIdentity.irsa(f"arn:aws:iam::111122223333:role/{name}")

        redis = {"host": "redis.data.svc", "password": secret("redis", "password")}
        labels = {"release": "kube-prometheus-stack"}
        AirflowKubernetesDeployment(
            self, "airflow",
            delivery="argocd",
            database=MetadataDatabase.postgres(
                host="airflow.databases.example.com", cidrs=["10.20.0.0/24"], user="airflow", password=secret("database", "password"), ssl_mode="require",
            ),
            pgbouncer=PgBouncerProps(max_client_conn=300, metadata_pool_size=20),
            executor=Executor.celery(
                broker=CeleryBroker.redis(**redis),
                result_backend=CeleryResultBackend.redis(database=1, **redis),
                workers=[
                    WorkerPool(concurrency=8, keda=KedaScaling(min_replicas=1, max_replicas=10), cloud_identity=role("airflow-workers")),
                    WorkerPool(
                        name="large",
                        queues=["large"],
                        concurrency=1,
                        keda=KedaScaling(max_replicas=4, cooldown_seconds=7200),
                        termination_grace_period_seconds=7200,
                        resources={"requests": {"cpu": "2", "memory": "16Gi"}, "limits": {"memory": "16Gi"}},
                        node_selector={"node.kubernetes.io/instance-type": "r6i.2xlarge"},
                        tolerations=[{"key": "dedicated", "value": "large", "effect": "NoSchedule"}],
                        cloud_identity=role("airflow-workers"),
                    ),
                ],
            ),
            flower=FlowerProps(basic_auth=secret("flower", "basicAuth")),
            dags=DagBundles(
                DagBundle.git(name="core", repo="https://git.example.com/data/core.git", ref="main"),
                DagBundle.git(name="science", repo="https://git.example.com/science/dags.git", ref="main", sub_path="dags"),
            ),
            dag_processors=[DagProcessorPool(name="core", bundles=["core"], replicas=2), DagProcessorPool(name="science", bundles=["science"])],
            logs=TaskLogs.s3(bucket="example-airflow", region="eu-central-1"),
            secrets_backend=SecretsBackend.vault(
                url="https://vault.example.com:8200", mount_point="airflow", kubernetes_role="airflow", cidrs=["10.20.1.0/24"],
            ),
            objects=AirflowObjects(
                pools={"warehouse": AirflowPool(slots=8, description="connections of the warehouse")},
                variables={"environment": "production"},
            ),
            auth=AirflowAuth.fab(
                ldap=FabLdap(
                    server="ldaps://ldap.example.com",
                    search="ou=people,dc=example,dc=com",
                    bind_user="cn=airflow,dc=example,dc=com",
                    bind_password=secret("ldap", "password"),
                    uid_field="uid",
                ),
                role_mapping={"cn=data,ou=groups,dc=example,dc=com": ["User"], "cn=platform,ou=groups,dc=example,dc=com": ["Admin"]},
                cidrs=["10.20.2.0/24"],
            ),
            exposure=Exposure.http_route(host="airflow.example.com", gateways=[GatewayRef(name="public", namespace="gateways")]),
            network_policies=NetworkPoliciesProps(exposed_to=[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateways"}}}]),
            monitoring=MonitoringProps(
                statsd=StatsdProps(scraped_from=[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]),
                service_monitor=PrometheusMonitorProps(labels=labels),
                prometheus_rule=PrometheusRuleProps(labels=labels),
                grafana_dashboard=GrafanaDashboardProps(),
            ),
            scheduler=StatefulComponentProps(replicas=2),
            api_server=ApiServerProps(autoscaling=HorizontalAutoscaling(min_replicas=2, max_replicas=5), cloud_identity=role("airflow-logs-reader")),
            triggerer=TriggererProps(keda=KedaScaling(max_replicas=3), cloud_identity=role("airflow-workers")),
        )


class PythonScript(Chart):
    def __init__(self, scope, id):
        super().__init__(scope, id, namespace="insighter-prod")
        common = {
            "container_resources": {"limits": {"memory": "1Gi", "cpu": "1"}, "requests": {"memory": "500Mi", "cpu": "0.5"}},
            "image": "python:3.10-slim", "render_as": "PodTemplate",
        }
        PodTask(self, "run_python_script_alone", cmds=["python", "-c"], arguments=['print("Hello, World!")'], **common)
        run_python = PodTask(
            self, "run_python_script",
            on_finish_action="delete_pod",
            cmds=["sh", "-c", 'python -c \'print("\\"Hello, World!\\"")\' >> /airflow/xcom/return.json'],
            do_xcom_push=True,
            **common,
        )
        result = PodTask(
            self, "pod_task_xcom_result",
            image="busybox:1.37", cmds=["sh", "-c"], arguments=[f'echo "{run_python.output.to_string()}"'], render_as="PodTemplate",
        )
        DagFile(
            dag_id="example_kubernetes_python", start_date="2020-02-02", tags=["example"], tasks=[run_python, result], task_options=DagTaskOptions(logs=True),
        ).write_to(f"{App.of(self).outdir}/dags")


class Composer(Chart):
    def __init__(self, scope, id):
        super().__init__(scope, id, namespace="composer-user-workloads")
        label = "cloud.google.com/gke-nodepool"

        def task(task_id, **props):
            return PodTask(self, task_id, render_as="PodTemplate", **props)

        task("pod-ex-minimum", name="pod-ex-minimum", cmds=["echo"], image="gcr.io/gcp-runtimes/ubuntu_20_0_4")
        task("ex-kube-templates", name="ex-kube-templates", image="bash", cmds=["echo"], arguments=["{{ ds }}"], env_vars={"MY_VALUE": "{{ var.value.my_value }}"})
        task(
            "ex-kube-secrets",
            name="ex-kube-secrets",
            image="gcr.io/gcp-runtimes/ubuntu_20_0_4",
            startup_timeout_seconds=300,
            secrets=[
                TaskSecret(deploy_type="env", deploy_target="SQL_CONN", secret="airflow-secrets", key="sql_alchemy_conn"),
                TaskSecret(
                    deploy_type="volume", deploy_target="/var/secrets/google", secret="service-account",
                    items=[{"key": "service-account.json", "path": "service-account.json"}],
                ),
            ],
            env_vars={"EXAMPLE_VAR": "/example/value", "GOOGLE_APPLICATION_CREDENTIALS": "/var/secrets/google/service-account.json"},
        )
        NodePool(self, "pool-0", labels={label: "pool-0", "disktype": "ssd"})
        NodePool(self, "pool-1", labels={label: "pool-1"})
        terms = [{"matchExpressions": [{"key": label, "operator": "In", "values": ["pool-0", "pool-1"]}]}]
        task(
            "ex-pod-affinity",
            name="ex-pod-affinity", image="perl", cmds=["perl"], arguments=["-Mbignum=bpi", "-wle", "print bpi(2000)"],
            affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}},
        )
        task(
            "ex-all-configs",
            name="pi",
            image="perl",
            cmds=["perl"],
            arguments=["-Mbignum=bpi", "-wle", "print bpi(2000)"],
            secrets=[],
            labels={"pod-label": "label-name"},
            startup_timeout_seconds=120,
            env_vars={"EXAMPLE_VAR": "/example/value"},
            image_pull_policy="Always",
            annotations={"key1": "value1"},
            container_resources={"limits": {"memory": "250M", "cpu": "100m"}},
            do_xcom_push=False,
            volumes=[],
            volume_mounts=[],
            affinity={},
        )


class JobDocs(Chart):
    def __init__(self, scope, id):
        super().__init__(scope, id, namespace="default")
        pi = {"image": "perl:5.34.0", "cmds": ["perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"]}
        job = JobTask(self, "job-task", name="test-pi", **pi)
        deferred = JobTask(self, "job-task-def", name="test-pi-def", suspend=True, **pi)
        update = PatchJobTask(self, "update-job-task", name=deferred.job_name, namespace=deferred.job_namespace, body={"spec": {"suspend": False}})
        remove = DeleteJobTask(
            self, "delete_job_task", name=job.job_name, namespace=job.job_namespace, wait_for_completion=True, delete_on_status="Complete", poll_interval=1,
        )
        flavor = ResourceFlavor(self, "default-flavor")
        quotas = [ClusterQueueResourceQuota(name="cpu", nominal_quota=9), ClusterQueueResourceQuota(name="memory", nominal_quota="36Gi")]
        queue = ClusterQueue(
            self, "cluster-queue",
            resource_groups=[ClusterQueueResourceGroup(covered_resources=["cpu", "memory"], flavors=[ClusterQueueFlavorQuotas(name=flavor.name, resources=quotas)])],
        )
        local = LocalQueue(self, "local-queue", cluster_queue=queue.name)
        install = InstallKueueTask(self, "install_kueue", kueue_version="v0.9.1")
        kueue = {"queue_name": local.name, "suspend": True, "container_resources": {"requests": {"cpu": "1", "memory": "200Mi"}}, **pi}
        KueueJobTask(self, "kueue_job", name="test-pi-kueue", wait_until_job_complete=True, **kueue)
        DagFile(
            dag_id="example_kubernetes_job",
            start_date="2024-01-01",
            tasks=[job, deferred, update, remove, install, KueueJobTask(self, "kueue_job_dag", name="test-pi-kueue-dag", **kueue)],
        ).write_to(f"{App.of(self).outdir}/dags")


def production(app):
    ProductionAirflow(
        app, "airflow", version=AirflowVersion.V3_3, replicas=2, host="airflow.example.com",
        database_host="airflow.databases.example.com", database_cidrs=["10.20.0.0/24"], repo="https://git.example.com/data/dags.git",
    )
    ProductionAirflow(
        app, "airflow-legacy", version=AirflowVersion.V2_11, replicas=1, host="airflow-legacy.example.com",
        database_host="airflow-legacy.databases.example.com", database_cidrs=["10.20.1.0/24"], repo="https://git.example.com/data/legacy-dags.git",
    )


def seeds(app):
    PythonScript(app, "python-script")
    JobDocs(app, "job-docs")
    Composer(app, "composer")


EXAMPLES = {"celery": lambda app: CeleryAirflow(app, "airflow"), "mapping": lambda app: Mapping(app, "mapping"), "production": production, "seeds": seeds}

for name, make in EXAMPLES.items():
    app = App(outdir=f"{sys.argv[1]}/{name}")
    make(app)
    app.synth()
