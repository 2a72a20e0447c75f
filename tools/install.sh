#!/bin/sh
# Copies what was built to where it belongs; `make install` and tools/build_package.sh call it.
#
# Usage: PREFIX=/usr/local SYSCONFDIR=/etc DESTDIR= tools/install.sh build/sallyport
#
# An existing configuration is never replaced. Manual pages and completions are printed by the program that is installed.
set -eu
program=${1:?usage: tools/install.sh build/sallyport}
prefix=${PREFIX:-/usr/local}
sysconfdir=${SYSCONFDIR:-/etc}
root=${DESTDIR:-}
load=$program-load

case $prefix in
/usr) zsh_folder=share/zsh/vendor-completions ;;
*) zsh_folder=share/zsh/site-functions ;;
esac

# $1 mode, $2 source, $3 destination below $root
copy() {
    install -D --mode="$1" "$2" "$root$3"
}

# What a command prints: $1 destination, then the command.
print_to() {
    destination=$root$1
    shift
    install -d "$(dirname "$destination")"
    "$@" >"$destination"
    chmod 644 "$destination"
}

copy 755 "$program" "$prefix/sbin/sallyport"
print_to "$prefix/share/man/man8/sallyport.8" "$program" manual sallyport
print_to "$prefix/share/man/man5/sallyport.conf.5" "$program" manual sallyport.conf
print_to "$prefix/share/bash-completion/completions/sallyport" "$program" completion bash
print_to "$prefix/$zsh_folder/_sallyport" "$program" completion zsh
if [ -x "$load" ]; then
    copy 755 "$load" "$prefix/bin/sallyport-load"
    print_to "$prefix/share/man/man1/sallyport-load.1" "$load" --manual
fi

# `sallyport demo` looks for its script there, which makes its certificates with the tool beside it.
for script in demo.sh sallyport-pki; do
    copy 755 "tools/$script" "$prefix/lib/sallyport/$script"
done
for module in tools/sallyport_pki/*.py; do
    copy 644 "$module" "$prefix/lib/sallyport/sallyport_pki/$(basename "$module")"
done

print_to "$prefix/lib/systemd/system/sallyport.service" sed "s,/usr/sbin/sallyport,$prefix/sbin/sallyport,g" \
    config/systemd/sallyport.service
copy 644 config/systemd/sallyport.socket "$prefix/lib/systemd/system/sallyport.socket"
copy 644 config/systemd/sallyport.sysusers "$prefix/lib/sysusers.d/sallyport.conf"
copy 644 config/systemd/sallyport.tmpfiles "$prefix/lib/tmpfiles.d/sallyport.conf"
copy 644 config/sallyport.logrotate "$sysconfdir/logrotate.d/sallyport"
[ -e "$root$sysconfdir/sallyport/sallyport.conf" ] ||
    copy 644 config/sallyport.conf "$sysconfdir/sallyport/sallyport.conf"
# Who may look into these is systemd-tmpfiles' matter: it knows the group.
install -d "$root$sysconfdir/sallyport/conf.d"

copy 644 README.md "$prefix/share/doc/sallyport/README.md"
for example in config/sallyport.ini config/examples/*.ini config/prometheus/sallyport.rules.yml; do
    copy 644 "$example" "$prefix/share/doc/sallyport/examples/$(basename "$example")"
done
copy 644 config/grafana/sallyport.json "$prefix/share/doc/sallyport/examples/grafana-dashboard.json"
