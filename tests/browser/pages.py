"""The pages of the desk, for tests that go through all of them."""

from typing import Final

PAGES: Final = (
    "/",
    "/me",
    "/employees",
    "/employees/new",
    "/teams",
    "/teams?edit=new",
    "/skills",
    "/companies",
    "/companies/new",
    "/projects",
    "/projects/new",
    "/calendars",
    "/calendars/new",
    "/roles",
    "/audit",
    "/system",
    "/no-such-page",
)

DETAILS: Final = ("/employees", "/companies", "/projects", "/calendars")
"""Lists whose first row leads to a page of its own."""
