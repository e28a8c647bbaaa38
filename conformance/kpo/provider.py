"""Builds pods with the real KubernetesPodOperator, and Jobs with KubernetesJobOperator.

Reads a list of cases from stdin, `[{"id", "kwargs", "objects"?}]`, and writes `{id: {"pod"} or {"error"}}` to stdout.
Kwargs are in KubernetesPodOperator's own names; Kubernetes objects in them are wire JSON and become model objects here, as a DAG's author writes
them, without any cast. With `"objects": "dict"` they stay dictionaries where the operator takes those.
With `"job": true` it is a Job. With `"run": {"identity", "context"}` Jinja is rendered and the pod built as in that run of a task.
"""

import contextlib
import json
import os
import re
import sys
import tempfile

FOLDER = os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__LOGGING__LOGGING_LEVEL"] = "CRITICAL"

with contextlib.redirect_stdout(sys.stderr):
    from airflow.providers.cncf.kubernetes.operators.job import KubernetesJobOperator
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
    from airflow.providers.cncf.kubernetes.secret import Secret
    from kubernetes import client
    from runs import built

MODELS = {
    "affinity": "V1Affinity",
    "container_resources": "V1ResourceRequirements",
    "container_security_context": "V1SecurityContext",
    "dns_config": "V1PodDNSConfig",
    "env_from": "list[V1EnvFromSource]",
    "env_vars": "list[V1EnvVar]",
    "full_job_spec": "V1Job",
    "full_pod_spec": "V1Pod",
    "host_aliases": "list[V1HostAlias]",
    "image_pull_secrets": "list[V1LocalObjectReference]",
    "init_containers": "list[V1Container]",
    "pod_runtime_info_envs": "list[V1EnvVar]",
    "ports": "list[V1ContainerPort]",
    "security_context": "V1PodSecurityContext",
    "selector": "V1LabelSelector",
    "tolerations": "list[V1Toleration]",
    "volume_mounts": "list[V1VolumeMount]",
    "volumes": "list[V1Volume]",
    "xcom_sidecar_container_security_context": "V1SecurityContext",
}
DICT_FORM = {"affinity", "tolerations", "security_context", "container_security_context", "xcom_sidecar_container_security_context"}


def model(kind, value):
    """A model object of the Kubernetes client from wire JSON; scalars stay what they are."""
    if value is None:
        return None
    if nested := re.match(r"list\[(.*)\]$", kind):
        return [model(nested[1], item) for item in value]
    if nested := re.match(r"dict\([^,]*, ?(.*)\)$", kind):
        return {key: model(nested[1], item) for key, item in value.items()}
    cls = getattr(client, kind, None)
    if cls is None:
        return value
    attributes = {wire: name for name, wire in cls.attribute_map.items()}
    return cls(**{attributes[key]: model(cls.openapi_types[attributes[key]], item) for key, item in value.items()})


def argument(name, value, objects):
    if name == "secrets":
        items = [model("list[V1KeyToPath]", secret.get("items")) for secret in value]
        return [Secret(s["deploy_type"], s.get("deploy_target"), s["secret"], s.get("key"), i) for s, i in zip(value, items)]
    wanted = MODELS.get(name)
    if wanted is None or (objects == "dict" and name in DICT_FORM) or (wanted.startswith("list") and not isinstance(value, list)):
        return value
    return model(wanted, value)


KEYS = {"containers": "name", "initContainers": "name", "volumes": "name", "env": "name", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "ports": "name"}


def key_of(field, item):
    return item["name"] if field == "ports" and "name" in item else str(item["containerPort"]) if field == "ports" else item[KEYS[field]]


def is_empty(value):
    return value is None or value == "" or value == [] or value == {}


def merged(lower, upper, field=None):
    """A layer over another one: lists by key, environment of the last one last, what is empty says nothing."""
    result = dict(lower)
    for key, value in upper.items():
        if is_empty(value):
            continue
        below = lower.get(key)
        if is_empty(below):
            result[key] = value
        elif key in ("metadata", "spec") or (field == "metadata" and key in ("labels", "annotations")):
            result[key] = merged(below, value, key)
        elif key == "envFrom":
            result[key] = below + value
        elif key in ("env", "ports", "volumeDevices"):
            keys = [key_of(key, item) for item in value]
            result[key] = [item for item in below if key_of(key, item) not in keys] + value
        elif key in KEYS:
            items = {key_of(key, item): item for item in value}
            deep = key in ("containers", "initContainers")
            result[key] = [(merged(item, items.pop(name)) if deep else items.pop(name)) if (name := key_of(key, item)) in items else item for item in below] + list(items.values())
        else:
            result[key] = value
    return result


def without(pod, path):
    *parents, last = [step or name for step, name in re.findall(r"([^.\[\]]+)|\[([^\]]+)\]", path)]
    field, place = None, pod
    for step in parents:
        place = next(item for item in place if key_of(field, item) == step) if isinstance(place, list) else place[step]
        field = step
    if isinstance(place, list):
        place.remove(next(item for item in place if key_of(field, item) == last))
    else:
        del place[last]


def overridden(pod, over):
    """The finished pod under the layers that only PodTask has."""
    pod = merged(pod, over.get("podOverride", {}))
    # As with the operator's own layers, the sidecar comes last.
    pod["spec"]["containers"].sort(key=lambda container: container["name"] == "airflow-xcom-sidecar")
    for path in over.get("unset", []):
        without(pod, path)
    if "settings" in over:
        module = {}
        exec(compile(over["settings"], "airflow_local_settings.py", "exec"), module)
        pod = model("V1Pod", pod)
        module["pod_mutation_hook"](pod)
        pod = client.ApiClient().sanitize_for_serialization(pod)
    return pod


def build(case):
    objects = case.get("objects", "model")
    kwargs = {"task_id": "task", **{key: argument(key, value, objects) for key, value in case["kwargs"].items()}}
    for name, text in case.get("files", {}).items():
        with open(os.path.join(FOLDER, name), "w") as file:
            file.write(text)
        kwargs["job_template_file" if name == "job.yaml" else "pod_template_file"] = os.path.join(FOLDER, name)
    operator = (KubernetesJobOperator if case.get("job") else KubernetesPodOperator)(**kwargs)
    pod = built(operator, case.get("run"))
    return overridden(pod, case["over"]) if "over" in case else pod


results = {}
for case in json.load(sys.stdin):
    try:
        with contextlib.redirect_stdout(sys.stderr):
            results[case["id"]] = {"pod": build(case)}
    except Exception as error:  # noqa: BLE001 - the refusal is the result
        results[case["id"]] = {"error": f"{type(error).__name__}: {error}"}
json.dump(results, sys.stdout)
