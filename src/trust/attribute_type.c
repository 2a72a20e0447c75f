/*
 * The short names of attribute types, as the field prints them in RFC 2253 strings. Called when a
 * Name is rendered, or read from a configuration; constants only. An arc is an OID less its last
 * number, which is the index into the arc's names.
 */
#include "attribute_type.h"

#include <stddef.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
static const char *const x520[] = {
    [3] = "CN", [4] = "SN", [5] = "serialNumber", [6] = "C", [7] = "L", [8] = "ST", [9] = "street",
    [10] = "O", [11] = "OU", [12] = "title", [13] = "description", [14] = "searchGuide",
    [15] = "businessCategory", [16] = "postalAddress", [17] = "postalCode", [18] = "postOfficeBox",
    [19] = "physicalDeliveryOfficeName", [20] = "telephoneNumber", [21] = "telexNumber",
    [22] = "teletexTerminalIdentifier", [23] = "facsimileTelephoneNumber", [24] = "x121Address",
    [25] = "internationaliSDNNumber", [26] = "registeredAddress", [27] = "destinationIndicator",
    [28] = "preferredDeliveryMethod", [29] = "presentationAddress",
    [30] = "supportedApplicationContext", [31] = "member", [32] = "owner", [33] = "roleOccupant",
    [34] = "seeAlso", [35] = "userPassword", [36] = "userCertificate", [37] = "cACertificate",
    [38] = "authorityRevocationList", [39] = "certificateRevocationList",
    [40] = "crossCertificatePair", [41] = "name", [42] = "GN", [43] = "initials",
    [44] = "generationQualifier", [45] = "x500UniqueIdentifier", [46] = "dnQualifier",
    [47] = "enhancedSearchGuide", [48] = "protocolInformation", [49] = "distinguishedName",
    [50] = "uniqueMember", [51] = "houseIdentifier", [52] = "supportedAlgorithms",
    [53] = "deltaRevocationList", [54] = "dmdName", [65] = "pseudonym", [72] = "role",
    [97] = "organizationIdentifier", [98] = "c3", [99] = "n3", [100] = "dnsName",
};

static const char *const pilot[] = {
    [1] = "UID", [2] = "textEncodedORAddress", [3] = "mail", [4] = "info", [5] = "favouriteDrink",
    [6] = "roomNumber", [7] = "photo", [8] = "userClass", [9] = "host", [10] = "manager",
    [11] = "documentIdentifier", [12] = "documentTitle", [13] = "documentVersion",
    [14] = "documentAuthor", [15] = "documentLocation", [20] = "homeTelephoneNumber",
    [21] = "secretary", [22] = "otherMailbox", [23] = "lastModifiedTime", [24] = "lastModifiedBy",
    [25] = "DC", [26] = "aRecord", [27] = "pilotAttributeType27", [28] = "mXRecord",
    [29] = "nSRecord", [30] = "sOARecord", [31] = "cNAMERecord", [37] = "associatedDomain",
    [38] = "associatedName", [39] = "homePostalAddress", [40] = "personalTitle",
    [41] = "mobileTelephoneNumber", [42] = "pagerTelephoneNumber", [43] = "friendlyCountryName",
    [44] = "uid", [45] = "organizationalStatus", [46] = "janetMailbox",
    [47] = "mailPreferenceOption", [48] = "buildingName", [49] = "dSAQuality",
    [50] = "singleLevelQuality", [51] = "subtreeMinimumQuality", [52] = "subtreeMaximumQuality",
    [53] = "personalSignature", [54] = "dITRedirect", [55] = "audio", [56] = "documentPublisher",
};

static const char *const pkcs9[] = {
    [1] = "emailAddress", [2] = "unstructuredName", [3] = "contentType", [4] = "messageDigest",
    [5] = "signingTime", [6] = "countersignature", [7] = "challengePassword",
    [8] = "unstructuredAddress", [9] = "extendedCertificateAttributes", [14] = "extReq",
    [15] = "SMIME-CAPS", [16] = "SMIME", [20] = "friendlyName", [21] = "localKeyID",
};

static const char *const jurisdiction[] = {
    [1] = "jurisdictionL", [2] = "jurisdictionST", [3] = "jurisdictionC",
};

static const char *const russian[] = {
    [1] = "OGRN", [3] = "SNILS", [5] = "OGRNIP", [111] = "subjectSignTool",
    [112] = "issuerSignTool", [113] = "classSignTool",
};

static const char *const tax[] = {
    [1] = "INN",
};

static const struct {
    struct bytes prefix;
    const char *const *names;
    size_t name_count;
} arcs[] = {
    {BYTES_OF("\x55\x04"), x520, COUNT_OF(x520)},
    {BYTES_OF("\x09\x92\x26\x89\x93\xF2\x2C\x64\x01"), pilot, COUNT_OF(pilot)},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x09"), pkcs9, COUNT_OF(pkcs9)},
    {BYTES_OF("\x2B\x06\x01\x04\x01\x82\x37\x3C\x02\x01"), jurisdiction, COUNT_OF(jurisdiction)},
    {BYTES_OF("\x2A\x85\x03\x64"), russian, COUNT_OF(russian)},
    {BYTES_OF("\x2A\x85\x03\x03\x81\x03\x01"), tax, COUNT_OF(tax)},
};

/* What other systems print for some of them. */
static const struct {
    struct bytes alias;
    const char *name;
} aliases[] = {
    {BYTES_OF("E"), "emailAddress"}, {BYTES_OF("S"), "ST"},       {BYTES_OF("G"), "GN"},
    {BYTES_OF("T"), "title"},        {BYTES_OF("I"), "initials"},
};
/* clang-format on */

const char *attribute_type_short_name(struct bytes type)
{
    for (size_t i = 0; i < COUNT_OF(arcs); i++) {
        size_t length = arcs[i].prefix.length;
        if (type.length == length + 1 && type.at[length] < arcs[i].name_count &&
            bytes_equal(bytes_slice(type, 0, length), arcs[i].prefix)) {
            return arcs[i].names[type.at[length]];
        }
    }
    return NULL;
}

/* UID and uid are two types: an exact name goes before one that differs in case. */
static size_t find_type(struct bytes name, bool is_exact, uint8_t out[ATTRIBUTE_TYPE_SIZE_MAX])
{
    for (size_t i = 0; i < COUNT_OF(arcs); i++) {
        for (size_t last = 0; last < arcs[i].name_count; last++) {
            struct bytes known = arcs[i].names[last] == NULL
                                     ? (struct bytes){0}
                                     : bytes_from_string(arcs[i].names[last]);
            bool is_same =
                is_exact ? bytes_equal(name, known) : bytes_equal_ignoring_case(name, known);
            if (known.length > 0 && is_same) {
                memcpy(out, arcs[i].prefix.at, arcs[i].prefix.length);
                out[arcs[i].prefix.length] = (uint8_t)last; /* all are below 128 */
                return arcs[i].prefix.length + 1;
            }
        }
    }
    return 0;
}

size_t attribute_type_from_name(struct bytes name, uint8_t out[ATTRIBUTE_TYPE_SIZE_MAX])
{
    for (size_t i = 0; i < COUNT_OF(aliases); i++) {
        if (bytes_equal_ignoring_case(name, aliases[i].alias)) {
            name = bytes_from_string(aliases[i].name);
        }
    }
    size_t length = find_type(name, true, out);
    return length > 0 ? length : find_type(name, false, out);
}
