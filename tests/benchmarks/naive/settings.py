"""A Django project as `startproject` makes it, with DRF and django-q2 added and a queue that keeps no results."""

import environ

SECRET_KEY = "not a secret: this project exists only while the benchmark runs"
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {"default": environ.Env().db("DATABASE_URL")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_q",
    "tests.benchmarks.naive",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
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
ROOT_URLCONF = "tests.benchmarks.naive.urls"
# The default save_limit of 250 would make each task load the tasks kept: many times slower, and nobody keeps it long.
Q_CLUSTER = {"name": "naive", "orm": "default", "workers": 4, "timeout": 60, "retry": 120, "save_limit": -1}
