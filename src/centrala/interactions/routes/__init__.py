"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.interactions.routes import customers, dispositions, interactions, keeping, promises, recordings, scripts

ROUTES = (
    keeping.router,
    interactions.router,
    customers.router,
    dispositions.router,
    scripts.router,
    promises.router,
    recordings.router,
)
