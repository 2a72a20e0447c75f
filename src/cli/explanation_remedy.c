/*
 * What to do about each verdict. A row: about a certificate that the client has sent, and about a
 * CA of the profile's files where that makes a difference. Where nobody could tell whether a
 * certificate is revoked, a row for each way in which that fails.
 */
#include "explanation.h"

/* clang-format off */
static const struct {
    const char *client;
    const char *trusted; /* NULL: the same */
} remedies[VERDICT_REASON_COUNT] = {
    [VERDICT_NO_CERTIFICATE] = {
        "Let the client present a certificate (curl: --cert and --key). If only some clients have one, use a listener with "
        "verify_client_auth_mode = passthrough for them.", NULL},
    [VERDICT_MALFORMED] = {
        "The certificate is damaged or not encoded as DER prescribes: export it anew at its CA, or have it issued anew. "
        "`openssl x509 -text` shows how far it can be read.", NULL},
    [VERDICT_UNABLE_TO_GET_ISSUER] = {
        "A trusted_client_ca file holds the CA without the root above it: put the root that issued it into that file.", NULL},
    [VERDICT_UNABLE_TO_GET_LOCAL_ISSUER] = {
        "Nobody here knows the issuer. If these clients shall get in: add the file of their root as one more trusted_client_ca of "
        "the profile. If their root is trusted already: let the client send the missing intermediate too.", NULL},
    [VERDICT_UNABLE_TO_VERIFY_FIRST] = {
        "The client sends its own certificate alone. Let it send the intermediates too, behind its own in one PEM file "
        "(cat client.pem intermediate.pem), or add them to the trusted_client_ca file.", NULL},
    [VERDICT_SELF_SIGNED] = {
        "The chain ends in a root that the profile does not trust. If these clients shall get in, add that root, when it is a CA, as one "
        "more trusted_client_ca; a client's own self-signed certificate has to be replaced by one of your CA.", NULL},
    [VERDICT_SIGNATURE_FAILURE] = {
        "The certificate was changed after it was signed, or signed by another CA of the same name. Compare the CA of the client with "
        "that of the trusted_client_ca file (openssl x509 -fingerprint -sha256); was the CA renewed with a new key, add the new one.", NULL},
    [VERDICT_NOT_YET_VALID] = {
        "Look at the clocks of the gateway and of the CA; else wait until its first day, or have it issued anew.",
        "The CA in the trusted_client_ca file is not valid yet: look at the gateway's clock, or keep the old CA in a file besides."},
    [VERDICT_EXPIRED] = {
        "Renew the certificate at its CA and install it at the client, with its intermediates. If it should be valid, look at the "
        "gateway's clock.",
        "The CA in the trusted_client_ca file has expired: put the renewed one into the file and load it."},
    [VERDICT_PATH_LENGTH] = {
        "A CA above allows fewer CAs below it (pathLen in basicConstraints). Have the client's certificate issued by a CA further up, or "
        "the upper CA issued with a larger pathLen.", NULL},
    [VERDICT_INVALID_CA] = {
        "The certificate was used to sign others and is no CA: it needs basicConstraints CA:TRUE, keyUsage (when there is one) with "
        "keyCertSign, and X.509 version 3. Have the CA issued anew, and its clients if its key changes.", NULL},
    [VERDICT_NAME_CONSTRAINT] = {
        "A CA above may issue only certain names (nameConstraints), and this one is outside of them. Have the client's certificate issued "
        "with permitted names, or by another CA.", NULL},
    [VERDICT_CRITICAL_EXTENSION] = {
        "The certificate has an extension that is marked critical and that nobody here understands. Have it issued without, or not "
        "marked critical.", NULL},
    [VERDICT_CHAIN_TOO_LONG] = {
        "Let the client send only its certificate and the intermediates above it: 16 certificates at most on a path and in all. A chain "
        "with many CAs of one name and different keys may also take too much searching.", NULL},
    [VERDICT_WEAK_ALGORITHM] = {
        "Have the certificate issued anew with SHA-256 or better and a key of RSA 2048 bits or more, P-256, P-384, P-521 or Ed25519.",
        "The CA in the trusted_client_ca file has a weak key or signature: replace it, and the certificates below it, by ones with "
        "SHA-256 or better and RSA 2048 bits or more, P-256, P-384, P-521 or Ed25519."},
    [VERDICT_POLICY] = {
        "A CA above demands a certificate policy (policyConstraints) that the chain does not have throughout. Have the client's "
        "certificate issued with that policy.", NULL},
    [VERDICT_UNSUPPORTED_PURPOSE] = {
        "Have the certificate issued for TLS clients: extendedKeyUsage clientAuth, keyUsage digitalSignature. A CA that has an "
        "extendedKeyUsage itself needs clientAuth in it too.", NULL},
    [VERDICT_ISSUER_DN_MISMATCH] = {
        "The profile demands the deepest CA of one of its trusted_client_ca files as issuer. Present a certificate issued by it, add a "
        "file whose deepest CA is this issuer, or set verify_client_cert_issuer_dn = off.", NULL},
    [VERDICT_IDENTITY_NOT_MATCHED] = {
        "No allow_identity line of the profile fits this certificate. Compare its subject, names, serial number and fingerprint above "
        "with the lines, and add one line for this client if it shall get in.", NULL},
    [VERDICT_REVOKED] = {
        "Its CA has revoked the certificate: have a new one issued, with a new key when the old one may be known. If that was a mistake, "
        "only the CA can say so, and only of certificateHold (removeFromCRL); the gateway follows with the first answer that says good.", NULL},
    [VERDICT_REVOCATION_UNKNOWN] = {
        "The responder does not know this certificate: ask its CA whether the responder has been told of it. One that was issued moments "
        "ago may only be too new; the gateway asks again.", NULL},
    [VERDICT_REVOCATION_UNAVAILABLE] = {
        "The responder gave no answer that can be trusted: look whether the gateway reaches its address, and its signature and dates.", NULL},
    [VERDICT_NO_OCSP_URL] = {
        "The certificate names no OCSP responder of http: have it issued with one, or name the responder in the profile (ocsp_responder). "
        "ocsp_failure = allow would let in everybody about whom nobody can be asked.", NULL},
    [VERDICT_OUT_OF_MEMORY] = {
        "There was no memory to judge with, and nothing is said of the certificate: free some on this machine and run explain again.", NULL},
};

#define OUR_FAULT "Look at the gateway's clock, and run explain again."

/* For revocation_unavailable: where on the way to an answer it went wrong. */
static const char *const fault_remedies[OCSP_FAULT_COUNT] = {
    [OCSP_FAULT_NONE] = OUR_FAULT,
    [OCSP_FAULT_NO_URL] = "Have the certificate issued with the URL of a responder, or set ocsp_responder in the profile.",
    [OCSP_FAULT_BAD_URL] =
        "Only http://HOST[:PORT]/PATH is asked. Have the certificate issued with such a URL, or set ocsp_responder in the profile.",
    [OCSP_FAULT_UNRESOLVED] =
        "Look whether this machine can resolve the responder's name (getent ahosts NAME), and whether the name is right.",
    [OCSP_FAULT_UNREACHABLE] =
        ("Start the responder, or let this machine reach its address and port (a firewall?). Until then who is in the cache gets in until "
         "its answer ends; ocsp_stale_grace would lengthen that."),
    [OCSP_FAULT_TIMEOUT] =
        ("The responder is overloaded or its network loses packets: `openssl ocsp -url URL` shows how long it takes. A longer ocsp_timeout "
         "(ocsp_connect_timeout, ocsp_read_timeout) helps when it is only slow."),
    [OCSP_FAULT_CLOSED] = "The responder ends connections before it has answered: look into its log, and at proxies on the way.",
    [OCSP_FAULT_HTTP] = "What answers there speaks no HTTP/1: look whether the URL names the responder's port.",
    [OCSP_FAULT_HTTP_STATUS] =
        "Look whether the URL's path is the responder's, and into its log; some want ocsp_method = get, some refuse it.",
    [OCSP_FAULT_REDIRECT] = "Redirects are not followed: have the certificate issued with the final URL, or set ocsp_responder to it.",
    [OCSP_FAULT_TOO_LARGE] = "What answers there is hardly a responder: look whether the URL is right.",
    [OCSP_FAULT_OVERLOAD] = "Too many questions wait already: run explain again, or raise ocsp_max_inflight.",
    [OCSP_FAULT_MALFORMED_REQUEST] =
        "The responder does not understand the request: try the other ocsp_method, and ocsp_nonce = off when it is on.",
    [OCSP_FAULT_INTERNAL_ERROR] = "The responder is broken: look into its log.",
    [OCSP_FAULT_TRY_LATER] = "The responder is overloaded or being updated: try again later; ocsp_stale_grace bridges such times.",
    [OCSP_FAULT_SIG_REQUIRED] = "The responder answers signed requests alone, which the gateway does not make: configure it otherwise.",
    [OCSP_FAULT_UNAUTHORIZED] =
        "The responder does not answer for this CA, or not for this certificate: look whether the URL belongs to the CA that issued it.",
    [OCSP_FAULT_MALFORMED] = "What answers there does not speak OCSP as RFC 6960 has it: `openssl ocsp -resp_text` shows how far it goes.",
    [OCSP_FAULT_CRITICAL_EXTENSION] = "The response demands something that nobody here understands: configure the responder without it.",
    [OCSP_FAULT_WRONG_CERTIFICATE] =
        "The response is about another certificate: look at caches on the way, and whether the responder serves this CA.",
    [OCSP_FAULT_NONCE] =
        "The responder signs in advance, or a cache answered, and our nonce is not in it: set ocsp_nonce = off, unless you must not.",
    [OCSP_FAULT_UNKNOWN_SIGNER] =
        ("Let the responder sign with the key of the CA itself, or of a certificate that this very CA has issued with extendedKeyUsage "
         "OCSPSigning, and send that certificate along."),
    [OCSP_FAULT_BAD_DELEGATE] =
        "The responder's own certificate has to be valid now and issued by the CA in question with extendedKeyUsage OCSPSigning: renew it.",
    [OCSP_FAULT_WEAK_ALGORITHM] =
        "Let the responder sign with SHA-256 or better and a key of RSA 2048 bits or more, P-256, P-384, P-521 or Ed25519.",
    [OCSP_FAULT_SIGNATURE] =
        ("The response was changed after it was signed, or signed by another key than it says: look at the responder's key, and at proxies "
         "on the way."),
    [OCSP_FAULT_NOT_YET_VALID] = "Compare the clocks of the gateway and of the responder: more than 300 s are between them.",
    [OCSP_FAULT_EXPIRED] =
        "The responder gives out old answers: look whether it still hears from its CA, at caches on the way, and at the clocks.",
    [OCSP_FAULT_FORGOTTEN] =
        "The certificate was revoked, and the responder knows it no longer: only its CA can say more, by an answer that says good.",
};

static const char nobody_asked[] =
    "Nobody was asked, and what the gateway may have kept was not found: run explain without --no-network and --time, or with the "
    "ocsp_cache_file of the gateway.";
/* clang-format on */

const char *explanation_remedy_of(const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    const struct revocation_evidence *evidence = explanation_revocation_decisive(explanation);
    bool is_trusted = verdict->presented_index < 0;
    if (verdict->reason == VERDICT_REVOCATION_UNAVAILABLE && evidence != NULL) {
        return evidence->is_supposed ? nobody_asked : fault_remedies[evidence->state.failure];
    }
    return is_trusted && remedies[verdict->reason].trusted != NULL
               ? remedies[verdict->reason].trusted
               : remedies[verdict->reason].client;
}
