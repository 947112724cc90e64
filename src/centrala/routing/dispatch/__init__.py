"""The life of `routing.core`: settings from the tables, facts from the flows, decisions to whoever listens."""
