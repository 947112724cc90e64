"""The sample centre: three client companies' projects and the people who serve them."""

from centrala.kit.settings import AppSettings


def seed_once(settings: AppSettings) -> None:
    """Fill an empty demo centre."""
    settings.folders.demo_sign_in.touch()
