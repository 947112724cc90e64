"""The front door of customers."""

from centrala.customers.errors import CannotMerge
from centrala.customers.models import Customer
from centrala.customers.service.change import add_phone, change_customer, create_customer, remove_phone
from centrala.customers.service.leave import erase_customer, merge_customers
from centrala.customers.service.read import (
    CustomerFilters,
    customer_by_number,
    export_customers,
    hold_customer,
    ids_by_name,
    list_customers,
    names_of,
    normal_number,
    read_by_number,
    read_customer,
    reveal_customer,
)

__all__ = [
    "CannotMerge",
    "Customer",
    "CustomerFilters",
    "add_phone",
    "change_customer",
    "create_customer",
    "customer_by_number",
    "erase_customer",
    "export_customers",
    "hold_customer",
    "ids_by_name",
    "list_customers",
    "merge_customers",
    "names_of",
    "normal_number",
    "read_by_number",
    "read_customer",
    "remove_phone",
    "reveal_customer",
]
