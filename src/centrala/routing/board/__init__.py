"""The live board: what supervisors see of queues and operators, and the alarms about them."""

from centrala.routing.board.board import Board

__all__ = ["Board"]
