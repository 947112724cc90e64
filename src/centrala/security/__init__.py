"""Sign-in, sessions, tokens, roles and what they permit, the reading of the audit trail."""
