"""Which places of a target a plan may use."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

from registry_tool.core.errors import InvalidInput, StateForbids
from registry_tool.core.paths import path_fault
from registry_tool.core.plan import AddItem, Plan, PutTree, SetMember, SetRow
from registry_tool.core.quoting import quoted
from registry_tool.stores.receipts import FOLDER, ItemStep, JsonStep, MemberStep, Receipt, RowStep, TreeStep, target_of
from registry_tool.stores.rooted import checked

LOCK_FILE: Final = "registry.lock.json"


def check_places(plan: Plan) -> None:
    """`InvalidInput` (`bad-path`) where a step leaves the target, takes our own files, or meets another step."""
    for step in plan.steps:
        checked(step.path)
        if step.path.split("/")[0].lower() in (FOLDER, LOCK_FILE):
            raise InvalidInput(f"{quoted(step.path)} is for the tool's own notes", code="bad-path")
        faults = (path_fault(name) for name in (*step.files, *step.own)) if isinstance(step, PutTree) else ()
        fault = next((fault for fault in faults if fault), None)
        if fault:
            raise InvalidInput(fault, where=step.path, code="bad-path")
    for one, other in combinations(plan.steps, 2):
        if (isinstance(one, PutTree) or isinstance(other, PutTree)) and _meet(one.path, other.path):
            raise InvalidInput(f"two steps write to {quoted(one.path)}", code="bad-path")


def check_others(plan: Plan, others: Sequence[Receipt], root: str) -> None:
    """`StateForbids` (`exists`) for a place that another artifact has."""
    for other in others:
        targets = {target_of(step) for step in json_steps((other,)) if not isinstance(step, ItemStep)}
        trees = [step.path for step in other.steps if isinstance(step, TreeStep)]
        for step in plan.steps:
            if isinstance(step, PutTree):
                clash = any(_meet(step.path, tree) for tree in trees)
            else:
                clash = target_of(written_step(step, added=True)) in targets
            if clash:
                hint = f"install under another name with --name, or first: registry uninstall {other.artifact}"
                where = f"{root}/{step.path}"
                raise StateForbids(f"{other.artifact} is installed there", where=where, code="exists", hint=hint)


def json_steps(receipts: Iterable[Receipt]) -> tuple[JsonStep, ...]:
    """The steps of `receipts` in shared files."""
    return tuple(step for receipt in receipts for step in receipt.steps if not isinstance(step, TreeStep))


def written_step(step: SetMember | SetRow | AddItem, *, added: bool) -> JsonStep:
    """What a receipt says about `step`; that nothing stood there before."""
    pointer = tuple(step.pointer)
    match step:
        case SetMember():
            value = step.value
            return MemberStep(step="member", path=step.path, pointer=pointer, name=step.key, value=value, replaced=None)
        case SetRow():
            row = dict(step.value)
            return RowStep(step="row", path=step.path, pointer=pointer, by=step.by, value=row, replaced=None)
        case AddItem():
            return ItemStep(step="item", path=step.path, pointer=pointer, value=step.value, added=added)


def _meet(one: str, other: str) -> bool:
    """Whether one path is the other or lies in it."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
