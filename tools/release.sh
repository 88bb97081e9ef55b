#!/usr/bin/env bash
# Owns a release: whether tag, package.json and CHANGELOG.md agree, the notes, the GitHub release and the major tag. Does not build or test: release.yml does that before. Whatever it refuses, it refuses before it changes anything.
#
# release.sh check TAG              whether TAG may be released
# release.sh notes TAG              its notes, from CHANGELOG.md
# release.sh publish TAG [FILE…]    releases TAG with these files, and moves the major tag
# Environment of publish: GH_TOKEN and GH_REPO for gh; git must be able to push to origin.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf '::error::%s\n' "$1" >&2
  exit 1
}

# The text under the heading of a version, without blank lines around it and without the links at the end of the file.
notes() {
  awk -v heading="## [$1]" '
    index($0, heading) == 1 { found = 1; next }
    found && (/^## / || /^\[[^]]+\]: /) { exit }
    found && !started && /^[[:space:]]*$/ { next }
    found { started = 1; if (/^[[:space:]]*$/) { blank = blank "\n" } else { printf "%s%s\n", blank, $0; blank = "" } }
  ' CHANGELOG.md
}

check() {
  [[ $tag =~ ^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$ ]] ||
    fail "The tag must look like v1.2.3."
  local packaged locked newest heading='^## \[[0-9.]+\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$'
  packaged=$(node -p 'require("./package.json").version')
  [[ $packaged == "$version" ]] || fail "The tag says $version, but package.json says $packaged."
  locked=$(node -p 'const lock = require("./package-lock.json"); [lock.version, lock.packages[""].version].join(" ")')
  [[ $locked == "$version $version" ]] || fail "package-lock.json does not say $version. Run npm install --package-lock-only."

  [[ -f CHANGELOG.md ]] || fail 'There is no CHANGELOG.md.'
  newest=$(grep -E '^## \[' CHANGELOG.md | grep -Fvi '[unreleased]' | head -n 1 || true)
  [[ $newest == "## [$version]"* ]] || fail "The tag says $version, but the newest release in CHANGELOG.md is: ${newest:-none}."
  [[ $newest =~ $heading ]] ||
    fail "The heading in CHANGELOG.md must look like: ## [$version] - $(date -u +%F)"
  [[ -n $(notes "$version") ]] || fail "CHANGELOG.md says nothing about $version."

  # In two pieces, so that this line is not one of them.
  local left placeholder='-OWNER''-'
  left=$(git grep -lF -e "$placeholder" | head -n 3 | paste -sd ' ' - || true)
  [[ -z $left ]] || fail "The placeholder $placeholder is still in $left. Run bash tools/adopt.sh NAME, and commit what it changed."

  local commit
  commit=$(git rev-parse --quiet --verify "refs/tags/$tag^{commit}") || fail "There is no tag $tag."
  [[ $commit == "$(git rev-parse HEAD)" ]] || fail "The tag $tag is not on the commit that is checked out."
  [[ -z $(git status --porcelain --untracked-files=no) ]] || fail 'Something is changed and not committed.'
  git merge-base --is-ancestor HEAD refs/remotes/origin/main 2>/dev/null ||
    git merge-base --is-ancestor HEAD "refs/remotes/origin/release/$major" 2>/dev/null ||
    fail "The commit of $tag is neither on origin/main nor on origin/release/$major."
}

# The highest vX.Y.Z at the remote whose X fits the pattern $1.
highest() {
  git ls-remote --tags --refs origin 'refs/tags/v*' | sed 's/^.*refs\/tags\/v//' |
    grep -E "^$1\.[0-9]+\.[0-9]+$" | sort -t . -k 1,1n -k 2,2n -k 3,3n | sed 's/^/v/' | tail -n 1
}

# The commit that a tag of the remote leads to, or nothing. After an annotated tag comes a second line, with its commit.
remote_commit() {
  git ls-remote origin "refs/tags/$1" "refs/tags/$1^{}" | tail -n 1 | cut -f 1
}

same_workflows() {
  git diff --quiet "$1" "$2" -- .github/workflows
}

# Whether GitHub lets the token of a workflow move the major tag to HEAD. It does not when that changes workflow files: against the commit that
# the tag leads to or, when there is no such tag yet, against the tips of all branches. $1: that commit, or nothing.
token_may_move_major() {
  if [[ $1 == "$(git rev-parse HEAD)" ]]; then return 0; fi
  git fetch --quiet --no-tags origin ${1:+"refs/tags/$major"} '+refs/heads/*:refs/remotes/origin/*' ||
    fail "Cannot read $major and the branches from origin."
  if [[ -n $1 ]]; then
    same_workflows "$1" HEAD
    return
  fi
  local tip
  for tip in $(git for-each-ref --format='%(objectname)' refs/remotes/origin); do
    if same_workflows "$tip" HEAD; then return 0; fi
  done
  return 1
}

# What a maintainer types when the workflow cannot move the major tag.
by_hand() {
  printf "git fetch --tags --force origin && git push --force origin '%s^{commit}:refs/tags/%s'" "$tag" "$major"
}

fail_for_workflow_files() {
  fail "$tag is released, but $major is still where it was: workflow files have changed since, and GitHub lets no workflow move a tag over such a change. Running this job again does not help. Move $major by hand: $(by_hand)"
}

# Says it before the release, to whoever tags or approves it.
announce_by_hand() {
  git rev-parse --quiet --verify "refs/tags/$major^{commit}" >/dev/null || return 0
  if ! same_workflows "refs/tags/$major^{commit}" HEAD; then
    echo "Workflow files have changed since $major, so the release will leave it where it is. Move it by hand then: $(by_hand)"
  fi
}

publish() {
  local old is_latest=false moves_major=false may_move=true
  [[ $(remote_commit "$tag") == "$(git rev-parse HEAD)" ]] ||
    fail "The tag $tag at origin is not on the commit that is checked out."
  for file in "$@"; do [[ -s $file ]] || fail "There is no file $file."; done
  # A patch of an older minor version must not take the major tag back, and one of an older major version is not the latest.
  if [[ $(highest '[0-9]+') == "$tag" ]]; then is_latest=true; fi
  if [[ $(highest "${major#v}") == "$tag" ]]; then moves_major=true; fi
  old=$(remote_commit "$major")
  if [[ $moves_major == true ]] && ! token_may_move_major "$old"; then may_move=false; fi

  publish_release "$is_latest" "$@"
  if [[ $moves_major == false ]]; then
    echo "Released $tag; $major stays at $(highest "${major#v}")."
  elif [[ $may_move == false ]]; then
    fail_for_workflow_files
  else
    move_major
  fi
}

# Makes the release. $1: whether it is the latest of all versions; then the files.
publish_release() {
  local is_latest=$1 state
  shift
  # A run that broke off left a draft, or a release without the major tag: a second run goes on from there.
  state=$(gh release view "$tag" --json isDraft --jq 'if .isDraft then "draft" else "published" end' 2>/dev/null || echo none)
  if [[ $state == draft ]]; then gh release delete "$tag" --yes; fi
  if [[ $state != published ]]; then
    # Files can be added to a draft only: a published release is immutable.
    notes "$version" | gh release create "$tag" --draft --verify-tag --title "$tag" --notes-file - "$@"
    gh release edit "$tag" --draft=false --latest="$is_latest"
  fi
}

# Lets the major tag lead to HEAD, with one update, and only if nobody has moved it meanwhile.
move_major() {
  local said seen
  seen=$(git ls-remote --refs origin "refs/tags/$major" | cut -f 1) || true # The push tells what is wrong.
  if said=$(git push --porcelain --force-with-lease="refs/tags/$major:$seen" origin "HEAD^{commit}:refs/tags/$major" 2>&1); then
    echo "Released $tag; $major is $tag now."
    return
  fi
  if grep -q 'refusing to allow' <<<"$said"; then fail_for_workflow_files; fi
  printf '%s\n' "$said" >&2
  if grep -qF '[remote rejected]' <<<"$said"; then
    fail "$tag is released, but a rule of the repository lets no workflow move $major. Running this job again does not help. Correct the rules (docs/releasing.md), or move $major by hand: $(by_hand)"
  fi
  fail "$tag is released, but $major could not be moved. Run this job again: it goes on from here."
}

command=${1-}
tag=${2-}
version=${tag#v}
major=${tag%%.*}
case $command in
  check)
    check
    echo "$tag may be released."
    announce_by_hand
    ;;
  notes)
    check
    notes "$version"
    ;;
  publish)
    check
    publish "${@:3}"
    ;;
  *) fail 'Usage: release.sh check|notes|publish TAG [FILE…]' ;;
esac
