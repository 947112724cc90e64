"""Kinds of phones; a module of its own, because the desk's start does not load SIP."""

from enum import StrEnum


class Device(StrEnum):
    """What kind of phone somebody has registered."""

    BROWSER = "browser"
    PHONE = "phone"  # on a desk, or a program for calls
