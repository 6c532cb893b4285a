"""Name what a number depends on by a short digest of it."""

import hashlib


def key_of(text: str) -> str:
    """First 16 hexadecimal digits of the SHA-256 of the text.

    >>> key_of("abc")  # FIPS 180-2, appendix B.1
    'ba7816bf8f01cfea'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]
