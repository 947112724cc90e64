"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.ivr.routes import flows, numbers, prompts, voicemails

ROUTES = (flows.router, prompts.router, numbers.router, voicemails.router)
