#!/usr/bin/env bash
# Owns the one request that the reusable workflows make of Vaunt: GETs a path with the Vaunt token, into a file. Does not look into the body, and never prints it or the token.
#
# vaunt-get.sh [--or-nothing] PATH FILE
#   --or-nothing  a 404 is no failure: no file is written
# Environment: VAUNT_TOKEN, and VAUNT_API_URL (https://api.vaunt.dev when empty).
set -euo pipefail
export LC_ALL=C

readonly DEADLINE_S=30
readonly ATTEMPTS_DEADLINE_S=60
readonly MAX_BYTES=5242880

fail() {
  printf '::error::%s\n' "$1"
  exit 1
}

or_nothing=false
if [[ ${1-} == --or-nothing ]]; then
  or_nothing=true
  shift
fi
path=${1-}
file=${2-}
api_url=${VAUNT_API_URL:-https://api.vaunt.dev}
api_url=${api_url%/}

# What cannot be told apart from a command, an option or a second header is refused before anything is sent.
url_form='^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$'
path_form='^/[A-Za-z0-9._~%/?&=+-]+$'
token_form='^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$'
[[ $api_url =~ $url_form ]] ||
  fail 'The address of the Vaunt API must be an https:// URL without credentials, query or fragment. Correct the input vaunt-api-url.'
[[ $path =~ $path_form && -n $file ]] || fail 'vaunt-get.sh was called with a path that it does not accept: a bug of the workflow.'
[[ ${VAUNT_TOKEN-} =~ $token_form ]] ||
  fail 'There is no Vaunt token. Look at the step that gets it: it must run before this one, in the same job.'
host=${api_url#https://}
host=${host%%/*}
asked=${path%%\?*}

part=$(mktemp "$file.XXXXXX")
trap 'rm -f "$part"' EXIT

# The token goes in through a pipe: command lines can be read by every process of the machine. -q comes first, so that no .curlrc has a say.
# --max-filesize stops a body of unknown length only since curl 8.4; the limit on files stops it everywhere.
curl_code=0
status=$(
  trap '' XFSZ
  ulimit -f $((MAX_BYTES / 1024))
  printf 'header = "Authorization: Bearer %s"\n' "$VAUNT_TOKEN" |
    curl -q --config - --silent --globoff --proto '=https' --tlsv1.2 \
      --connect-timeout 10 --max-time "$DEADLINE_S" --max-filesize "$MAX_BYTES" \
      --retry 2 --retry-max-time "$ATTEMPTS_DEADLINE_S" \
      --user-agent vaunt-token-action --output "$part" --write-out '%{http_code}' "$api_url$path"
) || curl_code=$?

case $curl_code in
  0) ;;
  5 | 7 | 97) fail "Vaunt ($host) could not be reached: no connection to it or to the proxy. Try again later, and check proxies and firewalls of the runner." ;;
  6) fail "Vaunt ($host) could not be reached: the name is not known. Check the input vaunt-api-url, and the runner's DNS." ;;
  23 | 63) fail "Vaunt's answer to $asked was not taken: it is larger than $MAX_BYTES bytes, or the runner's disk is full." ;;
  28) fail "Vaunt ($host) did not answer $asked within $DEADLINE_S s. Try again later." ;;
  35 | 60) fail "The certificate of $host is not trusted by the runner. Add the missing CA to the runner's own certificates." ;;
  127) fail 'The runner has no curl. Use a runner that has it, such as ubuntu-latest.' ;;
  *) fail "The request to Vaunt ($host) broke off (curl says $curl_code). Try again later." ;;
esac

case $status in
  200) ;;
  401 | 403) fail "Vaunt refused $asked ($status): the token has expired, is for another entity, or this entity's plan does not include it. Compare the entity with the repository that is asked about." ;;
  404)
    if [[ $or_nothing == true ]]; then exit 0; fi
    fail "Vaunt does not know $asked (404). Check the names in it, and that Vaunt is installed on the account with access to the repository."
    ;;
  429) fail "Vaunt limits how often it may be asked (429). Try again later." ;;
  3??) fail "Vaunt answered $asked with a redirect ($status), which is not followed. Correct the input vaunt-api-url." ;;
  5??) fail "Vaunt is not available ($status) for $asked. Try again later." ;;
  *) fail "Vaunt answered $asked with the unexpected status $status." ;;
esac

mv -f "$part" "$file"
