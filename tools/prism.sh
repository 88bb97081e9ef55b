#!/usr/bin/env bash
# Runs __tests__/prism: the probe asks Prism, which serves GitHub's OpenAPI description. Use: npm run prism
# Prism comes from npm into a temporary folder, by its own lock file in tools/checks; the project's own lock file knows nothing of it.
set -euo pipefail
cd "$(dirname "$0")/.."

DEADLINE_S=120

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp tools/checks/package.json tools/checks/package-lock.json "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund

PRISM="$work/node_modules/@stoplight/prism-cli/dist/index.js" timeout "$DEADLINE_S" node --experimental-vm-modules \
  --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js --testMatch '**/__tests__/prism/*.prism.ts' \
  --coverage=false --verbose
