#!/usr/bin/env bash
# Opens an issue, unless an issue with the same title is open.
#
# open-issue.sh TITLE BODY
# Environment: GH_TOKEN (issues: write), GH_REPO (owner/name).
set -euo pipefail

title=$1
body=$2

# All open issues are listed: the search, which would be shorter, lags behind and so lets a second issue through.
titles=$(gh api --paginate "repos/$GH_REPO/issues?state=open&per_page=100" --jq '.[].title')
if grep -Fxq -- "$title" <<<"$titles"; then
  echo "The issue \"$title\" is open already."
  exit 0
fi
gh issue create --title "$title" --body "$body"
