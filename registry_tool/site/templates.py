"""Where the templates lie, in a checkout and in an installed wheel, and how they are read."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import jinja2

STATIC: Final = ("style.css", "gallery.js", "icon.svg")
"""Files that go to the site's root as they are."""


@cache
def template_folder() -> Path:
    """The folder `site_templates`: inside the package in a wheel, beside it in a checkout."""
    package = Path(str(files("registry_tool")))
    inside = package / "site_templates"
    return inside if inside.is_dir() else package.parent / "site_templates"


@cache
def environment() -> "jinja2.Environment":
    """Templates that refuse what is undefined and escape what is text; the library is loaded at the first page."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder(), encoding="utf-8"),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def render(template: str, **values: Any) -> bytes:  # Any: the page's model and its parts
    """A page from a template."""
    return environment().get_template(template).render(**values).encode("utf-8", "replace")


def static_file(name: str) -> bytes:
    """A file of the templates' folder, as it is."""
    return (template_folder() / name).read_bytes()


def documents() -> tuple[str, ...]:
    """The names of the pages of documentation, sorted."""
    return tuple(sorted(path.stem for path in (template_folder() / "docs").glob("*.md")))
