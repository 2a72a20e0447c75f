#!/bin/sh
# Builds the Debian package of what was built: tools/build_package.sh VERSION build/sallyport [FOLDER].
# The package goes into FOLDER (build). `make deb` calls it.
#
# Only dpkg-deb and its companions are needed. The maintainer is DEBFULLNAME <DEBEMAIL>, as for all Debian tools; the file of the same
# sources, the same version and the same SOURCE_DATE_EPOCH is the same.
set -eu
version=${1:?usage: tools/build_package.sh VERSION PROGRAM [FOLDER]}-1
program=${2:?usage: tools/build_package.sh VERSION PROGRAM [FOLDER]}
architecture=$(dpkg --print-architecture)
maintainer="${DEBFULLNAME:-Sallyport maintainers} <${DEBEMAIL:-maintainers@sallyport.example}>"
folder=${3:-build}/package
root=$folder/sallyport
package=${3:-build}/sallyport_${version}_$architecture.deb
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

rm -rf "$folder"
PREFIX=/usr SYSCONFDIR=/etc DESTDIR=$root tools/install.sh "$program"

# Debian has its own places for these.
mkdir -p "$root/lib" "$root/DEBIAN" "$folder/debian"
mv "$root/usr/lib/systemd" "$root/lib/systemd"
install -D --mode=644 config/debian/copyright "$root/usr/share/doc/sallyport/copyright"
install -D --mode=644 config/debian/lintian-overrides "$root/usr/share/lintian/overrides/sallyport"
printf 'sallyport (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' "$version" "${version%-1}" "$maintainer" \
    "$(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")" | gzip -9n >"$root/usr/share/doc/sallyport/changelog.Debian.gz"
find "$root/usr/share/man" -type f -exec gzip -9n {} +
find "$root" -path "*/usr/*bin/*" -type f -exec strip --remove-section=.comment --remove-section=.note {} +

# dpkg-shlibdeps wants a source package's file; the libraries are what it is for.
: >"$folder/debian/control"
binaries=$(cd "$folder" && find sallyport -path "sallyport/usr/*bin/*" -type f)
# shellcheck disable=SC2086 # a list of files
libraries=$(cd "$folder" && dpkg-shlibdeps -O $binaries 2>/dev/null | sed -n 's/^shlibs:Depends=//p')

find "$root/etc" -type f | sed "s,^$root,," | sort >"$root/DEBIAN/conffiles"
(cd "$root" && find usr lib -type f | sort | xargs md5sum >DEBIAN/md5sums)
size=$(du --apparent-size -sk --exclude=DEBIAN "$root" | cut -f1)
sed "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@MAINTAINER@|$maintainer|; s|@SIZE@|$size|
    s|@DEPENDS@|$libraries, systemd|" config/debian/control.in >"$root/DEBIAN/control"
install --mode=755 config/debian/postinst config/debian/prerm config/debian/postrm "$root/DEBIAN"
chmod 644 "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums" "$root/DEBIAN/control"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group --build "$root" "$package" >/dev/null
echo "$package"
