"""Nodes that bring the caller to somebody, or take what the caller leaves: queue, transfer, voicemail, callback."""

from centrala.ivr.machine import commands as c
from centrala.ivr.machine import definition as d
from centrala.ivr.machine import events as e
from centrala.ivr.machine.asking import keys_of
from centrala.ivr.machine.mechanics import Mechanics
from centrala.ivr.machine.values import as_text, checked, filled

CALLBACK_DIGITS = 18  # of a number with codes, 00 in front
OFFER_SECONDS = 5.0
DEFAULT_MESSAGE, DEFAULT_SILENCE = 120, 5  # seconds, of a message that a queue wants taken
DEFAULT_RING = 25.0  # seconds, of a number that a queue wants called

# Queue


def enter_queue(run: Mechanics, node: d.QueueNode) -> None:
    if node.queue_id is None:
        run.leave(node, "failed")
        return
    run.send(
        c.QueueCommand(
            id=run.fresh(),
            queue_id=node.queue_id,
            priority=node.priority,
            skills={str(skill.skill_id): skill.level for skill in node.skills},
            language=run.state.language if node.demand_language else None,
        )
    )


def on_queue(run: Mechanics, node: d.QueueNode, event: e.Event) -> None:
    match event:
        case e.ConnectedEvent():
            drop_aside(run)
            connected(run)
        case e.FinishedEvent():
            _after(run, node)
        case e.CallbackOfferedEvent():
            _offer_beside(run)
        case e.QueueLeftEvent():
            drop_aside(run)
            _left(run, node, event)
        case e.TransferFailedEvent():
            run.leave(node, "failed")
        case e.RecordedEvent():
            run.end_with("goodbye", why="voicemail")
        case e.FailedEvent():
            drop_aside(run)
            _nobody(run, node, "failed")


def _after(run: Mechanics, node: d.Node) -> None:
    """The other one has left. Where nobody drew what comes then, the call is over: no goodbye after a goodbye."""
    run.state.talking = False
    if run.ways.leads(node, "after") is None:
        run.hang_up(why="served")
    else:
        run.leave(node, "after")


def connected(run: Mechanics) -> None:
    run.state.talking = True
    run.heard_caller()


def _left(run: Mechanics, node: d.QueueNode, event: e.QueueLeftEvent) -> None:
    match event.how:
        case "voicemail" if run.ways.leads(node, "voicemail") is None:
            sounds = [run.saying.sentence("voicemail"), c.BeepSound()]
            _record(run, sounds, box=event.target, most=DEFAULT_MESSAGE, silence=DEFAULT_SILENCE)
        case "number" if event.target:
            run.send(c.TransferCommand(id=run.fresh(), number=event.target, ring_seconds=DEFAULT_RING))
        case "node" if event.target in run.ways.nodes:
            run.go(event.target)
        case "hang_up":
            run.end_with("no_operator", why="queue")
        case "voicemail" | "overflow" | "closed" | "no_operator" | "failed":
            _nobody(run, node, event.how)
        case _:
            _nobody(run, node, "overflow")


def _nobody(run: Mechanics, node: d.QueueNode, exit_name: str) -> None:
    """The queue does not serve the caller; where nothing is drawn for it, say so."""
    if run.ways.leads(node, exit_name) is None:
        run.end_with("closed" if exit_name == "closed" else "no_operator", why=exit_name)
    else:
        run.leave(node, exit_name)


# A call-back that the queue offers, beside the wait


def _offer_beside(run: Mechanics) -> None:
    if run.state.aside is None and not run.state.talking:
        _ask_beside(run, "offer", [run.saying.sentence("callback_offer")], most=1)


def _ask_beside(run: Mechanics, phase: str, sounds: list[c.Sound], *, most: int) -> None:
    run.state.aside_phase = phase
    run.state.aside = c.CollectCommand(
        id=run.fresh(),
        sounds=sounds,
        most=most,
        terminators="#" if most > 1 else "",
        first_seconds=OFFER_SECONDS,
        between_seconds=3.0,
    )
    run.tell(run.state.aside)


def on_beside(run: Mechanics, node: d.Node, event: e.Event) -> None:
    """An answer to what was asked of a caller who waits in a queue."""
    keys, phase = keys_of(event), run.state.aside_phase
    run.state.aside = None
    if phase == "offer" and keys == "1":
        caller = as_text(run.state.variables.get("caller"))
        if caller:
            _order_beside(run, node, caller)
        else:
            _ask_beside(run, "number", [run.saying.sentence("callback_number")], most=CALLBACK_DIGITS)
    elif phase == "number" and keys:
        number = checked(d.PhoneCheck(), keys, run.today)
        if number is not None:
            _order_beside(run, node, number)
    elif phase == "order" and isinstance(event, e.CallbackOrderedEvent) and event.ok:
        run.play([run.saying.sentence("callback_ordered")], phase="callback", interruptible=False)


def _order_beside(run: Mechanics, node: d.Node, number: str) -> None:
    if not isinstance(node, d.QueueNode) or node.queue_id is None:
        return
    run.state.aside_phase = "order"
    run.state.aside = c.CallbackCommand(
        id=run.fresh(), queue_id=node.queue_id, number=number, language=run.state.language, keep_place=True
    )
    run.tell(run.state.aside)


def drop_aside(run: Mechanics) -> None:
    """Somebody answers: what was being asked meanwhile is no longer wanted."""
    if run.state.aside is not None:
        run.tell(c.StopCommand(id=run.fresh(), command=run.state.aside.id))
        run.state.aside, run.state.aside_phase = None, ""


def after_callback(run: Mechanics, node: d.Node) -> None:
    """The caller in the queue has been promised a call, and was told so."""
    if run.ways.leads(node, "callback") is None:
        run.hang_up(why="callback")
    else:
        run.leave(node, "callback")


# Transfer


def enter_transfer(run: Mechanics, node: d.TransferNode) -> None:
    number = filled(node.to.number, run.state.variables).strip() if isinstance(node.to, d.ToNumber) else None
    person = node.to.person_id if isinstance(node.to, d.ToPerson) else None
    if not number and person is None:
        run.leave(node, "failed")
        return
    run.send(c.TransferCommand(id=run.fresh(), person_id=person, number=number or None, ring_seconds=node.ring_seconds))


def on_transfer(run: Mechanics, node: d.TransferNode, event: e.Event) -> None:
    match event:
        case e.ConnectedEvent():
            connected(run)
        case e.FinishedEvent():
            _after(run, node)
        case e.TransferFailedEvent():
            run.leave(node, event.how)
        case e.FailedEvent():
            run.leave(node, "failed")


# Voicemail


def enter_voicemail(run: Mechanics, node: d.VoicemailNode) -> None:
    sounds = [*run.saying.prompt_or(node.prompt, "voicemail"), c.BeepSound()]
    _record(run, sounds, box=node.box, most=node.max_seconds, silence=node.silence_seconds)


def _record(run: Mechanics, sounds: list[c.Sound], *, box: str, most: int, silence: int) -> None:
    run.send(c.VoicemailCommand(id=run.fresh(), sounds=sounds, box=box, max_seconds=most, silence_seconds=silence))


def on_voicemail(run: Mechanics, node: d.VoicemailNode, event: e.Event) -> None:
    if isinstance(event, e.RecordedEvent) and event.seconds > 0:
        run.heard_caller()
        run.leave(node, "next")
    elif isinstance(event, e.RecordedEvent | e.FailedEvent):
        run.leave(node, "empty")


# Call-back


def enter_callback(run: Mechanics, node: d.CallbackNode) -> None:
    if node.queue_id is None:
        run.leave(node, "failed")
    else:
        run.collect(run.saying.prompt_or(node.prompt, "callback_ask"), phase="offer")


def on_callback(run: Mechanics, node: d.CallbackNode, event: e.Event) -> None:
    handlers = {"offer": _offered, "choose": _chosen, "number": _numbered, "order": _ordered}
    handler = handlers.get(run.state.phase)
    if handler is not None:
        handler(run, node, event)
    elif isinstance(event, e.PlayedEvent | e.FailedEvent):
        run.leave(node, run.state.held)


def _offered(run: Mechanics, node: d.CallbackNode, event: e.Event) -> None:
    caller = as_text(run.state.variables.get("caller"))
    keys = keys_of(event)
    if keys is None and _try_again(run, node):
        run.collect(run.saying.prompt_or(node.prompt, "callback_ask"), phase="offer")
    elif keys != "1":
        run.leave(node, "declined")
    elif node.number is d.CallbackNumber.ASK or not caller:
        _ask_number(run)
    elif node.number is d.CallbackNumber.CALLER:
        _order(run, node, caller)
    else:
        run.collect([run.saying.sentence("callback_choose")], phase="choose")


def _chosen(run: Mechanics, node: d.CallbackNode, event: e.Event) -> None:
    if keys_of(event) == "2":
        _ask_number(run)
    else:  # silence too: who wants to be called back has a number that is known
        _order(run, node, as_text(run.state.variables.get("caller")))


def _ask_number(run: Mechanics, *before: str) -> None:
    sounds = [run.saying.sentence(name) for name in (*before, "callback_number")]
    run.collect(sounds, phase="number", most=CALLBACK_DIGITS, terminators="#")


def _numbered(run: Mechanics, node: d.CallbackNode, event: e.Event) -> None:
    keys = keys_of(event)
    number = checked(d.PhoneCheck(country=node.country), keys, run.today) if keys else None
    if number is not None:
        _order(run, node, number)
    elif _try_again(run, node):
        _ask_number(run, "wrong_digits" if keys else "press_again")
    else:
        run.leave(node, "declined")


def _try_again(run: Mechanics, node: d.CallbackNode) -> bool:
    run.state.tries += 1
    return run.state.tries < node.attempts


def _order(run: Mechanics, node: d.CallbackNode, number: str) -> None:
    if node.queue_id is None:
        run.leave(node, "failed")
        return
    run.state.phase = "order"
    run.send(c.CallbackCommand(id=run.fresh(), queue_id=node.queue_id, number=number, language=run.state.language))


def _ordered(run: Mechanics, _node: d.CallbackNode, event: e.Event) -> None:
    if not isinstance(event, e.CallbackOrderedEvent | e.FailedEvent):
        return
    ok = isinstance(event, e.CallbackOrderedEvent) and event.ok
    run.state.held = "ordered" if ok else "failed"
    run.play([run.saying.sentence("callback_ordered" if ok else "callback_refused")], phase="told")
