"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.people.routes import employees, skills, teams

ROUTES = (employees.router, teams.router, skills.router)
