"""What customers and operators of the crowd share."""

from dataclasses import dataclass, field

from centrala.node.crowd.clips import Clips
from centrala.node.crowd.lines import Lines
from centrala.node.crowd.phones import Phones
from centrala.web.demo_mix import Board, Crowd


@dataclass(slots=True)
class Scene:
    board: Board
    callers: Phones  # a socket of their own: what comes from a phone's address is a phone's
    phones: Phones
    lines: Lines = field(default_factory=Lines)
    clips: Clips = field(default_factory=Clips)
    said: Crowd = field(default_factory=Crowd)
