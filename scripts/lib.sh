# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=bash
#
# Helpers of the scripts in this folder. Source it: `. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"`.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
# Where everything that is made goes. A second run at the same time can be given another place.
# shellcheck disable=SC2034  # for the scripts that source this file
build="${VGIC_BUILD_DIR:-$repository/build}"

# Everything but the guest's or a test's own output goes to stderr, so that stdout can be read by a program.
say() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
}

# progress STEP...: one line that changes, on a terminal; else one line each time the first word is another, and each minute.
told=0
progress() {
  if [ -t 2 ]; then
    printf '\r\033[K%s: %s' "$(basename "$0")" "$*" >&2
  elif [ "${step:-}" != "${1%% *}" ] || [ $((SECONDS - told)) -ge 60 ]; then
    step=${1%% *} told=$SECONDS
    say "$*"
  fi
}
progress_ends() {
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

die() {
  printf '%s: error: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# as_root COMMAND...: runs it as root, through sudo if need be.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "this needs root: $*. Run the script as root or install sudo."
  fi
}

# run_logged LOG COMMAND...: keeps the command's output in LOG and shows its end only if the command fails.
run_logged() {
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    say "failed: $* (all of its output: $log)"
    return 1
  fi
}

package_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | head -n 1)" = installed ]
}

# need_packages PACKAGE...: installs those packages that are missing. Does nothing, and needs no root, if none is.
need_packages() {
  local package missing=()
  command -v dpkg-query >/dev/null || die "this script installs what it needs with apt-get and runs on Debian only."
  for package in "$@"; do
    package_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0

  say "installing Debian packages: ${missing[*]}"
  local log
  log="$(mktemp)"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300
    install --yes --no-install-recommends "${missing[@]}")
  # The package lists of a fresh system are empty, those of an old one name files that are gone: only then fetch them.
  if ! as_root "${install[@]}" </dev/null >"$log" 2>&1; then
    say "fetching package lists"
    if ! as_root apt-get update </dev/null >"$log" 2>&1 || ! as_root "${install[@]}" </dev/null >"$log" 2>&1; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      die "cannot install ${missing[*]}. Install them by hand (apt-get install ${missing[*]}) and run this again."
    fi
  fi
  rm -f "$log"
}
