"""Passwords that nobody has, and time that tells nothing."""

from centrala.security import passwords


def test_the_hash_for_unknown_logins_costs_as_much_as_a_real_one() -> None:
    assert not passwords.outdated(passwords._NOBODYS)


async def test_no_password_matches_an_account_without_one() -> None:
    assert not await passwords.matches(None, "anything")


async def test_the_same_password_has_another_hash_each_time() -> None:
    first, second = await passwords.hashed("a long secret"), await passwords.hashed("a long secret")
    assert first != second
    assert await passwords.matches(first, "a long secret")
    assert not await passwords.matches(second, "a long secreT")
