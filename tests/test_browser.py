"""The browser opens the running site as a signed-in person, and tells what a page did wrong."""

from collections.abc import Callable

from django.contrib.auth.models import AbstractBaseUser
from playwright.sync_api import Page, expect


def test_a_signed_in_person_sees_the_admin(
    sign_in: Callable[[AbstractBaseUser], Page], admin_user: AbstractBaseUser
) -> None:
    page = sign_in(admin_user)
    page.goto("/admin/")
    expect(page.locator("body")).to_contain_text("admin")
    assert page.url.endswith("/admin/")


def test_a_request_that_leaves_us_and_an_error_of_a_script_are_seen(page: Page, faults: list[str]) -> None:
    page.set_content("<img src='http://somewhere.invalid/x.png'><script>throw new Error('broken')</script>")
    page.wait_for_load_state("networkidle")
    seen = " ".join(faults)
    faults.clear()
    assert "somewhere.invalid" in seen
    assert "broken" in seen
