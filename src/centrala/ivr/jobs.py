"""What the worker does for flows: speaks texts ahead, so that no caller waits for a voice."""

from procrastinate import JobContext

from centrala.kit import jobs


@jobs.app.task(name="ivr.render_flow", retry=jobs.RETRY, pass_context=True)
async def render_flow(context: JobContext, *, flow_id: str, project_id: str) -> None:
    """Speak all texts of a flow's draft and published version."""


@jobs.app.task(name="ivr.render_prompt", retry=jobs.RETRY, pass_context=True)
async def render_prompt(context: JobContext, *, prompt_id: str, project_id: str) -> None:
    """Speak the texts of a prompt."""
