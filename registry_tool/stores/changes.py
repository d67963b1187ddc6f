"""What an install, an update or an uninstall has to do to the disk, found out before anything is done.

Reading happens here, writing does not: the outcome is a list of changes for the journal.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from registry_tool.core import limits
from registry_tool.core.answers import merged
from registry_tool.core.digest import sha256
from registry_tool.core.errors import StateForbids
from registry_tool.core.payload import Payload
from registry_tool.core.plan import AddItem, Plan, PutTree, SetMember, SetRow
from registry_tool.stores.journal import Change, Drop, EmptyFolder, MakeFolder, PutFile, PutFolder, Swap, folders_above
from registry_tool.stores.jsontext import same
from registry_tool.stores.places import check_others, check_places, json_steps, written_step
from registry_tool.stores.receipts import ItemStep, JsonStep, Made, Receipt, TreeStep, WrittenStep, target_of
from registry_tool.stores.rooted import Rooted
from registry_tool.stores.sharedjson import SharedJson

OWN_MODE: Final = 0o600
"""Of files that hold what a person says, passwords too."""


class Draft:
    """The disk as it will be: `old` taken back and a plan put in its place.

    `others` are the receipts of everything else.
    """

    def __init__(self, files: Rooted, *, old: Receipt | None, others: Sequence[Receipt]) -> None:
        self._files = files
        self._old = old
        self._others = others
        self._json = SharedJson(files)
        self._changes: list[Change] = []
        self._gone: set[str] = set()
        self._made: set[str] = set()
        self.edited: set[str] = set()
        """Paths that hold something else than what the old receipt wrote."""
        self.missing: set[str] = set()
        """Paths that the old receipt wrote and that are gone."""
        self.kept: set[str] = set()
        """The person's own files in the artifact's folders."""
        self._owned: dict[str, None] = {}
        """Files that an install began for the person; only an uninstall takes them away."""
        if old is not None:
            self._take_back_trees(old)

    # ------------------------------------------------------------------------------ taking back

    def _take_back_trees(self, old: Receipt) -> None:
        for step in old.steps:
            if isinstance(step, TreeStep):
                self._take_back_tree(step)
            else:
                self._look_at(step)

    def _take_back_tree(self, step: TreeStep) -> None:
        kind = self._files.kind(step.path)
        if kind is None:
            self.missing.update(f"{step.path}/{name}" for name in step.files)
            return
        if kind != "folder":
            self.edited.add(step.path)
            self._drop(step.path)
            return
        folders = {above for name in (*step.files, *step.own) for above in folders_above(name)}
        present = set()
        foreign = set()
        for name, what in self._files.walk(step.path):
            if name in step.files:
                present.add(name)
                if what != "file" or not self._holds(f"{step.path}/{name}", step.files[name]):
                    self.edited.add(f"{step.path}/{name}")
            elif name in step.own and what == "file":
                self._owned[f"{step.path}/{name}"] = None
            elif not (what == "folder" and name in folders):
                foreign.add(f"{step.path}/{name}")
        self.missing.update(f"{step.path}/{name}" for name in step.files.keys() - present)
        self.kept |= foreign
        edited = {path for path in self.edited if path.startswith(f"{step.path}/")}
        if not foreign and not self._owned:
            self._drop(step.path, None if edited else step.files)
            return
        for name in sorted(present):
            place = f"{step.path}/{name}"
            self._drop(place, None if place in edited else {"": step.files[name]})
        for folder in sorted(folders, reverse=True):
            self._empty(f"{step.path}/{folder}")

    def _holds(self, path: str, digest: str) -> bool:
        """Whether the file at `path` is still the one that was written."""
        status = self._files.status(path)
        if status is None or status.st_size > limits.PAYLOAD_BYTES:
            return False
        return sha256(self._files.read(path, limit=limits.PAYLOAD_BYTES) or b"") == digest

    def _drop(self, path: str, held: Mapping[str, str] | None = None) -> None:
        self._changes.append(Drop(path, held))
        self._gone.add(path)

    def _empty(self, path: str) -> None:
        status = self._files.status(path)
        if status is not None and self._files.kind(path) == "folder":
            self._changes.append(EmptyFolder(path, status.st_mode & 0o7777))
            if not any(kept.startswith(f"{path}/") for kept in (*self.kept, *self._owned)):
                self._gone.add(path)

    def _look_at(self, step: JsonStep) -> None:
        child = self._json.find(step)
        if child is None:
            self.missing.add(step.path)
        elif not same(child.node.value, step.written):
            self.edited.add(step.path)

    # ------------------------------------------------------------------------------ putting

    def put(self, plan: Plan, *, force: bool = False) -> tuple[tuple[WrittenStep, ...], Made]:
        """What the receipt of `plan` will say; the changes are noted.

        `StateForbids` (`exists`) for a place that is taken, `InvalidInput` for one that is no good. With
        `force` a member that the person wrote is replaced, and put back by an uninstall.
        """
        check_places(plan)
        check_others(plan, self._others, str(self._files.root))
        steps = tuple(self._put_step(step, force=force) for step in plan.steps)
        return steps, self._made_for(steps)

    def _put_step(self, step: PutTree | SetMember | SetRow | AddItem, *, force: bool) -> WrittenStep:
        if isinstance(step, PutTree):
            self._put_tree(step.path, step.files)
            self._put_own(step)
            files = {name: str(sha256(file.data)) for name, file in sorted(step.files.items())}
            own = {"own": tuple(sorted(step.own))} if step.own else {}
            return TreeStep(step="tree", path=step.path, files=files, **own)
        self._need_folders(step.path)
        replaced = self._json.set(step)
        new = written_step(step, added=replaced is None)
        if isinstance(step, SetMember) and replaced is not None and not force and not self._knows(new):
            raise StateForbids(
                f"{'.'.join((*step.pointer, step.key))} is there already, and no install put it there",
                where=self._json.where(step.path),
                code="exists",
                hint="rename yours, install under another name with --name, or replace it with --force",
            )
        return self._with_history(new, replaced)

    def _knows(self, new: JsonStep) -> bool:
        """Whether an install of ours wrote in the place of `new` before."""
        return any(target_of(step) == target_of(new) for step in json_steps((*self._others, *self._olds())))

    def _with_history(self, new: JsonStep, replaced: str | None) -> JsonStep:
        """`new` with what stood there before any install of ours."""
        ours = [step for step in json_steps((*self._others, *self._olds())) if target_of(step) == target_of(new)]
        if isinstance(new, ItemStep):
            return new.model_copy(update={"added": new.added or any(isinstance(o, ItemStep) and o.added for o in ours)})
        before = next((step.replaced for step in ours if not isinstance(step, ItemStep)), replaced)
        return new.model_copy(update={"replaced": before})

    def _put_tree(self, path: str, files: Payload) -> None:
        self._need_folders(path)
        if self._absent(path):
            self._changes.append(PutFolder(path, files))
            return
        if not self._is_ours(path):
            raise self._taken(path)
        for name in sorted(files):
            place = f"{path}/{name}"
            self._need_folders(place)
            if not self._absent(place):
                raise self._taken(place)
            self._changes.append(PutFile(place, files[name].data, 0o755 if files[name].executable else 0o644))

    def _put_own(self, step: PutTree) -> None:
        """Begins the person's own files, or adds to those that are there what they lack."""
        own = step.own
        made = {above for name in step.files for above in folders_above(name)}
        for name in sorted(own):
            place = f"{step.path}/{name}"
            if place not in self._owned:
                if not self._absent(place):
                    raise self._taken(place)
                for above in folders_above(name):
                    folder = f"{step.path}/{above}"
                    if above not in made and folder not in self._made and self._absent(folder):
                        self._made.add(folder)
                        self._changes.append(MakeFolder(folder))
                self._changes.append(PutFile(place, own[name], OWN_MODE))
                continue
            del self._owned[place]
            before = self._files.read(place, limit=limits.PAYLOAD_BYTES) or b""
            after = merged(name, before, own[name])
            if after != before:
                self._changes.append(Swap(place, after, before, OWN_MODE))

    def _is_ours(self, path: str) -> bool:
        return any(isinstance(step, TreeStep) and step.path == path for old in self._olds() for step in old.steps)

    def _absent(self, path: str) -> bool:
        """Whether nothing will be at `path` by then."""
        above = (*folders_above(path), path)
        if any(folder in self._gone for folder in above) or self._files.kind(path) is None:
            return True
        folder, _, name = path.rpartition("/")
        listed = self._files.names(folder)
        # A disk that folds letters finds what goes under its old spelling.
        return name not in listed and any(
            f"{folder}/{one}" in self._gone for one in listed if one.casefold() == name.casefold()
        )

    def _need_folders(self, path: str) -> None:
        for folder in folders_above(path):
            if folder not in self._made and self._absent(folder):
                self._made.add(folder)
                self._changes.append(MakeFolder(folder))

    def _taken(self, path: str) -> StateForbids:
        return StateForbids(
            "something that no install put there is in the way",
            where=str(self._files.root / path),
            code="exists",
            hint="move it away, or install under another name with --name",
        )

    def _olds(self) -> tuple[Receipt, ...]:
        return () if self._old is None else (self._old,)

    def _made_for(self, steps: Iterable[WrittenStep]) -> Made:
        """What was made for `steps`, now or by an earlier install that needed it too."""
        steps = tuple(steps)
        earlier = [receipt.made for receipt in (*self._others, *self._olds())]
        around = {folder for step in steps for folder in folders_above(step.path)}
        folders = around & (self._made | {folder for made in earlier for folder in made.folders})
        containers: dict[str, set[tuple[str, ...]]] = {}
        for step in steps:
            if isinstance(step, TreeStep):
                continue
            before = (made.containers.get(step.path, ()) for made in earlier)
            known = self._json.made.get(step.path, set()).union(*before)
            needed = {step.pointer[:depth] for depth in range(len(step.pointer) + 1)}
            containers.setdefault(step.path, set()).update(known & needed)
        texts = {path: tuple(sorted(pointers)) for path, pointers in sorted(containers.items()) if pointers}
        return Made(folders=tuple(sorted(folders)), containers=texts)

    # ------------------------------------------------------------------------------ outcome

    def finish(self, new: Sequence[WrittenStep], made: Made) -> tuple[Change, ...]:
        """All changes in order, with what only the old receipt wrote taken back.

        `new` and `made` are what the new receipt says; empty where there will be none.
        """
        if self._old is None:
            return (*self._changes, *self._json.changes(frozenset()))
        for path in sorted(self._owned):
            self._drop(path)
        for step in self._old.steps if self._owned else ():
            if isinstance(step, TreeStep):
                for above in sorted({one for name in step.own for one in folders_above(name)}, reverse=True):
                    self._empty(f"{step.path}/{above}")
                self._empty(step.path)
        kept = (step for step in new if not isinstance(step, TreeStep))
        still = {target_of(step) for step in (*json_steps(self._others), *kept)}
        for step in json_steps(self._olds()):
            if target_of(step) not in still and (not isinstance(step, ItemStep) or step.added):
                self._json.take_back(step)
        for path, pointers in sorted(self._old.made.containers.items()):
            self._json.prune(path, pointers)
        ours = frozenset(path for path, pointers in self._old.made.containers.items() if () in pointers)
        self._changes.extend(self._json.changes(ours))
        for folder in sorted(set(self._old.made.folders) - set(made.folders), reverse=True):
            self._empty(folder)
        return tuple(self._changes)
