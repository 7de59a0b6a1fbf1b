#!/usr/bin/env bash
# Installs what building and testing need and is not there yet. Does nothing, and asks for no rights, where all is there.
#   scripts/install-deps.sh [build] [test] [lint]      (no word: all three)
set -euo pipefail

build=(g++ cmake ninja-build make pkg-config ccache mold libcurl4-openssl-dev libssl-dev libyaml-dev libc-ares-dev libre2-dev
       libidn2-dev
       libfmt-dev nlohmann-json3-dev libcli11-dev libexpected-dev doctest-dev python3)
tests=(git python3-venv openssl curl ruby python3-yaml python3-h2 nsd strace)
lint=(git clang-format-14 clang-tidy-14)

wanted=()
for part in "${@:-build test lint}"; do
  for word in $part; do
    case $word in
      build) wanted+=("${build[@]}") ;;
      test) wanted+=("${tests[@]}") ;;
      lint) wanted+=("${lint[@]}") ;;
      *) echo "install-deps: unknown part \"$word\"; there are build, test and lint" >&2; exit 2 ;;
    esac
  done
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  cat >&2 <<MESSAGE
install-deps: this system has no apt-get. Install these (Debian's names) with its own package manager, then run make again
with DEPS=have to skip this step:
  ${wanted[*]}
MESSAGE
  exit 1
fi

have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=()
for package in "${wanted[@]}"; do
  grep -qxF -- "$package" <<<"$have" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps: missing packages: ${missing[*]}" >&2
    echo "install-deps: neither root nor sudo is at hand; as root run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "install-deps: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" </dev/null
}
# The package lists of a fresh machine are empty or old: a second try with new ones is the rule, not the exception.
if ! install >/dev/null 2>&1; then
  "${as_root[@]}" apt-get update -q </dev/null
  if ! install; then
    echo "install-deps: apt-get could not install all of: ${missing[*]} (Debian 12 and Ubuntu 23.04 or later have them)" >&2
    exit 1
  fi
fi
# nsd is a program that a test starts with a configuration of its own, not a name server for this machine.
if printf '%s\n' "${missing[@]}" | grep -qx nsd; then
  "${as_root[@]}" systemctl disable --now nsd >/dev/null 2>&1 || "${as_root[@]}" service nsd stop >/dev/null 2>&1 || true
fi
