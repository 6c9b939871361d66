"""Self-signed certificates as a SENEC makes them for its own page."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def server_context(folder: Path, common_name: str = "senecGuiSelf") -> ssl.SSLContext:
    """Return a context with the key and certificate of the folder, made where it has none."""
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    if not (key_file.exists() and certificate_file.exists()):
        _make(key_file, certificate_file, common_name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    return context


def _make(key_file: Path, certificate_file: Path, common_name: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject, issuer = (
        x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SENEC GmbH"),
            ]
        )
        for name in (common_name, "SenecGui-Root")
    )
    begin = datetime(2023, 8, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
