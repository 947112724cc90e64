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
    "/calls",
    "/calls/live",
    "/trunks",
    "/trunks/new",
    "/phones",
    "/phones?edit=new",
    "/dialling",
    "/dialling?edit=new",
    "/roles",
    "/audit",
    "/system",
    "/no-such-page",
)

DETAILS: Final = ("/employees", "/companies", "/projects", "/calendars", "/trunks")
"""Lists whose first row leads to a page of its own."""
