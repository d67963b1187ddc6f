"""Asking a forge's API in JSON: bounded, strict about what comes, and silent about the token.

An address is built from parts that are quoted here, never taken from an answer. What goes wrong is told
in our errors, with the words of the other side cut short and quoted.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from registry_tool.core.canonical import parse_loose
from registry_tool.core.document import findings_of
from registry_tool.core.errors import InvalidInput, NotFound, RegistryError, StateForbids, Unreachable
from registry_tool.core.ports import Answered, Clock, Exchange
from registry_tool.core.quoting import quoted

ANSWER_BYTES: Final = 64 * 1024 * 1024  # a hundred texts of 65,536 characters, each of them the longest there is
PAGE: Final = 100  # rows; the most that forges give
LONGEST_WAIT_SECONDS: Final = 24 * 3600  # what a forge may tell us to wait; more is no answer
SHORT_WAIT_SECONDS: Final = 60  # where it says that we ask too much, and not for how long

Said = Any  # what parse_loose returns; every reader narrows it through a model
T = TypeVar("T")


class Theirs(BaseModel):
    """Part of an answer: members that we do not know are none of our business, wrong types are."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", defer_build=True)


class Api:
    """The API below `base`, asked with `headers` and the rights of `token`.

    Every method raises `NotFound`, `StateForbids` (`bad-token`, `no-right`, `refused`), `Unreachable`
    (`rate-limit` says how long to wait) and `InvalidInput` (`bad-answer`), naming the address.
    """

    def __init__(
        self, exchange: Exchange, *, base: str, headers: Mapping[str, str], token: str | None, now: Clock
    ) -> None:
        self._exchange = exchange
        self._base = base.rstrip("/")
        self._headers = headers
        self._token = token
        self._now = now

    def get(self, model: type[T], *parts: str | int, **query: str) -> T:
        """What lies at the path of `parts`; each is one segment."""
        return self.send(model, "GET", *parts, query=query)

    def pages(self, model: type[T], *parts: str | int, most: int, **query: str) -> Iterator[T]:
        """The rows of a list, page by page, at most `most`; a list that goes on is simply left there."""
        for number in range(1, most // PAGE + 1):
            # A list of what the caller named, which mypy cannot know.
            shape: type[list[T]] = list[model]  # type: ignore[valid-type]
            rows = self.get(shape, *parts, **query, per_page=str(PAGE), page=str(number))
            yield from rows
            if len(rows) < PAGE:
                return

    def send(
        self,
        model: type[T],
        method: str,
        *parts: str | int,
        value: Said = None,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """What is answered to `value`, read as `model`."""
        where = self.address(*parts, query=query)
        body = None if value is None else json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        answer = self._asked(method, where, body)
        return self._read(model, answer, where)

    def tell(self, method: str, *parts: str | int, value: Said = None) -> None:
        """As `send`, where the answer does not matter."""
        body = None if value is None else json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        self._asked(method, self.address(*parts), body)

    def bytes_at(self, *parts: str | int, accept: str, limit: int) -> bytes:
        """The bytes at a path, asked for as `accept`; they may lie with another server, which learns no token."""
        where = self.address(*parts)
        answer = self._exchange.send("GET", where, headers=self._with_token(accept), body=None, limit=limit)
        if answer.status != 200:
            raise self._error(answer, where)
        return answer.body

    def address(self, *parts: str | int, query: Mapping[str, str] | None = None) -> str:
        """The address of a path; `InvalidInput` for a part that would lead elsewhere."""
        if any(piece in ("", ".", "..") for part in parts for piece in str(part).split("/")):
            shown = quoted("/".join(map(str, parts)))
            raise InvalidInput(f"this cannot be asked for: {shown}", where=self._base, code="bad-path")
        path = "/".join(quote(str(part), safe="") for part in parts)
        return f"{self._base}/{path}" + (f"?{urlencode(query)}" if query else "")

    def _asked(self, method: str, where: str, body: bytes | None) -> Answered:
        headers = self._with_token(self._headers["Accept"])
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self._exchange.send(method, where, headers=headers, body=body, limit=ANSWER_BYTES)
        if not 200 <= answer.status < 300:
            raise self._error(answer, where)
        return answer

    def _with_token(self, accept: str) -> dict[str, str]:
        login = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {**self._headers, "Accept": accept, **login}

    def _read(self, model: type[T], answer: Answered, where: str) -> T:
        where = where.partition("?")[0]
        if not _is_json(answer):
            raise _no_api(where)
        try:
            value = parse_loose(answer.body, limit=ANSWER_BYTES, what="the answer", floats=True)
            return TypeAdapter(model).validate_python(value)
        except ValidationError as error:
            faults = findings_of(error, check="forge-answer")
            message = f"what the forge answered is not what it says it answers: {faults[0].message}"
            raise InvalidInput(message, where=where, code="bad-answer", findings=faults) from error
        except InvalidInput as error:
            message = f"what the forge answered cannot be read: {error.message}"
            raise InvalidInput(message, where=where, code="bad-answer") from error

    def _error(self, answer: Answered, where: str) -> RegistryError:
        """What a status other than success means."""
        where = where.partition("?")[0]
        wait = self._wait(answer)
        if wait is not None:
            message = f"the forge takes no more requests for {wait} seconds"
            hint = "wait that long" + ("" if self._token else "; with GITHUB_TOKEN set it takes more")
            return Unreachable(message, where=where, code="rate-limit", hint=hint)
        status = answer.status
        if status >= 500 or status == 408:
            message = f"the forge failed (HTTP {status})"
            return Unreachable(message, where=where, code="server-error", hint="try again later")
        if not _is_json(answer):
            return _no_api(where)
        words = self._words(answer)
        if status == 401:
            hint = "is GITHUB_TOKEN (or GH_TOKEN) what it should be, and still valid?"
            return StateForbids("the forge does not take the token", where=where, code="bad-token", hint=hint)
        if status in (404, 410):
            hint = "is the name right, and may the token see it?"
            return NotFound("the forge has nothing there", where=where, code="not-found", hint=hint)
        if status in (403, 451):
            hint = "give the token the right to" if self._token else "set GITHUB_TOKEN to a token that may"
            return StateForbids(f"the forge does not allow it: {words}", where=where, code="no-right", hint=hint)
        if 300 <= status < 500:
            return StateForbids(f"the forge refused (HTTP {status}): {words}", where=where, code="refused")
        return InvalidInput(f"the forge answered with HTTP {status}", where=where, code="bad-answer")

    def _wait(self, answer: Answered) -> int | None:
        """For how many seconds the forge wants no requests; `None` where it does not say that we ask too much."""
        if answer.status not in (403, 429):
            return None
        after = _number(answer.headers.get("retry-after", ""))
        if after is None and answer.headers.get("x-ratelimit-remaining", "") == "0":
            reset = _number(answer.headers.get("x-ratelimit-reset", ""))
            after = None if reset is None else reset - self._now()
        if after is None:
            return SHORT_WAIT_SECONDS if answer.status == 429 else None
        return min(max(after, 1), LONGEST_WAIT_SECONDS)

    def _words(self, answer: Answered) -> str:
        """What the forge says about it, in one short quoted line, and never with the token in it."""
        try:
            said = parse_loose(answer.body, limit=ANSWER_BYTES, what="the answer", floats=True)
        except InvalidInput:
            said = None
        rows = said if isinstance(said, dict) else {}
        listed = rows.get("errors")
        faults = (
            [one.get("message") if isinstance(one, dict) else one for one in listed] if isinstance(listed, list) else []
        )
        texts = [text for text in (rows.get("message"), *faults[:3]) if isinstance(text, str) and text]
        told = "; ".join(texts) or "it gave no reason"
        return quoted(told.replace(self._token, "…") if self._token else told)


def _is_json(answer: Answered) -> bool:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json"


def _no_api(where: str) -> Unreachable:
    hint = "is GITHUB_API_URL right? a network that asks to log in answers so too"
    return Unreachable("no API of a forge answered there", where=where, code="not-a-forge", hint=hint)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else None
