"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.interactions.routes import customers, dispositions, interactions, promises, recordings, scripts

ROUTES = (
    interactions.router,
    customers.router,
    dispositions.router,
    scripts.router,
    promises.router,
    recordings.router,
)
