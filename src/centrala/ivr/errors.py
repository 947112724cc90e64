"""What this room refuses."""

from centrala.kit.errors import FieldError, Refusal


class FlowNameTaken(Refusal):
    code, title = "ivr.flow_name_taken", "The project has a flow of this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class FlowArchived(Refusal):
    code, title = "ivr.flow_archived", "The flow is archived; restore it first."


class FlowNotArchived(Refusal):
    code, title = "ivr.flow_not_archived", "The flow is not archived."


class FlowInUse(Refusal):
    code, title = "ivr.flow_in_use", "Numbers or other flows lead to this flow; change them first."


class FlowHasErrors(Refusal):
    """`extra["findings"]` holds them."""

    code, title = "ivr.flow_has_errors", "The flow has errors; correct them first."


class NothingToPublish(Refusal):
    code, title = "ivr.nothing_to_publish", "The draft does not differ from the published version."


class TooManyFlows(Refusal):
    code, title = "ivr.too_many_flows", "The project has as many flows as one project may have."


class PromptNameTaken(Refusal):
    code, title = "ivr.prompt_name_taken", "The project has a prompt of this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class SentenceReplacedAlready(Refusal):
    code, title = "ivr.sentence_replaced_already", "Another prompt of the project stands for this sentence."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="replaces", code="taken", message=self.title)])


class PromptInUse(Refusal):
    """`extra["flows"]` names the flows that say it."""

    code, title = "ivr.prompt_in_use", "A flow says this prompt; change the flow first."


class BadSound(Refusal):
    """`extra["reason"]` says what is wrong with the file."""

    code, status, title = "ivr.bad_sound", 422, "This is no sound file that can be played."


class NoVoice(Refusal):
    code, status, title = "ivr.no_voice", 422, "There is no voice for this language."


class NothingToHear(Refusal):
    code, title = "ivr.nothing_to_hear", "The prompt has neither text nor sound in this language."
