"""Prompts over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Query, Request, Response, status

from centrala.ivr import service
from centrala.ivr.schemas import PromptChange, PromptIn, PromptOut, SentenceOut, SpeechIn
from centrala.kit.access import Permission
from centrala.kit.forms import LanguageCode, Line
from centrala.kit.http import IfMatch, Routes, problems, reading, tag, working
from centrala.kit.listing import ListQuery, Page, list_query
from centrala.kit.work import Work

router = Routes(prefix="/prompts", tags=["prompts"], responses=problems())

Reading = Annotated[Work, Depends(reading(Permission.FLOWS_READ), scope="function")]
Asking = Annotated[Work, Depends(working(Permission.FLOWS_READ), scope="function")]
Writing = Annotated[Work, Depends(working(Permission.FLOWS_WRITE), scope="function")]
Listing = Annotated[ListQuery, Depends(list_query)]
Language = Annotated[LanguageCode, Query(description="ISO 639-1.")]
BINARY: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
SOUND: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "WAV with PCM, A-law or mu-law; 8 to 48 kHz, five minutes at most.",
        "content": {"audio/wav": BINARY},
    }
}
"""Said by hand, because the body is no form: it is read as it comes."""

WAV: Final[dict[int | str, dict[str, Any]]] = {200: {"description": "A sound file.", "content": {"audio/wav": BINARY}}}


@router.get("", operation_id="list_prompts")
async def list_prompts(work: Reading, query: Listing, project_id: UUID | None = None) -> Page[PromptOut]:
    """The libraries of prompts. Sort by `name` or `changed_at`."""
    return await service.list_prompts(work, query, project_id=project_id)


@router.get("/sentences", operation_id="list_sentences")
async def list_sentences(_work: Reading) -> list[SentenceOut]:
    """What the system says by itself."""
    return service.list_sentences()


@router.post("", operation_id="create_prompt", status_code=status.HTTP_201_CREATED, responses=problems(409))
async def create_prompt(work: Writing, form: PromptIn, response: Response) -> PromptOut:
    prompt = await service.create_prompt(work, form)
    tag(response, prompt.version)
    return prompt


@router.post("/speak", operation_id="speak", response_class=Response, responses=WAV)
async def speak(_work: Asking, form: SpeechIn, request: Request) -> Response:
    """How a text sounds."""
    wav = await service.voice_of(request.app).speak(form.text, form.language)
    return Response(wav, media_type="audio/wav")


@router.get("/{prompt_id}", operation_id="read_prompt")
async def read_prompt(work: Reading, prompt_id: UUID, response: Response) -> PromptOut:
    prompt = await service.read_prompt(work, prompt_id)
    tag(response, prompt.version)
    return prompt


@router.patch("/{prompt_id}", operation_id="change_prompt", responses=problems(409, 412, 428))
async def change_prompt(
    work: Writing, prompt_id: UUID, form: PromptChange, read: IfMatch, response: Response
) -> PromptOut:
    prompt = await service.change_prompt(work, prompt_id, form, read=read)
    tag(response, prompt.version)
    return prompt


@router.delete(
    "/{prompt_id}",
    operation_id="remove_prompt",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(409, 412, 428),
)
async def remove_prompt(work: Writing, prompt_id: UUID, read: IfMatch) -> None:
    await service.remove_prompt(work, prompt_id, read=read)


@router.put(
    "/{prompt_id}/sound",
    operation_id="upload_prompt_sound",
    responses=problems(409, 412, 428),
    openapi_extra=SOUND,
)
async def upload_prompt_sound(
    work: Writing,
    *,
    prompt_id: UUID,
    language: Language,
    request: Request,
    read: IfMatch,
    response: Response,
    file_name: Annotated[Line, Query(max_length=120)] = "",
) -> PromptOut:
    """A WAV file that is played instead of the text in a language."""
    sound = await request.body()
    prompt = await service.upload_sound(work, prompt_id, language, sound, file_name=file_name, read=read)
    tag(response, prompt.version)
    return prompt


@router.delete("/{prompt_id}/sound", operation_id="remove_prompt_sound", responses=problems(409, 412, 428))
async def remove_prompt_sound(
    work: Writing, prompt_id: UUID, language: Language, read: IfMatch, response: Response
) -> PromptOut:
    """The text speaks again."""
    prompt = await service.remove_sound(work, prompt_id, language, read=read)
    tag(response, prompt.version)
    return prompt


@router.get(
    "/{prompt_id}/audio", operation_id="hear_prompt", response_class=Response, responses={**problems(409), **WAV}
)
async def hear_prompt(work: Reading, prompt_id: UUID, language: Language, request: Request) -> Response:
    """How the prompt sounds in a language."""
    wav = await service.voice_of(request.app).hear(work, prompt_id, language)
    return Response(wav, media_type="audio/wav")
