"""What a moderator confirms by approving it: claims of authors, signed beside the author's own signature (M14)."""

from registry_tool.core import layout
from registry_tool.core.approvals import who_is_author
from registry_tool.core.authorities import Government
from registry_tool.core.change import Change
from registry_tool.core.errors import StateForbids
from registry_tool.core.families import FAMILIES
from registry_tool.core.joining_profiles import confirming
from registry_tool.core.keys import Signer, k16
from registry_tool.core.profiles import claim_words
from registry_tool.core.standing import keyring_at
from registry_tool.core.statements import Person
from registry_tool.core.trust import Means


def confirmations(
    change: Change, government: Government, person: Person, signer: Signer, *, means: Means
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The signatures of `person` under the claims of a submission that nobody confirmed yet, and these in words.

    `StateForbids` (`self-approval`) where the claims are the moderator's own and policy wants somebody else.
    """
    found: dict[str, bytes] = {}
    words: list[str] = []
    for joined in change.statements:
        family = FAMILIES.get(joined.located.role)
        if family is None or not family.countersigned(change, joined):
            continue
        author = joined.located.subject.partition("/")[2]
        waits = any(one.located.subject == f"authors/{author}" for one in change.statements)
        keyring = keyring_at(change.merged, government, author, check=means.check, countersigned=not waits)
        own = who_is_author(author, government.moderators.head.body, keyring)
        if person.id in own and not government.policy.head.body.self_approval:
            raise StateForbids(
                f"{person.id} is the author {author}, and nobody confirms their own claims here",
                code="self-approval",
                hint="another moderator approves it",
            )
        found[layout.signature_path(joined.path, k16(signer.key))] = signer.sign(joined.raw)
        claims = confirming(change, joined, government, means)
        words += [f"confirms that {author} has {claim_words(claim)}" for claim in claims]
    return found, tuple(words)
