#!/usr/bin/env python3
"""Writes src/airflow/config-data/ from the wheels of Airflow and its providers. See README.md beside this file."""

import ast
import json
import re
import subprocess
import sys
import zipfile
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "src" / "airflow" / "config-data"

# The newest patch of each minor version; an option that came with a patch carries it.
AIRFLOW = {
    "2.11": "apache-airflow==2.11.2",
    "3.0": "apache-airflow-core==3.0.6",
    "3.1": "apache-airflow-core==3.1.8",
    "3.2": "apache-airflow-core==3.2.2",
    "3.3": "apache-airflow-core==3.3.2",
}
# The providers that bring options of their own; those of BOTH run on 2.11, too.
BOTH = {
    "amazon": "9.39.0",
    "apache-hive": "9.7.1",
    "apache-kafka": "2.1.0",
    "celery": "3.26.0",
    "cncf-kubernetes": "10.25.0",
    "common-io": "1.11.0",
    "elasticsearch": "6.10.0",
    "imap": "3.13.1",
    "microsoft-azure": "15.2.1",
    "openlineage": "2.20.3",
    "postgres": "7.1.1",
    "snowflake": "6.20.0",
    "standard": "1.21.0",
    "yandex": "4.6.1",
}
PROVIDERS = {
    2: {**BOTH, "fab": "1.5.4", "opensearch": "1.8.1"},
    3: {**BOTH, "edge3": "5.1.0", "fab": "3.10.2", "keycloak": "0.11.2", "opensearch": "1.15.0"},
}
# Sections whose keys Airflow hands on unread (conf.getsection): any key is allowed.
OPEN_SECTIONS = [
    "celery_broker_transport_options",
    "celery_result_backend_transport_options",
    "elasticsearch_configs",
    "opensearch_configs",
    "sentry",
]
GETTERS = {"getboolean": "boolean", "getint": "integer", "getfloat": "float", "getjson": "json"}
READ = re.compile(r"\.(get\w*)\(\s*(?:section=)?[\"'](\w+)[\"'],\s*(?:key=)?[\"'](\w+)[\"']")

Parameter = namedtuple("Parameter", "section option")


def wheel(requirement, cache):
    name, version = requirement.split("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(cache.glob(pattern)):
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), requirement], check=True)
    return zipfile.ZipFile(next(cache.glob(pattern)))


def text(archive, name):
    return archive.read(name).decode()


def assigned(source, name, scope):
    """The value that a module or a class assigns to a name, evaluated with nothing but `scope`; None where there is none."""
    for node in ast.walk(ast.parse(source)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if any(isinstance(t, ast.Name) and t.id == name for t in targets) and node.value is not None:
            return eval(compile(ast.Expression(node.value), name, "eval"), {"__builtins__": {"sorted": sorted}}, scope)
    return None


def provider_options(archive):
    name = next(n for n in archive.namelist() if n.endswith("get_provider_info.py"))
    scope = {}
    exec(text(archive, name), scope)
    return scope["get_provider_info"]().get("config") or {}


def readers(archives):
    """(section, key) → the getters that the source uses for it."""
    found = {}
    for archive in archives:
        for name in archive.namelist():
            if name.endswith(".py"):
                for getter, section, key in READ.findall(text(archive, name)):
                    found.setdefault((section.lower(), key.lower()), set()).add(getter)
    return found


def option_type(section, key, option, read, enums):
    if (section, key) in enums:
        return "=" + "|".join(enums[section, key])
    kind = option.get("type") or "string"
    if kind != "string":
        return {"int": "integer", "bool": "boolean"}.get(kind, kind)
    # Airflow calls many an option a string and reads it as something else: the reader is right.
    types = {GETTERS[g] for g in read.get((section, key), ()) if g in GETTERS}
    default = str(option.get("default"))
    if not types and re.fullmatch(r"(?i)true|false", default):
        types = {"boolean"}
    if not types and re.fullmatch(r"\d+", default):
        types = {"integer"}
    if not types and is_json(option.get("example")):
        types = {"json"}
    if len(types) != 1:
        return "string"
    return types.pop() + ("|string" if "get" in read.get((section, key), ()) else "")


def is_json(example):
    try:
        return isinstance(json.loads(str(example)), (dict, list))
    except ValueError:
        return False


def main():
    check = "--check" in sys.argv
    cache = next((Path(a.split("=", 1)[1]) for a in sys.argv if a.startswith("--wheels=")), ROOT / ".cache" / "wheels")
    cache.mkdir(parents=True, exist_ok=True)

    tables = {}
    renames = {}
    linted = None
    for minor, requirement in AIRFLOW.items():
        core = wheel(requirement, cache)
        providers = {name: wheel(f"apache-airflow-providers-{name}=={version}", cache) for name, version in PROVIDERS[int(minor[0])].items()}
        source = text(core, "airflow/configuration.py")
        if "airflow/_shared/configuration/parser.py" in core.namelist():
            source += "\n" + text(core, "airflow/_shared/configuration/parser.py")
        levels = ["CRITICAL", "FATAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG"]
        scope = {
            "_available_logging_levels": levels,
            "WeightRule": SimpleNamespace(all_weight_rules=lambda: ["absolute", "downstream", "upstream"]),
            "multiprocessing": SimpleNamespace(get_all_start_methods=lambda: ["fork", "forkserver", "spawn"]),
        }
        enums = assigned(source, "enums_options", scope)
        # A weight rule may also be the path of a class.
        enums.pop(("core", "default_task_weight_rule"), None)
        read = readers([core, *providers.values()])

        table = {}
        owner = {}
        for name, sections in [(None, yaml.safe_load(text(core, "airflow/config_templates/config.yml")))] + [
            (name, provider_options(archive)) for name, archive in providers.items()
        ]:
            for section, body in sections.items():
                if name and section not in table:
                    owner[section] = name
                for key, option in body["options"].items():
                    spec = option_type(section, key, option, read, enums)
                    if option.get("sensitive"):
                        spec = "sensitive"
                    added = str(option.get("version_added") or "")
                    if name is None and re.fullmatch(re.escape(minor) + r"\.[1-9]\d*", added):
                        spec += f" since {added}"
                    table.setdefault(section, {}).setdefault(key, spec)
        tables[minor] = {"requirement": requirement, "sections": table, "owner": owner}

        renames[minor] = {f"{o[0]}.{o[1]}": (f"{n[0]}.{n[1]}", o[2]) for n, o in assigned(source, "deprecated_options", {}).items()}
        for new, olds in (assigned(source, "many_to_one_deprecated_options", {}) or {}).items():
            renames[minor].update({f"{o[0]}.{o[1]}": (".".join(new), o[2]) for o in olds})
        for new, (old, since) in (assigned(source, "deprecated_sections", {}) or {}).items():
            renames[minor].update({f"{old}.{key}": (f"{new}.{key}", since) for key in table.get(new, {})})
        linted = assigned(text(core, "airflow/cli/commands/config_command.py"), "CONFIGS_CHANGES", {
            "ConfigParameter": Parameter,
            "ConfigChange": lambda **change: SimpleNamespace(**change),
        })

    for minor, table in tables.items():
        table["renamed"], table["removed"] = moved(minor, tables, renames[minor], linted)
        write(TARGET / f"v{minor.replace('.', '_')}.ts", render(minor, table), check)


def moved(minor, tables, deprecated, linted):
    """What an earlier version called otherwise, and what it had and this one has not."""
    sections = tables[minor]["sections"]

    def valid(name):
        section, _, key = name.rpartition(".")
        return key in sections.get(section, {})

    def gone_since(name):
        section, _, key = name.rpartition(".")
        last = None
        for version, table in tables.items():
            if key in table["sections"].get(section, {}):
                last = version
            elif last:
                return version
        return None

    renamed = {old: target for old, target in deprecated.items() if not valid(old)}
    removed = {}
    if minor.startswith("3."):
        for change in linted:
            name = ".".join(change.config)
            if valid(name) or getattr(change, "default_change", False) or hasattr(change, "is_invalid_if") or hasattr(change, "remove_if_equals"):
                continue
            if getattr(change, "renamed_to", None):
                renamed.setdefault(name, (".".join(change.renamed_to), gone_since(name) or "3.0"))
            else:
                removed[name] = (gone_since(name) or "3.0", getattr(change, "suggestion", "").strip())
        for version, table in tables.items():
            if version < minor:
                for section, keys in table["sections"].items():
                    for key in keys:
                        name = f"{section}.{key}"
                        if not valid(name) and name not in renamed:
                            removed.setdefault(name, (gone_since(name), ""))
    # Follow a key that moved twice; one that moved to where it no longer is was removed.
    for old, (new, since) in list(renamed.items()):
        while not valid(new) and new in renamed:
            new = renamed[new][0]
        if valid(new):
            renamed[old] = (new, since)
        else:
            del renamed[old]
            removed.setdefault(old, (since, ""))
    for old in renamed:
        removed.pop(old, None)
    return renamed, removed


def quote(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", " ") + "'"


def name(value):
    return value if re.fullmatch(r"[A-Za-z_$][\w$]*", value) else quote(value)


def render(minor, table):
    providers = PROVIDERS[int(minor[0])]
    used = sorted(set(table["owner"].values()))
    lines = [
        "/* eslint-disable max-len, @stylistic/quotes, @stylistic/quote-props, quote-props */",
        "// Generated by conformance/airflow-config/generate.py. Do not edit.",
        f"// From {table['requirement'].replace('==', ' ')} and its providers {', '.join(f'{p} {providers[p]}' for p in used)}.",
        "import { ConfigTable } from './table';",
        "",
        f"export const v{minor.replace('.', '_')} = (): ConfigTable => ({{",
        f"  version: {quote(minor)},",
        "  sections: {",
    ]
    for section, keys in sorted(table["sections"].items()):
        lines.append(f"    {name(section)}: {{ " + ", ".join(f"{name(k)}: {quote(v)}" for k, v in sorted(keys.items())) + " },")
    lines += ["  },", "  openSections: [" + ", ".join(quote(s) for s in OPEN_SECTIONS if s in table["sections"]) + "],", "  providers: {"]
    lines += [f"    {name(s)}: {quote('apache-airflow-providers-' + p)}," for s, p in sorted(table["owner"].items())]
    lines += ["  },", "  renamed: {"]
    lines += [f"    {quote(old)}: [{quote(new)}, {quote(since)}]," for old, (new, since) in sorted(table["renamed"].items())]
    lines += ["  },", "  removed: {"]
    lines += [f"    {quote(old)}: [{quote(since or '')}, {quote(why)}]," for old, (since, why) in sorted(table["removed"].items())]
    lines += ["  },", "});", ""]
    return "\n".join(lines)


def write(path, content, check):
    if check:
        if not path.exists() or path.read_text() != content:
            sys.exit(f"{path.relative_to(ROOT)} is not what the wheels say; run conformance/airflow-config/generate.py")
    else:
        path.write_text(content)
    print(f"{path.relative_to(ROOT)}: {len(content)} bytes")


if __name__ == "__main__":
    main()
