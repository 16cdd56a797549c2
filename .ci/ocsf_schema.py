"""ocsf_schema.py VERSION OUT: the official schema of OCSF, as the judge of events reads it.

The export of schema.ocsf.io comes inside the PyPI package ocsf-json-schema. Descriptions are dropped.
"""
import json
import pathlib
import sys

import ocsf_json_schema

KEPT = ("type", "object_type", "is_array", "requirement", "sibling")
# What our events declare.
PROFILES = {"cloud"}


def attribute(told):
    kept = {key: told[key] for key in KEPT if told.get(key)}
    if told.get("profiles"):
        # One is enough, and one that is declared is the right one.
        kept["profile"] = sorted(told["profiles"], key=lambda profile: (profile not in PROFILES, profile))[0]
    if "enum" in told:
        kept["enum"] = {key: value["caption"] for key, value in told["enum"].items()}
    if "@deprecated" in told:
        kept["@deprecated"] = told["@deprecated"].get("since", True)
    return kept


def entity(told):
    kept = {key: told[key] for key in ("uid", "caption", "constraints", "profiles") if told.get(key) is not None}
    return kept | {"attributes": {name: attribute(one) for name, one in told["attributes"].items()}}


version, out = sys.argv[1:]
path = pathlib.Path(ocsf_json_schema.__file__).parent / "ocsf" / f"{version}.json"
export = json.loads(path.read_text(encoding="utf-8"))
types = export["dictionary"]["types"]["attributes"]
schema = {
    "version": export["version"],
    "types": {name: {key: one[key] for key in ("type", "regex") if one.get(key)} for name, one in types.items()},
    "classes": {"compliance_finding": entity(export["classes"]["compliance_finding"])},
    "objects": {name: entity(one) for name, one in export["objects"].items()},
}
if schema["version"] != version or "status_id" not in schema["classes"]["compliance_finding"]["attributes"]:
    sys.exit(f"{path}: not the schema of OCSF {version}")
pathlib.Path(out).write_text(json.dumps(schema), encoding="utf-8")
print(f"{out}: OCSF {version}, {len(schema['objects'])} objects")
