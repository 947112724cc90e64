"""The room over HTTP; `web` puts `ROUTES` under `/api`."""

from centrala.routing.routes import board, breaks, notices, operators, queues, work

ROUTES = (queues.router, breaks.router, work.router, operators.router, board.router, notices.router)
