"""Who approved a release, and whether that is enough."""

from collections.abc import Callable
from typing import Any

import pytest

from registry_tool.core.approvals import needed, who_is_author
from tests.builders import RegistryInMemory, a_registry
from tests.proving import SOLAR, admitted, refusal

Build = Callable[[RegistryInMemory], object]


def people(*names: str, **policy: Any) -> RegistryInMemory:
    """A registry whose moderators are these people, who publish nothing, and a gate."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators(dict.fromkeys(names), gate=("gate",))
    registry.policy(by=names[:1], **policy)
    return registry


def with_accounts(registry: RegistryInMemory, *, status: str = "active", since: str = "") -> None:
    """The next moderators, in which `two` reviews with the account 7 of a forge."""

    def change(value: dict[str, Any]) -> None:
        account: dict[str, Any] = {"forge": "forge.example", "number": 7, "name": "two", "status": status}
        value["people"][1]["accounts"] = [account | ({"since": since} if since else {})]

    registry.moderators({"mod": None, "two": None}, gate=("gate",), by=("mod",), under=(), change=change)


REVIEW = {"forge": "forge.example", "review": 1, "account": 7}


def reviewed(registry: RegistryInMemory) -> None:
    with_accounts(registry)
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", by=("gate",), approvals=[REVIEW])


def forge() -> RegistryInMemory:
    return people("mod", "two", mode="forge")


def both(registry: RegistryInMemory, **more: Any) -> None:
    """Two approvals: that of `two`, and that of `mod` who admits."""
    registry.publish(SOLAR, "1.0.0")
    digest = registry.approve(SOLAR, "1.0.0", "two", **more)
    registry.admit(SOLAR, "1.0.0", approvals=[digest])


def both_signed(registry: RegistryInMemory) -> None:
    """A moderator and the gate sign one admission."""
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", by=("mod", "gate"))


@pytest.mark.parametrize(
    ("registry", "build", "expected"),
    [
        (people("mod"), lambda r: r.release(SOLAR, "1.0.0"), ("mod", ("mod",))),
        (people("mod", "two", count=2), both, ("mod", ("mod", "two"))),
        (people("mod"), both_signed, ("mod", ("mod",))),
        (forge(), reviewed, ("gate", ("two",))),
    ],
)
def test_as_many_people_as_policy_wants_let_it_in(
    registry: RegistryInMemory, build: Build, expected: tuple[str, tuple[str, ...]]
) -> None:
    """The admission names whoever signed it, and everybody who approved."""
    build(registry)
    found = admitted(registry)

    assert expected == (found.by, found.approved_by)


def admitted_by(registry: RegistryInMemory, *by: str) -> None:
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", by=by)


def alone(registry: RegistryInMemory) -> None:
    registry.release(SOLAR, "1.0.0")


def counted_twice(registry: RegistryInMemory) -> None:
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", approvals=[registry.approve(SOLAR, "1.0.0", "mod")])


def missing(registry: RegistryInMemory) -> None:
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", approvals=[f"sha256:{'0' * 64}"])


def of_a_stranger(registry: RegistryInMemory) -> None:
    registry.publish(SOLAR, "1.0.0")
    digest = registry.approve(SOLAR, "1.0.0", "stranger")
    registry.admit(SOLAR, "1.0.0", approvals=[digest])


def of_another_version(registry: RegistryInMemory) -> None:
    both(registry, change=lambda value: value.update(version="2.0.0"))


def of_other_bytes(registry: RegistryInMemory) -> None:
    both(registry, change=lambda value: value.update(manifest=f"sha256:{'0' * 64}"))


def forged_in_a_forge(registry: RegistryInMemory, review: dict[str, Any], by: str) -> None:
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", by=(by,), approvals=[review])


def account_ended(registry: RegistryInMemory) -> None:
    reviewed(registry)
    with_accounts(registry, status="retired", since="2026-03-01T12:00:00Z")


def own_account(registry: RegistryInMemory) -> None:
    """The author's keyring names the account that the review came from."""
    with_accounts(registry)
    account = {"forge": "forge.example", "number": 7, "name": "two"}
    registry.keyring("ann", change=lambda value: value.update(accounts=[account]))
    registry.publish(SOLAR, "1.0.0")
    registry.admit(SOLAR, "1.0.0", by=("gate",), approvals=[REVIEW])


def ended_between(registry: RegistryInMemory) -> None:
    """The second person's key ended after the approval and before the admission."""
    both(registry)

    def change(value: dict[str, Any]) -> None:
        at = registry_time(registry, "approvals/two.json")
        value["people"][1]["keys"][0] |= {"status": "retired", "since": at}

    registry.moderators({"mod": None, "two": None}, gate=("gate",), by=("mod",), under=(), change=change)


def registry_time(registry: RegistryInMemory, path: str) -> str:
    """A second after the time that a document of the release says."""
    data = next(data for where, data in registry.files.items() if where.endswith(path)).decode()
    at = data.partition('"at":"')[2][:20]
    return f"{at[:17]}01Z"


@pytest.mark.parametrize(
    ("registry", "build", "expected"),
    [
        (people("mod", "two", count=2), alone, "too-few-approvals"),
        (people("mod", "two", new_name=2), alone, "too-few-approvals"),
        (people("mod", "two", count=2), counted_twice, "too-few-approvals"),
        (people("mod", "two", count=2), missing, "approval-missing"),
        (people("mod", "two", count=2), of_a_stranger, "not-authorised"),
        (people("mod", "two", count=2), of_another_version, "other-release"),
        (people("mod", "two", count=2), of_other_bytes, "other-release"),
        (people("mod", "two", count=2), lambda r: both(r, at="2026-01-20T12:00:00Z"), "approval-void"),
        (people("mod", "two", count=2), lambda r: both(r, at="2026-03-01T13:00:00Z"), "approval-void"),
        (people("mod", "two", count=2), ended_between, "not-authorised"),
        (forge(), lambda r: forged_in_a_forge(r, REVIEW, "gate"), "too-few-approvals"),
        (forge(), lambda r: forged_in_a_forge(r, REVIEW, "mod"), "not-authorised"),
        (people("mod", "two"), lambda r: forged_in_a_forge(r, REVIEW, "gate"), "not-authorised"),
        (forge(), account_ended, "too-few-approvals"),
        (forge(), own_account, "too-few-approvals"),
        (people("mod"), admitted_by, "not-authorised"),
        (people("mod"), lambda r: admitted_by(r, "gate"), "not-authorised"),
    ],
)
def test_what_counts_for_nothing_lets_nothing_in(registry: RegistryInMemory, build: Build, expected: str) -> None:
    """Missing, foreign, old, forged and double approvals never add up to enough people."""
    build(registry)

    assert (4, expected) == refusal(lambda: admitted(registry))


def as_ann(*, self_approval: bool) -> RegistryInMemory:
    """A registry in which the moderator `mod` is the author ann."""
    registry = RegistryInMemory()
    registry.root()
    registry.moderators({"mod": "ann", "two": None})
    registry.policy(self_approval=self_approval)
    return registry


def test_nobody_admits_what_is_their_own() -> None:
    """The author's signature on an admission counts for nothing, also where another person approved."""
    registry = as_ann(self_approval=False)
    both(registry)

    assert (4, "not-authorised") == refusal(lambda: admitted(registry))


def test_policy_can_let_people_admit_their_own() -> None:
    """A personal registry has one person."""
    assert "mod" == admitted(as_ann(self_approval=True).release(SOLAR, "1.0.0")).by


def test_an_author_is_known_by_id_key_and_account() -> None:
    """Whoever names the author, or shares a key or an account with it, is the author."""
    registry = people("mod", "two")
    account = {"forge": "forge.example", "number": 7, "name": "two"}
    registry.keyring("ann", change=lambda value: value.update(accounts=[account]))
    registry.scope("ann", owners=["ann"])
    with_accounts(registry)
    authorities = registry.authorities("ann")

    assert {"two"} == who_is_author("ann", authorities.moderators.head.body, authorities.keyring("ann"))


@pytest.mark.parametrize(
    ("compared", "gained", "expected"), [(None, False, 3), ("1.0.0", True, 4), ("1.0.0", False, 2)]
)
def test_a_new_name_and_a_gain_may_need_more_people(compared: str | None, gained: bool, expected: int) -> None:
    """The count is the least; a new name or a gain may want more."""
    policy = a_registry(count=2, new_name=3, gain=4).government().policy.head.body

    assert expected == needed(policy, compared=compared, gained=gained)
