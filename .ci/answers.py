"""What .ci/judge does with lists and logs.

answers.py list  < JOURNAL   what a fetch asked the simulator, as validate_responses.py wants it
answers.py judge < ANSWERS   what that said: passes if all of it is known and is the document's fault
answers.py log SECONDS < LOG what Apache noted: nothing refused, but for the challenges that digest begins with
"""
import json
import re
import sys

# Where MongoDB's document contradicts MongoDB's service, and the simulator sides with the service.
# Each: what is asked for, the complaint, and why it is wrong.
KNOWN = [
    (
        r"/groups/[0-9a-f]{24}/databaseUsers\?\S+",
        r"\$\.results\[\d+\]\.roles\[\d+\]\.roleName: '[A-Za-z]+' is not one of \['atlasAdmin', .*",
        "the enum lists the built-in roles only; it has `<a custom role name>` as a literal value",
    ),
    (
        r"/groups/[0-9a-f]{24}/peers\?\S*providerName=AWS",
        r"\$\.results\[\d+\]\.routeTableCidrBlock: '[\d.]+/\d+' does not match '.*",
        "the property is a CIDR block by its description; the pattern admits addresses only",
    ),
    (
        r"/groups/[0-9a-f]{24}/backupCompliancePolicy",
        r"\$: 'authorized(Email|UserFirstName|UserLastName)' is a required property",
        "a project without a policy is answered with `{}`",
    ),
]
PREFIX = "/api/atlas/v2"
# Zones of global clusters: the document that judges leaves this endpoint out, so there is nothing to hold it against.
UNJUDGED = re.compile(r".*/clusters/[^/]+/globalWrites")


def listed():
    wanted = set()
    for line in sys.stdin:
        call = json.loads(line)
        if call["method"] != "GET" or call["status"] != 200:
            continue
        if UNJUDGED.fullmatch(call["path"]):
            continue
        version = re.search(r"\d{4}-\d\d-\d\d", call["accept"])[0]
        query = "?" + call["query"] if call["query"] else ""
        wanted.add(f"{version} {call['path']}{query}")
    print("\n".join(sorted(wanted)))
    return len(wanted) > 0


def judged():
    counts = [0] * len(KNOWN)
    fatal, answers = [], 0
    for line in map(str.rstrip, sys.stdin):
        told = re.fullmatch(r"(\d{3}) " + re.escape(PREFIX) + r"(\S*): (.*)", line)
        total = re.fullmatch(r"(\d+) answers, \d+ do not conform", line)
        if total:
            answers = int(total[1])
        elif told and told[3].startswith("note: "):
            # Properties that are write-only by the document, and that the service sends all the same.
            continue
        else:
            for index, (path, complaint, _) in enumerate(KNOWN):
                if told and told[1] == "200" and re.fullmatch(path, told[2]) and re.fullmatch(complaint, told[3]):
                    counts[index] += 1
                    break
            else:
                fatal.append(line)
    print(f"{answers} answers, {len(fatal)} complaints that are not known to be the document's fault")
    for (_, _, why), count in zip(KNOWN, counts):
        print(f"  known, {count} times: {why}")
        if not count:
            fatal.append(f"no longer told, so that it must not be tolerated: {why}")
    for line in fatal[:50]:
        print(line)
    return answers > 0 and not fatal


def logged(seconds):
    challenges = stale = calls = 0
    wrong = []
    for line in map(str.rstrip, sys.stdin):
        status, scheme = line.split(" ", 1)[0], line.rsplit("auth=", 1)[1]
        calls += 1
        if status == "401":
            if scheme == "-":
                challenges += 1
            else:
                stale += 1
        elif not status.startswith("2"):
            wrong.append(line)
    print(f"{calls} requests: {challenges} challenged, {stale} with a stale nonce, {len(wrong)} refused")
    print("\n".join(wrong[:50]))
    # One challenge for the whole run; where nonces go stale, those, and at least one of them.
    fine = challenges >= 1 and not wrong
    return fine and (stale > 0 if seconds < 10 else challenges == 1 and stale == 0)


command = sys.argv[1]
ok = {"list": listed, "judge": judged, "log": lambda: logged(int(sys.argv[2]))}[command]()
sys.exit(0 if ok else 1)
