"""What keeps a node from starting, told to the administrator in one line with a remedy."""


class StartRefused(Exception):
    """The node cannot start, or must not.

    `problem` says what is wrong, `remedy` what the administrator can do about it; neither ends in a
    full stop. The command line prints both on one line and exits with code 2, without a traceback.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}. {remedy}.")
        self.problem = problem
        self.remedy = remedy
