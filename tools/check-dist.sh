#!/usr/bin/env bash
# Checks that dist/ is what src/ builds to: builds it again, and compares every file and every byte with the commit. The new build stays in dist/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

committed=$(mktemp -d)
trap 'rm -rf "$committed"' EXIT
git archive HEAD dist | tar -x -C "$committed"

rm -rf dist
npm run --silent build >/dev/null

if ! diff -rq "$committed/dist" dist; then
  printf '::error::%s\n' 'dist/ is not what src/ makes. Run "npm ci --ignore-scripts && npm run build", and commit dist/.'
  exit 1
fi
echo 'dist/ is what src/ makes.'
