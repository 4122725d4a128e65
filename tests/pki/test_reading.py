"""What ACM's clients are told of a certificate."""

from __future__ import annotations

from ipaddress import ip_address

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tidegate.control.pki.reading import facts_of, serial_text
from tidegate.control.pki.results import Facts
from tidegate.testing.certificates import MadeCertificate, a_certificate, an_authority


def _facts(made: MadeCertificate) -> Facts:
    return facts_of(made.certificate)


def test_the_domain_name_is_the_common_name_or_else_the_first_alternative_name() -> None:
    assert _facts(a_certificate("www.example.com", common_name="example.com")).domain_name == "example.com"
    without = a_certificate("www.example.com", common_name="", issuer=an_authority())
    assert _facts(without).domain_name == "www.example.com"


def test_a_certificate_without_alternative_names_has_its_common_name() -> None:
    assert _facts(a_certificate(common_name="example.com")).names == ("example.com",)
    nameless = a_certificate(common_name="", issuer=an_authority())
    assert (_facts(nameless).domain_name, _facts(nameless).names) == ("", ())


def test_addresses_are_names_too() -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("a.example"), x509.IPAddress(ip_address("10.0.0.1"))])
    facts = _facts(a_certificate(common_name="a.example", extensions=[(names, False)]))
    assert facts.names == ("a.example", "10.0.0.1")


def test_usages_have_acms_names() -> None:
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=False,
        key_agreement=True,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=True,
        decipher_only=False,
    )
    extended = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, x509.ObjectIdentifier("1.2.3.4")])
    details = _facts(a_certificate("a.example", extensions=[(usage, True), (extended, False)])).details
    assert details.key_usages == (
        "DIGITAL_SIGNATURE",
        "NON_REPUDIATION",
        "KEY_ENCIPHERMENT",
        "KEY_AGREEMENT",
        "ENCIPHER_ONLY",
    )
    assert [(one.name, one.oid) for one in details.extended_key_usages] == [
        ("TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.1"),
        ("CUSTOM", "1.2.3.4"),
    ]


def test_the_issuer_is_its_organisation_or_else_its_common_name() -> None:
    assert _facts(a_certificate("a.example", issuer=an_authority("My CA"))).details.issuer == "My CA"
    assert _facts(a_certificate("a.example")).details.subject == "CN=a.example"
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Org"), x509.NameAttribute(NameOID.COMMON_NAME, "CA")]
    )
    assert _facts(a_certificate(subject=name)).details.issuer == "Org"


def test_a_serial_number_is_pairs_of_digits() -> None:
    assert serial_text(0x0FACB0) == "0f:ac:b0"
    assert serial_text(0xABC) == "0a:bc"
    assert serial_text(1) == "01"


def test_the_signature_algorithm_has_its_java_name() -> None:
    assert _facts(a_certificate("a.example")).details.signature_algorithm == "SHA256WITHECDSA"
