"""Typed header values, one module for each kind: addresses, Via, authorisation, and the small
ones."""
