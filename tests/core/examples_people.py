"""The rules of profiles and reviews, and of what a site says of them."""

from tests.core.examples import ABSENT, DIGEST, HEX, TIME, Example, documents

PROFILE, AUTHOR = "registry.profile-1", "registry.author-1"
REVIEW, REVIEWS = "registry.review-1", "registry.reviews-1"
SAYS = "has not the form it needs"


def of_profiles() -> tuple[Example, ...]:
    """`registry.profile/1` and `registry.author/1`."""
    domain, account = documents()[PROFILE]["claims"]
    confirmed = documents()[AUTHOR]["claims"][0]
    return (
        Example(PROFILE, ("name",), "it has a name", "Ann", "", "name: "),
        Example(PROFILE, ("about",), "a few words are few", "x" * 1000, "x" * 1001, "about: "),
        Example(
            PROFILE, ("links",), "a link is an https address", {"a": "https://a.example/"}, {"a": "http://a"}, SAYS
        ),
        Example(
            PROFILE, ("links",), "a link's word has an end", {"x" * 40: "https://a"}, {"x" * 41: "https://a"}, "links"
        ),
        Example(
            PROFILE,
            ("links",),
            "there are few links",
            {str(number): "https://a" for number in range(20)},
            {str(number): "https://a" for number in range(21)},
            "links: ",
        ),
        Example(PROFILE, ("claims",), "a claim is one of three", [domain], [{**domain, "claim": "name"}], "claims"),
        Example(PROFILE, ("claims",), "a claim is made once", [domain], [domain, domain], "twice", schema=False),
        Example(PROFILE, ("claims", 0, "domain"), "a domain is a name of a host", "a.example", "a/b.example", SAYS),
        Example(PROFILE, ("claims", 1), "an account has a number", account, {**account, "number": 0}, "number"),
        Example(PROFILE, ("claims", 1), "an account has a forge", account, {**account, "forge": ""}, "forge"),
        Example(PROFILE, ("claims",), "claims are always there", [], ABSENT, "claims: is missing"),
        Example(PROFILE, ("at",), "it says when", TIME, "yesterday", SAYS),
        Example(PROFILE, ("note",), "a note says something", ABSENT, "", "note: "),
        Example(
            AUTHOR, ("claims", 0), "a claim says whether it holds", confirmed, {**confirmed, "verified": 1}, "verified"
        ),
        Example(AUTHOR, ("scopes",), "a role is one of two", [], [{"scope": "ann", "role": "guest"}], "role"),
        Example(AUTHOR, ("verified",), "the mark is yes or no", True, "yes", "verified: "),
    )


def of_reviews() -> tuple[Example, ...]:
    """`registry.review/1` and `registry.reviews/1`."""
    none = {"count": 0, "stars": {}}
    line = documents()[REVIEWS]["reviews"][0]
    return (
        Example(REVIEW, ("stars",), "there is at least one star", 1, 0, "stars: "),
        Example(REVIEW, ("stars",), "there are at most five stars", 5, 6, "stars: "),
        Example(REVIEW, ("stars",), "stars are whole", 4, "4", "stars: "),
        Example(REVIEW, ("text",), "a text has an end", "x" * 4000, "x" * 4001, "text: "),
        Example(REVIEW, ("manifest",), "it names the release by its digest", DIGEST, HEX, SAYS),
        Example(REVIEW, ("version",), "it speaks of a version", "1.0.0", "1.0", "version: "),
        Example(REVIEW, ("at",), "it says when", TIME, ABSENT, "at: is missing"),
        Example(REVIEWS, ("rating",), "a mean has two decimals", none, {**none, "mean": "4.5"}, SAYS),
        Example(REVIEWS, ("rating",), "nothing has no stars at all", none, {**none, "mean": "0.00"}, SAYS),
        Example(REVIEWS, ("rating",), "stars are one to five", none, {**none, "stars": {"6": 1}}, "stars"),
        Example(REVIEWS, ("reviews", 0), "each is of somebody", line, {**line, "author": "Bob"}, "author"),
    )
