"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.telephony.trunks.routes import dialling, trunks

ROUTES = (trunks.router, dialling.router)
