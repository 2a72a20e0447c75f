#!/bin/sh
# Installs the Debian packages that Sallyport is built from, as far as they are missing; tools/build_deps.sh calls it.
#
# Usage: tools/install_packages.sh [--test | --bench]        --test: also what the tests and the linters use
#                                                           --bench: also what bench/compare measures, beside the gateway, and what
#                                                           bench/scaling counts with
#
# When nothing is missing, neither apt nor root is needed.
set -eu

build_packages='gcc libc6-dev make dpkg-dev autoconf automake libtool debian-archive-keyring
    liburing-dev libjemalloc-dev libinih-dev'
test_packages='libcmocka-dev libssl-dev python3-pytest python3-pytest-xdist curl openssl nginx haproxy wrk procps graphviz
    clang clang-format clang-tidy libclang-rt-dev llvm spin man-db groff zsh systemd prometheus chromium lintian'
bench_packages='nginx haproxy hitch openssl python3 linux-perf'

# Debian 12 has no llhttp that is new enough; there tools/build_deps.sh takes it out of the next release's package.
# shellcheck disable=SC1091
[ "$(. /etc/os-release && echo "$VERSION_CODENAME")" = bookworm ] || build_packages="$build_packages libllhttp-dev"

case ${1-} in
'') wanted=$build_packages ;;
--test) wanted="$build_packages $test_packages" ;;
--bench) wanted="$build_packages $bench_packages" ;;
*) echo "usage: tools/install_packages.sh [--test | --bench]" >&2 && exit 2 ;;
esac

print_missing() {
    # shellcheck disable=SC2086 # a list of words
    installed=$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' $wanted 2>/dev/null || true)
    for package in $wanted; do
        echo "$installed" | grep -qx "$package installed" || printf '%s ' "$package"
    done
}

missing=$(print_missing)
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    if ! command -v sudo >/dev/null; then
        echo "deps: packages are missing; as root, run: apt-get install --no-install-recommends $missing" >&2
        exit 1
    fi
fi

# Debian starts a service as soon as it is installed; the servers of the tests must not listen by themselves. The file forbids every
# start (101 is "not allowed"). One that is there already is the administrator's and stays as it is.
policy=/usr/sbin/policy-rc.d
policy_is_ours=no
log=$(mktemp)
clean_up() {
    [ "$policy_is_ours" = no ] || $as_root rm -f "$policy"
    rm -f "$log"
}
trap clean_up EXIT
if [ ! -e "$policy" ]; then
    policy_is_ours=yes
    printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
    $as_root chmod 755 "$policy"
fi

echo "deps: installing ${missing% }"
# shellcheck disable=SC2086 # a list of words
if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -o DPkg::Lock::Timeout=300 --yes --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo 'deps: apt could not install them' >&2
    exit 1
fi
for service in nginx haproxy hitch prometheus; do # nor may they start at the next boot
    case " $missing" in
    *" $service "*) ! command -v systemctl >/dev/null || $as_root systemctl disable "$service" >/dev/null 2>&1 ;;
    esac
done
