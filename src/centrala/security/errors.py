from centrala.kit.errors import FieldError, Refusal


class SignInRequired(Refusal):
    code, status, title = "auth.required", 401, "Sign in first."


class WrongCredentials(Refusal):
    """One answer for an unknown login, a wrong password and a closed account: nothing to tell apart."""

    code, status, title = "auth.wrong_credentials", 401, "Login or password is wrong."


class SecondFactorRequired(Refusal):
    code, status, title = "auth.totp_required", 401, "Enter the code of your authenticator app."


class WrongCode(Refusal):
    code, status, title = "auth.wrong_code", 401, "The code is wrong or was used already."


class Throttled(Refusal):
    code, status, title = "auth.throttled", 429, "Too many failed attempts; wait and try again."


class CsrfRefused(Refusal):
    code, status = "auth.csrf", 403
    title = "The request does not come from this desk: reload the page and try again."


class PasswordChangeRequired(Refusal):
    code, status = "auth.password_change_required", 403
    title = "Choose a password of your own first."


class AlreadySetUp(Refusal):
    code, title = "auth.already_set_up", "The first administrator exists already; sign in."


class WrongSetupLink(Refusal):
    code, status = "auth.wrong_setup_link", 403
    title = "This link is not the one that the first start printed: run `centrala setup-link` for a new one."


class LoginTaken(Refusal):
    code, title = "auth.login_taken", "Somebody else has this login."

    def __init__(self) -> None:
        super().__init__(errors=[FieldError(field="login", code="taken", message=self.title)])


class TotpAlreadyOn(Refusal):
    code, title = "auth.totp_already_on", "The second factor is on already; turn it off first."


class TotpNotBegun(Refusal):
    code, title = "auth.totp_not_begun", "Begin anew: there is no second factor waiting for its first code."


class LastAdministrator(Refusal):
    code = "people.last_administrator"
    title = "This is the last administrator; make somebody else one first."


class TooManyTokens(Refusal):
    code, title = "auth.too_many_tokens", "Delete a token that you do not use any more first."


class TooManyViews(Refusal):
    code, title = "views.too_many", "Delete a saved filter that you do not use any more first."
