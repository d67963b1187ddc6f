"""Stylesheets of themes: what real ones need is let through, what fetches, hides or lies is refused."""

from urllib.parse import quote

import pytest

from registry_tool.core.native.inert_svg import is_inert_svg
from registry_tool.core.native.stylesheet import SHOWN_FINDINGS, STYLESHEET_BYTES, Sheet, read_stylesheet

FILES = {"bg.png": b"png", "fonts/a.woff2": b"font", "more/extra.css": b":root{--e:url(../bg.png)}"}
TEXTURE = "data:image/svg+xml;charset=utf-8," + quote(
    "<svg viewBox='0 0 2 2' xmlns='http://www.w3.org/2000/svg'>"
    "<filter id='a'><feTurbulence baseFrequency='.5'/></filter>"
    "<rect width='100%' height='100%' filter='url(#a)'/></svg>",
    safe=" ='/:.",
)


def sheet_of(css: str | bytes) -> Sheet:
    """What the stylesheet `css` says, beside some files."""
    return read_stylesheet({**FILES, "t.css": css.encode() if isinstance(css, str) else css}, "t.css")


@pytest.mark.parametrize(
    "css",
    [
        ":root{--bg:#fff;--fg:oklch(50% .1 20);--img:url('bg.png')}",
        ":where(html){--a:var(--b,1px);--b:calc(1px + (2 * 3px))}",
        '[data-color-mode="auto"][data-light-theme=light],.dark body,html:not(.x)>*{--a:1}',
        ":root, .light, ::before, :host(.x), :lang(de)/**/ ~ /**/*, .a ::before{--a:1 !important}",
        "@media (prefers-color-scheme:dark){:root{--a:1}@media print{:root{--a:2}}}",
        "@supports (color: color(display-p3 1 1 1)){@media (color-gamut: p3){:root{--a:color(display-p3 1 1 1)}}}",
        "@layer base, more;@layer base{:root{--a:1}}",
        '@charset "utf-8";:root{--a:1}',
        "@property --a{syntax:'<length>';inherits:true;initial-value:1px}",
        '@font-face{font-family:"A";src:local("A"),url(fonts/a.woff2) format("woff2");unicode-range:U+0-7F}',
        "@import url(more/extra.css) layer(x) screen;:root{--a:1}",
        "@import './more/extra.css';@import 'more/extra.css';",
        ":root{--grid:[full-start] minmax(1rem,1fr);--g:linear-gradient(red,var(--b)),url(#mask)}",
        ":root{--sprite:url(bg.png#icon);--font:url('fonts/a.woff2?#iefix')}",
        f':root{{--noise:url("{TEXTURE}")}}',
        ':root{--quote:"\\201C";color-scheme:light dark;--s:"a // b"}/* \\ is fine here */',
        "\ufeff:root{--a:1}",
        ":root\r\n{\r\n--a:1\r\n}\r\n",
    ],
)
def test_an_ordinary_stylesheet_passes(css: str) -> None:
    """Forms that real packages of CSS variables use have no finding."""
    assert sheet_of(css).findings == ()


@pytest.mark.parametrize(
    ("css", "where", "words"),
    [
        ('@import "x.css";', "line 1, column 1", "@import takes only"),
        ("@import url(//evil.example/x.css);", "line 1, column 1", "@import takes only"),
        ("@import url(bg.png);", "line 1, column 1", "@import takes only"),
        ("@import;", "line 1, column 1", "@import takes only"),
        ("@import url(a b);", "line 1, column 1", "@import takes only"),
        ("@import 'more/extra.css' foo(1);", "line 1, column 26", "the function 'foo()'"),
        ("@media print{@import 'more/extra.css';}", "line 1, column 14", "@import is not something"),
        ('@charset "utf-7";', "line 1, column 1", "UTF-8"),
        (":root{--a:url(https://evil.example/x)}", "line 1, column 11", "url() takes only"),
        (":root{--a:url(//evil.example/x)}", "line 1, column 11", "url() takes only"),
        (":root{\n  --a:url(data:image/svg+xml,x)}", "line 2, column 7", "url() takes only"),
        (":root{--a:url(../t.css)}", "line 1, column 11", "url() takes only"),
        (":root{--a:url(BG.png)}", "line 1, column 11", "url() takes only"),
        (":root{--a:url()}", "line 1, column 11", "url() takes only"),
        (":root{--a:url('a' 'b')}", "line 1, column 11", "url() takes only"),
        (':root{--a:URL("//evil.example")}', "line 1, column 11", "url() takes only"),
        (":root{--a:\\75rl(//evil.example)}", "line 1, column 11", "escapes"),
        (":root{--a:u\\rl(bg.png)}", "line 1, column 12", "escapes"),
        ('/* a */\n:root{--a:"x";--b:\\26}', "line 2, column 19", "escapes"),
        (':root{--a:image-set("//evil.example/a" 1x)}', "line 1, column 11", "'image-set()'"),
        (":root{--a:src('//evil.example')}", "line 1, column 11", "'src()'"),
        (":root{--a:expression(alert(1))}", "line 1, column 11", "'expression()'"),
        (":root{--a:element(#x)}", "line 1, column 11", "'element()'"),
        (":root{--a:attr(x)}", "line 1, column 11", "'attr()'"),
        (":root{--a:paint(x)}", "line 1, column 11", "'paint()'"),
        (":root{--a:if(style(--x:1): url(//e))}", "line 1, column 11", "'if()'"),
        (":root{--a:linear-gradient(red,url(//e.example))}", "line 1, column 31", "url() takes only"),
        (":root{--a:{b:c}}", "line 1, column 11", "a value is"),
        (":root{--a:[url(//e.example)]}", "line 1, column 12", "url() takes only"),
        (":root{--a:@media}", "line 1, column 11", "a value is"),
        (":root{--a:url(a b)}", "line 1, column 11", "a value is"),
        (':root{--a:"x\ny}', "line 1, column 11", "a value is"),
        (":root{color:red}", "line 1, column 7", "'color' is another one"),
        (":root{behavior:url(x.htc)}", "line 1, column 7", "'behavior' is another one"),
        (":root{}\nbody{position:fixed}", "line 2, column 6", "'position' is another one"),
        (":root{--a}", "line 1, column 7", "not valid CSS"),
        ("input[value^=a]{--a:1}", "line 1, column 6", "'[value^=a]'"),
        ("[data-x^=a]{--a:1}", "line 1, column 1", "'[data-x^=a]'"),
        ("[href]{--a:1}", "line 1, column 1", "'[href]'"),
        ("[data-x=f(1)]{--a:1}", "line 1, column 1", "is not one that a theme needs"),
        ("[data-x={}]{--a:1}", "line 1, column 1", "is not one that a theme needs"),
        ("a:visited{--a:1}", "line 1, column 3", "':visited'"),
        (":has(input){--a:1}", "line 1, column 2", "':has()'"),
        ("x(a){--a:1}", "line 1, column 1", "':x()'"),
        (":where(a:visited){--a:1}", "line 1, column 10", "':visited'"),
        ("a|b{--a:1}", "line 1, column 2", "'|'"),
        ("5%{--a:1}", "line 1, column 1", "'percentage'"),
        (":root{--a:1;& input{--b:1}}", "line 1, column 13", "rules inside rules"),
        (":root{@media print{--a:1}}", "line 1, column 7", "rules inside rules"),
        (':root{--a:"</style><script>"}', "line 1, column 12", "markup"),
        ("<!-- :root{--a:1} -->", "line 1, column 1", "markup"),
        ("/* </StYle> */:root{--a:1}", "line 1, column 4", "markup"),
        (":root{--a:1}\n\0", "line 2, column 1", "NUL"),
        ("@namespace url(http://x);", "line 1, column 1", "@namespace is not something"),
        ("@page{margin:0}", "line 1, column 1", "@page is not something"),
        ("@font-face;", "line 1, column 1", "@font-face is not something"),
        ("@property --a;", "line 1, column 1", "@property is not something"),
        ("@keyframes a;", "line 1, column 1", "@keyframes is not something"),
        ("@font-face{font-family:A;src:url(https://e.example)}", "line 1, column 30", "url() takes only"),
        ("@font-face{width:1px}", "line 1, column 12", "'width' is another one"),
        ("@property --a{syntax:'*';color:red}", "line 1, column 26", "'color' is another one"),
        ("@keyframes a{from{position:fixed}}", "line 1, column 19", "'position' is another one"),
        ("@keyframes a{@media print{}}", "line 1, column 14", "steps only"),
        ("@media (x:url(//e.example)){:root{--a:1}}", "line 1, column 11", "url() takes only"),
        ("}", "line 1, column 1", "not valid CSS"),
        (b":root{\n--a:\xff}", "line 2, column 1", "UTF-8"),
        (b" " * (STYLESHEET_BYTES + 1), "", "at most"),
    ],
)
def test_what_a_theme_may_not_do_is_refused_with_its_place(css: str | bytes, where: str, words: str) -> None:
    """Each refusal names line and column, says what is wrong and has a hint (sandbox rows 94 to 100)."""
    finding = sheet_of(css).findings[0]

    assert ("theme-css", "fail", "t.css", True) == (finding.check, finding.level, finding.path, bool(finding.hint))
    assert where in finding.message
    assert words in finding.message


@pytest.mark.parametrize(
    "css",
    [
        "@media print{" * 40 + ":root{--a:1}" + "}" * 40,
        ":root{--a:" + "calc(" * 40 + "1" + ")" * 40 + "}",
        ":not(" * 40 + "a" + ")" * 40 + "{--a:1}",
    ],
)
def test_nesting_has_an_end(css: str) -> None:
    """What lies too deep in each other is refused, not walked."""
    assert [finding.level for finding in sheet_of(css).findings][:1] == ["fail"]


def test_a_stylesheet_full_of_faults_is_told_in_part() -> None:
    """The number of findings is bounded, and the last one says how many are left out."""
    findings = sheet_of(":root{" + "color:red;" * (SHOWN_FINDINGS + 7) + "}").findings

    assert len(findings) == SHOWN_FINDINGS + 1
    assert findings[-1].message == "and 7 more of the kind"


def test_a_sheet_says_what_it_sets_and_fetches() -> None:
    """Properties, files and schemes are listed once each, imports followed from their own folder."""
    sheet = sheet_of(
        "@import 'more/extra.css';@property --p{syntax:'*'}:root{--b:1;--a:url(bg.png);--a:2;color-scheme:dark}"
        "@media (prefers-color-scheme: light) and (width > 1px){:root{--b:2}}"
    )

    assert sheet == Sheet(("--a", "--b", "--e", "--p"), ("bg.png", "more/extra.css"), ("dark", "light"), ())


def test_a_chain_of_stylesheets_has_an_end() -> None:
    """However many there are, so many are read and no more."""
    files = {f"{number}.css": f"@import '{number + 1}.css';".encode() for number in range(300)}
    last = read_stylesheet({**files, "300.css": b""}, "0.css").findings[-1]

    assert ("fail", "0.css", True) == (last.level, last.path, "at most 100 stylesheets" in last.message)


@pytest.mark.parametrize(
    ("css", "check", "words"),
    [
        (
            ".dark .a{--a:1}",
            "theme-part",
            "1 selectors set something for a part of a page only, the first is '.dark .a'",
        ),
        (":root{--a:1}\n#id{--a:1}.b>.c{--a:1}", "theme-part", "2 selectors"),
        (":lang(de) ~ p + i{--a:1}", "theme-part", "':lang(de) ~ p + i'"),
        (":where(.a, html .b){--a:1}", "theme-part", "1 selectors"),
        (".a .b::before{--a:1}", "theme-part", "1 selectors"),
        (".a :not(.b){--a:1}", "theme-part", "1 selectors"),
        (
            "@keyframes f{from{opacity:0}50%{transform:translateY(1px);--x:1}to{opacity:1}}@-webkit-keyframes 'g'{}",
            "theme-motion",
            "the animations 'f', 'g'",
        ),
        ("@keyframes{to{opacity:1}}:root{--a:1}", "theme-motion", "the animations ''"),
    ],
)
def test_what_could_hide_one_thing_is_for_a_person_to_look_at(css: str, check: str, words: str) -> None:
    """Real packages do it too, so it refuses nothing: the finding says what to look for, and where."""
    (finding,) = sheet_of(css).findings

    assert (check, "review", "t.css") == (finding.check, finding.level, finding.path)
    assert words in finding.message


def test_stylesheets_that_import_each_other_are_read_once() -> None:
    """A circle of imports ends."""
    files = {"a.css": b"@import 'b.css';:root{--a:1}", "b.css": b"@import 'a.css';:root{--b:1}"}

    assert read_stylesheet(files, "a.css").properties == ("--a", "--b")


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("<svg><path d='M0 0'/></svg>", True),
        ('<svg viewBox="0 0 1 1"><g fill="none"><rect/></g></svg>', True),
        ("<svg><rect filter=\"url('#a')\"/></svg>", True),
        ("", False),
        ("x", False),
        ("<rect/>", False),
        ("</svg>", False),
        ("<svg>text</svg>", False),
        ("<svg><script>alert(1)</script></svg>", False),
        ("<svg onload='alert(1)'/>", False),
        ("<svg><a href='x'/></svg>", False),
        ("<svg><use href='#a'/></svg>", False),
        ("<svg><image href='//evil.example/x.png'/></svg>", False),
        ("<svg><rect style='fill:url(//evil.example)'/></svg>", False),
        ("<svg><rect fill='url(//evil.example)'/></svg>", False),
        ("<svg><rect fill='url(\"x\")'/></svg>", False),
        ("<svg><rect fill='javascript:1'/></svg>", False),
        ("<svg><foreignObject/></svg>", False),
        ("<svg xmlns='http://www.w3.org/1999/xhtml'/>", False),
        ("<svg><!-- x --></svg>", False),
        ("<svg>&#60;script></svg>", False),
    ],
)
def test_only_a_picture_that_draws_is_inert(inner: str, expected: bool) -> None:
    """An SVG with anything but drawing in it is refused."""
    assert expected == is_inert_svg("data:image/svg+xml," + inner)


@pytest.mark.parametrize(
    "url",
    [
        "data:text/css,<svg/>",
        "data:image/png;base64,AAAA",
        "data:image/svg+xml;base64,PHN2Zy8+",
        "data:image/svg+xml," + "<svg/>" + " " * 20_000,
        "https://example.org/x.svg",
    ],
)
def test_other_pictures_belong_into_files(url: str) -> None:
    """Only SVG written out in text, and only a short one, may stand in a stylesheet."""
    assert is_inert_svg(url) is False
