"""Records the parameters of the providers' operators: conformance/kpo/signatures.py KUBERNETES GOOGLE AMAZON > test/tasks/operator-signatures.json

Each argument is a wheel, such as `pip download --no-deps apache-airflow-providers-google` leaves. The modules are read, not imported.
"""

import ast
import json
import re
import sys
import zipfile

CNCF = "airflow/providers/cncf/kubernetes/operators"
MODULES = {
    f"{CNCF}/pod.py": ["KubernetesPodOperator"],
    f"{CNCF}/job.py": ["KubernetesJobOperator", "KubernetesDeleteJobOperator", "KubernetesPatchJobOperator"],
    f"{CNCF}/spark_kubernetes.py": ["SparkKubernetesOperator"],
    f"{CNCF}/kueue.py": ["KubernetesInstallKueueOperator", "KubernetesStartKueueJobOperator"],
    f"{CNCF}/resource.py": ["KubernetesResourceBaseOperator"],
    "airflow/providers/google/cloud/operators/kubernetes_engine.py": [
        "GKEStartPodOperator", "GKEStartJobOperator", "GKEDeleteJobOperator", "GKEStartKueueInsideClusterOperator", "GKEStartKueueJobOperator",
        "GKECreateCustomResourceOperator", "GKEDeleteCustomResourceOperator",
    ],
    "airflow/providers/amazon/aws/operators/eks.py": ["EksPodOperator"],
}

found = {"wheels": [], "operators": {}}
for path in sys.argv[1:]:
    found["wheels"].append(re.search(r"providers_(\w+)-([\d.]+)", path).group(1, 2))
    wheel = zipfile.ZipFile(path)
    for module in set(MODULES) & set(wheel.namelist()):
        for statement in ast.parse(wheel.read(module)).body:
            if isinstance(statement, ast.ClassDef) and statement.name in MODULES[module]:
                init = next(item for item in statement.body if isinstance(item, ast.FunctionDef) and item.name == "__init__")
                found["operators"][statement.name] = [argument.arg for argument in (init.args.args + init.args.kwonlyargs)[1:]]
json.dump(found, sys.stdout, indent=1, sort_keys=True)
print()
