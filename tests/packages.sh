#!/bin/sh
# Installs the Debian packages named as arguments that are missing; asks apt nothing when
# all are there.
set -eu
missing=
for package; do
    case $package in
    # A newer node or another compiler than Debian's is as good.
    nodejs) command -v node >/dev/null && command -v npm >/dev/null && continue
            package="nodejs npm" ;;
    clang-format|clang|curl|wrk|make|gcc) command -v "$package" >/dev/null && continue ;;
    esac
    for one in $package; do
        dpkg-query -W -f '${Status}' "$one" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $one"
    done
done
[ -n "$missing" ] || exit 0
echo "Installing Debian packages:$missing"
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 update -qq
# shellcheck disable=SC2086 # a list of packages
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
    install -y -qq --no-install-recommends $missing >/dev/null
