"""Only what really is a PNG or JPEG of a sensible size is kept."""

import pytest

from automations.certificate_images import MAX_IMAGE, Refused, check
from tests.automations.certified import image


@pytest.mark.parametrize("content", [image(), image("JPEG"), image(mode="RGBA"), image("JPEG", mode="L")])
def test_pictures_are_taken(content: bytes) -> None:
    check(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read"),
        (b"<svg onload='x'/>", "cannot be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "cannot be read"),
        (image("GIF"), "cannot be read"),
        (image()[:60], "cannot be read"),
        (image("JPEG", (400, 400))[:200], "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "cannot be read"),
        (image() + b"x" * MAX_IMAGE, "larger than 2 MB"),
        (image(size=(4_000, 4_000)), "more than 12 million"),
        (image(size=(30_000, 30_000), mode="1"), "million|cannot be read"),
    ],
)
def test_anything_else_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(Refused, match=words):
        check(content)
