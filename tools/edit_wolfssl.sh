#!/bin/sh
# Changes a few places of an unpacked wolfSSL source tree. tools/build_deps.sh calls it once, on a fresh tree.
#
# Usage: tools/edit_wolfssl.sh <source tree>
#
# A place is named by its file, its function and a short token, which must be found there exactly once. When a newer
# release has moved the code, the build stops with the name of the edit instead of going on without it.
set -eu

source_tree=${1:?usage: tools/edit_wolfssl.sh <source tree>}

fail() {
    echo "edit_wolfssl: $*" >&2
    exit 1
}

# edit <name> <file> <function> <token> before|replace <text>
#   before:  puts text on lines of its own in front of the line that holds the token
#   replace: puts text in the place of the token
# Everything reaches awk through the environment, because -v would interpret backslashes and line ends.
edit() {
    file=$source_tree/$2
    # A definition starts in the first column, and so does the brace that ends it.
    if ! function_name=$3 token=$4 action=$5 text=$6 awk '
        /^[a-zA-Z]/ && index($0, ENVIRON["function_name"] "(") { inside = 1 }
        /^}/                                                   { inside = 0 }
        inside && (at = index($0, ENVIRON["token"])) {
            found++
            if (ENVIRON["action"] == "before")
                print ENVIRON["text"]
            else
                $0 = substr($0, 1, at - 1) ENVIRON["text"] substr($0, at + length(ENVIRON["token"]))
        }
        { print }
        END { exit found != 1 }
    ' "$file" >"$file.edited"; then
        rm -f "$file.edited"
        fail "\"$1\" does not fit this release: $2, $3() must hold \"$4\" exactly once."
    fi
    mv "$file.edited" "$file"
    echo "edited: $1"
}

# wolfSSL feeds SHA-256, SHA-384 and SHA-512 with every handshake message. A TLS 1.3 server needs the hash of its suite, which a
# ticket has told before the hello is hashed; while none is chosen, it is one of the two that suites have. The others cost 6 to 7
# microseconds of each handshake. TLS 1.2 keeps all three: its CertificateVerify may use any of them.
edit 'hash only what the suite needs' src/internal.c HashRaw 'if (IsAtLeastTLSv1_2(' before \
'    if (ssl->options.side == WOLFSSL_SERVER_END && IsAtLeastTLSv1_3(ssl->version)) {
        if (ssl->specs.mac_algorithm != sha384_mac) {
            ret = wc_Sha256Update(&ssl->hsHashes->hashSha256, data, (word32)sz);
        }
        if (ret == 0 && ssl->specs.mac_algorithm != sha256_mac) {
            ret = wc_Sha384Update(&ssl->hsHashes->hashSha384, data, (word32)sz);
        }
        return ret;
    }'

# With verifyNone our own validator judges the chain, so wolfSSL need not parse the certificates behind the first. Without
# this edit, one unreadable intermediate ends the handshake and the client never sees the answer that says what is wrong.
edit 'leave the chain to our validator' src/internal.c ProcessPeerCerts 'args->count > 1' replace \
    '!ssl->options.verifyNone && args->count > 1'

# A client that moves here from another server offers that server's ticket. A TLS 1.2 ticket larger than ours would end the
# handshake; RFC 5077 3.1 lets a server that cannot use a ticket go on as if there were none, so take it for an empty one.
edit 'a foreign TLS 1.2 ticket is not an error' src/tls.c TLSX_SessionTicket_Parse 'length > SESSION_TICKET_LEN' before \
'        if (length > SESSION_TICKET_LEN) {
            length = 0;
        }'

# A client whose TLS 1.2 ticket is refused gets a new one with the full handshake that follows. wolfSSL asks whether the
# server has the extension already, which it never has at that point, and so gives none: the client's next visit would be a
# full handshake, too.
edit 'a new ticket for a refused one' src/tls.c TLSX_SessionTicket_Parse \
    '!TLSX_CheckUnsupportedExtension(ssl, TLSX_SESSION_TICKET)' replace '!ssl->options.noTicketTls12'

# The same for TLS 1.3: an identity that is too long is one we did not issue. The ticket decryption refuses it by its length
# and the next identity or a full handshake follows (RFC 8446 4.2.11). The new bound is the one the line has checked before.
edit 'a foreign TLS 1.3 ticket is not an error' src/tls.c TLSX_PreSharedKey_Parse_ClientHello 'MAX_PSK_ID_LEN' replace len

# A client that is asked again (HelloRetryRequest) leaves out the tickets whose hash is not that of the suite it was told (RFC
# 8446 4.1.4), so its second hello may hold none. wolfSSL keeps those of the first one and then finds that they are not the last
# extension of the second. What is offered, is offered there: binders are checked against it, and it starts with nothing.
edit 'tickets of the first hello are not offered in the second' src/tls13.c DoTls13ClientHello \
    'if ((ret = TLSX_PopulateExtensions(ssl, 1)) != 0)' before \
'    TLSX_Remove(&ssl->extensions, TLSX_PRE_SHARED_KEY, ssl->heap);'

# The one-byte ticket nonce comes back from the ticket and is counted up, so the 256th resumption in a row would fail for ever.
# A nonce need only differ among the tickets of one connection (RFC 8446 4.6.1): the first ticket starts at zero again.
edit 'ticket nonces start again on each connection' src/tls13.c SendTls13NewSessionTicket \
    'ssl->session->ticketNonce.len == 0' replace 'ssl->session->ticketNonce.len == 0 || ssl->options.ticketsSent == 0'

# A second wolfSSL_shutdown() may move the input buffer while data that was decrypted, but not yet read, still points into it
# (CVE-2026-15442). The peer's answer to the first one waits behind that data anyway.
edit 'a shutdown does not move unread data' src/ssl.c wolfSSL_shutdown 'ret = ProcessReply(' before \
'            if (ssl->buffers.clearOutputBuffer.length > 0) {
                return WOLFSSL_SHUTDOWN_NOT_DONE;
            }'

# A TLS 1.2 client must not switch to keys that it has not agreed on yet: until its ClientKeyExchange is sent the master
# secret is all zero, and anybody could make the server's Finished (CVE-2026-93304).
edit 'no ChangeCipherSpec before ClientKeyExchange' src/internal.c SanityCheckMsgReceived \
    'if (ssl->expect_session_ticket)' before \
'                if (!ssl->options.resuming && ssl->options.clientState < CLIENT_KEYEXCHANGE_COMPLETE) {
                    return OUT_OF_ORDER_E;
                }'

# A client may send early data for a ticket that another server gave it. We take none, but must pass over it until a record comes
# that our keys open (RFC 8446 4.2.10); wolfSSL does so only when it takes early data. src/tls/tls_early_data.c has the limit.
# It is not encrypted for us: under keys, the first record can not be opened; behind a HelloRetryRequest there are no keys yet.
edit 'early data under keys is passed over' src/internal.c DoProcessReplyEx 'WOLFSSL_MSG("Decrypt failed");' before \
'                    if (ssl->options.side == WOLFSSL_SERVER_END && IsAtLeastTLSv1_3(ssl->version) &&
                        ssl->keys.peer_sequence_number_hi == 0 && ssl->keys.peer_sequence_number_lo == 1 &&
                        tls_early_data_skip(ssl, ssl->curSize)) {
                        ssl->keys.peer_sequence_number_lo = 0;
                        ssl->options.processReply = doProcessInit;
                        ssl->buffers.inputBuffer.idx += ssl->curSize;
                        return 0;
                    }'
edit 'early data before keys is passed over' src/internal.c DoApplicationData 'if (ssl->options.handShakeDone == 0) {' before \
'    if (ssl->options.side == WOLFSSL_SERVER_END && !IsEncryptionOn(ssl, 0) &&
        ssl->options.serverState == SERVER_HELLO_RETRY_REQUEST_COMPLETE && tls_early_data_skip(ssl, ssl->curSize)) {
        *inOutIdx += ssl->curSize;
        return 0;
    }'

# Names are read by our own code alone. wolfSSL's reader refuses some that are right, such as a relative name of two
# attributes (RFC 5280 section 4.1.2.4), and a client with such a certificate would fail its handshake instead of being judged.
edit 'leave names to our reader' wolfcrypt/src/asn.c GetCertName '/* Process all RDNs in name. */' before \
'        srcIdx = maxIdx;'

# X25519's and Ed25519's table look-up loads a constant with an SSE instruction, which leaves the upper half of the register as
# it was, and then uses the whole: every second public key is wrong when the P-256 code ran just before on the thread.
x25519=$source_tree/wolfcrypt/src/fe_x25519_asm.S
if [ "$(grep -c '[^v]movd[[:space:]]*%rbx, %xmm9' "$x25519")" != 1 ]; then
    fail '"a look-up clears its registers itself" does not fit this release.'
fi
sed 's/movd\([[:space:]]*%rbx, %xmm9\)/vmovq\1/' "$x25519" >"$x25519.edited"
mv "$x25519.edited" "$x25519"
echo 'edited: a look-up clears its registers itself'

# Keys are wiped some hundred times a handshake, each time between two full memory fences, which wait for every store before them:
# 2 microseconds. No other thread looks at what is wiped; all that is needed is a compiler that takes it for read.
misc=$source_tree/wolfcrypt/src/misc.c
wiping='/^WC_MISC_STATIC WC_INLINE void ForceZero(/,/^}/'
if [ "$(sed -n "$wiping p" "$misc" | grep -c 'XFENCE();')" != 2 ]; then
    fail '"wiping waits for no store" does not fit this release.'
fi
sed "$wiping s/XFENCE();/__asm__ __volatile__(\"\" : : \"r\"(mem) : \"memory\");/" "$misc" >"$misc.edited"
mv "$misc.edited" "$misc"
echo 'edited: wiping waits for no store'

# Functions that use the 256-bit registers and return without clearing their upper halves make every SHA-256 that follows
# on the thread up to 130 times slower on processors where mixing the two kinds of instructions costs (measured with SHA-NI
# and AVX-512: 0.33 against 45 microseconds for 600 bytes). So `vzeroupper` goes in front of each such return.
clear_vectors() {
    file=$source_tree/$1
    awk '
        { line[NR] = $0 }
        /^[_a-zA-Z][_a-zA-Z0-9]*:/ && !/^L_/ { uses = 0; clears = 0 }
        /%ymm/                               { uses = 1 }
        /vzeroupper/                         { clears = 1 }
        /^[ \t]*(repz )?retq?$/              { if (uses && !clears) { dirty[NR] = 1; count++ } }
        END {
            for (i = 1; i <= NR; i++) {
                if (dirty[i])
                    print "        vzeroupper"
                print line[i]
            }
            exit count == 0
        }
    ' "$file" >"$file.edited" || fail "\"clear the vector registers\" found nothing to clear in $1; a newer release may do it itself."
    mv "$file.edited" "$file"
    echo "edited: clear the vector registers in $1"
}
clear_vectors wolfcrypt/src/sp_x86_64_asm.S
clear_vectors wolfcrypt/src/poly1305_asm.S

# The lean build cannot tell clients whose certificates are asked for: without the OpenSSL layer it keeps no names. Ours
# (src/tls/tls_ca_names.c) go into the one message that carries them, in the form of either version.
edit 'room for CA names in TLS 1.3' src/tls13.c SendTls13CertificateRequest 'sendSz = (int)(i + reqSz);' before \
'    reqSz += tls_ca_names_extension_size(ssl);'
edit 'CA names in TLS 1.3' src/tls13.c SendTls13CertificateRequest 'i += reqSz;' before \
'    reqSz = tls_ca_names_extension_put(ssl, output + i, reqSz);'
edit 'count CA names in TLS 1.2' src/internal.c SendCertificateRequest 'reqSz = ENUM_LEN + typeTotal' before \
'    dnLen = tls_ca_names_size(ssl);'
edit 'room for CA names in TLS 1.2' src/internal.c SendCertificateRequest 'REQ_HEADER_SZ;  /* add auth later */' replace \
    'REQ_HEADER_SZ + (int)dnLen;'
edit 'CA names in TLS 1.2' src/internal.c SendCertificateRequest 'i += REQ_HEADER_SZ;' replace \
    'i += REQ_HEADER_SZ; tls_ca_names_put(ssl, output + i); i += dnLen;'

# Stapling (RFC 6066 section 8) from what our OCSP engine knows, without wolfSSL's: that one allocates 2.7 KB for each client that
# asks and makes every session larger. src/tls/tls_staple.c gives the bytes. In TLS 1.2 they are a message of their own,
# announced in the ServerHello; in TLS 1.3 an extension of the first certificate.
edit 'room for an announced staple' src/tls.c TLSX_GetResponseSize 'if (TLSX_SupportExtensions(ssl)) {' before \
'    if (msgType == server_hello && !IsAtLeastTLSv1_3(ssl->version))
        length += (word16)tls_staple_notice_size(ssl);
'
edit 'a staple is announced' src/tls.c TLSX_WriteResponse 'if (offset > OPAQUE16_LEN || msgType != server_hello)' before \
'        if (msgType == server_hello && !IsAtLeastTLSv1_3(ssl->version))
            offset += (word16)tls_staple_notice_put(ssl, output + offset);
'
edit 'a staple in TLS 1.2' src/internal.c SendCertificateStatus 'switch (status_type) {' before \
'    word32 staple_size = tls_staple_message_size(ssl);
    if (staple_size > 0) {
        byte* staple = (byte*)XMALLOC(RECORD_HEADER_SZ + HANDSHAKE_HEADER_SZ + staple_size, ssl->heap, DYNAMIC_TYPE_OCSP);
        if (staple == NULL)
            return MEMORY_E;
        AddHeaders(staple, staple_size, certificate_status, ssl);
        tls_staple_message_put(ssl, staple + RECORD_HEADER_SZ + HANDSHAKE_HEADER_SZ);
        ret = SendHandshakeMsg(ssl, staple, staple_size, certificate_status, "Certificate Status");
        XFREE(staple, ssl->heap, DYNAMIC_TYPE_OCSP);
        return ret;
    }
'
edit 'room for a staple in TLS 1.3' src/tls13.c SendTls13Certificate 'totalextSz += OPAQUE16_LEN;' replace \
    'totalextSz += extSz[0] = (word16)tls_staple_extensions_size(ssl);'
edit 'a staple in TLS 1.3' src/tls13.c AddCertExt 'if (extSz == OPAQUE16_LEN) {' before \
'    if (copySz > fragSz - i)
        copySz = fragSz - i;
    tls_staple_extensions_put(ssl, extSz, idx + i - len, output + i, copySz);
    i += copySz;
    if (i > 0)
        return i;
'
edit 'no staple for issuers in TLS 1.3' src/tls13.c SendTls13Certificate 'AddCertExt(ssl, p, len, extSz[extIdx],' replace \
    'AddCertExt(ssl, p, len, OPAQUE16_LEN,'

# Without the session cache wolfSSL still calls the two functions that search it, and does not link. A search that finds
# nothing also closes a way around the ticket callback: a 32-byte TLS 1.3 identity would be looked up there.
if grep -q 'TlsSessionCacheGetAndRdLock' "$source_tree/wolfssl/internal.h"; then
    cat >>"$source_tree/src/internal.c" <<'CODE'

#ifdef NO_SESSION_CACHE
void TlsSessionCacheUnlockRow(word32 row)
{
    (void)row;
}

int TlsSessionCacheGetAndRdLock(const byte *id, const WOLFSSL_SESSION **session, word32 *row, byte side)
{
    (void)id;
    (void)row;
    (void)side;
    *session = NULL;
    return -1;
}
#endif
CODE
    echo 'edited: an absent session cache finds nothing'
else
    fail '"an absent session cache finds nothing" does not fit this release: wolfssl/internal.h no longer declares it.'
fi
