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
    "/board",
    "/queues",
    "/queues/new",
    "/breaks",
    "/breaks?edit=new",
    "/trunks",
    "/trunks/new",
    "/phones",
    "/phones?edit=new",
    "/dialling",
    "/dialling?edit=new",
    "/flows",
    "/flows?edit=new",
    "/prompts",
    "/prompts?edit=new",
    "/demo",
    "/contacts",
    "/reports",
    "/reports?period=today",
    "/reports/rows?measure=answered",
    "/roles",
    "/audit",
    "/system",
    "/no-such-page",
)

DETAILS: Final = ("/employees", "/companies", "/projects", "/calendars", "/queues", "/trunks", "/flows")
"""Lists whose first row leads to a page of its own."""
