"""Which field a column is for, guessed from its heading: what the source maps, what was seen, what is usual."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Our usual fields, and how else headings call them: English, then other languages lists often come in.
USUAL = {
    "first_name": "firstname fname forename givenname first vorname prenom nombre",
    "last_name": "lastname lname surname familyname last nachname nom apellido apellidos",
    "name": "fullname contactname displayname",
    "company_name": "company companyname organisation organization organisationname organizationname firma",
    "email": "email emailaddress mail primaryemail workemail correo courriel emailadresse",
    "phone": "phone phonenumber telephone tel phone1 homephone primaryphone telefon telefono",
    "mobile": "mobile mobilephone cell cellphone handy movil portable",
    "address": "address address1 street streetaddress addressline1 strasse adresse direccion",
    "city": "city town ort stadt ville ciudad",
    "state": "state province region bundesland",
    "zip": "zip zipcode postcode postalcode plz codepostal",
    "country": "country land pays pais",
    "date_of_birth": "dateofbirth dob birthdate birthday geburtsdatum",
    "stage": "stage leadstage pipelinestage",
    "status": "status leadstatus",
    "campaign": "campaign campaignname source leadsource",
}
ID_NAMES = (
    "id",
    "myid",
    "externalid",
    "recordid",
    "contactid",
    "leadid",
    "customerid",
    "companyid",
    "taskid",
)

_CONCEPTS = {
    spelling: field for field, words in USUAL.items() for spelling in (field.replace("_", ""), *words.split())
}


@dataclass(frozen=True)
class Known:
    """What headings are compared with."""

    mapped: tuple[tuple[str, str], ...] = ()  # the source's field map: key and field
    seen: tuple[str, ...] = ()  # fields records of this type have
    id_path: str = ""  # where the source finds the record id


def fields(headings: Sequence[str], known: Known) -> list[str]:
    """A field for each column, each field once; a heading nothing is known of names its own field."""
    taken: set[str] = set()
    chosen = []
    for heading in headings:
        free = (field for field in _candidates(heading, known) if field not in taken)
        field = next(free, "")
        taken.add(field)
        chosen.append(field)
    return chosen


def id_column(headings: Sequence[str], chosen: Sequence[str], known: Known) -> int | None:
    """The column that holds the record id, counted from 0; None when no heading says so."""
    wanted = [known.id_path] if known.id_path else ID_NAMES
    for name in wanted:
        for at, (heading, field) in enumerate(zip(headings, chosen, strict=True)):
            if field and plain(name) in (plain(heading), plain(field)):
                return at
    return None


def plain(text: str) -> str:
    """A name without capitals, accents, blanks and signs: "E-Mail" and "e mail" are "email"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _candidates(heading: str, known: Known) -> Iterable[str]:
    """Fields the heading may mean, the best first."""
    yield from (field for key, field in known.mapped if key == heading)
    wanted = plain(heading)
    if not wanted:
        yield heading
        return
    yield from (field for key, field in known.mapped if wanted in (plain(key), plain(field)))
    yield from (field for field in known.seen if plain(field) == wanted)
    concept = _CONCEPTS.get(wanted)
    if concept:
        yield from (field for field in known.seen if _CONCEPTS.get(plain(field)) == concept)
        yield concept
    yield heading
