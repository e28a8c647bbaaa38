"""Mutates pods with the pod_mutation_hook of an airflow_local_settings.py.

Reads `[{"id", "settings", "pod", "dictionaries"}]` from stdin and writes `{id: {"pod", "again"} or {"error"}}` to stdout: the pod after the hook, and after
the hook once more. It needs the Kubernetes client alone.
"""

import copy
import json
import re
import sys

from kubernetes import client

AS_DICTIONARIES = {"V1SecurityContext", "V1PodSecurityContext", "V1Affinity"}


def model(kind, value, dictionaries):
    if nested := re.match(r"[lL]ist\[(.*)\]$", kind):
        return [model(nested[1], item, dictionaries) for item in value]
    if nested := re.match(r"[dD]ict.[^,]*, ?(.*).$", kind):
        return {key: model(nested[1], item, dictionaries) for key, item in value.items()}
    if kind == "str":
        return str(value)
    cls = getattr(client, kind, None)
    if dictionaries and kind == "V1ResourceRequirements":
        return {part: {name: str(amount) for name, amount in amounts.items()} for part, amounts in value.items()}
    if cls is None or (dictionaries and kind in AS_DICTIONARIES):
        return value
    attributes = {wire: name for name, wire in cls.attribute_map.items()}
    return cls(**{attributes[key]: model(cls.openapi_types[attributes[key]], item, dictionaries) for key, item in value.items()})


def mutate(case):
    module = {}
    exec(compile(case["settings"], "airflow_local_settings.py", "exec"), module)
    pod = model("V1Pod", case["pod"], case["dictionaries"])
    parts = (pod.metadata, pod.spec)
    before = copy.deepcopy([part.to_dict() for part in parts])
    module["pod_mutation_hook"](pod)
    assert [part.to_dict() for part in parts] == before, "the hook changed what the pod is made of"
    result = {"pod": client.ApiClient().sanitize_for_serialization(pod)}
    module["pod_mutation_hook"](pod)
    return {**result, "again": client.ApiClient().sanitize_for_serialization(pod)}


results = {}
for case in json.load(sys.stdin):
    try:
        results[case["id"]] = mutate(case)
    except Exception as error:  # noqa: BLE001 - the refusal is the result
        results[case["id"]] = {"error": f"{type(error).__name__}: {error}"}
json.dump(results, sys.stdout)
