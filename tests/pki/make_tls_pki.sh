#!/bin/sh
# Makes the certificates and keys of the TLS layer's unit tests in a folder, with the openssl command alone.
#
# Usage: tests/pki/make_tls_pki.sh <folder>      the folder must exist; about a second
#
# Servers: NAME.pem is leaf and intermediate, NAME.key the key. Clients: client_NAME.pem and .key. The rest are mistakes.
set -eu

cd "${1:?usage: make_tls_pki.sh <folder>}"
exec 2>openssl.log

cat >ca.conf <<'CONF'
[ca]
default_ca = any
[any]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = names
unique_subject = no
email_in_dn = no
[names]
commonName = supplied
[intermediate]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[server]
basicConstraints = CA:false
extendedKeyUsage = serverAuth
subjectAltName = DNS:edge.example.com
[client]
basicConstraints = CA:false
extendedKeyUsage = clientAuth
[req]
distinguished_name = subject
[subject]
CONF
: >index.txt
echo 1000 >serial

# key NAME KIND
key() {
    case $2 in
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" ;;
    p384) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$1.key" ;;
    p521) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out "$1.key" ;;
    k256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out "$1.key" ;;
    rsa*) openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:${2#rsa}" -out "$1.key" ;;
    pss*) openssl genpkey -algorithm RSA-PSS -pkeyopt "rsa_keygen_bits:${2#pss}" -out "$1.key" ;;
    *) openssl genpkey -algorithm "$2" -out "$1.key" ;;
    esac
}

# certificate NAME ISSUER EXTENSIONS [START END]
certificate() {
    openssl req -new -config ca.conf -key "$1.key" -subj "/CN=$1" -out request.csr
    openssl ca -batch -notext -config ca.conf -keyfile "$2.key" -cert "$2.pem" -extensions "$3" -in request.csr \
        -out "$1.pem" -startdate "${4:-20200101000000Z}" -enddate "${5:-20491231235959Z}"
}

key root p256
openssl req -x509 -config ca.conf -extensions intermediate -key root.key -subj /CN=root -days 3650 -out root.pem
key intermediate p256
certificate intermediate root intermediate

server() {
    key "$1" "$2"
    shift 2
    certificate "$name" intermediate server "$@"
    cp "$name.pem" "$name.leaf.pem"
    cat intermediate.pem >>"$name.pem"
}
for row in p256:p256 p384:p384 p521:p521 ed25519:ed25519 rsa:rsa2048 rsa1024:rsa1024 k256:k256; do
    name=${row%:*}
    server "$name" "${row#*:}"
done
name=expired && server expired p256 20200101000000Z 20200201000000Z
name=future && server future p256 20480101000000Z 20491231235959Z

client() {
    key "client_$1" "$2"
    certificate "client_$1" intermediate client "${3:-20200101000000Z}" "${4:-20491231235959Z}"
    cp "client_$1.pem" "client_$1.leaf.pem"
    cat intermediate.pem >>"client_$1.pem"
}
client good p256
client rsa rsa2048
client pss pss2048
client ed25519 ed25519
client p384 p384
client expired p256 20200101000000Z 20200201000000Z
key client_stranger p256
openssl req -x509 -config ca.conf -key client_stranger.key -subj /CN=stranger -days 30 -out client_stranger.pem

# Forms of keys
openssl ec -in p256.key -out sec1.key
openssl rsa -in rsa.key -traditional -out pkcs1.key
# With the passphrase "wrong 390", its noise begins with the header of a SEQUENCE that fits in.
cat >unlucky.key <<'KEY'
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAgNGl1eQFOzXwIBATAM
BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBAgQQsEyGht9+0S5WMPrpLPfQZASBkKyU
D0S74N9POafMMjPB7K1rzhHILDVnSmWMlDoE+6+UNiaHiEFIAqa7sOJDytmra49L
VqmeUb97EdIEKKck29IqGYZpxXdsFp4zC5meA7N1SBm+KuvP/JGxM/cx5E94v41/
/m4RBLhc/1bLiMiEj1QDIwB+o4ZJ4S1kd91TFfRq1rHtSR79g5DU7t6XJgvwCg==
-----END ENCRYPTED PRIVATE KEY-----
KEY
echo secret >passphrase
printf 'secret\r\nsecond line\n' >passphrase_crlf
echo wrong >passphrase_wrong
echo 'wrong 390' >passphrase_wrong_390
printf '\nsecret\n' >passphrase_empty
openssl pkcs8 -topk8 -in p256.key -passout pass:secret -out encrypted.key
openssl pkcs8 -topk8 -in rsa.key -v2 aes-128-cbc -v2prf hmacWithSHA1 -passout pass:secret -out encrypted_rsa.key
openssl pkey -in p256.key -aes256 -passout pass:secret -out encrypted_aes256.key
openssl ec -in p256.key -aes256 -passout pass:secret -out old_encrypted.key
openssl ecparam -name prime256v1 -out parameters.pem
cat parameters.pem sec1.key >with_parameters.key

# Mistakes
: >empty.pem
echo 'nothing here' >no_pem.pem
sed '/END/d' p256.leaf.pem >unended.pem
sed 's/^MII/!!!/' p256.leaf.pem >not_base64.pem
printf -- '-----BEGIN CERTIFICATE-----\nAAECAwQF\n-----END CERTIFICATE-----\n' >not_der.pem
cat intermediate.pem p256.leaf.pem >wrong_order.pem
cat p256.leaf.pem root.pem >gap.pem
cat p256.key p384.key >two.key
{ for _ in 1 2 3 4 5 6; do cat p256.pem; done; } >too_many.pem
cat p256.key p256.pem >together.pem
sed 's/$/\r/' p256.pem >crlf.pem
chmod 600 ./*.key passphrase* together.pem p256.pem
cp p256.key readable.key
chmod 644 readable.key
rm -f ./10??.pem request.csr
