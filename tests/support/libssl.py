"""What OpenSSL can and Python's ssl does not show: the insides of sessions, groups, suites, early data, external keys.

The objects are Python's own; what they hold of libssl is the first thing behind their head, as in every CPython since
3.6. A look at two known values when this file is loaded would tell if that changed.
"""

import ctypes
import dataclasses
import ssl

from support.authority import tool

_HEAD = object.__basicsize__
_WORD = ctypes.sizeof(ctypes.c_void_p)
_SET_GROUPS_LIST = 92
_ALLOW_NO_DHE_KEX = 1 << 10
TLS12, TLS13 = 0x0303, 0x0304


def _load():
    library = ctypes.PyDLL("libssl.so.3")
    pointer, number, size = ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t
    table = {
        "i2d_SSL_SESSION": (number, [pointer, pointer]),
        "d2i_SSL_SESSION": (pointer, [pointer, pointer, ctypes.c_long]),
        "SSL_SESSION_free": (None, [pointer]),
        "SSL_SESSION_get_time": (ctypes.c_long, [pointer]),
        "SSL_SESSION_new": (pointer, []),
        "SSL_SESSION_set1_master_key": (number, [pointer, ctypes.c_char_p, size]),
        "SSL_SESSION_set_cipher": (number, [pointer, pointer]),
        "SSL_SESSION_set_protocol_version": (number, [pointer, number]),
        "SSL_CIPHER_find": (pointer, [pointer, ctypes.c_char_p]),
        "SSL_CTX_ctrl": (ctypes.c_long, [pointer, number, ctypes.c_long, pointer]),
        "SSL_CTX_set_ciphersuites": (number, [pointer, ctypes.c_char_p]),
        "SSL_CTX_set_options": (ctypes.c_uint64, [pointer, ctypes.c_uint64]),
        "SSL_CTX_set_psk_use_session_callback": (None, [pointer, pointer]),
        "SSL_write_early_data": (number, [pointer, ctypes.c_char_p, size, pointer]),
        "SSL_get_early_data_status": (number, [pointer]),
    }
    for name, (result, arguments) in table.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_ssl = _load()


def _inside(owner, word=0):
    """The place of a pointer inside one of Python's objects; 0 is the first behind its head."""
    return ctypes.c_void_p.from_address(id(owner) + _HEAD + word * _WORD)


def must(done):
    if not done or (isinstance(done, int) and done < 0):
        raise RuntimeError("libssl refuses")
    return done


# ------------------------------------------------------------------------------------------- sessions

# Tags of SSL_SESSION's optional fields, as OpenSSL writes a session to a file.
_TIME, _TIMEOUT, _HINT, _TICKET, _AGE_ADD, _EARLY_DATA = 0xA1, 0xA2, 0xA9, 0xAA, 0xAE, 0xAF
_VERSION_AT, _CIPHER_AT, _ID_AT, _SECRET_AT = 1, 2, 3, 4


@dataclasses.dataclass
class Inside:
    """What a client knows of its session."""

    version: int
    suite: bytes             # its two bytes on the wire
    secret: bytes            # the key of the ticket in TLS 1.3, the master secret in TLS 1.2
    ticket: bytes
    made_at: int
    hint_seconds: int
    age_add: int


def _fields_of(session):
    size = must(_ssl.i2d_SSL_SESSION(_inside(session), None))
    octets = ctypes.create_string_buffer(size)
    at = ctypes.c_void_p(ctypes.addressof(octets))
    must(_ssl.i2d_SSL_SESSION(_inside(session), ctypes.byref(at)))
    return tool.der.elements(tool.der.elements(octets.raw)[0][2])


def inside(session):
    fields = _fields_of(session)
    assert session.time == _ssl.SSL_SESSION_get_time(_inside(session)), "Python lays its sessions out in another way"
    optional = {tag: tool.der.elements(content)[0][2] for tag, _whole, content in fields if tag >= 0xA0 and tag != 0xA3}

    def number(tag):
        return int.from_bytes(optional.get(tag, b""), "big")

    return Inside(int.from_bytes(fields[_VERSION_AT][2], "big"), fields[_CIPHER_AT][2], fields[_SECRET_AT][2],
                  optional.get(_TICKET, b""), number(_TIME), number(_HINT), number(_AGE_ADD))


def change(session, **changes):
    """version, suite, secret, ticket, hint_seconds, made_at, timeout_seconds, age_add, early_data_size: the session lies
    from now on. Without effect on connections that use it already."""
    plain = {"version": _VERSION_AT, "suite": _CIPHER_AT, "secret": _SECRET_AT}
    tagged = {"made_at": _TIME, "timeout_seconds": _TIMEOUT, "hint_seconds": _HINT, "ticket": _TICKET,
              "age_add": _AGE_ADD, "early_data_size": _EARLY_DATA}
    fields = _fields_of(session)
    wholes = [whole for _tag, whole, _content in fields]
    by_tag = {whole[0]: whole for whole in wholes[5:]}
    for name, value in changes.items():
        written = tool.der.integer(value) if isinstance(value, int) else tool.der.tlv(0x04, value)
        if name in plain:
            wholes[plain[name]] = written
        else:
            by_tag[tagged[name]] = tool.der.tlv(tagged[name], written)
    octets = tool.der.sequence(*wholes[:5], *[by_tag[tag] for tag in sorted(by_tag)])
    buffer = ctypes.create_string_buffer(octets, len(octets))
    at = ctypes.c_void_p(ctypes.addressof(buffer))
    made = must(_ssl.d2i_SSL_SESSION(None, ctypes.byref(at), len(octets)))
    place = _inside(session)
    old, place.value = place.value, made
    _ssl.SSL_SESSION_free(old)
    return session


# ------------------------------------------------------------------------------------------- contexts


def set_groups(context, names):
    """The first is the one that the client makes a key share for."""
    must(_ssl.SSL_CTX_ctrl(_inside(context), _SET_GROUPS_LIST, 0, ctypes.c_char_p(names.encode())))


def set_suites13(context, names):
    must(_ssl.SSL_CTX_set_ciphersuites(_inside(context), names.encode()))


def allow_keys_without_exchange(context):
    """psk_ke of RFC 8446 4.2.9: a resumption without forward secrecy is offered too."""
    _ssl.SSL_CTX_set_options(_inside(context), _ALLOW_NO_DHE_KEX)


_USE_SESSION = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p),
                                ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_void_p))
_kept = []  # libssl calls them as long as their contexts live


def offer_beside(context, ticket, suite=b"\x13\x01", secret=b"k" * 32):
    """From now on an external key of the name `ticket` is offered behind the session's own ticket."""
    name = ctypes.create_string_buffer(ticket, len(ticket))

    def use(library, _digest, ret_name, ret_size, ret_session):
        made = must(_ssl.SSL_SESSION_new())
        must(_ssl.SSL_SESSION_set1_master_key(made, secret, len(secret)))
        must(_ssl.SSL_SESSION_set_cipher(made, must(_ssl.SSL_CIPHER_find(library, suite))))
        must(_ssl.SSL_SESSION_set_protocol_version(made, TLS13))
        ret_name[0], ret_size[0], ret_session[0] = ctypes.addressof(name), len(ticket), made
        return 1

    callback = _USE_SESSION(use)
    _kept.append((callback, name))
    _ssl.SSL_CTX_set_psk_use_session_callback(_inside(context), ctypes.cast(callback, ctypes.c_void_p))


# ----------------------------------------------------------------------------------------- early data


def write_early_data(tls, octets):
    """tls: an ssl.SSLObject before its handshake, with a session that allows it. Its hello is then in the memory too."""
    assert isinstance(tls, ssl.SSLObject)
    written = ctypes.c_size_t()
    must(_ssl.SSL_write_early_data(_inside(tls._sslobj, 1), octets, len(octets),  # pylint: disable=protected-access
                                   ctypes.byref(written)))
    return written.value


def early_data_is_accepted(tls):
    return _ssl.SSL_get_early_data_status(_inside(tls._sslobj, 1)) == 2  # pylint: disable=protected-access
