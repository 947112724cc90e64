"""The room over HTTP; `web` mounts `router` under `/api`."""

from fastapi import APIRouter

from centrala.people.routes import employees, skills, teams

router = APIRouter()
for part in (employees, teams, skills):
    router.include_router(part.router)
