"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.telephony.trunks.routes import trunks

ROUTES = (trunks.router,)
