"""Centrala: a self-hosted contact centre."""

import zoneinfo

__version__ = "0.1.0"

# Time zones come from the locked package tzdata and not from the machine: opening hours must mean the same moments on
# every node and in every test, and a machine's own rules may be years old.
zoneinfo.reset_tzpath(())
