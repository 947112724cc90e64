"""What operators say: texts per project and queue."""

from uuid import UUID

from sqlalchemy import or_, select

from centrala.interactions.events import script_changed, script_removed
from centrala.interactions.models import Script
from centrala.interactions.schemas import ScriptChange, ScriptIn, ScriptOut
from centrala.kit.errors import InvalidField, NotFound
from centrala.kit.http import same_version
from centrala.kit.ids import new_id
from centrala.kit.verbs import assign
from centrala.kit.work import Work
from centrala.projects.service import unknown_projects

MAX_SHOWN = 1_000  # scripts of all projects in sight


async def list_scripts(work: Work, *, project_id: UUID | None, queue_id: UUID | None) -> list[ScriptOut]:
    query = select(Script).order_by(Script.project_id, Script.position, Script.title, Script.id)
    if project_id is not None:
        query = query.where(Script.project_id == project_id)
    if queue_id is not None:
        query = query.where(or_(Script.queue_id == queue_id, Script.queue_id.is_(None)))
    return [ScriptOut.model_validate(row) for row in await work.session.scalars(query.limit(MAX_SHOWN))]


async def read_script(work: Work, script_id: UUID) -> ScriptOut:
    return ScriptOut.model_validate(await _load(work, script_id))


async def create_script(work: Work, form: ScriptIn) -> ScriptOut:
    if await unknown_projects(work, [form.project_id]):
        raise InvalidField("project_id", "unknown_reference", "There is no such project, or it is not yours to see.")
    script = Script(id=new_id(), **form.model_dump())
    work.session.add(script)
    await work.session.flush()
    work.trace("script.created", "script", script.id, project_id=script.project_id)
    work.tell(script_changed(script.id, project_id=script.project_id))
    return ScriptOut.model_validate(script)


async def change_script(work: Work, script_id: UUID, form: ScriptChange, *, read: int) -> ScriptOut:
    script = await _hold(work, script_id, read=read)
    changed = assign(script, form.sent())
    if changed:
        script.version += 1
        work.trace("script.changed", "script", script.id, project_id=script.project_id, fields=changed)
        work.tell(script_changed(script.id, project_id=script.project_id))
    return ScriptOut.model_validate(script)


async def remove_script(work: Work, script_id: UUID, *, read: int) -> None:
    script = await _hold(work, script_id, read=read)
    await work.session.delete(script)
    work.trace("script.removed", "script", script.id, project_id=script.project_id)
    work.tell(script_removed(script.id, project_id=script.project_id))


async def _load(work: Work, script_id: UUID, *, lock: bool = False) -> Script:
    query = select(Script).where(Script.id == script_id)
    script: Script | None = await work.session.scalar(query.with_for_update() if lock else query)
    if script is None:
        raise NotFound
    return script


async def _hold(work: Work, script_id: UUID, *, read: int) -> Script:
    script = await _load(work, script_id, lock=True)

    async def current() -> ScriptOut:
        return ScriptOut.model_validate(script)

    await same_version(script, read, current)
    return script
