"""Images for certificates: really a PNG or JPEG, and of a size that can be drawn."""

import struct
import warnings
import zlib
from io import BytesIO

from PIL import Image

MAX_IMAGE = 2 * 1024 * 1024  # bytes
MAX_PIXELS = 12_000_000
FORMATS = ("PNG", "JPEG")

# What Pillow raises for content that is none of its formats, or broken.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)


class Refused(Exception):
    """An image that is not kept; str() says why, for the person who gave it."""


def check(content: bytes) -> None:
    """Refused unless this is a PNG or JPEG that can be drawn, whatever its name says."""
    if len(content) > MAX_IMAGE:
        raise Refused(
            f"It is larger than {MAX_IMAGE // 1024 // 1024} MB. Save it smaller, then choose it again."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise Refused(
                        f"It has {image.width} × {image.height} dots, more than {MAX_PIXELS // 1_000_000} million."
                    )
                image.load()
    except _BROKEN:
        raise Refused(
            "It cannot be read as a PNG or JPEG image. Save it as one, then choose it again."
        ) from None
