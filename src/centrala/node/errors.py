"""What keeps a node from starting, told to the administrator in one line with a remedy."""

from typing import Final

REFUSED: Final = 2
"""Exit code of a program that will not start; the last line of its output says why."""


class StartRefused(Exception):
    """The node cannot start, or must not.

    `problem` says what is wrong, `remedy` what the administrator can do about it; neither ends in a full stop. The
    command line prints both on one line and exits with `REFUSED`, without a traceback.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}.")
        self.problem = problem
        self.remedy = remedy


class ChildRefused(StartRefused):
    """A process of the node refused to start with this line."""

    def __init__(self, line: str) -> None:
        problem, _, remedy = line.rstrip(".").partition(". ")
        super().__init__(problem, remedy or "See the lines above")
