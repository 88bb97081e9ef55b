#!/usr/bin/env bash
# Owns the check of what a runner downloads before every job, the archive of HEAD: small, complete, and enough to build the same dist/. Needs the registry.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly MAX_BYTES=200000

fail() {
  printf '::error::%s\n' "$1"
  exit 1
}

archive=$(mktemp -d)
trap 'rm -rf "$archive"' EXIT
git archive --format=tar.gz --prefix=unpacked/ --output "$archive/archive.tar.gz" HEAD
size=$(wc -c <"$archive/archive.tar.gz")
[[ $size -le $MAX_BYTES ]] || fail "The archive of HEAD has $size bytes; $MAX_BYTES are allowed. See .gitattributes."

tar -xzf "$archive/archive.tar.gz" -C "$archive"
cp -R "$archive/unpacked/dist" "$archive/committed"
rm -rf "$archive/unpacked/dist"
(cd "$archive/unpacked" && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build >/dev/null)
diff -rq "$archive/committed" "$archive/unpacked/dist" || fail 'The archive of HEAD does not build to the dist/ that is in it.'
echo "The archive has $size bytes and builds to its own dist/."
