#!/usr/bin/env bash
# Scans, and tells GitHub Actions what came of it: log, step summary, annotations, outputs. Exits as the scan does.
#
#   AA_FAIL_ON AA_BASELINE AA_CONFIG   flags of `scan` of these names; left out if empty
#   AA_ARGS                            more arguments, one a line
#
# Credentials are where atlas-audit looks for them itself: nothing of them is touched here.
set -euo pipefail

out=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/atlas-audit
mkdir -p "$out"
# What an earlier step has left is no result of this one.
rm -f "$out"/report.{json,sarif,md,annotations} "$out/stderr"

args=()
[[ -z ${AA_FAIL_ON:-} ]] || args+=(--fail-on "$AA_FAIL_ON")
[[ -z ${AA_BASELINE:-} ]] || args+=(--baseline "$AA_BASELINE")
[[ -z ${AA_CONFIG:-} ]] || args+=(--config "$AA_CONFIG")
while IFS= read -r arg; do
  arg=${arg%$'\r'}
  [[ -z $arg ]] || args+=("$arg")
done <<<"${AA_ARGS:-}"

# The log shows names that others chose. While a token that they cannot guess is not repeated, GitHub obeys no line.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$token"
code=0
atlas-audit scan \
  --format table \
  --format json --output "$out/report.json" \
  --format sarif --output "$out/report.sarif" \
  --format markdown --output "$out/report.md" \
  --format github --output "$out/report.annotations" \
  ${args[@]+"${args[@]}"} 2>"$out/stderr" || code=$?
cat "$out/stderr" >&2
echo "::$token::"

# It escapes what names hold.
[[ ! -s $out/report.annotations ]] || cat "$out/report.annotations"

because=$(sed -nE 's/^(exit [0-9]+|error): //p' "$out/stderr" | tail -n 1)
if [[ -s $out/report.md ]]; then
  cat "$out/report.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
else
  # Fenced, since an error may quote anything.
  printf '### atlas-audit could not run\n\n~~~~~~text\n%s\n~~~~~~\n' "$(sed '/^~~~/d' "$out/stderr")" \
    >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi

# path NAME FILE: an output that names the file, if there is one.
path() {
  if [[ -s $2 ]]; then echo "$1=$2"; else echo "$1="; fi
}
{
  echo "exit-code=$code"
  echo "because=$because"
  path report "$out/report.json"
  path sarif "$out/report.sarif"
  path markdown "$out/report.md"
} >>"${GITHUB_OUTPUT:-/dev/null}"
exit "$code"
