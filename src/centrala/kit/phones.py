"""Telephone numbers as people write them become E.164."""

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from centrala.kit.errors import InvalidField

_REASONS: Final = {
    NumberParseException.INVALID_COUNTRY_CODE: "phone_country_missing",
    NumberParseException.NOT_A_NUMBER: "phone_invalid",
    NumberParseException.TOO_SHORT_AFTER_IDD: "phone_too_short",
    NumberParseException.TOO_SHORT_NSN: "phone_too_short",
    NumberParseException.TOO_LONG: "phone_too_long",
}
_LENGTHS: Final = {
    ValidationResult.TOO_SHORT: "phone_too_short",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone_too_short",
    ValidationResult.TOO_LONG: "phone_too_long",
    ValidationResult.INVALID_COUNTRY_CODE: "phone_country_missing",
    ValidationResult.INVALID_LENGTH: "phone_invalid",
}
_MESSAGES: Final = {
    "phone_country_missing": "Begin the number with + and the country code.",
    "phone_invalid": "This is not a telephone number.",
    "phone_too_short": "The number is too short.",
    "phone_too_long": "The number is too long.",
    "phone_extension": "Leave the extension out.",
}


def phone_number(text: str, *, region: str | None, field: str) -> str:
    """The number in E.164, with the plus sign. `region` (ISO 3166-1) is where a number without country code is.

    Raises `InvalidField` for `field`. Lengths are checked, ranges are not: carriers open new ones before any list
    knows them.
    """
    known = region if region in phonenumbers.SUPPORTED_REGIONS else None
    try:
        number = phonenumbers.parse(text, known)
    except NumberParseException as error:
        code = _REASONS.get(error.error_type, "phone_invalid")
        raise InvalidField(field, code, _MESSAGES[code]) from error
    if number.extension:
        raise InvalidField(field, "phone_extension", _MESSAGES["phone_extension"])
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != ValidationResult.IS_POSSIBLE:
        code = _LENGTHS[length]
        raise InvalidField(field, code, _MESSAGES[code])
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
