#!/usr/bin/env bash
# Rehearses a release: lists the steps of docs/releasing.md that are left to do and can be checked without GitHub, and what a person must check on GitHub. The new build stays in dist/.
#
# first-day.sh    exits with 1 if there is anything to do before the tag
set -euo pipefail
export LC_ALL=C
cd "$(dirname "${BASH_SOURCE[0]}")/.."

count=0

# Prints a step that isn't done, and how to do it.
to_do() {
  count=$((count + 1))
  printf '%3d. %s\n     %s\n' "$count" "$1" "$2"
}

check_name() {
  local left names
  left=$({ git grep -lF -e "$placeholder" || true; } | wc -l)
  ((left == 0)) || to_do "Adopt the name: $((left)) files contain the placeholder $placeholder." \
    "Run npm ci && bash tools/adopt.sh YOUR-ACCOUNT, and commit the changes."
  ! grep -q 'Not published yet' README.md || to_do 'The README still has the box "Not published yet".' \
    'tools/adopt.sh removes it. If you replaced the placeholder by hand, remove the box, too.'
  names=$(git grep -hoE "[A-Za-z0-9_-]+/$repository\b" | sort -u | paste -sd ' ' -)
  [[ $names != *' '* ]] || to_do "The files name this action in more than one way: $names." \
    'Use one account everywhere, including the starter workflow in examples/workflow-templates.'
  [[ $origin =~ github\.com[:/]$address(\.git)?$ ]] ||
    to_do "The remote origin isn't github.com/$address${origin:+, but $origin}." \
      "Create that repository, and run git remote add (or set-url) origin https://github.com/$address."
}

check_protection() {
  local file
  for file in branches major-tags release-tags-are-made release-tags-stay; do
    node -e 'process.exit(JSON.parse(require("fs").readFileSync(process.argv[1])).enforcement === "active" ? 0 : 1)' \
      ".github/rulesets/$file.json" 2>/dev/null ||
      to_do "The ruleset .github/rulesets/$file.json is missing or not active." "Restore it, and import it again (docs/releasing.md)."
  done
  grep -Eq '^\* +@[A-Za-z0-9]' .github/CODEOWNERS || to_do '.github/CODEOWNERS names no owner of all files.' \
    "Add a line such as * @$owner/maintainers. A personal account has no teams: name its users instead."
  file=$(git grep -nE '^ *(- )?uses: +[^. ]' -- .github/workflows | grep -vE '@[0-9a-f]{40} # v[0-9]' | head -n 1 || true)
  [[ -z $file ]] || to_do "An action isn't pinned: $file" 'Name the full commit SHA, with the version as a comment.'
}

check_marketplace() {
  local file text
  for file in action.yml contributors-card/action.yml repositories-report/action.yml; do
    text=$(sed -n 's/^description: *//p' "$file")
    ((${#text} > 0 && ${#text} < 125)) || to_do "The description in $file has ${#text} characters." \
      'GitHub Marketplace requires fewer than 125.'
  done
  grep -q '^branding:' action.yml || to_do 'action.yml has no branding.' 'Add an icon and a color for GitHub Marketplace.'
}

check_version() {
  local fault recorded
  while IFS= read -r fault; do
    [[ -z $fault ]] || to_do "$fault" 'See step 1 of "Release a version" in docs/releasing.md.'
  done < <(bash tools/release.sh faults "v$version")
  recorded=$(node -p 'require("./tools/released-interface.json").version' 2>/dev/null || echo none)
  [[ $recorded == "$version" ]] || to_do "tools/released-interface.json records version $recorded, not $version." \
    'Run npm run record-interface, and commit the file.'
  [[ ! $(git tag --list "v$version") ]] || to_do "The tag v$version already exists." \
    "If it isn't pushed, run git tag --delete v$version. Otherwise, prepare the next version."
}

check_commit() {
  [[ -z $(git status --porcelain) ]] || to_do 'There are changes that are not committed.' 'Run git status, and commit or remove them.'
  [[ $(git rev-parse HEAD) == "$(git rev-parse --quiet --verify refs/remotes/origin/main)" ]] ||
    to_do "This commit isn't origin/main." 'The first time, push it to main. Later, merge it by a pull request, and run git switch main && git pull.'
  if [[ ! -x node_modules/.bin/ncc ]]; then
    to_do "dist/ can't be compared with src/, because the packages aren't installed." 'Run npm ci --ignore-scripts, then this script again.'
  elif [[ -z $(git status --porcelain) ]]; then
    bash tools/check-dist.sh >/dev/null 2>&1 || to_do "dist/ isn't what src/ builds to." 'Run npm ci --ignore-scripts && npm run build, and commit dist/.'
  fi
}

# Whether anyone has compared our assumptions with the live services.
contact() {
  if grep -q '"seen": "by nobody yet' sandbox/observed.json; then
    echo 'Run the prober against the live services, and accept its report: no one has yet (docs/first-contact.md).'
  else
    echo 'Run the prober against the live services again (docs/first-contact.md).'
  fi
}

# In the order in which the steps depend on each other.
print_checks_for_a_person() {
  local url=https://github.com/$address
  cat <<END

Check on GitHub, because no script can see it from here:
  - The account uses two-factor authentication, and the repository is public.
  - The four rulesets are imported and active: $url/settings/rules
  - The environments release and prober have the rules in docs/releasing.md: $url/settings/environments
  - Release immutability is enabled: $url/settings
  - Actions settings: read-only GITHUB_TOKEN, pinned actions, approval for outside contributors: $url/settings/actions
  - Private vulnerability reporting, Dependabot, and push protection are enabled: $url/settings/security_analysis
  - The owners in .github/CODEOWNERS exist and have write access: $url/blob/main/.github/CODEOWNERS
  - All checks of the commit are green: $url/actions
  - The action's name is free in GitHub Marketplace: https://github.com/marketplace?type=actions

After the release:
  - Publish the action in GitHub Marketplace.
  - $(contact)
  - In another repository, follow only the README, and check that the run is green.
END
}

version=$(node -p 'require("./package.json").version')
# In two pieces, so that adopt.sh leaves these lines as they are.
placeholder='-OWNER''-'
repository=vaunt-token-action
owner=$(sed -nE 's|.*uses: ([^/]+)/'"$repository"'@.*|\1|p' examples/basic.yml)
origin=$(git remote get-url origin 2>/dev/null || true)
[[ $owner != "$placeholder" ]] || owner=YOUR-ACCOUNT
address=$owner/$repository

printf 'To do before the tag v%s:\n' "$version"
check_name
check_protection
check_marketplace
check_version
check_commit
((count > 0)) || echo '  Nothing.'
print_checks_for_a_person
((count == 0))
