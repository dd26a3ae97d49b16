"""Whether a signature fits bytes and a key: digests, RSA and Ed25519 behind one function."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from webhooks_in.schemes import DIGESTS, ENCODINGS, SECRET_DECODINGS, NotVerified, Scheme, unbase64

MAX_SECRETS = 5  # secrets tried, in the order given; more are ignored

_PUBLIC_KEYS = {"rsa-sha256": RSAPublicKey, "ed25519": Ed25519PublicKey}


def keys(scheme: Scheme, secrets: Sequence[str]) -> Iterator[bytes]:
    """The usable secrets as bytes; NotVerified when there is none, for an empty key proves nothing."""
    usable = 0
    for secret in secrets[:MAX_SECRETS]:
        key = _decode(scheme, secret)
        if key:
            usable += 1
            yield key
    if not usable:
        raise NotVerified(f"the source has no secret that can be read as {scheme.secret_decoding}")


def fits(scheme: Scheme, key: bytes, content: bytes, signatures: Sequence[bytes]) -> bool:
    """Whether one of the signatures is that of the content; NotVerified for an unknown digest or encoding."""
    if scheme.mode in _PUBLIC_KEYS:
        return any(_public_key_fits(scheme, key, content, signature) for signature in signatures)
    expected = _expected(scheme, key, content)
    if scheme.encoding == "hex":
        signatures = [signature.lower() for signature in signatures]
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


def unusable(scheme: Scheme, secrets: Sequence[str]) -> list[str]:
    """One sentence for each secret that the scheme cannot work with."""
    if scheme.mode == "none":
        return []
    if scheme.mode == "basic":
        return ["Write the secret as user:password." for secret in secrets if ":" not in secret]
    if expected := _PUBLIC_KEYS.get(scheme.mode):
        wrong = [key for key in secrets if not isinstance(_public_key(_decode(scheme, key)), expected)]
        return [f"A key is no public key for {scheme.mode}, in PEM or base64 form."] * len(wrong)
    unreadable = [secret for secret in secrets if not _decode(scheme, secret)]
    return [f"A secret is not written as {scheme.secret_decoding}."] * len(unreadable)


def _decode(scheme: Scheme, secret: str) -> bytes:
    decode = SECRET_DECODINGS.get(scheme.secret_decoding)
    try:
        return decode(secret) if decode else b""
    except ValueError:
        return b""


def _expected(scheme: Scheme, key: bytes, content: bytes) -> bytes:
    encode = ENCODINGS.get(scheme.encoding)
    if encode is None or scheme.digest not in DIGESTS:
        raise NotVerified("the source's digest or encoding does not exist")
    if scheme.mode == "hmac":
        return encode(hmac.digest(key, content, scheme.digest))
    return encode(hashlib.new(scheme.digest, content).digest())


def _public_key_fits(scheme: Scheme, key: bytes, content: bytes, signature: bytes) -> bool:
    public = _public_key(key)
    text = signature.decode("latin-1")
    try:
        raw = bytes.fromhex(text) if scheme.encoding == "hex" else unbase64(text)
        if scheme.mode == "ed25519" and isinstance(public, Ed25519PublicKey):
            public.verify(raw, content)
        elif scheme.mode == "rsa-sha256" and isinstance(public, RSAPublicKey):
            public.verify(raw, content, PKCS1v15(), SHA256())
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def _public_key(text: bytes) -> object:
    """The public key of PEM text, or of base64 of its DER form or its 32 Ed25519 bytes; None if it is none."""
    try:
        if b"-----BEGIN" in text:
            return load_pem_public_key(text)
        raw = unbase64(text.decode().removeprefix("whpk_"))
        return Ed25519PublicKey.from_public_bytes(raw) if len(raw) == 32 else load_der_public_key(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
