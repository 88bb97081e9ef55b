#!/usr/bin/env bash
# Checks workflows, examples, and shell scripts with actionlint, shellcheck, and zizmor. Their versions are in tools/checks. Requires Go and Python.
#
# check-workflows.sh FOLDER    FOLDER is where the tools are put
set -euo pipefail
tools=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."

GOBIN="$tools" go -C tools/checks install github.com/rhysd/actionlint/cmd/actionlint
python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet --disable-pip-version-check --requirement tools/checks/requirements.txt

workflows=(.github/workflows/*.yml examples/*.yml)
# GitHub puts a schedule in the place of $cron-daily when somebody takes a starter workflow.
for template in examples/workflow-templates/*.yml; do
  workflows+=("$tools/$(basename "$template")")
  sed "s/\$cron-daily/'17 5 * * *'/" "$template" >"$tools/$(basename "$template")"
done
# actionlint hands the scripts inside of workflows to the shellcheck that it finds on the path.
PATH="$tools/venv/bin:$PATH" "$tools/actionlint" "${workflows[@]}"
"$tools/venv/bin/shellcheck" tools/*.sh .ci/run
"$tools/venv/bin/zizmor" --pedantic --offline --no-progress --config .github/zizmor.yml action.yml contributors-card repositories-report .github \
  examples/*.yml examples/workflow-templates/*.yml
