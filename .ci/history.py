"""What DuckDB says of a history, with the SQL of docs/history.md, held against what `scan` and `trend` say.

    history.py TREND.json REPORT.json GLOB

TREND is what `trend --format json` printed, REPORT the report of its last scan, GLOB the place as DuckDB reads it.
"""

import json
import sys

import duckdb

trend, report = (json.load(open(path)) for path in sys.argv[1:3])
place = sys.argv[3]
faults = []


def tables(name):
    return f"read_parquet('{place}/{name}/**/*.parquet', hive_partitioning = true)"


def ask(sql):
    rows = duckdb.sql(sql).fetchall()
    print(sql.strip())
    for row in rows[:12]:
        print("   ", *row, sep="  ")
    return rows


def same(what, theirs, ours):
    if theirs != ours:
        faults.append(f"{what}: DuckDB says {theirs}, atlas-audit {ours}")


scans = ask(
    f"SELECT strftime(taken, '%Y-%m-%d'), critical, high, medium, low, info, unknown, projects, rules "
    f"FROM {tables('scans')} ORDER BY taken"
)
severities = ["critical", "high", "medium", "low", "info"]
same(
    "scans",
    scans,
    [
        (
            period["taken"][:10],
            *(period["findings"][severity] for severity in severities),
            period["unknown"],
            period["projects"],
            period["rules"],
        )
        for period in trend["periods"]
    ],
)
last = f"taken = (SELECT max(taken) FROM {tables('scans')})"
found = ask(
    f"SELECT severity, count(*) FROM {tables('findings')} WHERE {last} AND verdict = 'fail' AND NOT waived "
    f"GROUP BY severity ORDER BY severity"
)
same("findings", dict(found), {name: count for name, count in report["summary"]["bySeverity"].items() if count})
fingerprints = duckdb.sql(f"SELECT fingerprint FROM {tables('findings')} WHERE {last} AND verdict = 'fail'").fetchall()
same(
    "fingerprints",
    sorted(row[0] for row in fingerprints),
    sorted(finding["fingerprint"] for finding in report["findings"]),
)
verdicts = ask(f"SELECT verdict, sum(count)::BIGINT FROM {tables('verdicts')} WHERE {last} GROUP BY verdict ORDER BY verdict")
names = {"pass": "passed", "fail": "failed", "attested": "attested", "not-applicable": "notApplicable", "unknown": "unknown"}
expected = {name: report["summary"][key] for name, key in names.items() if report["summary"][key]}
same("verdicts", dict(verdicts), expected)
ask(
    f"SELECT project, verdict, sum(count) AS verdicts FROM {tables('verdicts')} "
    f"WHERE rule = 'ATL-NET-001' AND {last} GROUP BY ALL ORDER BY ALL"
)
ask(f"SELECT kind, count(DISTINCT name), strftime(max(last_login), '%Y-%m-%d %H:%M') FROM {tables('logins')} GROUP BY kind ORDER BY kind")
ask(f"SELECT cluster, strftime(min(since), '%Y-%m-%d'), strftime(max(until), '%Y-%m-%d') FROM {tables('watches')} GROUP BY cluster ORDER BY cluster LIMIT 3")

for fault in faults:
    print(fault, file=sys.stderr)
print(f"history: {len(scans)} scans read by DuckDB {duckdb.__version__}, {len(faults)} faults")
sys.exit(bool(faults))
