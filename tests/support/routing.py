"""The routes of the app as tests go through them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from centrala.web.openapi import document

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    method: str
    path: str

    @property
    def parameters(self) -> list[str]:
        return [part.strip("{}") for part in self.path.split("/") if part.startswith("{")]


def operations() -> list[Operation]:
    """Every operation of the OpenAPI document."""
    return sorted(_operations(), key=lambda one: one.name)


def _operations() -> Iterator[Operation]:
    for path, item in document()["paths"].items():
        for method in _METHODS:
            if method in item:
                yield Operation(name=item[method]["operationId"], method=method.upper(), path=path)


async def send(
    client: httpx.AsyncClient, operation: Operation, ids: dict[str, UUID], *, form: Any = None, query: Any = None
) -> httpx.Response:
    """The request of an operation, with ids for its path; `form` is the body of a request that has one."""
    path = operation.path
    for name in operation.parameters:
        path = path.replace(f"{{{name}}}", str(ids[name]))
    body = (form or {}) if operation.method in {"POST", "PATCH", "PUT"} else None
    return await client.request(operation.method, path, headers={"If-Match": '"1"'}, params=query, json=body)
