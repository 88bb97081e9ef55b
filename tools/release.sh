#!/usr/bin/env bash
# Releases a version: checks that the tag, package.json, and CHANGELOG.md agree, and creates the notes, the GitHub release, and the major tag. release.yml builds and tests before. If anything is refused, nothing has been changed yet.
#
# release.sh faults TAG             lists what must change before TAG can be created
# release.sh check TAG              checks whether TAG can be released
# release.sh notes TAG              prints its notes from CHANGELOG.md
# release.sh publish TAG [FILE…]    releases TAG with these files, and moves the major tag
# Environment of publish: GH_TOKEN and GH_REPO for gh; git must be able to push to origin.
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf '::error::%s\n' "$1" >&2
  exit 1
}

# The text below a version's heading, without the blank lines around it and without the links at the end of the file.
notes() {
  awk -v heading="## [$1]" '
    index($0, heading) == 1 { found = 1; next }
    found && (/^## / || /^\[[^]]+\]: /) { exit }
    found && !started && /^[[:space:]]*$/ { next }
    found { started = 1; if (/^[[:space:]]*$/) { blank = blank "\n" } else { printf "%s%s\n", blank, $0; blank = "" } }
  ' CHANGELOG.md
}

# What must change before this version may be tagged, one fault a line.
faults() {
  local packaged locked newest heading='^## \[[0-9.]+\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$'
  packaged=$(node -p 'require("./package.json").version')
  [[ $packaged == "$version" ]] || echo "The tag is for version $version, but package.json has $packaged."
  locked=$(node -p 'const lock = require("./package-lock.json"); [lock.version, lock.packages[""].version].join(" ")')
  [[ $locked == "$version $version" ]] || echo "package-lock.json doesn't have version $version. Run npm install --package-lock-only."

  newest=$(grep -sE '^## \[' CHANGELOG.md | grep -Fvi '[unreleased]' | head -n 1 || true)
  if [[ $newest != "## [$version]"* ]]; then
    echo "The tag is for version $version, but the newest version in CHANGELOG.md is: ${newest:-none}."
  elif [[ ! $newest =~ $heading ]]; then
    echo "The heading in CHANGELOG.md must have a date: ## [$version] - $(date -u +%F)"
  elif [[ -z $(notes "$version") ]]; then
    echo "CHANGELOG.md has no notes for $version."
  fi
}

check() {
  [[ $tag =~ ^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$ ]] ||
    fail 'The tag must look like v1.2.3.'
  local found placeholder left commit
  found=$(faults)
  [[ -z $found ]] || fail "${found%%$'\n'*}"
  # In two pieces, so that this line isn't one of them.
  placeholder='-OWNER''-'
  left=$(git grep -lF -e "$placeholder" | head -n 3 | paste -sd ' ' - || true)
  [[ -z $left ]] || fail "The placeholder $placeholder is still in $left. Run bash tools/adopt.sh YOUR-ACCOUNT, and commit the changes."

  commit=$(git rev-parse --quiet --verify "refs/tags/$tag^{commit}") || fail "There is no tag $tag."
  [[ $commit == "$(git rev-parse HEAD)" ]] || fail "The tag $tag is not on the commit that is checked out."
  [[ -z $(git status --porcelain --untracked-files=no) ]] || fail 'There are changes that are not committed.'
  git merge-base --is-ancestor HEAD refs/remotes/origin/main 2>/dev/null ||
    git merge-base --is-ancestor HEAD "refs/remotes/origin/release/$major" 2>/dev/null ||
    fail "The commit of $tag is neither on origin/main nor on origin/release/$major."
}

# The highest vX.Y.Z at the remote whose X fits the pattern $1.
highest() {
  git ls-remote --tags --refs origin 'refs/tags/v*' | sed 's/^.*refs\/tags\/v//' |
    grep -E "^$1\.[0-9]+\.[0-9]+$" | sort -t . -k 1,1n -k 2,2n -k 3,3n | sed 's/^/v/' | tail -n 1
}

# The commit that a tag at the remote points to, or nothing. For an annotated tag, the second line has its commit.
remote_commit() {
  git ls-remote origin "refs/tags/$1" "refs/tags/$1^{}" | tail -n 1 | cut -f 1
}

same_workflows() {
  git diff --quiet "$1" "$2" -- .github/workflows
}

# Whether GitHub lets a workflow's token move the major tag to HEAD. It doesn't if that changes workflow files, compared with the commit that
# the tag points to or, if there is no such tag yet, with the tips of all branches. $1: that commit, or nothing.
token_may_move_major() {
  if [[ $1 == "$(git rev-parse HEAD)" ]]; then return 0; fi
  git fetch --quiet --no-tags origin ${1:+"refs/tags/$major"} '+refs/heads/*:refs/remotes/origin/*' ||
    fail "Can't read $major and the branches from origin."
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

# What a maintainer runs if the workflow can't move the major tag.
by_hand() {
  printf "git fetch --tags --force origin && git push --force origin '%s^{commit}:refs/tags/%s'" "$tag" "$major"
}

fail_for_workflow_files() {
  fail "$tag is released, but $major didn't move: workflow files have changed since, and GitHub doesn't let a workflow move a tag across such a change. Running this job again doesn't help. Move $major by hand: $(by_hand)"
}

# Announces it before the release to the person who tags or approves it.
announce_by_hand() {
  git rev-parse --quiet --verify "refs/tags/$major^{commit}" >/dev/null || return 0
  if ! same_workflows "refs/tags/$major^{commit}" HEAD; then
    echo "Workflow files have changed since $major, so the release won't move it. Afterward, move it by hand: $(by_hand)"
  fi
}

publish() {
  local old is_latest=false moves_major=false may_move=true
  [[ $(remote_commit "$tag") == "$(git rev-parse HEAD)" ]] ||
    fail "The tag $tag at origin is not on the commit that is checked out."
  for file in "$@"; do [[ -s $file ]] || fail "The file $file is missing or empty."; done
  # A patch of an older minor version must not move the major tag back, and a patch of an older major version isn't the latest release.
  if [[ $(highest '[0-9]+') == "$tag" ]]; then is_latest=true; fi
  if [[ $(highest "${major#v}") == "$tag" ]]; then moves_major=true; fi
  old=$(remote_commit "$major")
  if [[ $moves_major == true ]] && ! token_may_move_major "$old"; then may_move=false; fi

  publish_release "$is_latest" "$@"
  if [[ $moves_major == false ]]; then
    echo "Released $tag. $major stays at $(highest "${major#v}")."
  elif [[ $may_move == false ]]; then
    fail_for_workflow_files
  else
    move_major
  fi
}

# Creates the release. $1: whether it's the latest of all versions. The other arguments are the files.
publish_release() {
  local is_latest=$1 state
  shift
  # An interrupted run may have left a draft, or a release without the major tag. The next run continues from there.
  state=$(gh release view "$tag" --json isDraft --jq 'if .isDraft then "draft" else "published" end' 2>/dev/null || echo none)
  if [[ $state == draft ]]; then gh release delete "$tag" --yes; fi
  if [[ $state != published ]]; then
    # Files can be added only to a draft, because a published release is immutable.
    notes "$version" | gh release create "$tag" --draft --verify-tag --title "$tag" --notes-file - "$@"
    gh release edit "$tag" --draft=false --latest="$is_latest"
  fi
}

# Moves the major tag to HEAD with one update, and only if nobody else has moved it in the meantime.
move_major() {
  local said seen
  seen=$(git ls-remote --refs origin "refs/tags/$major" | cut -f 1) || true # The push reports what is wrong.
  if said=$(git push --porcelain --force-with-lease="refs/tags/$major:$seen" origin "HEAD^{commit}:refs/tags/$major" 2>&1); then
    echo "Released $tag. $major now points to it."
    return
  fi
  if grep -q 'refusing to allow' <<<"$said"; then fail_for_workflow_files; fi
  printf '%s\n' "$said" >&2
  if grep -qF '[remote rejected]' <<<"$said"; then
    fail "$tag is released, but a rule of the repository doesn't let a workflow move $major. Running this job again doesn't help. Correct the rules (docs/releasing.md), or move $major by hand: $(by_hand)"
  fi
  fail "$tag is released, but $major couldn't be moved. Run this job again. It continues from here."
}

command=${1-}
tag=${2-}
version=${tag#v}
major=${tag%%.*}
case $command in
  faults) faults ;;
  check)
    check
    echo "$tag can be released."
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
  *) fail 'Usage: release.sh faults|check|notes|publish TAG [FILE…]' ;;
esac
