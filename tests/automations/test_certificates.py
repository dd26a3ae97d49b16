"""A certificate is drawn as it is told: every word as text, and the same bytes each time."""

import time
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from reportlab.graphics.barcode.qr import QrCodeWidget

from automations.certificates import QR, Look, Words, draw
from tests.automations.certified import image, words_of

HOSTILE = (
    '<b>bold</b> &amp; <img src="file:///etc/passwd"> {{7*7}} {0.__class__} ${x} '
    '\\(x\\) )Tj ET <a href="javascript:x">'
)


def read(**words: str) -> str:
    return words_of(draw(Look(), Words(**words)))


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Łukaszewicz-Şahin",
        "Жанна Фёдорова",
        "Σωκράτης Παπαδόπουλος",
        "Nguyễn Thị Ánh",
        "Őry Đorđe Ķirsis",
    ],
)
def test_names_of_many_languages_are_read_back(name: str) -> None:
    assert name in read(body=name)


def test_letters_with_loose_accents_are_composed() -> None:
    assert "José" in read(body="Jose\u0301")


@pytest.mark.parametrize("place", ["heading", "body", "footer"])
def test_markup_stands_there_as_text_and_opens_nothing(place: str) -> None:
    assert HOSTILE.replace(" ", "") in read(**{place: HOSTILE}).replace(" ", "")


def test_what_cannot_be_seen_is_left_out() -> None:
    assert read(body="A\x00\x1b[2J\u202ena\ud800!") == "A[2Jna!"


def test_the_same_certificate_is_the_same_bytes() -> None:
    look = Look(logo=image(), signature=image("JPEG"), background=image(mode="RGBA"))
    words = Words("Certificate", "Ana", "1/2026", "https://hub.example/certificates/x/")
    assert draw(look, words) == draw(look, words)


@pytest.mark.parametrize(
    ("look", "size"),
    [
        ({}, (842, 595)),
        ({"is_landscape": False}, (595, 842)),
        ({"page": "letter"}, (792, 612)),
        ({"page": "letter", "is_landscape": False}, (612, 792)),
    ],
)
def test_the_page_has_its_size(look: dict[str, Any], size: tuple[int, int]) -> None:
    box = PdfReader(BytesIO(draw(Look(**look), Words("a", "b", "c")))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_images_are_embedded_each_once() -> None:
    look = Look(background=image(), logo=image(size=(10, 10)), signature=image("JPEG"))
    assert len(PdfReader(BytesIO(draw(look, Words()))).pages[0].images) == 3


def test_the_code_is_drawn_only_where_there_is_an_address() -> None:
    assert len(draw(Look(), Words(body="a", address="https://hub.example/"))) > len(
        draw(Look(), Words(body="a"))
    )


def test_the_code_is_that_of_the_address_and_stands_upright() -> None:
    address = "https://hub.example/certificates/x/"
    code = QrCodeWidget(address, barLevel="M").qr
    code.make()
    content = PdfReader(BytesIO(draw(Look(), Words(address=address)))).pages[0].get_contents()
    assert content is not None
    painted = [[float(one) for one in args] for args, operator in content.operations if operator == b"re"]
    _, ground, *dark = painted
    square = ground[2] / (len(code.modules) + 8)
    drawn = {
        (round((ground[1] + QR - y) / square) - 5, round((x - ground[0]) / square) - 4 + column)
        for x, y, width, _ in dark
        for column in range(round(width / square))
    }
    wanted = {
        (row, at) for row, line in enumerate(code.modules) for at, is_dark in enumerate(line) if is_dark
    }
    assert drawn == wanted


def test_no_link_and_no_script_is_in_the_file() -> None:
    page = PdfReader(BytesIO(draw(Look(), Words(HOSTILE, HOSTILE, HOSTILE, "https://hub.example/")))).pages[0]
    assert "/Annots" not in page
    assert "/AA" not in page


@pytest.mark.parametrize("text", ["x" * 70_000, "word " * 20_000, "\n" * 50_000 + "end", "Ж" * 70_000])
def test_a_text_without_end_is_cut_in_no_time(text: str) -> None:
    began = time.process_time()
    pdf = draw(Look(), Words(text, text, text))
    assert time.process_time() - began < 2
    assert len(PdfReader(BytesIO(pdf)).pages) == 1


def test_a_long_text_becomes_smaller_until_it_fits() -> None:
    text = " ".join(f"word{n}" for n in range(200))
    assert "word199" in read(body=text)
