"""The front door of security: accounts, sign-in, sessions, tokens, audit."""

from centrala.security.models import Account as Account
