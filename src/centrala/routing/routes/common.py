"""What the routes of this room share."""

from typing import Annotated

from fastapi import Depends, Request

from centrala.kit.listing import ListQuery, list_query
from centrala.routing.board import Board
from centrala.routing.dispatch.dispatcher import Dispatcher


async def dispatcher_of(request: Request) -> Dispatcher:
    """The one of this process."""
    found: Dispatcher = request.app.state.dispatcher
    return found


async def board_of(request: Request) -> Board:
    found: Board = request.app.state.board
    return found


Dispatching = Annotated[Dispatcher, Depends(dispatcher_of)]
OnBoard = Annotated[Board, Depends(board_of)]
Listing = Annotated[ListQuery, Depends(list_query)]
