"""What a plan says about TLS: whom to trust, who we are, what to speak. Values only."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["TlsOptions", "TlsPeer", "TlsVersion"]


class TlsVersion(StrEnum):
    """A version of TLS that may be spoken."""

    TLS_1_2 = "1.2"
    TLS_1_3 = "1.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsOptions:
    """How https targets are spoken to. A text of "" is not given.

    Attributes:
        verify: the certificate and its host name are checked; False accepts anybody, whatever
            ca_file is.
        ca_file: PEM file with the authorities to trust, instead of the system's.
        cert_file: PEM file with the client certificate and its chain.
        key_file: PEM file with its key, without a passphrase; "" when cert_file has it.
        minimum: the oldest version that is accepted.
        ciphers: OpenSSL's names with colons between them; those of TLS 1.3 begin with TLS_.
        resume: connections resume the session of an earlier one.
        server_name: who the server must be, instead of the host of its URL.
    """

    verify: bool = True
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    minimum: TlsVersion = TlsVersion.TLS_1_2
    ciphers: str = ""
    resume: bool = False
    server_name: str = ""

    @property
    def cipher_list(self) -> str:
        """The names of `ciphers` that are for TLS 1.2."""
        return ":".join(name for name in self._names if not name.startswith("TLS_"))

    @property
    def cipher_suites(self) -> str:
        """The names of `ciphers` that are for TLS 1.3."""
        return ":".join(name for name in self._names if name.startswith("TLS_"))

    @property
    def _names(self) -> list[str]:
        return [name for name in self.ciphers.split(":") if name]

    def problems(self) -> list[str]:
        """What does not go together; one sentence each."""
        if self.key_file and not self.cert_file:
            return [f"key: {self.key_file!r} is given without its certificate; add cert"]
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsPeer:
    """A server that is spoken to by TLS.

    Attributes:
        host: the name or IP address that its certificate must be for.
    """

    host: str
    options: TlsOptions

    @property
    def is_address(self) -> bool:
        """True when host is an IP address: such are not sent as server name (RFC 6066)."""
        try:
            ipaddress.ip_address(self.host.partition("%")[0])
        except ValueError:
            return False
        return True

    @property
    def name(self) -> str:
        """The host as a certificate has it: without an IPv6 zone or the final dot of DNS."""
        return self.host.partition("%")[0].removesuffix(".")
