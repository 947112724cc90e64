"""What this room refuses."""

from centrala.kit.errors import FieldError, Refusal


class CompanyNameTaken(Refusal):
    code, title = "projects.company_name_taken", "Another company has this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class CompanyArchived(Refusal):
    code, title = "projects.company_archived", "The company is archived; restore it first."


class CompanyHasProjects(Refusal):
    code, title = "projects.company_has_projects", "The company has projects; archive them first."


class ProjectNameTaken(Refusal):
    code, title = "projects.project_name_taken", "The company has a project of this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class CodeTaken(Refusal):
    code, title = "projects.code_taken", "Another project has this code."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="code", code="taken", message=self.title)])


class ProjectArchived(Refusal):
    code, title = "projects.project_archived", "The project is archived; restore it first."


class NumberTaken(Refusal):
    code, title = "projects.number_taken", "The number belongs to a project already."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="number", code="taken", message=self.title)])


class TooManyNumbers(Refusal):
    code, title = "projects.too_many_numbers", "The project has as many numbers as one project may have."


class CalendarNameTaken(Refusal):
    code, title = "projects.calendar_name_taken", "The project has a calendar of this name."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="name", code="taken", message=self.title)])


class AlreadyArchived(Refusal):
    code, title = "projects.already_archived", "It is archived already."


class NotArchived(Refusal):
    code, title = "projects.not_archived", "It is not archived."
