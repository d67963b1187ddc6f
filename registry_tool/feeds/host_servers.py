"""The table of routes (`core/routes.py`) for nginx and Caddy: what a server block includes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from registry_tool.core import routes
from registry_tool.core.routes import Place, Rule

_HEAD: Final = "# Made by `registry build` from one table of routes. {0}\n"
_NGINX: Final = _HEAD.format(
    "In a server block of the site's own:\n#     root /srv/site;  include /srv/site/hosting/nginx.conf;"
)
_CADDY: Final = _HEAD.format(
    "In a site block of the site's own:\n#     root * /srv/site\n#     import /srv/site/hosting/Caddyfile"
)
_BELOW: Final = "# The site's address ends with {0}/, so the site's files lie in {0} below the root.\n"
WORTH_BYTES: Final = 256
"""Smaller files are not worth compressing."""


def nginx(base: str, moved: Mapping[str, str]) -> bytes:
    """`hosting/nginx.conf` for a site whose paths begin with `base`; `moved` are the registry's own old addresses."""
    lines = [
        *_nginx_head(base),
        *_nginx_types(routes.TYPES, routes.BYTES, ""),
        f'location ~ "{routes.HIDDEN}" {{ return 404; }}',
        f"location / {{ {_TRY} }}",
        *(f"location = {base}{old} {{ {_goes(base + new)} }}" for old, new in sorted(moved.items())),
    ]
    lines += (f'location ~ "/{routes.FEED}[.][a-z]+$" {{', *_nginx_types(routes.FEED_TYPES, routes.BYTES, "    "), "}")
    for place in routes.PLACES:
        lines += _nginx_place(base, place)
    return (_NGINX + (_BELOW.format(base) if base else "") + "\n" + "\n".join(lines) + "\n").encode()


_TRY: Final = "try_files $uri $uri/ =404;"


def _goes(to: str) -> str:
    return f"return 301 {to}$is_args$args;"


def _nginx_head(base: str) -> Iterator[str]:
    yield "index index.html;"
    yield "absolute_redirect off;"
    yield f"error_page 404 {base}{routes.NOWHERE};"
    yield f"error_page 403 =404 {base}{routes.NOWHERE};"
    yield "charset utf-8;"
    yield f"charset_types {' '.join(sorted(routes.UTF8 - {'text/html'}))};"
    yield f"gzip on; gzip_vary on; gzip_proxied any; gzip_min_length {WORTH_BYTES};"
    yield f"gzip_types {' '.join(routes.COMPRESSED)};"
    yield f'set $registry_cache "{routes.ASK_AGAIN}";'
    yield f'if ($uri ~ "{_below(routes.IMMUTABLE, base)}") {{ set $registry_cache "{routes.FOREVER}"; }}'
    yield 'set $registry_page first; set $registry_whole "";'
    yield 'if ($arg_cursor != "") { set $registry_page ""; set $registry_whole none; }'
    yield f'if ($arg_cursor ~ "^{routes.CURSOR}$") {{ set $registry_page $arg_cursor; }}'
    yield "add_header Cache-Control $registry_cache always;"
    yield from _nginx_headers(base)
    for number, (name, value) in enumerate(routes.ASKED_FIRST.items()):
        yield f'set $registry_first{number} "";'
        yield f'if ($request_method = OPTIONS) {{ set $registry_first{number} "{value}"; }}'
        yield f"add_header {name} $registry_first{number} always;"
    yield "if ($request_method = OPTIONS) { return 204; }"
    yield 'if ($request_method !~ "^(GET|HEAD)$") { return 405; }'


def _nginx_headers(base: str) -> Iterator[str]:
    """Headers of every answer; one that frames have otherwise is a variable, and where that is empty it is not sent."""
    framed = "|".join(f"{base}{path}" for path in routes.FRAMES).replace(".", "[.]")
    for number, (name, value) in enumerate(routes.FRAMED.items()):
        usual = routes.EVERYWHERE.get(name, "")
        if value == usual:
            yield f'add_header {name} "{value}" always;'
            continue
        yield f'set $registry_header{number} "{usual}";'
        yield f'if ($uri ~ "^({framed})$") {{ set $registry_header{number} "{value}"; }}'
        yield f"add_header {name} $registry_header{number} always;"


def _nginx_types(types: Mapping[str, str], default: str, indent: str) -> Iterator[str]:
    rows = " ".join(f"{kind} {end};" for end, kind in sorted(types.items()))
    yield f"{indent}types {{ {rows} }}" if rows else f"{indent}types {{ }}"
    yield f"{indent}default_type {default};"


def _nginx_place(base: str, place: Place) -> Iterator[str]:
    folder = place.at.endswith("/")
    yield f"location {'^~' if folder else '='} {base}{place.at} {{"
    yield from _nginx_types(place.types, place.default, "    ")
    yield f"    {_TRY}"
    for form, to in routes.MOVED if folder and routes.OLD.startswith(place.at) else ():
        new = "".join(f"(?!{base}{path}$)" for path in routes.NEW)
        yield f'    location ~ "{_named(form, base, new)}" {{ {_goes(base + _filled(to))} }}'
    for rule in routes.RULES:
        if folder and rule.path.startswith(place.at):
            yield from (f"    {line}" for line in _nginx_rule(base, rule))
    yield "}"


def _nginx_rule(base: str, rule: Rule) -> Iterator[str]:
    yield f'location ~ "{_named(routes.pattern(rule.path), base)}" {{'
    if rule.gone:
        yield f"    set $registry_gone {base}{_filled(rule.gone)};"
        yield f"    error_page 404 {base}{routes.NOWHERE};"  # one of its own takes away those of the server
        yield "    error_page 410 $registry_gone;"
        yield "    if (-f $document_root$registry_gone) { return 410; }"
    files = [f"{base}{_filled(to)}" for to in rule.to]
    if rule.cursor:
        page, *others = files
        files = [page.replace("first", "$registry_page"), *(f"{other}$registry_whole" for other in others)]
    yield f"    try_files $uri {' '.join(files)} =404;"
    yield "}"


def _named(form: str, base: str, after: str = "") -> str:
    """A form with groups whose names no other part of a configuration has."""
    return _below(form, base).replace("^", f"^{after}", 1).replace("(?P<", "(?<registry_")


def _filled(to: str) -> str:
    return re.sub(r"\{([a-z]+)\}", r"${registry_\1}", to)


def caddy(base: str, moved: Mapping[str, str]) -> bytes:
    """`hosting/Caddyfile`, likewise."""
    lines = [*_caddy_head(base), *_caddy_types(base)]
    lines += (f"redir {base}{old} {base}{new} 301" for old, new in sorted(moved.items()))
    for number, (form, to) in enumerate(routes.MOVED):
        name = f"old{number}"
        new = " ".join(base + path for path in routes.NEW)
        lines.append(f"@{name} {{\n        path_regexp {name} {_from(form, base)}\n        not path {new}\n    }}")
        lines.append(f"redir @{name} {base}{_caddy_filled(to, name)} 301")
    for number, rule in enumerate(routes.RULES):
        lines += _caddy_rule(base, rule, f"rule{number}")
    body = "\n".join(f"    {line}" for line in [*lines, "file_server"])
    errors = _caddy_errors(base)
    return (_CADDY + (_BELOW.format(base) if base else "") + f"\nroute {{\n{body}\n}}\n{errors}\n").encode()


def _caddy_head(base: str) -> Iterator[str]:
    kinds = "\n".join(f"            header Content-Type {kind}*" for kind in ("text/html", *routes.COMPRESSED))
    yield f"encode gzip {{\n        minimum_length {WORTH_BYTES}\n        match {{\n{kinds}\n        }}\n    }}"
    yield f"header Cache-Control {routes.ASK_AGAIN}"
    yield f'@forever path_regexp "{_below(routes.IMMUTABLE, base)}"'
    yield f'header @forever Cache-Control "{routes.FOREVER}"'
    yield from (f'header {name} "{value}"' for name, value in routes.EVERYWHERE.items())
    yield f"@framed path {' '.join(base + path for path in routes.FRAMES)}"
    others = [one for one in routes.FRAMED.items() if one not in routes.EVERYWHERE.items()]
    yield from (f'header @framed {name} "{value}"' for name, value in others)
    yield "@first method OPTIONS"
    yield from (f'header @first {name} "{value}"' for name, value in routes.ASKED_FIRST.items())
    yield "respond @first 204"
    yield "@other not method GET HEAD"
    yield "respond @other 405"
    yield "@hidden {\n        path_regexp /[.]\n        not path_regexp /[.]well-known(/|$)\n    }"
    yield "error @hidden 404"


def _caddy_types(base: str) -> Iterator[str]:
    yield f"header Content-Type {routes.BYTES}"
    yield f'@page path {base}/ */\n    header @page Content-Type "{routes.type_of("/index.html")}"'
    yield from _caddy_ends("", routes.TYPES, "end")
    yield from _caddy_ends(f"/{routes.FEED}", routes.FEED_TYPES, "feed")
    for number, place in enumerate(routes.PLACES):
        below = f"{base}{place.at}" + ("*" if place.at.endswith("/") else "")
        name = f"place{number}"
        yield f'@{name} path {below}\n    header @{name} Content-Type "{routes.said(place.default)}"'
        yield from _caddy_ends(_below(f"^{place.at}.*", base), place.types, name)


def _caddy_ends(before: str, types: Mapping[str, str], name: str) -> Iterable[str]:
    """Types of paths that begin with `before`, a form, by what they end with."""
    for end, kind in sorted(types.items()):
        yield f'@{name}{end} path_regexp "{before}[.]{end}$"'
        yield f'header @{name}{end} Content-Type "{routes.said(kind)}"'


def _caddy_rule(base: str, rule: Rule, name: str) -> Iterator[str]:
    files = " ".join(base + _caddy_filled(to, name) for to in rule.to)
    yield f"@{name} path_regexp {name} {_from(routes.pattern(rule.path), base)}"
    yield f"route @{name} {{"
    if rule.cursor:
        asked = "{http.request.uri.query.cursor}"
        page = base + rule.cursor.replace("{cursor}", asked)
        yield f'    @{name}page expression `{asked}.matches("^{routes.CURSOR}$")`'
        yield f'    @{name}none expression `{asked} == ""`'
        yield f"    route @{name}page {{\n            try_files {page}\n        }}"
        yield f"    route @{name}none {{\n            try_files {files}\n        }}"
        yield f"    @{name}still path {base}{rule.path}"
        yield f"    error @{name}still 404"
    else:
        yield f"    try_files {{path}} {files}"
    if rule.gone:
        yield f"    @{name}gone file {base}{_caddy_filled(rule.gone, name)}"
        yield f"    route @{name}gone {{\n            rewrite {{http.matchers.file.relative}}"
        yield "            file_server {\n                status 410\n            }\n        }"
    yield "}"


def _from(form: str, base: str) -> str:
    return f'"{_below(form, base)}"'


def _below(form: str, base: str) -> str:
    """A form of paths of a site whose paths begin with `base`."""
    return re.sub(r"(^|\|)\^/", lambda found: f"{found[1]}^{base.replace('.', '[.]')}/", form)


def _caddy_filled(to: str, name: str) -> str:
    return re.sub(r"\{([a-z]+)\}", rf"{{http.regexp.{name}.\1}}", to)


def _caddy_errors(base: str) -> str:
    html = routes.type_of(routes.NOWHERE)
    lines = [
        f"header Cache-Control {routes.ASK_AGAIN}",
        f'header Content-Type "{html}"',
        f"rewrite * {base}{routes.NOWHERE}",
        "file_server {\n            status {http.error.status_code}\n        }",
    ]
    return "handle_errors {\n    route {\n" + "\n".join(f"        {line}" for line in lines) + "\n    }\n}"
