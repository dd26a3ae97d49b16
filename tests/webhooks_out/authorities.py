"""Certificates good and bad, made for the occasion."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


class Authority:
    """Issues certificates for names; its own is in `pem`."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.pem = self._certify("Test authority", self._key, days=1, authority=True).decode()

    def context(self, name: str, *, days: int = 1) -> ssl.SSLContext:
        """What a server needs to present a certificate for `name` that expires in so many days."""
        key = ec.generate_private_key(ec.SECP256R1())
        return _presenting(key, self._certify(name, key, days=days, authority=False))

    def own_context(self) -> ssl.SSLContext:
        """What a server needs to present the authority's own certificate, which nobody else has signed."""
        return _presenting(self._key, self.pem.encode())

    def _certify(self, name: str, key: ec.EllipticCurvePrivateKey, *, days: int, authority: bool) -> bytes:
        ends = datetime.now(UTC) + timedelta(days=days)
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=3))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False
            )
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _presenting(key: ec.EllipticCurvePrivateKey, certificate: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder, "server.pem")
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate)
        context.load_cert_chain(file)
    return context
