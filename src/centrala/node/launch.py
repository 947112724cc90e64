"""Loads the code of a process quickly and runs it: `python -m centrala.node.launch app_process ARGUMENTS`.

Loading makes a million objects that live as long as the process. The garbage collector would walk them again and again
while they are made (a tenth of the time) and at every full collection later (pauses in calls), so it is off meanwhile
and told to leave them alone.
"""

import gc
import importlib
import sys


def main() -> int:
    gc.disable()
    process = importlib.import_module(f"centrala.node.{sys.argv.pop(1)}")
    gc.freeze()
    gc.enable()
    code: int = process.main()
    return code


if __name__ == "__main__":
    sys.exit(main())
