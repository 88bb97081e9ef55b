#!/usr/bin/env bash
# Owns the name of the account that publishes this action: puts it in the place of the placeholder, in every file. Changes files only: look at `git diff`, then commit.
#
# adopt.sh NAME    NAME is a GitHub user or organization. Run npm ci first: the files are formatted anew.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# In two pieces, so that this line stays as it is.
placeholder='-OWNER''-'

usage() {
  printf '%s\nUsage: bash tools/adopt.sh NAME\nNAME is the GitHub user or organization that publishes this action.\n' "$1" >&2
  exit 2
}

case ${1-} in
  -h | --help)
    printf 'Usage: bash tools/adopt.sh NAME\nPuts NAME, the GitHub user or organization that publishes this action, in the place of %s in every file.\n' "$placeholder"
    exit 0
    ;;
esac
[[ $# == 1 ]] || usage 'Give one name.'
[[ $1 =~ ^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$ && ${#1} -le 39 ]] || usage 'This is not a name that GitHub gives to an account.'
[[ -x node_modules/.bin/prettier ]] || {
  echo 'Run npm ci first.' >&2
  exit 1
}

git rev-parse --git-dir >/dev/null || exit 1
files=()
while IFS= read -r -d '' file; do files+=("$file"); done < <(git grep -lzF -e "$placeholder" || true)
if ((${#files[@]} == 0)); then
  echo "Nothing to do: no file holds $placeholder."
  exit 0
fi
# The note that explains the placeholder goes with it. Perl would be shorter, and is not on every machine.
node -e '
  const { readFileSync, writeFileSync } = require("node:fs")
  const [placeholder, name, ...files] = process.argv.slice(1)
  for (const file of files) {
    const text = readFileSync(file, "utf8").replace(/<!-- placeholder -->[^]*?<!-- end of placeholder -->\n\n?/g, "")
    // Lines that nobody has to change any more are not marked any more.
    const named = text.split("\n").map(line => (line.includes(placeholder) ? line.replace(/ # <- yours$/, "") : line)).join("\n")
    writeFileSync(file, named.replaceAll(placeholder, name))
  }
' -- "$placeholder" "$1" "${files[@]}"
# Some tables are wider or narrower now.
node_modules/.bin/prettier --write --log-level warn --ignore-unknown -- "${files[@]}"
# So are the lines of the pictures.
npm run --silent pictures
printf '%s is now %s in %s files. Look at git diff, then run npm test and commit.\n' "$placeholder" "$1" "${#files[@]}"
printf 'If %s is a user, write users into .github/CODEOWNERS: a user has no teams.\n' "$1"
