"""Signing in is throttled, and pages tell the browser what they may load."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client

from tests.staff import signed_in, text

LOGIN = "/admin/login/"
LIMIT = 10


def attempt(password: str) -> HttpResponse:
    return Client().post(LOGIN, {"username": "ann", "password": password})


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", password="a right password", is_staff=True)


def test_the_right_password_signs_in(ann: User) -> None:
    assert attempt("a right password").status_code == 302


def test_many_wrong_passwords_lock_the_name(ann: User) -> None:
    answers = [attempt("a wrong password") for _ in range(LIMIT)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    locked = attempt("a right password")
    assert locked.status_code == 429
    assert "Too many wrong passwords" in text(locked)


def test_a_lock_is_for_one_name_only(ann: User) -> None:
    User.objects.create_user("ben", password="another password", is_staff=True)
    for _ in range(LIMIT):
        attempt("a wrong password")
    assert Client().post(LOGIN, {"username": "ben", "password": "another password"}).status_code == 302


def test_admin_pages_load_only_their_own_scripts(db: None) -> None:
    policy = signed_in(superuser=True).get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in policy
    assert "frame-ancestors 'none'" in policy


def test_other_pages_load_nothing(client: Client, db: None) -> None:
    policy = client.get("/health/")["Content-Security-Policy"]
    assert set(policy.split("; ")) == {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"}
