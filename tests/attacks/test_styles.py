"""Stylesheets that want to do more than set a theme's properties; and ordinary ones, in the manner of real packages.

R  refused when it is published, at the pull request and at the install, by the same reading
L  let through where a person has looked at it: the finding says what to look for
"""

from dataclasses import dataclass
from typing import Final

import pytest

from registry_tool.core.card import Card
from registry_tool.core.findings import Finding
from registry_tool.core.payload import PayloadFile
from registry_tool.kinds.theme import KIND

FILES: Final = {
    "bg.png": b"png",
    "fonts/a.woff2": b"font",
    "more.css": b":root{--more:1}",
    "api/reboot": b"a file named as something that a dashboard does",
    "evil.svg.js": b"alert(1)",
}


@dataclass(frozen=True, slots=True)
class Attack:
    """One stylesheet, what it is after, and the verdict."""

    name: str
    css: str | bytes
    place: str
    """Line and column that the finding names."""
    says: str
    """Part of its message."""
    verdict: str = "R"


def found(css: str | bytes) -> list[Finding]:
    """What stands against a theme with this stylesheet, as everybody who reads it is told."""
    data = css if isinstance(css, bytes) else css.encode()
    payload = {path: PayloadFile(one) for path, one in {**FILES, "theme.css": data}.items()}
    return [one for one in KIND.read(payload, Card()).findings if one.level in ("fail", "review")]


def value(text: str) -> str:
    """A stylesheet with one property of this value, which begins at column 12."""
    return f":root {{--a:{text}}}"


AT_VALUE: Final = "line 1, column 12"
START: Final = "line 1, column 1"
ATTACKS: Final = (
    # What is fetched from elsewhere, and so tells somebody who looks at a page (rows 94 to 97).
    Attack("row 94: a stylesheet from elsewhere", '@import "https://evil.example/x.css";', START, "@import takes only"),
    Attack("row 94: one by url()", "@import url(//evil.example/x.css);", START, "@import takes only"),
    Attack("row 94: one that is not there", '@import "x.css";', START, "@import takes only"),
    Attack("row 94: one with a query", '@import "more.css?u=1";', START, "@import takes only"),
    Attack("row 94: one after a rule", ':root{--a:1}@import "data:text/css,a{}";', "line 1, column 13", "@import"),
    Attack("row 94: a picture as a stylesheet", "@import url(bg.png);", START, "@import takes only"),
    Attack("row 94: one in a block", '@media print{@import "more.css";}', "line 1, column 14", "@import"),
    Attack("row 95: an escaped url()", value("\\75rl(//evil.example/x)"), AT_VALUE, "escapes"),
    Attack("row 95: escaped within", value("u\\72 l(//evil.example/x)"), "line 1, column 13", "escapes"),
    Attack("row 95: an escaped @import", '@\\69mport "x.css";', "line 1, column 2", "escapes"),
    Attack(
        "row 95: escaped after a string that a form feed ends", value('"a\f\\75rl(//evil.example/x)'), "", "value is"
    ),
    Attack("row 96: data: as a picture", value("url(data:image/png;base64,AAAA)"), AT_VALUE, "url() takes only"),
    Attack("row 96: data: with a script", value("url('data:image/svg+xml,<svg onload=a()/>')"), AT_VALUE, "url()"),
    Attack("row 96: data: with markup", value("url(data:text/html,x)"), AT_VALUE, "url() takes only"),
    Attack("row 97: image-set()", value('image-set("//evil.example/a" 1x)'), AT_VALUE, "'image-set()'"),
    Attack("row 97: its old name", value('-webkit-image-set(url("//evil.example/a") 1x)'), AT_VALUE, "image-set()'"),
    Attack("an address", value("url(https://evil.example/x.png)"), AT_VALUE, "url() takes only"),
    Attack("an address without scheme", value("url(//evil.example/x.png)"), AT_VALUE, "url() takes only"),
    Attack("one in capitals, quoted", value('URL("//evil.example/x.png")'), AT_VALUE, "url() takes only"),
    Attack("a backslash for a slash", value('url("\\\\\\\\evil.example/x.png")'), AT_VALUE, "url() takes only"),
    Attack("an escaped scheme in a string", value('url("\\68ttps://evil.example/x.png")'), AT_VALUE, "url()"),
    Attack("a scheme that runs", value("url(javascript:alert(1))"), AT_VALUE, "value is"),
    Attack("one that runs, quoted", value("url('javascript:alert(1)')"), AT_VALUE, "url() takes only"),
    Attack("a file of the machine", value("url(file:///etc/passwd)"), AT_VALUE, "url() takes only"),
    Attack("a path upwards", value("url(../../themes/other/x.png)"), AT_VALUE, "url() takes only"),
    Attack("a path from the root", value("url(/logout.png)"), AT_VALUE, "url() takes only"),
    Attack("a file in other capitals", value("url(BG.png)"), AT_VALUE, "url() takes only"),
    Attack("a file that is something else", value("url(api/reboot)"), AT_VALUE, "url() takes only"),
    Attack("a script as a picture", value("url(evil.svg.js)"), AT_VALUE, "url() takes only"),
    Attack("a query that says something", value("url('bg.png?do=delete&id=1')"), AT_VALUE, "url() takes only"),
    Attack("an encoded path", value("url(%2e%2e/x.png)"), AT_VALUE, "url() takes only"),
    Attack("nothing at all", value("url()"), AT_VALUE, "url() takes only"),
    Attack("two addresses", value("url('bg.png' 'x')"), AT_VALUE, "url() takes only"),
    Attack("src()", value('src("//evil.example/x")'), AT_VALUE, "'src()'"),
    Attack("cross-fade()", value("cross-fade(url(//evil.example/x),red)"), AT_VALUE, "'cross-fade()'"),
    Attack("in a gradient", value("linear-gradient(red,url(//evil.example/x))"), "line 1, column 32", "url() takes"),
    Attack("as what stands in for a property", value("var(--b,url(//evil.example/x))"), "line 1, column 20", "url()"),
    Attack("in brackets", value("[url(//evil.example/x)]"), "line 1, column 13", "url() takes only"),
    Attack("if()", value("if(style(--x:1): url(//evil.example/x))"), AT_VALUE, "'if()'"),
    Attack(
        "a font from elsewhere", "@font-face{font-family:A;src:url(https://evil.example/a.woff2)}", "column 30", "url()"
    ),
    Attack("a first value", "@property --a{syntax:'<image>';initial-value:url(//evil.example)}", "column 46", "url()"),
    Attack("in a condition", "@media (x:url(//evil.example)){:root{--a:1}}", "column 11", "url() takes only"),
    Attack("a namespace", "@namespace url(http://evil.example);", START, "@namespace"),
    # What reads the page (row 98).
    Attack("row 98: what is typed", "input[value^=a]{--a:url(bg.png)}", "line 1, column 6", "[value^=a]"),
    Attack("row 98: exactly", 'input[value="1234"]{--a:url(bg.png)}', "line 1, column 6", "[value="),
    Attack("row 98: a token in a link", "a[href*=token]{--a:1}", "line 1, column 2", "[href*=token]"),
    Attack("row 98: the beginning of an attribute", "[data-secret^=a]{--a:1}", START, "[data-secret^=a]"),
    Attack("where somebody was", "a:visited{--a:1}", "line 1, column 3", "':visited'"),
    Attack("what the page holds", ":root:has(input[value=a]){--a:1}", "line 1, column 7", "':has()'"),
    Attack("what is checked", "input:checked{--a:1}", "line 1, column 7", "':checked'"),
    Attack("what is pointed at", "p:hover{--a:url(bg.png)}", "line 1, column 3", "':hover'"),
    Attack("what is filled in for them", "input:autofill{--a:1}", "line 1, column 7", "':autofill'"),
    Attack("an attribute's text", value("attr(data-token)"), AT_VALUE, "'attr()'"),
    Attack("a picture of an element", value("element(#secret)"), AT_VALUE, "'element()'"),
    Attack("what is hidden in :is()", ":is(:root, input[value^=a]){--a:1}", "line 1, column 17", "[value^=a]"),
    # What a browser may read otherwise than we do (rows 99 and 100).
    Attack("row 99: a rule in a rule", ":root{--a:1;& input{--b:1}}", "line 1, column 13", "rules inside rules"),
    Attack("row 99: a condition in a rule", ":root{@media print{--a:1}}", "line 1, column 7", "rules inside rules"),
    Attack("row 99: a block as a value", value("{b:c}"), AT_VALUE, "a value is"),
    Attack("row 100: the end of its element", value('"</style><script>"'), "line 1, column 13", "markup"),
    Attack("row 100: in a comment", "/* </StYle > */:root{--a:1}", "line 1, column 4", "markup"),
    Attack("row 100: as a comment of a page", "<!-- :root{--a:1} -->", START, "markup"),
    Attack("a charset of its own", '@charset "utf-7";:root{--a:1}', START, "@charset says otherwise"),
    Attack("UTF-16", ":root{--a:1}".encode("utf-16"), START, "UTF-8"),
    Attack("bytes that are no text", b":root{--a:\xff}", "line 1, column 1", "UTF-8"),
    Attack("a NUL", ":root{--a:1}\0", "line 1, column 13", "NUL"),
    Attack("an address that does not end", value('url("x'), AT_VALUE, "url() takes only"),
    Attack("an address with a quote in it", value("url(a'b)"), AT_VALUE, "a value is"),
    # What runs, or once did.
    Attack("expression()", value("expression(alert(1))"), AT_VALUE, "'expression()'"),
    Attack("behaviours", ":root{behavior:url(bg.png)}", "line 1, column 7", "'behavior'"),
    Attack("bindings", ":root{-moz-binding:url(bg.png)}", "line 1, column 7", "'-moz-binding'"),
    Attack("a painter", value("paint(worklet)"), AT_VALUE, "'paint()'"),
    # What hides, covers or lies.
    Attack("a property of the page", ":root{display:none}", "line 1, column 7", "'display'"),
    Attack("one of an element", ".warning{visibility:hidden}", "line 1, column 10", "'visibility'"),
    Attack("text of its own", "body::after{content:'Signed in'}", "line 1, column 13", "'content'"),
    Attack("a picture over everything", "body{background:url(bg.png)}", "line 1, column 6", "'background'"),
    Attack("in other letters", ":root{Position:fixed}", "line 1, column 7", "'Position'"),
    Attack("in an animation", "@keyframes a{to{position:fixed}}", "line 1, column 17", "'position'"),
    Attack("in a font", "@font-face{position:fixed}", "line 1, column 12", "'position'"),
    Attack("on paper", "@page{margin:0}", START, "@page"),
    Attack("in a container", "@container (width > 1px){:root{--a:1}}", START, "@container"),
    Attack("in a scope", "@scope (.a){:root{--a:1}}", START, "@scope"),
    Attack("as it begins", "@starting-style{:root{--a:1}}", START, "@starting-style"),
    Attack("by a function of its own", "@function --f(){result:1}", START, "@function"),
    Attack("in a transition of pages", "@view-transition{navigation:auto}", START, "@view-transition"),
    Attack("a counter", "@counter-style a{symbols:'x'}", START, "@counter-style"),
    Attack("in a document of an address", "@document url(http://x){:root{--a:1}}", START, "@document"),
    Attack("just one warning", ".page .warning{--ink:transparent}", "", "a part of a page", "L"),
    Attack("just one element", "button{--ink:transparent}", "", "a part of a page", "L"),
    Attack("just one by its id", "#permissions{--ink:transparent}", "", "a part of a page", "L"),
    Attack("just one in :where()", ":where(.page > output){--ink:transparent}", "", "a part of a page", "L"),
    Attack("the page's own animation", ":root{--a:1}@keyframes fade{to{opacity:0}}", "", "the animations 'fade'", "L"),
    # What takes long to read.
    Attack("too many bytes", b" " * (2 << 20) + b"x", "", "at most"),
    Attack("too deep a value", value("calc(" * 500), "column 177", "deep"),
    Attack("too deep a rule", "@media print{" * 500, "column", "deep"),
    Attack("a charset that nests", "@charset " + "(" * 20_000 + ";", START, "@charset says otherwise"),
    Attack("an import that nests", "@import " + "(" * 20_000 + ";", START, "@import takes only"),
    Attack("a selector that nests", ":is(" * 500 + "a" + ")" * 500 + "{--a:1}", "column", "':is()'"),
    Attack("an attribute that nests", "[data-x=" + "(" * 20_000 + ")" * 20_000 + "]{--a:1}", START, "selector"),
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_hostile_stylesheet_is_refused_or_shown(attack: Attack) -> None:
    """Rows 94 to 100 and more: the first finding says what it is, where, and what to do instead."""
    first = found(attack.css)[0]

    assert ("fail" if attack.verdict == "R" else "review") == first.level
    assert attack.place in first.message
    assert attack.says in first.message
    assert first.hint
    assert first.line is not None or "at most" in first.message


def test_stylesheets_that_import_each_other_without_end_are_refused() -> None:
    """A chain of a thousand files is not followed, nor are few that are large together."""
    chain = {f"{n}.css": PayloadFile(f'@import "{n + 1}.css";:root{{--a:1}}'.encode()) for n in range(1000)}
    large = {f"{n}.css": PayloadFile(f'@import "{n + 1}.css";{" " * 1_500_000}'.encode()) for n in range(4)}
    for payload in ({**chain, "1000.css": PayloadFile(b":root{--a:1}")}, {**large, "4.css": PayloadFile(b"")}):
        (fault,) = KIND.read(payload, Card(entry="0.css")).findings[:1]

        assert ("fail", True) == (fault.level, "at most 100 stylesheets" in fault.message)


ORDINARY: Final = {
    "a palette with pictures of itself in comments": """
        /* Polar night. Markup: <div style="background-color: #2e3440"></div> */
        :root { --night-0: #2e3440; --night-1: #3b4252; }""",
    "light, dark, and what the reader prefers": """
        :root, [data-theme="light"] { color-scheme: light; --page: #fff; --ink: oklch(21% .03 264); }
        [data-theme="dark"] { color-scheme: dark; --page: #111; --ink: #eee; }
        @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { --page: #111; --ink: #eee; } }
        @media (prefers-contrast: more) { :root { --ink: CanvasText; } }
        @media (prefers-reduced-motion: reduce) { :root { --motion: 0ms; } }""",
    "classes for both sides, wide colours where they are known": """
        :root, .light, .light-theme { --amber-1: #fefdfb; }
        .dark, .dark-theme { --amber-1: #16120c; }
        @supports (color: color(display-p3 1 1 1)) { @media (color-gamut: p3) {
          :root, .light { --amber-1: color(display-p3 0.995 0.992 0.985); } } }""",
    "a system's modes": """
        [data-color-mode="light"][data-light-theme="light"],
        [data-color-mode="light"][data-light-theme="light"] ::backdrop,
        [data-color-mode="auto"][data-light-theme="light"] { --bgColor-default: #fff; }
        @media (prefers-color-scheme: dark) {
          [data-color-mode="auto"][data-dark-theme="dark"] ::backdrop { --bgColor-default: #0d1117; } }""",
    "a scale of sizes": """
        :where(html) { --size-1: .25rem; --size-fluid: clamp(1rem, 4vw + .5rem, 2rem);
          --ease: cubic-bezier(.25, 0, .5, 1); --spring: linear(0, .006, .025 2.8%, 1.01 88%, 1);
          --shadow: 0 1px 2px -1px hsl(220 3% 15% / calc(1% + 9%)), inset 0 0 0 1px #0001; }""",
    "for parts with a shadow tree": ":host, :root { --sl-color-primary: hsl(200 98% 39%); --sl-z: 10; }",
    "a class of the body": "body.theme-dark, html.theme-dark body { --background-primary: #1e1e1e; }",
    "its own font and pictures": """
        @font-face { font-family: "Own"; src: local("Own"), url(fonts/a.woff2?v=2) format("woff2");
          font-weight: 100 900; font-display: swap; unicode-range: U+0000-00FF, U+0131; }
        :root { --font-text: "Own", system-ui, sans-serif; --paper: url('bg.png'), url("./bg.png#tile"); }""",
    "what a utility framework compiles to": """
        @layer theme { :root, :host { --spacing: .25rem; --radius: calc(var(--spacing) * 2); } }
        @property --tw-rotate { syntax: "<angle>"; inherits: false; initial-value: 0deg; }
        *, ::before, ::after, ::backdrop { --tw-border-style: solid; }""",
    "minified, in one line": '@charset "UTF-8";:root{--a:#fff;--b:rgb(1 2 3/4%)}[data-bs-theme=dark]{--a:#000}',
    "in two files": '@import "more.css";\r\n:root {\r\n  --a: 1;\r\n}\r\n',
    "in the reader's language": ":lang(de) { --quote: '\\201E' }",
    "important, and empty": ":root { --a: 1px !important; --b:; --C: initial; --_d: ; --e: 'a // b' }",
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_theme_has_nothing_against_it(name: str) -> None:
    """Row 142: what real packages of properties do is neither refused nor put before a person."""
    assert found(ORDINARY[name]) == []


@pytest.mark.parametrize(
    ("css", "line", "hint"),
    [
        (":root {\n  --a: 1;\n}\nbody {\n  background: var(--a);\n}\n", 5, "write --background: …"),
        (":root {\n  --a: 1;\n\n  .dark & {\n    --a: 2;\n  }\n}\n", 4, "a rule of its own"),
        ('@import url("https://fonts.example/css?family=A");\n:root { --a: 1 }\n', 1, "put its rules into this file"),
        ('@import "tailwindcss";\n\n@theme inline {\n  --a: 1;\n}\n', 1, "put its rules into this file"),
        (":root{--a:1}\n\n@custom-media --narrow (max-width: 40em);\n", 3, "it can use @charset, @font-face"),
        (':root:has(input.theme[value="x"]:checked),[data-theme=x]{--a:1}', 1, 'or [data-theme="x"]'),
        (":root {\n  --a: url(https://example.org/noise.png);\n}\n", 2, "url(assets/noise.png)"),
    ],
)
def test_an_author_is_told_the_line_to_change(css: str, line: int, hint: str) -> None:
    """What real stylesheets do beyond properties is refused at its line, with what to write instead."""
    first = found(css)[0]

    assert ("fail", line, True) == (first.level, first.line, hint in first.hint)
