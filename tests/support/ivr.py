"""Flows, prompts and messages for tests."""

from uuid import UUID

from centrala.ivr.models import Flow, FlowVersion, NumberFlow, Prompt, PromptSound, Voicemail
from centrala.kit.ids import new_id
from centrala.kit.work import Work

EMPTY: dict[str, object] = {"start": None, "nodes": [], "edges": [], "max_seconds": 600}


async def what_flows_leave(unit: Work, project: UUID, number: UUID) -> None:
    """A row of each table of flows; the number leads to the flow."""
    flow, prompt = new_id(), new_id()
    unit.session.add_all(
        [
            Flow(id=flow, project_id=project, name=f"Line {flow}", draft=EMPTY, published=1, changed_at=unit.now),
            Prompt(id=prompt, project_id=project, name=f"Greeting {prompt}", texts={}, changed_at=unit.now),
            Voicemail(
                id=new_id(),
                project_id=project,
                box="",
                interaction_id=new_id(),
                language="ro",
                seconds=4.0,
                left_at=unit.now,
            ),
        ]
    )
    await unit.session.flush()
    unit.session.add_all(
        [
            FlowVersion(
                id=new_id(),
                project_id=project,
                flow_id=flow,
                number=1,
                definition=EMPTY,
                subflows={},
                languages=["ro"],
                published_at=unit.now,
            ),
            NumberFlow(number_id=number, project_id=project, flow_id=flow),
            PromptSound(
                id=new_id(),
                project_id=project,
                prompt_id=prompt,
                language="ro",
                seconds=1.0,
                digest="-",
                wav=b"-",
                uploaded_at=unit.now,
            ),
        ]
    )
