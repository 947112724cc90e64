"""What customers and operators of the crowd share."""

from dataclasses import dataclass, field

from centrala.node.crowd.clips import Clips
from centrala.node.crowd.lines import Lines
from centrala.node.crowd.mix import Board, Crowd
from centrala.node.crowd.phones import Phones


@dataclass(slots=True)
class Scene:
    board: Board
    phones: Phones
    lines: Lines = field(default_factory=Lines)
    clips: Clips = field(default_factory=Clips)
    said: Crowd = field(default_factory=Crowd)
