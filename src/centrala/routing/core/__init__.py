"""Decides who serves whom. Pure: no clock, no chance, no store; see `router` and docs/routing.md."""
