"""Turns the names and comments of a snapshot into ones that would act if a page took them for anything but text."""

import json
import sys

TRICKS = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "\"' onmouseover=alert(1) x='",
    "{{data}}]]>&lt;b&gt;",
    "javascript:alert(1)",
    "\u202eevil\u202c\u0000\ufffe",
]
NAMES = {"name", "username", "comment", "clusterName", "roleName", "desc", "description", "teamName", "firstName"}


def turned(value, key, state):
    if isinstance(value, dict):
        return {name: turned(inner, name, state) for name, inner in value.items()}
    if isinstance(value, list):
        return [turned(inner, key, state) for inner in value]
    if key in NAMES and isinstance(value, str):
        state[0] += 1
        return value + " " + TRICKS[state[0] % len(TRICKS)]
    return value


state = [0]
for number, line in enumerate(sys.stdin):
    record = json.loads(line)
    print(json.dumps(turned(record, "", state) if number > 0 else record, ensure_ascii=False, separators=(",", ":")))
print(f"hostile: {state[0]} names", file=sys.stderr)
