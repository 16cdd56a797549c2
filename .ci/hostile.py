"""Turns names and comments of a snapshot into ones that would act if a page took them for anything but text.

Names by which other lines refer to a resource stay, but for those of database users, which are turned in their
references as well.
"""

import json
import sys
from urllib.parse import quote

TRICKS = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "\"' onmouseover=alert(1) x='",
    "{{data}}]]>&lt;b&gt;",
    "javascript:alert(1)",
    "\u202eevil\u202c\ufffe",
]
TEXTS = {"comment", "desc", "description", "firstName", "lastName"}

turns = 0
users = {}


def tricky(text):
    global turns
    turns += 1
    return f"{text} {TRICKS[turns % len(TRICKS)]}"


def turned(value, key=""):
    if isinstance(value, dict):
        return {name: turned(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [turned(inner, key) for inner in value]
    return tricky(value) if key in TEXTS and isinstance(value, str) else value


for number, line in enumerate(sys.stdin):
    record = json.loads(line)
    segments = record.get("ref", "").split("/")
    if number > 0:
        record = turned(record)
    project = segments[:1] == ["org"] and segments[2:3] == ["project"]
    body = next((inner for inner in record.values() if isinstance(inner, dict)), record)
    if project and len(segments) == 4 and isinstance(body.get("name"), str):
        body["name"] = tricky(body["name"])
    if project and segments[4:5] == ["databaseUsers"] and len(segments) > 5:
        own = "/".join(segments[:6])
        if len(segments) == 6 and "username" in body:
            trick = tricky("")
            body["username"] += trick
            users[own] = segments[5] + quote(trick, safe="")
        if own in users:
            segments[5] = users[own]
            record["ref"] = "/".join(segments)
    print(json.dumps(record, ensure_ascii=False, separators=(",", ":")))
print(f"hostile: {turns} texts, {len(users)} users", file=sys.stderr)
