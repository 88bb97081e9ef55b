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

  local commit
  commit=$(git rev-parse --quiet --verify "refs/tags/$tag^{commit}") || fail "There is no tag $tag."
  [[ $commit == "$(git rev-parse HEAD)" ]] || fail "The tag $tag is not on the commit that is checked out."
  [[ -z $(git status --porcelain --untracked-files=no) ]] || fail 'Something is changed and not committed.'
  git merge-base --is-ancestor HEAD refs/remotes/origin/main 2>/dev/null ||
    git merge-base --is-ancestor HEAD "refs/remotes/origin/release/$major" 2>/dev/null ||
    fail "The commit of $tag is neither on origin/main nor on origin/release/$major."
}

# The highest vMAJOR.*.* at the remote: a patch of an older minor version must not take the major tag back.
highest() {
  git ls-remote --tags --refs origin "refs/tags/$major.*" | sed 's/^.*refs\/tags\///' |
    grep -E "^$major\.[0-9]+\.[0-9]+$" | sort -t . -k 2,2n -k 3,3n | tail -n 1
}

publish() {
  local remote_commit is_highest=true state
  remote_commit=$(git ls-remote --tags origin "refs/tags/$tag" "refs/tags/$tag^{}" | tail -n 1 | cut -f 1)
  [[ $remote_commit == "$(git rev-parse HEAD)" ]] || fail "The tag $tag at origin is not on the commit that is checked out."
  for file in "$@"; do [[ -s $file ]] || fail "There is no file $file."; done
  [[ $(highest) == "$tag" ]] || is_highest=false

  # A run that broke off left a draft, or a release without the major tag: a second run goes on from there.
  state=$(gh release view "$tag" --json isDraft --jq 'if .isDraft then "draft" else "published" end' 2>/dev/null || echo none)
  if [[ $state == draft ]]; then gh release delete "$tag" --yes; fi
  if [[ $state != published ]]; then
    # Files can be added to a draft only: a published release is immutable.
    notes "$version" | gh release create "$tag" --draft --verify-tag --title "$tag" --notes-file - "$@"
    gh release edit "$tag" --draft=false --latest="$is_highest"
  fi

  if [[ $is_highest == true ]]; then
    git push --quiet --force origin "HEAD^{commit}:refs/tags/$major"
    echo "Released $tag; $major is $tag now."
  else
    echo "Released $tag; $major stays at $(highest)."
  fi
}

command=${1-}
tag=${2-}
version=${tag#v}
major=${tag%%.*}
case $command in
  check)
    check
    echo "$tag may be released."
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
