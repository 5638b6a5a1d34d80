"""One TLS handshake before a run, so that a bad certificate ends it in a second, with a sentence.

By Python's own ssl, with the options that the engine's OpenSSL gets; the slow path uses it too.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loadgen.errors import ConfigError, TargetError
from loadgen.tls import TlsPeer, TlsVersion

if TYPE_CHECKING:
    from loadgen.address import Address
    from loadgen.target_url import Target
    from loadgen.tls import TlsOptions

__all__ = ["Certificate", "client_context", "require_handshake"]

PATIENCE_S = 5.0
_VERSIONS = {
    TlsVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2,
    TlsVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3,
}
_REMEDIES = {
    9: "check this machine's clock",
    10: "renew it, and check this machine's clock",
    18: "trust it with --cacert",
    19: "name the authority's certificate with --cacert",
    20: "name its authority's certificate with --cacert",
    21: "have the server send its whole chain, or name its authority with --cacert",
    62: "use one of its names in the URL",
    64: "use one of its names in the URL",
}
"""What to do, by X509_V_ERR_* (openssl-verification-options(1))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What people look for in a server's certificate; a text of "" is not known.

    Attributes:
        names: the host names and addresses that it is for.
        expires: the end of its validity, as OpenSSL writes it.
    """

    subject: str = ""
    issuer: str = ""
    names: tuple[str, ...] = ()
    expires: str = ""

    @classmethod
    def from_info(cls, info: Mapping[str, Any]) -> Certificate:
        """From the form that ssl.SSLSocket.getpeercert describes."""
        return cls(
            subject=_distinguished(info.get("subject", ())),
            issuer=_distinguished(info.get("issuer", ())),
            names=tuple(value for _, value in info.get("subjectAltName", ())),
            expires=info.get("notAfter", ""),
        )

    def __str__(self) -> str:
        parts = (
            (self.subject, f"of {self.subject}"),
            (self.issuer, f"issued by {self.issuer}"),
            (self.names, f"for {', '.join(self.names)}"),
            (self.expires, f"valid until {self.expires}"),
        )
        return ", ".join(text for known, text in parts if known)


def client_context(options: TlsOptions) -> ssl.SSLContext:
    """What Python's ssl makes of the options.

    Raises:
        ConfigError: a file cannot be used, or OpenSSL does not know a cipher.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[options.minimum]
    context.set_alpn_protocols(["http/1.1"])
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif options.ca_file:
        _load("--cacert", options.ca_file, lambda: context.load_verify_locations(options.ca_file))
    else:
        context.set_default_verify_paths()
    if options.cert_file:
        key_file = options.key_file or None
        _load(
            "--cert",
            " and ".join(filter(None, (options.cert_file, options.key_file))),
            lambda: context.load_cert_chain(options.cert_file, key_file, password=_no_password),
        )
    try:
        context.set_ciphers(options.cipher_list or "DEFAULT")
    except ssl.SSLError:
        raise ConfigError(
            f"--tls-ciphers: OpenSSL knows none of {options.cipher_list!r}; "
            "`openssl ciphers` lists those that it knows"
        ) from None
    return context


def require_handshake(
    target: Target,
    addresses: tuple[Address, ...],
    options: TlsOptions,
    patience_s: float = PATIENCE_S,
) -> None:
    """Does a handshake with the first address that can be connected to; nothing for http://.

    Raises:
        ConfigError: the options cannot be used on this machine.
        TargetError: the server's certificate is not accepted, or it speaks no TLS like ours.
    """
    if target.scheme != "https":
        return
    context = client_context(options)
    name = TlsPeer(host=options.server_name or target.host, options=options).name
    for address in addresses:
        try:
            connection = _connect(address, patience_s)
        except OSError:
            continue
        with connection:
            try:
                context.wrap_socket(connection, server_hostname=name).close()
            except OSError as error:
                raise TargetError(
                    f"target {target.url} {_failure(error, address, name, patience_s)}"
                ) from None
        return


def _load(option: str, files: str, load: Any) -> None:  # noqa: ANN401
    try:
        load()
    except ssl.SSLError as error:
        why = (error.reason or "not in PEM form").replace("_", " ").lower()
        raise ConfigError(
            f"{option}: {files} cannot be used ({why}); expected PEM, its key without a passphrase"
        ) from None
    except OSError as error:
        raise ConfigError(f"{option}: {files} cannot be read ({error.strerror})") from None


def _no_password() -> str:
    """Instead of OpenSSL's own question on the terminal."""
    return ""


def _connect(address: Address, patience_s: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    where = (address.host, address.port)
    connection = socket.socket(family, socket.SOCK_STREAM)
    connection.settimeout(patience_s)
    try:
        connection.connect(where if family == socket.AF_INET else (*where, 0, address.scope))
    except OSError:
        connection.close()
        raise
    return connection


def _failure(error: OSError, address: Address, name: str, patience_s: float) -> str:
    """Why the handshake failed, as the end of a sentence about the target."""
    match error:
        case ssl.SSLCertVerificationError():
            seen = str(_presented(address, name, patience_s))
            remedy = _REMEDIES.get(error.verify_code, "look at it with openssl s_client")
            return (
                f"has a certificate that is not accepted: {error.verify_message.rstrip('.')}"
                f"{f' (it is {seen})' if seen else ''}; {remedy}, or accept any with --insecure"
            )
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "HTTP_REQUEST"):
            return f"speaks no TLS on port {address.port}; is it an http:// server?"
        case TimeoutError():
            return f"did not finish a TLS handshake within {patience_s:g} s; is it a TLS server?"
        case ssl.SSLEOFError():
            return "closed the connection in the TLS handshake; is it a TLS server?"
        case ssl.SSLError():
            why = (error.reason or str(error)).replace("_", " ").lower()
            return (
                f"refuses the TLS handshake ({why}); check --tls-min, --tls-ciphers, and whether "
                "it wants a client certificate (--cert)"
            )
        case _:
            why = (error.strerror or str(error)).lower()
            return f"broke off the TLS handshake ({why}); is it a TLS server?"


def _presented(address: Address, name: str, patience_s: float) -> Certificate:
    """The certificate that the server shows, whatever is wrong with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            _connect(address, patience_s) as connection,
            context.wrap_socket(connection, server_hostname=name) as secure,
        ):
            # ssl decodes verified certificates only; its own object has the others, too.
            chain = secure._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # private
            return Certificate.from_info(chain[0].get_info())
    except (OSError, AttributeError):
        return Certificate()


def _distinguished(name: Any) -> str:  # noqa: ANN401 - nested tuples of ssl's own form
    """The common name of a distinguished name, or what it has instead."""
    parts = [(key, value) for group in name for key, value in group]
    common = [value for key, value in parts if key == "commonName"]
    return common[-1] if common else ", ".join(value for _, value in parts)
