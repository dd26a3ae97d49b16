"""Draws a certificate: what it looks like and its words in, one page of PDF out. Pure: the same in, the same bytes out.

Every word is placed as text: nothing in it is read as markup, and nothing it says opens a file or an address.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, LETTER, landscape
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

FONTS = Path(__file__).parent / "fonts"  # DejaVu: Latin, Cyrillic, Greek and their like
REGULAR, BOLD = "DejaVuSans", "DejaVuSans-Bold"
PAGES = {"a4": A4, "letter": LETTER}
MAX_TEXT = 4_000  # characters of one text that are drawn
CUT = "…"

# Points, 72 to the inch.
MARGIN = 48.0
LOGO = (220.0, 72.0)
BAND = 92.0  # height of what stands at the foot: signature, footer, QR code
QR = 84.0
QUIET = 4  # squares around the code that stay light
GAP = 14.0
HEADING_SIZES = (36.0, 30.0, 24.0, 18.0, 12.0)
BODY_SIZES = (18.0, 16.0, 14.0, 12.0, 10.0, 8.0, 6.0)
FOOTER_SIZES = (10.0, 9.0, 8.0, 7.0, 6.0, 5.0)
ADDRESS_SIZES = (6.0, 5.0, 4.0)
LEADING = 1.35  # line height to size

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Look:
    """What a certificate looks like. Colours are written #RRGGBB; images are PNG or JPEG, b"" for none."""

    page: str = "a4"  # one of PAGES
    is_landscape: bool = True
    background_colour: str = "#FFFFFF"
    text_colour: str = "#1F2937"
    background: bytes = b""
    logo: bytes = b""
    signature: bytes = b""


@dataclass(frozen=True)
class Words:
    """What stands on it. `address`: what the QR code leads to, "" for no code."""

    heading: str = ""
    body: str = ""
    footer: str = ""
    address: str = ""


@dataclass(frozen=True)
class Box:
    """A place on the page, in points from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


def draw(look: Look, words: Words) -> bytes:
    """The certificate as PDF, its fonts embedded."""
    _load_fonts()
    size = landscape(PAGES[look.page]) if look.is_landscape else PAGES[look.page]
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    canvas.setTitle(_plain(words.heading)[:200])
    _paint(canvas, look, Box(0, 0, *size))
    canvas.setFillColor(HexColor(look.text_colour))
    inner = Box(MARGIN, MARGIN, size[0] - 2 * MARGIN, size[1] - 2 * MARGIN)
    _foot(canvas, look, words, inner)
    top = inner.height
    if look.logo:
        _place(canvas, look.logo, Box((size[0] - LOGO[0]) / 2, MARGIN + top - LOGO[1], *LOGO))
        top -= LOGO[1] + GAP
    heading, bottom = top * 0.25, BAND + GAP
    _write(
        canvas, words.heading, Box(MARGIN, MARGIN + top - heading, inner.width, heading), BOLD, HEADING_SIZES
    )
    body = Box(MARGIN, MARGIN + bottom, inner.width, top - heading - bottom - GAP)
    _write(canvas, words.body, body, REGULAR, BODY_SIZES)
    canvas.save()
    return out.getvalue()


@lru_cache(maxsize=1)
def _load_fonts() -> None:
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))


def _paint(canvas: Canvas, look: Look, page: Box) -> None:
    """The ground of the page: its colour, and the image over all of it."""
    canvas.setFillColor(HexColor(look.background_colour))
    canvas.rect(0, 0, page.width, page.height, stroke=0, fill=1)
    if look.background:
        canvas.drawImage(ImageReader(BytesIO(look.background)), 0, 0, page.width, page.height, mask="auto")


def _foot(canvas: Canvas, look: Look, words: Words, inner: Box) -> None:
    """From left to right: the signature, the footer, and the QR code with its address."""
    third = inner.width / 3
    if look.signature:
        _place(canvas, look.signature, Box(MARGIN, MARGIN, third - GAP, BAND - GAP))
    wide = inner.width if not (look.signature or words.address) else third - GAP
    footer = Box(MARGIN + (inner.width - wide) / 2, MARGIN, wide, BAND)
    _write(canvas, words.footer, footer, REGULAR, FOOTER_SIZES)
    if words.address:
        right = MARGIN + inner.width
        _draw_code(canvas, words.address, right - QR, MARGIN + BAND - QR)
        address = Box(right - third + GAP, MARGIN - 2 * GAP, third - GAP, BAND - QR + 2 * GAP)
        _write(canvas, words.address, address, REGULAR, ADDRESS_SIZES)


def _place(canvas: Canvas, image: bytes, box: Box) -> None:
    """The image as large as fits, in the middle of the box."""
    where = {"preserveAspectRatio": True, "anchor": "c", "mask": "auto"}
    canvas.drawImage(ImageReader(BytesIO(image)), box.left, box.bottom, box.width, box.height, **where)


def _draw_code(canvas: Canvas, address: str, left: float, bottom: float) -> None:
    """Black on white, whatever the colours of the page, so that every camera reads it."""
    canvas.saveState()
    canvas.setFillColor(HexColor("#FFFFFF"))
    canvas.rect(left, bottom, QR, QR, stroke=0, fill=1)
    code = QrCodeWidget(address, barLevel="M").qr
    code.make()
    square = QR / (len(code.modules) + 2 * QUIET)
    # One path for all of it: a shape for each square would cost more than the rest of the page.
    path = canvas.beginPath()
    for row, dark, start, length in _stripes(code.modules):
        if dark:
            y = bottom + QR - (row + 1 + QUIET) * square
            path.rect(left + (start + QUIET) * square, y, length * square, square)
    canvas.setFillColor(HexColor("#000000"))
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _stripes(modules: Sequence[Sequence[bool]]) -> Iterator[tuple[int, bool, int, int]]:
    """Row, whether dark, first column and length of each run of equal squares."""
    for number, row in enumerate(modules):
        column = 0
        for dark, group in groupby(map(bool, row)):
            length = len(list(group))
            yield number, dark, column, length
            column += length


def _write(canvas: Canvas, text: str, box: Box, font: str, sizes: Sequence[float]) -> None:
    """The text in the largest size it fits the box in, centred both ways; what fits in none is cut."""
    if not (text := _plain(text)):
        return
    size, lines = _fitted(text, box, font, sizes)
    height = size * LEADING
    baseline = box.bottom + (box.height + len(lines) * height) / 2 - size
    canvas.setFont(font, size)
    for line in lines:
        canvas.drawCentredString(box.left + box.width / 2, baseline, line)
        baseline -= height


def _fitted(text: str, box: Box, font: str, sizes: Sequence[float]) -> tuple[float, list[str]]:
    for size in sizes:
        lines = list(_lines(text, font, box.width / size))
        if len(lines) <= _room(box, size):
            return size, lines
    smallest = sizes[-1]
    *kept, last = list(_lines(text, font, box.width / smallest))[: _room(box, smallest)]
    return smallest, [*kept, last[:-1] + CUT]


def _room(box: Box, size: float) -> int:
    """How many lines there is room for."""
    return max(1, int(box.height / (size * LEADING)))


def _lines(text: str, font: str, width: float) -> Iterator[str]:
    """The text in lines no wider than `width`, in multiples of the size; a word that is too long is broken."""
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for word in re.split(r"( )", paragraph):
            wide = _width(word, font)
            if used + wide > width and word != " ":
                if line.strip():
                    yield line.rstrip()
                *full, last = _pieces(word, font, width)
                yield from full
                line, used = last, _width(last, font)
            else:
                line, used = line + word, used + wide
        yield line.rstrip()


def _pieces(word: str, font: str, width: float) -> list[str]:
    pieces, used = [""], 0.0
    for sign in word:
        wide = _width(sign, font)
        if used + wide > width and pieces[-1]:
            pieces.append("")
            used = 0.0
        pieces[-1] += sign
        used += wide
    return pieces


def _width(text: str, font: str) -> float:
    return float(pdfmetrics.stringWidth(text, font, 1))


def _plain(text: str) -> str:
    """What can be seen of a text, in its composed form; what steers terminals or turns text around is left out."""
    text = _LINE_ENDS.sub("\n", unicodedata.normalize("NFC", text[:MAX_TEXT])).replace("\t", " ")
    shown = (sign for sign in text if sign == "\n" or unicodedata.category(sign) not in _INVISIBLE)
    return "".join(shown).strip()


_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
