import { MutationData } from './mutation';
import { KEYS } from './pod-path';
import { pythonText } from './python';
import { BASE_CONTAINER } from './task-parameters';
import { XCOM_SIDECAR_NAME } from './xcom';

// The same as in mutation.ts, on models of the Kubernetes client, which may hold plain dictionaries. For Python 3.9 and later.
const HOOK = `
def _mutate_pods(mutations, further):
    import copy
    import json

    makers = {"KubernetesExecutor": "kubernetes_executor", "KubernetesPodOperator": "kubernetes_pod_operator"}
    keys = ${pythonText(KEYS, 4, 11)}

    def model(kind, value):
        from kubernetes import client

        # \`list[V1Volume]\` and \`dict(str, str)\`, from version 37 on \`List[V1Volume]\` and \`Dict[str, str]\`.
        if kind.lower().startswith("list["):
            return [model(kind[5:-1], item) for item in value]
        if kind.lower().startswith("dict"):
            return {key: model(kind[5:-1].split(", ", 1)[1], item) for key, item in value.items()}
        if kind == "str":
            return str(value)
        if not hasattr(client, kind):
            return copy.deepcopy(value)
        made = getattr(client, kind)
        return made(**{attribute(made, key): model(made.openapi_types[attribute(made, key)], item) for key, item in value.items()})

    def attribute(kind, key):
        for name, wire in kind.attribute_map.items():
            if wire == key:
                return name
        raise ValueError(f"this version of the Kubernetes client has no '{key}' in {getattr(kind, '__name__', type(kind).__name__)}")

    def get(parent, key):
        return parent.get(key) if isinstance(parent, dict) else getattr(parent, attribute(parent, key))

    def put(parent, key, value):
        if not isinstance(parent, dict):
            name = attribute(parent, key)
            setattr(parent, name, None if value is None else model(parent.openapi_types[name], value))
        elif value is None:
            parent.pop(key, None)
        else:
            parent[key] = copy.deepcopy(value)

    def name_of(field, item):
        if field == "ports" and get(item, "name") is None:
            return f"{get(item, 'containerPort')}/{get(item, 'protocol') or 'TCP'}"
        name = get(item, keys[field])
        return name.rstrip("/") or "/" if field == "volumeMounts" else name

    def places(items, field, name):
        if name == "*":
            return list(range(len(items)))
        if name == "-":
            return []
        found = [i for i, item in enumerate(items) if name_of(field, item) == name]
        return [0] if not found and items and field == "containers" and name == "${BASE_CONTAINER}" else found

    def in_item(path):
        return len(path) > 1 and not isinstance(path[0], str)

    def walk(parent, op, path, value):
        step, rest = path[0], path[1:]
        if not rest:
            return put(parent, step, value)
        inner = get(parent, step)
        if inner is None and in_item(rest):
            inner = []
        if inner is None:
            if op != "unset" and not any(in_item(rest[i:]) for i in range(len(rest))):
                for key in reversed(rest):
                    value = {key: value} if isinstance(key, str) else [value]
                put(parent, step, value)
        elif isinstance(rest[0], str):
            walk(inner, op, rest, value)
        else:
            in_list(parent, step, inner, op, rest, value)

    def in_list(owner, key, items, op, path, value):
        (field, name), rest = path[0], path[1:]
        found = places(items, field, name)
        if rest:
            if not found and name == "${XCOM_SIDECAR_NAME}":
                items = get(owner, "initContainers" if field == "containers" else "containers") or []
                found = places(items, field, name)
            for i in found:
                walk(items[i], op, rest, value)
            return
        if op != "unset":
            value = model("object" if isinstance(owner, dict) else owner.openapi_types[attribute(owner, key)][5:-1], value)
        if op == "unset":
            items[:] = [item for i, item in enumerate(items) if i not in found]
        elif not found:
            if name != "-" or value not in items:
                items.append(value)
        elif op == "set":
            items[:] = [value if i == found[-1] else item for i, item in enumerate(items) if i == found[-1] or i not in found]

    def queue(pod):
        try:
            return json.loads(pod.spec.containers[0].args[-1])["ti"]["queue"]
        except (AttributeError, LookupError, TypeError, ValueError):
            return None

    def selects(mutation, pod):
        labels = pod.metadata.labels or {}
        return (
            ("podsOf" not in mutation or any(labels.get(makers[maker]) == "True" for maker in mutation["podsOf"]))
            and all(labels.get(label) in values for label, values in mutation.get("labels", {}).items())
            and ("queues" not in mutation or queue(pod) in mutation["queues"])
        )

    def pod_mutation_hook(pod):
        # What it is made of may belong to the task.
        pod.metadata, pod.spec = copy.deepcopy(pod.metadata), copy.deepcopy(pod.spec)
        for mutation in mutations:
            if selects(mutation, pod):
                for op, path, *value in mutation["ops"]:
                    walk(pod, op, path, value[0] if value else None)
        if further:
            further(pod)

    return pod_mutation_hook


pod_mutation_hook = _mutate_pods(_POD_MUTATIONS, globals().get("pod_mutation_hook"))
if "__all__" in globals():
    __all__ = [*__all__, "pod_mutation_hook"]
`;

/** The end of an `airflow_local_settings.py` that mutates pods, and then calls the `pod_mutation_hook` above it, if there is one. */
export function podMutationHook(mutations: readonly MutationData[]): string {
  const data = mutations.map(({ name, podsOf, labels, queues, ops }) => Object.fromEntries(
    Object.entries({ name, podsOf, labels, queues, ops }).filter(([, value]) => value !== undefined)));
  return `\n_POD_MUTATIONS = ${pythonText(data as any, 0, 17)}\n\n${HOOK}`;
}
