"""The front door of phones."""

from centrala.telephony.phones.keys import REALM
from centrala.telephony.phones.service.contacts import phone_is_registered, phones_of, restore, save
from centrala.telephony.phones.service.credentials import Credentials, Known, Owner
from centrala.telephony.phones.service.phones import (
    PURPOSE,
    change_phone,
    create_phone,
    disable_phone,
    enable_phone,
    export_phones,
    forget_person,
    list_phones,
    read_phone,
    remove_phone,
    reset_secret,
)
from centrala.telephony.phones.service.provisioning import ECHO, browser_phone, provisioning, sip_host

__all__ = [
    "ECHO",
    "PURPOSE",
    "REALM",
    "Credentials",
    "Known",
    "Owner",
    "browser_phone",
    "change_phone",
    "create_phone",
    "disable_phone",
    "enable_phone",
    "export_phones",
    "forget_person",
    "list_phones",
    "phone_is_registered",
    "phones_of",
    "provisioning",
    "read_phone",
    "remove_phone",
    "reset_secret",
    "restore",
    "save",
    "sip_host",
]
