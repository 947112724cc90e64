"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.projects.routes import calendars, companies, countries, projects

ROUTES = (companies.router, projects.router, calendars.router, countries.router)
