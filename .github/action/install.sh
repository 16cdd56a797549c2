#!/usr/bin/env bash
# Puts atlas-audit into the path of the steps that follow.
#
#   AA_VERSION     version that is wanted; any if empty
#   AA_REPOSITORY  owner/name of the repository whose releases are taken
#   AA_SOURCE      a checkout of atlas-audit: this action's own
#
# In this order: one that is in the path already; an archive of that release, if its SHA-256 is right; a build of the
# checkout, by its lock file. The crate of that name in a registry is never asked for: nobody has said whose it is.
set -euo pipefail

version=${AA_VERSION:-}
version=${version#v}
if [[ -n $version && ! $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$ ]]; then
  echo "error: \`$version\` is no version such as 0.1.0" >&2
  exit 2
fi

# is_wanted PROGRAM: whether it runs and is of that version.
is_wanted() {
  local have
  have=$("$1" -V 2>/dev/null) || return 1
  [[ -z $version || $have == "atlas-audit $version" ]]
}

if command -v atlas-audit >/dev/null && is_wanted atlas-audit; then
  echo "atlas-audit is there: $(atlas-audit --version)"
  exit 0
fi

folder=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/atlas-audit
mkdir -p "$folder/bin"

case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-gnu ;;
  Linux-aarch64) target=aarch64-unknown-linux-gnu ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *) target= ;;
esac

# release: takes the archive of that version, if there is one. A wrong sum ends it all: that is no missing release.
release() {
  local archive=atlas-audit-$version-$target.tar.gz
  local base=${GITHUB_SERVER_URL:-https://github.com}/$AA_REPOSITORY/releases/download/v$version
  local get=(curl --proto '=https' --tlsv1.2 --silent --show-error --fail --location --retry 3 --max-time 300)
  "${get[@]}" --output "$folder/$archive" "$base/$archive" || return 1
  "${get[@]}" --output "$folder/$archive.sha256" "$base/$archive.sha256" || return 1
  (cd "$folder" && shasum --algorithm 256 --check --status "$archive.sha256") || {
    echo "error: the SHA-256 of $archive is not what its release says" >&2
    exit 2
  }
  tar -xzf "$folder/$archive" -C "$folder/bin" atlas-audit
}

built=
if [[ -n $version && -n $target && -n ${AA_REPOSITORY:-} ]] && release; then
  echo "atlas-audit $version comes from its release"
elif [[ -f ${AA_SOURCE:-}/Cargo.toml ]] && command -v cargo >/dev/null; then
  echo 'atlas-audit is built from the commit of this action, which takes some minutes'
  cargo install --locked --force --path "$AA_SOURCE" --root "$folder"
  built=yes
else
  echo "error: there is neither a release of atlas-audit to take${version:+ for $version} nor a Cargo to build one" >&2
  echo '  help: put Rust or atlas-audit itself into the path in an earlier step' >&2
  exit 2
fi

is_wanted "$folder/bin/atlas-audit" || {
  echo "error: what was installed is $("$folder/bin/atlas-audit" -V || true), not $version" >&2
  [[ -z $built ]] || echo '  help: there is no such release; use the action at the tag of that version' >&2
  exit 2
}
echo "$folder/bin" >>"${GITHUB_PATH:-/dev/null}"
