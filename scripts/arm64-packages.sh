# SPDX-License-Identifier: BSL-1.0
# shellcheck shell=bash
#
# Fetches Debian's arm64 packages with apt's own client, with lists, cache and package state of its own below build/: the
# system's configuration, architectures and installed packages stay as they are. Needs neither root nor a foreign
# architecture. Source it after lib.sh, and set `log` to where apt's output goes.

apt_root="$build/apt"

# The system's own sources, with any restriction to the system's architecture taken out.
copy_sources() {
  local file from
  from="$(apt-config shell etc Dir::Etc/d)"
  local etc=/etc/apt/
  eval "$from"
  mkdir -p "$apt_root/sources.list.d"
  rm -f "$apt_root"/sources.list "$apt_root"/sources.list.d/*
  for file in "$etc"sources.list "$etc"sources.list.d/*.list; do
    [ -f "$file" ] || continue
    sed -E 's/\[[[:space:]]*arch=[^] ]*[[:space:]]*\]//; s/(\[[^]]*)arch=[^] ]*/\1/' "$file" \
      >"$apt_root/sources.list.d/$(basename "$file")"
  done
  for file in "$etc"sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed -E '/^Architectures:/Id' "$file" >"$apt_root/sources.list.d/$(basename "$file")"
  done
  : >"$apt_root/sources.list"
}

private_apt() {
  local command=$1
  shift
  LC_ALL=C "$command" \
    -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User="$(id -un)" \
    -o Dir::State="$apt_root/state" -o Dir::State::status="$apt_root/status" -o Dir::Cache="$apt_root/cache" \
    -o Dir::Etc::SourceList="$apt_root/sources.list" -o Dir::Etc::SourceParts="$apt_root/sources.list.d" \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false \
    -o Acquire::IndexTargets::deb-src::Sources::DefaultEnabled=false "$@"
}

# Fetches the package lists. A source of somebody else's that has no arm64 packages makes that fail: what counts is
# whether the packages are found, and only then does `updated` matter.
updated=yes
fetch_lists() {
  command -v apt-get >/dev/null || die "apt-get is missing: what runs in QEMU comes from Debian's arm64 packages."
  mkdir -p "$apt_root/state/lists/partial" "$apt_root/cache/archives/partial"
  : >"$apt_root/status"
  copy_sources
  say "fetching arm64 package lists (about 10 MB)"
  run_logged "$log" private_apt apt-get update || updated=no
}

# no_package NAME: ends the script; which of the two reasons it was.
no_package() {
  [ "$updated" = yes ] || die "cannot fetch the package lists: is there a network? apt's output is in $log."
  die "no $1 in the system's apt sources. Add Debian's own archive to them${2:+, or $2}."
}

# unpack_packages FOLDER PACKAGE...: fetches the packages and unpacks them there. FOLDER/versions gets their versions.
unpack_packages() {
  local folder=$1 deb download
  shift
  download="$(mktemp -d "$apt_root/download.XXXXXX")"
  (cd "$download" && run_logged "$log" private_apt apt-get download "$@") || {
    rm -rf "$download"
    die "cannot fetch $*. Try again; apt's output is in $log."
  }
  say "unpacking"
  rm -rf "$folder"
  mkdir -p "$folder"
  for deb in "$download"/*.deb; do
    dpkg-deb --extract "$deb" "$folder"
    # shellcheck disable=SC2016  # dpkg-deb expands it
    dpkg-deb --show --showformat='${Package}=${Version}\n' "$deb" >>"$folder/versions"
  done
  rm -rf "$download"
}
