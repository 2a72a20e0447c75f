#!/bin/sh
# Brings what Sallyport is built from; `make deps` calls it.
#
# Usage: tools/build_deps.sh [--test]        --test: also the tools that the tests and the linters use
#
# 1. Debian packages that are missing are installed (tools/install_packages.sh).
# 2. build/deps gets include/, lib/libwolfssl.a, lib/libllhttp.a and wolfssl-src/ (the tree wolfSSL was built in: src/tls
#    needs wolfssl/internal.h, which is never installed). A stamp makes the next run a matter of milliseconds.
#
# Why not the distribution's own wolfSSL: Debian 12 and 13 have releases with known holes in what we use, built without
# assembly. The newer source comes from the machine's own Debian mirror under the archive's signature, so nothing else has to
# be reachable or trusted. Sanitizer builds link the same library: its assembly cannot be instrumented anyway.
set -eu

wolfssl_minimum=5.9.2 # the first release without the known holes in ticket binding, OCSP and name constraints
wolfssl_suites='forky sid'
llhttp_suite=trixie # the first with llhttp >= 9.2, which refuses every form of request smuggling that we know

cd "$(dirname "$0")/.."
root=$PWD
deps=$root/build/deps
work=$deps/work # what is in the making; what is finished stays in its place until the new one is
log=$deps/build.log
# shellcheck disable=SC1091
codename=$(. /etc/os-release && echo "$VERSION_CODENAME")

say() {
    echo "deps: $*"
}

fail() {
    echo "deps: $*" >&2
    exit 1
}

# Runs a step with its output in the log. The subshell stands alone, because set -e does not hold inside a condition.
run() {
    say "$1"
    shift
    set +e
    (set -e && "$@") >>"$log" 2>&1
    status=$?
    set -e
    [ "$status" -ne 0 ] || return 0
    tail -n 20 "$log" >&2
    fail "failed; the whole log is in $log"
}

# ---- the Debian archive, with apt lists of our own ----

# The machine's apt settings (a proxy, for one) hold, its lists and sources stay as they are. Without the user setting, root's
# apt becomes _apt, who may not write here.
archive_options() {
    echo "-q -o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache" \
        "-o Acquire::Languages=none -o APT::Sandbox::User=$(id -un)"
}

# Only apt knows every way to write down a mirror. Once it has read its lists, which a fresh container has not, it tells where
# the archive labelled Debian is. A broken source of somebody else must not stop us, hence the || true.
print_mirror() {
    # shellcheck disable=SC2016 # apt expands it
    indextargets() { apt-get "$@" indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' 'Component: main'; }
    mirror=$(indextargets | head -n 1)
    if [ -z "$mirror" ]; then
        # shellcheck disable=SC2046
        apt-get $(archive_options) update >&2 || true
        # shellcheck disable=SC2046
        mirror=$(indextargets $(archive_options) | head -n 1)
    fi
    echo "$mirror"
}

# The archive's key, not the machine's whole keyring, signs for what we build.
open_archive() {
    mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
    mirror=$(print_mirror)
    [ -n "$mirror" ] || { echo "apt has no source with the main Debian archive"; return 1; }
    signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    {
        for suite in $wolfssl_suites; do echo "deb-src $signed $mirror $suite main"; done
        [ "$codename" != bookworm ] || echo "deb $signed $mirror $llhttp_suite main"
    } >"$work/sources.list"
    from_archive apt-get update
}

from_archive() {
    program=$1
    shift
    # shellcheck disable=SC2046
    "$program" $(archive_options) -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- "$@"
}

# ---- wolfSSL ----

# Debian's patches carry fixes for holes found after the release. An archive drops them as soon as a newer revision of the
# package comes in, and a mirror between two states then lists what it no longer has. The release itself is there even so, and
# tools/edit_wolfssl.sh closes the known holes that our configuration can reach: it is built rather than nothing, and said.
fetch_wolfssl() {
    version=$(from_archive apt-cache showsrc wolfssl | sed -n 's/^Version: //p' | sort -Vr | head -n 1)
    echo "the newest source is ${version:-missing}, needed is $wolfssl_minimum or newer"
    dpkg --compare-versions "$version" ge "$wolfssl_minimum"
    cd "$work"
    if from_archive apt-get source --download-only "wolfssl=$version"; then
        dpkg-source --extract wolfssl_*.dsc wolfssl
    else
        from_archive apt-get source --download-only --tar-only "wolfssl=$version"
        mkdir wolfssl
        tar -xzf wolfssl_*.orig.tar.gz -C wolfssl --strip-components=1
        version=${version%-*}
    fi
    echo "wolfssl $version" >>versions
}

# What is off is off on purpose: no session cache (a global lock, and a way around the ticket callback), no OpenSSL layer (25 KB
# a connection), no finite-field Diffie-Hellman, no RSA key exchange, no OCSP but ours. The limits let a bad chain, a long one or a hello with
# many suites reach our own judgement and its answer instead of ending the handshake.
configure_wolfssl() {
    cd "$work/wolfssl"
    cp "$root/src/tls/wolfssl_application.h" .
    ./autogen.sh
    case $(uname -m) in
    x86_64) assembly='--enable-intelasm --enable-sp-asm' ;;
    aarch64) assembly='--enable-armasm --enable-sp-asm' ;;
    *) assembly= ;;
    esac
    # shellcheck disable=SC2086
    ./configure --prefix="$deps" --enable-static --disable-shared --disable-examples --disable-crypttests \
        --enable-reproducible-build --disable-sys-ca-certs \
        $assembly --enable-sp=yes,4096 --enable-aesgcm=small --disable-hashdrbg \
        --disable-oldtls --enable-tls13 --disable-dh --enable-curve25519 --enable-ed25519 --enable-mlkem \
        --enable-sni --enable-alpn --enable-session-ticket --disable-ocsp --disable-ocspstapling --enable-enckeys \
        CFLAGS="-O3 -g -ffile-prefix-map=$PWD=wolfssl -fstack-protector-strong -include wolfssl_application.h \
            -DCUSTOM_RAND_GENERATE_BLOCK=tls_random_block -DWOLFSSL_NO_GETPID -DNO_SESSION_CACHE \
            -DWOLFSSL_ALWAYS_VERIFY_CB -DWOLFSSL_PUBLIC_ASN -DWOLFSSL_EXTRA_ALERTS \
            -DWOLFSSL_ASN_ALLOW_0_SERIAL -DWOLFSSL_TLS13_MIDDLEBOX_COMPAT \
            -DMAX_CHAIN_DEPTH=16 -DMAX_CERTIFICATE_SZ=65536 -DWOLFSSL_MAX_SUITE_SZ=1024 \
            -DWOLFSSL_TICKET_EXTRA_PADDING_SZ=64 -DWOLFSSL_SESSION_TIMEOUT=86400"
}

compile_wolfssl() {
    cd "$work/wolfssl"
    make -j"$(nproc)"
    make install
    (cd "$deps" && rm -rf bin share)
    # What is left: the headers that the shim compiles against, and the sources for whoever debugs.
    find . -name '*.o' -delete
    find . -mindepth 1 -maxdepth 1 ! -name src ! -name wolfcrypt ! -name wolfssl ! -name config.h ! -name COPYING \
        -exec rm -rf {} +
    rm -rf src/.libs wolfcrypt/test wolfcrypt/benchmark "$deps/wolfssl-src"
    mv "$work/wolfssl" "$deps/wolfssl-src"
}

# ---- llhttp ----

# A library without dependencies but libc, so that the newer suite's package fits Debian 12, too.
unpack_llhttp() {
    if [ "$codename" = bookworm ]; then
        cd "$work"
        from_archive apt-get download libllhttp-dev
        dpkg-deb --extract libllhttp-dev_*.deb llhttp
            version=$(dpkg-deb --field libllhttp-dev_*.deb Version)
        files=$(find "$PWD/llhttp" -name llhttp.h -o -name libllhttp.a)
    else
        version=$(dpkg-query --show --showformat '${Version}' libllhttp-dev)
        files=$(dpkg --listfiles libllhttp-dev | grep -E '/(llhttp\.h|libllhttp\.a)$')
    fi
    mkdir -p "$deps/include" "$deps/lib"
    cp "$(echo "$files" | grep 'llhttp\.h$')" "$deps/include/"
    cp "$(echo "$files" | grep 'libllhttp\.a$')" "$deps/lib/"
    echo "llhttp $version" >>"$work/versions"
}

# ---- the whole ----

mkdir -p "$deps"
exec 9>"$deps/lock" # two runs at once would build over each other
flock 9
tools/install_packages.sh "$@"

key=$({ cat tools/build_deps.sh tools/edit_wolfssl.sh src/tls/wolfssl_application.h && echo "$codename" && gcc --version; } | sha256sum)
if [ "$(cat "$deps/stamp" 2>/dev/null)" = "$key" ]; then
    say 'build/deps is up to date'
    exit 0
fi
rm -rf "$deps/stamp" "$work"
: >"$log"
run 'reading the Debian archive' open_archive
run 'unpacking llhttp' unpack_llhttp
run 'fetching wolfSSL' fetch_wolfssl
grep -q '^wolfssl .*-' "$work/versions" || say "without Debian's patches, which the mirror no longer has"
run 'editing wolfSSL' tools/edit_wolfssl.sh "$work/wolfssl"
run 'configuring wolfSSL' configure_wolfssl
run 'compiling wolfSSL' compile_wolfssl
mv "$work/versions" "$deps/versions"
rm -rf "$work"
echo "$key" >"$deps/stamp"
say "build/deps is ready: $(tr '\n' ' ' <"$deps/versions")"
