"""Every setting, read from the environment or from `.env`; a missing or unsafe one stops the start with a sentence."""

import logging
import re
import secrets
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
import structlog
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from config.unfold import UNFOLD  # noqa: F401 - read from here by Unfold

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# The demo keeps its keys and its database in `.demo/`; deleting that folder deletes the demo.
DEMO = env.bool("DEMO", default=False)
DEMO_DIR = BASE_DIR / ".demo"
if DEMO:
    DEMO_DIR.mkdir(exist_ok=True)
    if not (DEMO_DIR / "env").exists():
        (DEMO_DIR / "env").write_text(
            f"SECRET_KEY={secrets.token_urlsafe(50)}\nFIELD_KEYS={Fernet.generate_key().decode()}\n"
            f"DATABASE_URL=sqlite:///{DEMO_DIR / 'fieldhook.sqlite3'}\n"
            "ALLOWED_PRIVATE_NETWORKS=127.0.0.0/8\nEMAIL_URL=consolemail://\n"
        )
env.read_env(DEMO_DIR / "env" if DEMO else BASE_DIR / ".env", overwrite=DEMO)

# --- Who we are -------------------------------------------------------------------------------------------------
SECRET_KEY = env("SECRET_KEY")
FIELD_KEYS = env.list("FIELD_KEYS")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
ACCOUNT_ID = env("ACCOUNT_ID", default="1")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
TIME_ZONE = env("TIME_ZONE", default="UTC")
USE_TZ = True
LANGUAGE_CODE = "en"
if not DEBUG and ("*" in ALLOWED_HOSTS or len(SECRET_KEY) < 32):
    raise ImproperlyConfigured(
        "Refusing to start: with DEBUG off, ALLOWED_HOSTS may not hold * and SECRET_KEY needs 32 characters or more."
    )
if not re.fullmatch(r"[0-9A-Za-z_.]{1,60}", ACCOUNT_ID):
    raise ImproperlyConfigured(
        "Refusing to start: ACCOUNT_ID is made of letters, digits, . and _ only, at most 60."
    )

# --- Limits and habits --------------------------------------------------------------------------------------------
ALLOWED_PRIVATE_NETWORKS = [ip_network(net) for net in env.list("ALLOWED_PRIVATE_NETWORKS", default=[])]
WORKERS = env.int("WORKERS", default=7)  # processes that do the work
WEB_WORKERS = env.int("WEB_WORKERS", default=2)  # processes that answer requests
MAX_IMPORT = env.int("MAX_IMPORT", default=200)  # MB of the largest file that is imported
SEND_THREADS = env.int("SEND_THREADS", default=64)  # requests one worker has under way at once
TASK_TIMEOUT = 120  # seconds after which a stuck worker is ended
ALERT_EMAILS = env.list("ALERT_EMAILS", default=[])  # who is told when a webhook fails for long
LOG_LEVEL = env("LOG_LEVEL", default="INFO")
MAX_DOCUMENT = env.int("MAX_DOCUMENT", default=20)  # MB one document of a record may have

# --- Database -----------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'fieldhook.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Immediate transactions wait for the write lock instead of failing half-way through.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    # Statements that come again are prepared: PostgreSQL then spends half the time on each.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 2,
        "server_side_binding": True,
        "prepare_threshold": 5,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Workers: django-q2 only carries wake-ups; our own tables hold the truth -----------------------------------------
REDIS_URL = env("REDIS_URL", default="")
Q_CLUSTER = {
    "name": "fieldhook",
    "workers": WORKERS,
    "timeout": TASK_TIMEOUT,
    "retry": TASK_TIMEOUT * 3,
    "queue_limit": WORKERS,
    "bulk": 1,
    "recycle": 10_000,
    "poll": 0.05,
    "save_limit": -1,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "label": "Queue",
    "log_level": "WARNING",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# --- The application ------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "axes",
    "django_q",
    "config",
    "webhooks_in",
    "automations",
    "webhooks_out",
]
MIDDLEWARE = [
    "config.middleware.IngestFirst",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
LOGIN_REDIRECT_URL = "/admin/"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # a webhook with many keys posts a dozen fields for each
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
# Documents of records. They have no address: a view hands them out to those who may see the record.
MEDIA_ROOT = DEMO_DIR / "files" if DEMO else Path(env("MEDIA_ROOT", default=str(BASE_DIR / "files")))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
if "console" in EMAIL_CONFIG["EMAIL_BACKEND"]:
    EMAIL_CONFIG["EMAIL_BACKEND"] = "config.terminal_mail.EmailBackend"
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds of silence of the mail server
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="fieldhook@localhost")

# --- Security -------------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 86_400  # seconds
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {"default-src": ["'none'"], "base-uri": ["'none'"], "frame-ancestors": ["'none'"]}
}
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 10  # wrong passwords for one name from one address
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "admin/locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
if PUBLIC_URL.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs: one line per unit of work, JSON unless a person is watching ------------------------------------------------
structlog.configure(
    wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[LOG_LEVEL]),
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
    ],
    logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
)
