#!/usr/bin/env bash
# Replaces the placeholder with the name of the account that publishes this action, in every file. It only changes files: check `git diff`, and then commit.
#
# adopt.sh NAME    NAME is a GitHub user or organization. Run npm ci first, because the files are formatted again.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# In two pieces, so that this line isn't replaced.
placeholder='-OWNER''-'

usage() {
  printf '%s\nUsage: bash tools/adopt.sh NAME\nNAME is the GitHub user or organization that publishes this action.\n' "$1" >&2
  exit 2
}

case ${1-} in
  -h | --help)
    printf 'Usage: bash tools/adopt.sh NAME\nReplaces %s in every file with NAME, the GitHub user or organization that publishes this action.\n' "$placeholder"
    exit 0
    ;;
esac
[[ $# == 1 ]] || usage 'Provide exactly one name.'
[[ $1 =~ ^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$ && ${#1} -le 39 ]] || usage "This isn't a valid name of a GitHub account."
[[ -x node_modules/.bin/prettier ]] || {
  echo 'Run npm ci first.' >&2
  exit 1
}

git rev-parse --git-dir >/dev/null || exit 1
files=()
while IFS= read -r -d '' file; do files+=("$file"); done < <(git grep -lzF -e "$placeholder" || true)
if ((${#files[@]} == 0)); then
  echo "Nothing to do: no file contains $placeholder."
  exit 0
fi
# The note that explains the placeholder is removed, too. Node.js, because sed differs between platforms.
node -e '
  const { readFileSync, writeFileSync } = require("node:fs")
  const [placeholder, name, ...files] = process.argv.slice(1)
  for (const file of files) {
    const text = readFileSync(file, "utf8").replace(/<!-- placeholder -->[^]*?<!-- end of placeholder -->\n\n?/g, "")
    writeFileSync(file, text.replaceAll(placeholder, name))
  }
' -- "$placeholder" "$1" "${files[@]}"
# The widths of some tables have changed.
node_modules/.bin/prettier --write --log-level warn --ignore-unknown -- "${files[@]}"
# So have the lines of the pictures.
npm run --silent pictures
printf 'Replaced %s with %s in %s files. Check git diff, then run npm test and commit.\n' "$placeholder" "$1" "${#files[@]}"
printf 'If %s is a personal account, name users in .github/CODEOWNERS, because only organizations have teams.\n' "$1"
