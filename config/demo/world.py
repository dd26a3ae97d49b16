"""The example world of `config/demo.yaml`, with secrets that differ on every machine and stay the same on one."""

import base64
import hmac
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.models import User

from config import files
from config.files import Outcome

FILE = settings.BASE_DIR / "config" / "demo.yaml"
LOGIN = "demo"
CATCH_PORT = 8800  # the port the file's webhooks post to
TASKS_USER = "insightly"


def environment() -> dict[str, str]:
    """The variables the file asks for: made from SECRET_KEY, so that they are known again at the next start."""
    return {
        "DEMO_LEADS_TOKEN": _made("leads token"),
        "DEMO_FAIR_TOKEN": _made("fair token"),
        "DEMO_FORM_TOKEN": _made("form token"),
        "DEMO_TASKS_TOKEN": _made("tasks token"),
        "DEMO_TASKS_SECRET": f"{TASKS_USER}:{_made('tasks secret')}",
        "DEMO_CONTACTS_TOKEN": _made("contacts token"),
        "DEMO_CONTACTS_SECRET": _made("contacts secret"),
        "DEMO_PAYMENTS_TOKEN": _made("payments token"),
        "DEMO_PAYMENTS_SECRET": _signing("payments secret"),
        "DEMO_SIGNING_SECRET": _signing("signing secret"),
        "DEMO_VENDOR_KEY": _made("vendor key"),
    }


def load(catch_port: int) -> list[Outcome]:
    """Loads the file, its webhooks pointed at this port; what a person defined beside it stays."""
    raw = FILE.read_bytes().replace(b"127.0.0.1:%d" % CATCH_PORT, b"127.0.0.1:%d" % catch_port)
    return files.load(raw, environment())


def password() -> str:
    """The password of the demo's login."""
    return _made("password")[:12]


def ensure_login() -> None:
    """Makes the login, or gives it its password back; nobody is signed out when nothing changed."""
    user, _ = User.objects.get_or_create(username=LOGIN)
    if not (user.is_active and user.is_superuser and user.check_password(password())):
        user.is_active = user.is_staff = user.is_superuser = True
        user.set_password(password())
        user.save()


def _made(name: str) -> str:
    return base64.urlsafe_b64encode(_bytes(name)).decode().rstrip("=")


def _signing(name: str) -> str:
    return f"whsec_{base64.b64encode(_bytes(name)).decode()}"


def _bytes(name: str) -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), f"demo {name}".encode(), sha256)
