"""Transactions (RFC 3261 section 17, RFC 6026): a file for each machine, and the layer that
matches."""
