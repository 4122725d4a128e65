"""HTTPS listeners: which certificates, protocols and ciphers, and who must show a certificate."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.fleet.balancing import EdgeCertificate, EdgeDocument, EdgeTls, EdgeTrustStore

# HAProxy wants to know some authority before it asks clients for certificates, even where it takes any.
_ACCEPT_ANY = "verify optional ca-file {ca} no-ca-names crt-ignore-err all ca-ignore-err all"
# With `!*` in its place HAProxy forgets all that follows on `bind` when the certificate is replaced: who must
# show a certificate, protocols, ciphers.
_NOWHERE = "default.invalid"
_PROTOCOLS = ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_EXPIRED = "X509_V_ERR_CERT_HAS_EXPIRED"
_NO_LIST = "X509_V_ERR_UNABLE_TO_GET_CRL"

CERTIFICATE_HEADERS = tuple(
    f"X-Amzn-Mtls-Clientcert{part}"
    for part in ("", "-Leaf", "-Serial-Number", "-Issuer", "-Subject", "-Validity")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsBind:
    """`keywords`: what follows the address in HAProxy's `bind`. `files`: those that the keywords name, by
    their names in the folder of secrets. `digest`: of the list of certificates, which HAProxy reads at its
    start only; what they hold is replaced while it runs. `client_certificates`: off, passthrough or
    verify."""

    keywords: str
    files: Mapping[str, str]
    digest: str
    client_certificates: str


def tls_bind(name: str, tls: EdgeTls, edge: EdgeDocument, *, speaks_http2: bool, folder: str) -> TlsBind:
    """`name` of the frontend; `folder`: the absolute path of the folder of secrets. The document must bring
    what `has_certificates` asks for."""
    certificates = {one.arn: one for one in edge.certificates}
    stores = {one.arn: one for one in edge.trust_stores}
    default, *others = [certificates[arn] for arn in tls.certificates if arn in certificates]
    # The default is the first, and for no name that there is: it is shown where no other fits.
    lines = [f"{folder}/{file_name(default)} {_NOWHERE}", *(f"{folder}/{file_name(one)}" for one in others)]
    files = {file_name(one): one.pem for one in (default, *others)}
    files[f"{name}.list"] = "".join(f"{line}\n" for line in lines)
    words = [f"ssl crt-list {folder}/{name}.list", f"alpn {'h2,http/1.1' if speaks_http2 else 'http/1.1'}"]
    words += _versions(tls)
    if tls.client_certificates == "verify":
        store = stores[tls.trust_store_arn or ""]
        files |= _store_files(store)
        words += _verify(tls, store, folder)
    elif tls.client_certificates == "passthrough":
        words += [_ACCEPT_ANY.format(ca=f"{folder}/{file_name(default)}"), "no-tls-tickets"]
    return TlsBind(
        keywords=" ".join(words),
        files=files,
        digest=hashlib.sha256(files[f"{name}.list"].encode()).hexdigest()[:16],
        client_certificates=tls.client_certificates,
    )


def has_certificates(tls: EdgeTls, edge: EdgeDocument) -> bool:
    """Whether the document brings the default certificate, and the trust store that is asked for."""
    is_served = any(one.arn == tls.certificates[0] for one in edge.certificates)
    is_trusted = any(one.arn == tls.trust_store_arn for one in edge.trust_stores)
    return is_served and (is_trusted or tls.client_certificates != "verify")


def file_name(certificate: EdgeCertificate) -> str:
    return f"{_id(certificate.arn)}.pem"


def _versions(tls: EdgeTls) -> list[str]:
    """Protocols and ciphers; OpenSSL gives up the oldest protocols unless it is told not to mind."""
    known = [protocol for protocol in _PROTOCOLS if protocol in tls.protocols]
    words = [f"ssl-min-ver {_version(known[0])}", f"ssl-max-ver {_version(known[-1])}"]
    suites = [cipher for cipher in tls.ciphers if cipher.startswith("TLS_")]
    ciphers = [cipher for cipher in tls.ciphers if not cipher.startswith("TLS_")]
    if ciphers:
        level = "" if known[0] in ("TLSv1.2", "TLSv1.3") else ":@SECLEVEL=0"
        words.append(f"ciphers {':'.join(ciphers)}{level}")
    if suites:
        words.append(f"ciphersuites {':'.join(suites)}")
    return words


def _version(protocol: str) -> str:
    """HAProxy's name: the first has its minor version too."""
    return "TLSv1.0" if protocol == "TLSv1" else protocol


def _verify(tls: EdgeTls, store: EdgeTrustStore, folder: str) -> list[str]:
    words = ["verify required", f"ca-file {folder}/{_id(store.arn)}.ca.pem", "no-tls-tickets"]
    ignored = [_EXPIRED] if tls.ignores_client_certificate_expiry else []
    if store.crl_pem:
        # OpenSSL wants a list from every authority, and there may be one from some.
        words += [f"crl-file {folder}/{_id(store.arn)}.crl.pem", f"ca-ignore-err {_NO_LIST}"]
        ignored.append(_NO_LIST)
    if ignored:
        words.append(f"crt-ignore-err {','.join(ignored)}")
    if not tls.advertises_ca_names:
        words.append("no-ca-names")
    return words


def _store_files(store: EdgeTrustStore) -> dict[str, str]:
    files = {f"{_id(store.arn)}.ca.pem": store.ca_pem}
    return files | ({f"{_id(store.arn)}.crl.pem": store.crl_pem} if store.crl_pem else {})


def _id(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
