"""Centrala: a self-hosted contact centre."""
