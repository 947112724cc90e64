"""The room over HTTP; `web` mounts `router` under `/api`."""

from fastapi import APIRouter

from centrala.projects.routes import calendars, companies, countries, projects

router = APIRouter()
for part in (companies, projects, calendars, countries):
    router.include_router(part.router)
