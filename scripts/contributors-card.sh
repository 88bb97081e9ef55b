#!/usr/bin/env bash
# Owns the contributors card: gets it from Vaunt and commits it when it changed. Works on the remote's branch alone, without a working tree, so that nothing else can get into the commit.
#
# Environment, from the inputs of contributors-card.yml:
#   ENTITY, REPOSITORY  whose card, and of which repository; REPOSITORY empty: the calling one
#   LIMIT               how many contributors, 1 to 100
#   CARD_PATH           where in the repository the card goes
#   CARD_BRANCH         which branch; empty: the default branch
#   VAUNT_TOKEN, VAUNT_API_URL  for vaunt-get.sh
#   GITHUB_TOKEN        to push with
# and from the runner: GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_OUTPUT, RUNNER_TEMP.
set -euo pipefail
export LC_ALL=C GIT_TERMINAL_PROMPT=0

readonly MAX_ATTEMPTS=5

fail() {
  printf '::error::%s\n' "$1"
  exit 1
}

# Prints nothing of a value that was not accepted: it may hold anything.
check_inputs() {
  [[ ${ENTITY-} =~ ^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$ ]] || fail 'The input entity is not the name of a GitHub user or organization.'
  [[ $REPOSITORY =~ ^[A-Za-z0-9._-]{1,100}$ && $REPOSITORY != . && $REPOSITORY != .. ]] ||
    fail 'The input repository is not the name of a repository. Give the name alone, without the owner.'
  [[ ${LIMIT-} =~ ^([1-9][0-9]?|100)$ ]] || fail 'The input limit must be a whole number from 1 to 100.'

  # Windows could not check out some of these characters, and ## begins a command to the runner.
  local segments="/${CARD_PATH-}/" unfit='[[:cntrl:]\\:*?"<>|#]'
  if [[ -z ${CARD_PATH-} || ${#CARD_PATH} -gt 255 || $CARD_PATH =~ $unfit || $CARD_PATH != *.svg ]] ||
    [[ $segments == *//* || $segments == */./* || $segments == */../* || $segments == */.[gG][iI][tT]/* ]]; then
    fail 'The input path must lead from the root of the repository to a file that ends in .svg, without "..", such as .vaunt/cards/contributors.svg.'
  fi
  [[ -z ${CARD_BRANCH-} ]] || git check-ref-format "refs/heads/$CARD_BRANCH" ||
    fail 'The input branch is not a name that git allows for a branch.'
}

# Whether a file is an SVG: the first element is svg, and it is closed at the end. A login page with an svg in it is not.
is_svg() {
  local head tail opening='^<svg[[:space:]/>]' closing='</svg[[:space:]]*>[[:space:]]*$'
  # No more than both ends: bash is slow on long texts.
  head=$(head -c 4096 "$1" | tr -d '\000')
  tail=$(tail -c 256 "$1" | tr -d '\000')
  head=${head#$'\xef\xbb\xbf'}
  while :; do
    head=${head#"${head%%[![:space:]]*}"}
    case $head in
      '<?xml'*'?>'*) head=${head#*'?>'} ;;
      '<!--'*'-->'*) head=${head#*'-->'} ;;
      '<!DOCTYPE svg'*'>'*) head=${head#*'>'} ;;
      *) break ;;
    esac
  done
  [[ $head =~ $opening && $tail =~ $closing ]]
}

# git against the remote. What it prints is kept, not shown: it quotes the server.
remote_git() {
  git -c credential.helper= -c credential.helper="$credential_helper" "$@" 2>"$work/git.log"
}

# The branch's commit at the remote, or nothing when there is no such branch.
remote_tip() {
  remote_git ls-remote "$remote" "refs/heads/$branch" | cut -f 1
}

default_branch() {
  remote_git ls-remote --symref "$remote" HEAD | sed -n 's/^ref: refs\/heads\/\(.*\)[[:space:]]HEAD$/\1/p'
}

# Makes the commit on top of a tip (or of nothing), and prints its name.
commit_on() {
  local tip=$1 tree
  rm -f "$GIT_INDEX_FILE"
  if [[ -n $tip ]]; then git read-tree "$tip"; fi
  git update-index --add --cacheinfo "100644,$blob,$CARD_PATH" 2>/dev/null ||
    fail "The card cannot be put at $CARD_PATH: a part of this path is a file, or it is a folder. Change the input path." >&2
  tree=$(git write-tree)
  git commit-tree "$tree" ${tip:+-p "$tip"} -F - <<END
Update the contributors card of $ENTITY/$REPOSITORY

Made by Vaunt; committed by $GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/${GITHUB_RUN_ID:-0}
END
}

finish() {
  if [[ -n ${GITHUB_OUTPUT-} ]]; then printf 'changed=%s\n' "$1" >>"$GITHUB_OUTPUT"; fi
  printf '%s\n' "$2"
  exit 0
}

tell_refusal() {
  if grep -Eqi 'GH006|GH013|protected branch|rule violations' "$work/git.log"; then
    fail "The branch $branch is protected, and its rules do not let this workflow push to it. Give another branch with the input branch, or let the rules except GitHub Actions."
  elif grep -Eqi '403|denied|not granted|could not read Username|Authentication failed' "$work/git.log"; then
    fail "GitHub did not let this workflow push to $branch. Give the job that calls it the permission contents: write."
  fi
  fail "The push to $branch was refused, though nobody else pushed to it. Look at the rules of the repository and at its hooks."
}

REPOSITORY=${REPOSITORY:-${GITHUB_REPOSITORY#*/}}
check_inputs
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/vaunt-card.XXXXXX")
trap 'rm -rf "$work"' EXIT

bash "$here/vaunt-get.sh" "/v1/github/entities/$ENTITY/repositories/$REPOSITORY/contributors?format=svg&limit=$LIMIT" "$work/card.svg"
is_svg "$work/card.svg" || fail 'Vaunt answered with something that is not an SVG. Nothing was committed. Try again later.'

remote=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY
# The helper's text holds the variable's name only: the token is on no command line and in no file.
# shellcheck disable=SC2016
credential_helper='!f() { test "$1" = get || exit 0; echo username=x-access-token; printf "password=%s\n" "$GITHUB_TOKEN"; }; f'
git init --quiet --bare "$work/card.git"
export GIT_DIR=$work/card.git GIT_INDEX_FILE=$work/index
export GIT_AUTHOR_NAME='github-actions[bot]' GIT_AUTHOR_EMAIL='41898282+github-actions[bot]@users.noreply.github.com'
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
blob=$(git hash-object -w --no-filters "$work/card.svg")

branch=${CARD_BRANCH-}
if [[ -z $branch ]]; then
  branch=$(default_branch) || fail 'The repository could not be read. Give the job that calls this workflow the permission contents: write.'
  [[ -n $branch ]] || fail 'The repository has no default branch yet. Push a first commit, or give the input branch.'
fi

for ((attempt = 1; attempt <= MAX_ATTEMPTS; attempt++)); do
  tip=$(remote_tip) || fail 'The repository could not be read. Give the job that calls this workflow the permission contents: write.'
  if [[ -n $tip ]]; then
    remote_git fetch --quiet --depth=1 --no-tags "$remote" "refs/heads/$branch" || fail "The branch $branch could not be fetched. Try again later."
    tip=$(git rev-parse FETCH_HEAD)
    if [[ $(git rev-parse --quiet --verify "$tip:$CARD_PATH") == "$blob" ]]; then
      finish false "The card at $CARD_PATH on $branch is up to date."
    fi
  fi
  commit=$(commit_on "$tip")
  if remote_git push --quiet --porcelain "$remote" "$commit:refs/heads/$branch" >/dev/null; then
    finish true "Committed the card to $CARD_PATH on $branch (${commit:0:12})."
  fi
  # Refused. Either somebody else pushed meanwhile, then the card goes on top of theirs, or it would be refused again.
  cp "$work/git.log" "$work/push.log"
  now=$(remote_tip) || fail "The push to $branch failed, and the repository can no longer be read. Try again later."
  if [[ $now == "$tip" ]]; then
    mv "$work/push.log" "$work/git.log"
    tell_refusal
  fi
  sleep "0.$((RANDOM % 9 + 1))"
done
fail "Others pushed to $branch $MAX_ATTEMPTS times while the card was being committed. Run the workflow again."
