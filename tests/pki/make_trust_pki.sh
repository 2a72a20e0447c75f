#!/bin/sh
# Makes the certificates that the trust engine's unit tests compare with OpenSSL's reading of them.
#
# Usage: tests/pki/make_trust_pki.sh <folder>
#
#   root_<kind>.der   a self-signed certificate for every kind of key and signature
#   leaf_rsa2048.der  a client's certificate, issued by root_rsa2048
#   name_<n>.der      certificates with unusual names, numbers and dates; beside each, what openssl prints of it:
#                     name_<n>.subject .issuer .serial .start_date .end_date .fingerprint .fingerprint_sha256 .pem
set -eu

folder=${1:?usage: tests/pki/make_trust_pki.sh <folder>}
mkdir -p "$folder"
cd "$folder"

cat >openssl.cnf <<'END'
[req]
distinguished_name = dn
string_mask = utf8only
utf8 = yes
[dn]
END

# self_signed <kind> <options of openssl req, the key's first>
self_signed() {
    kind=$1
    shift
    openssl req -x509 -config openssl.cnf -days 30 -nodes -keyout "root_$kind.key" -subj "/CN=$kind" \
        -addext basicConstraints=critical,CA:TRUE -outform der -out "root_$kind.der" "$@" 2>/dev/null
}

self_signed p256 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -sha256
self_signed p384 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -sha384
self_signed p521 -newkey ec -pkeyopt ec_paramgen_curve:P-521 -sha512
self_signed ed25519 -newkey ed25519
self_signed rsa2048 -newkey rsa:2048 -sha256
self_signed pss_key -newkey rsa-pss -pkeyopt rsa_keygen_bits:2048 -sha256
self_signed sha1 -key root_rsa2048.key -sha1
self_signed sha384 -key root_rsa2048.key -sha384
self_signed sha512 -key root_rsa2048.key -sha512
self_signed pss_sha256 -key root_rsa2048.key -sha256 -sigopt rsa_padding_mode:pss
self_signed pss_sha512 -key root_rsa2048.key -sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20
self_signed secp256k1 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -sha256

printf 'extendedKeyUsage = clientAuth\n' >leaf.cnf
openssl req -new -config openssl.cnf -key root_p256.key -subj /CN=leaf -out leaf.csr
openssl x509 -req -in leaf.csr -CA root_rsa2048.der -CAform der -CAkey root_rsa2048.key -set_serial 7 -days 30 -sha256 \
    -extfile leaf.cnf -outform der -out leaf_rsa2048.der 2>/dev/null

number=0

# named <options of openssl req>
named() {
    out=name_$number
    number=$((number + 1))
    openssl req -x509 -config openssl.cnf -key root_p256.key -out "$out.pem" -utf8 "$@" 2>/dev/null
    openssl x509 -in "$out.pem" -outform der -out "$out.der"
    openssl x509 -in "$out.pem" -noout -nameopt RFC2253 -subject | sed 's/^subject=//' | tr -d '\n' >"$out.subject"
    openssl x509 -in "$out.pem" -noout -nameopt RFC2253 -issuer | sed 's/^issuer=//' | tr -d '\n' >"$out.issuer"
    openssl x509 -in "$out.pem" -noout -serial | sed 's/^serial=//' | tr -d '\n' >"$out.serial"
    openssl x509 -in "$out.pem" -noout -startdate | sed 's/^notBefore=//' | tr -d '\n' >"$out.start_date"
    openssl x509 -in "$out.pem" -noout -enddate | sed 's/^notAfter=//' | tr -d '\n' >"$out.end_date"
    openssl x509 -in "$out.pem" -noout -fingerprint -sha1 | sed 's/.*=//' | tr -d ':\n' | tr A-F a-f >"$out.fingerprint"
    openssl x509 -in "$out.pem" -noout -fingerprint -sha256 | sed 's/.*=//' | tr -d ':\n' | tr A-F a-f \
        >"$out.fingerprint_sha256"
}

named -subj '/C=US/ST=NY/L=Take/O=Contoso/OU=IoT/CN=FOO_987654321' -set_serial 2
named -subj '/CN=a\/b,c\+d"e\\f<g>h;i=j#k' -set_serial 0x8000000000000001
named -subj '/O=Büro/CN=日本😀' -set_serial 0xFEDCBA98765432100123456789ABCDEF01234567 -days 36500
named -subj '/CN= leading and trailing /OU=#hash' -set_serial 0
named -subj '/DC=org/DC=example/UID=u1/CN=first/CN=second' -set_serial -5 -days 9000
named -subj '/OU=A+CN=multi+emailAddress=a@b.example/O=x' -multivalue-rdn -set_serial 0x7F
named -subj '/1.2.3.4.5=unknown/2.5.4.5=123/2.5.4.97=VATXX/street=1 Way' -set_serial 0x80
named -subj '/CN=with	tab/title=T/GN=G/SN=S/initials=I/pseudonym=P/dnQualifier=D/2.5.4.72=role' -set_serial 0x0100
sed -i 's/utf8only/MASK:0x800/' openssl.cnf
named -subj '/O=BMP Ünïcode/CN=x,y' -set_serial 1
sed -i 's/MASK:0x800/MASK:0x4/' openssl.cnf
named -subj '/O=Tëletex/CN=x' -set_serial 1

echo "$number" >names.count
