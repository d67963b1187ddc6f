// What runs inside a frame, before the code that it is for and around it. It tells the page by one port.
//
// 1  Ways out that no policy covers are taken away: WebRTC, in every realm, since a realm is made by this alone.
// 2  The page hands over the modules, whose bytes it compared. They are loaded, and none of them runs yet.
// 3  The door is closed: from here on no script can be loaded or made, from anywhere.
// 4  The module runs: mount(root, host).
(() => {
  "use strict";
  for (const name of Object.getOwnPropertyNames(self)) {
    if (/^(webkit|moz)?RTC|^WebTransport|^XSLTProcessor$/.test(name)) delete self[name];
  }
  const lost = "RTCPeerConnection" in self || "webkitRTCPeerConnection" in self;
  const { createElement, head, documentElement, body } = document;
  const make = (name, more) => Object.assign(createElement.call(document, name), more);
  const RELATIVE = /(\b(?:from|import)\s*\(?\s*)(["'])(\.\.?\/[^"'\\\n]*)\2/g;
  const UNITS = { s: 1_000, m: 60_000, h: 3_600_000 };

  const say = (text) => body.replaceChildren(make("p", { className: "says", textContent: text }));

  // Another page that opens this one, or frames it without a sandbox, would run code with this host's rights.
  if (lost || self.origin !== "null" || parent === self) {
    say("This page shows widgets within others, in a frame that is sandboxed.");
    return;
  }

  addEventListener("message", function start(event) {
    if (event.source !== parent || !event.ports[0]) return;
    removeEventListener("message", start);
    run(event.data, event.ports[0]).catch((error) => {
      say(`It does not start: ${error?.message ?? error}`);
      event.ports[0].postMessage('{"do":"failed"}');
    });
  });

  async function run(init, port) {
    const tell = (message) => port.postMessage(JSON.stringify(message));
    document.title = init.title;
    documentElement.lang = init.lang;
    wear(init.look);
    const entry = await load(new Map(init.modules), init.entry, init.origins);
    const host = api(port, tell, init.interval);
    const module = await import(entry);
    const mount = module.mount ?? module.default?.mount ?? (init.loads ? null : module.default);
    const root = make("main", { id: "root" });
    body.replaceChildren(root);
    measured(root, tell);
    if (typeof mount == "function") await mount(root, host);
    else if (!init.loads) throw new TypeError("it exports no mount");
    tell({ do: "ready", exports: Object.keys(module).map((name) => name.slice(0, 100)) });
  }

  /** Loads all modules, lets nothing more be loaded, and gives the name to import. */
  async function load(modules, entry, origins) {
    const near = (path, specifier) => decodeURIComponent(new URL(specifier, `registry://x/${path}`).pathname.slice(1));
    const imports = {};
    for (const [path, text] of modules) {
      // Modules here have no address that a relative name could be looked up from, so the others get one.
      const named = text.replace(RELATIVE, (all, before, quote, specifier) => {
        const found = near(path, specifier);
        return modules.has(found) ? `${before}${quote}registry:${found}${quote}` : all;
      });
      const url = URL.createObjectURL(new Blob([named], { type: "text/javascript" }));
      imports[`registry:${path}`] = url;
      if (origins) imports[path] = url; // what a gadget imports by a bare name
    }
    const policy = self.trustedTypes?.createPolicy("frame", { createScript: (text) => text });
    const text = JSON.stringify({ imports });
    const map = make("script", { type: "importmap", nonce: "map" });
    map.textContent = policy ? policy.createScript(text) : text;
    head.append(map);
    const links = [...new Set(Object.values(imports))].map((href) => make("link", { rel: "modulepreload", href }));
    await Promise.all(
      links.map((link) => {
        const loaded = new Promise((done, failed) => {
          link.onload = done;
          link.onerror = () => failed(new Error("a module of it is none"));
        });
        head.append(link);
        return loaded;
      }),
    );
    const closed = ["script-src 'none'", "trusted-types 'none'"];
    if (origins) {
      const both = origins.flatMap((one) => [one, one.replace("https:", "wss:")]);
      closed.push(`connect-src ${both.join(" ") || "'none'"}`);
    }
    head.append(make("meta", { httpEquiv: "Content-Security-Policy", content: closed.join("; ") }));
    for (const link of links) URL.revokeObjectURL(link.href), link.remove();
    map.remove();
    return `registry:${entry}`;
  }

  /** What the module is given: data as far as it was granted, and a clock. */
  function api(port, tell, interval) {
    const waiting = new Map();
    let last = 0;
    port.onmessage = ({ data }) => {
      const { id, look, value, error } = JSON.parse(data);
      if (look) wear(look);
      else waiting.get(id)?.(value, error);
    };
    const next = (receive) => {
      last += 1;
      waiting.set(last, receive);
      return last;
    };
    return Object.freeze({
      /** One value of a topic; a promise. */
      read: (topic) =>
        new Promise((done, failed) => {
          const id = next((value, error) => {
            waiting.delete(id);
            error ? failed(new Error(error)) : done(value);
          });
          tell({ id, do: "read", topic: String(topic) });
        }),
      /** Calls `listen` with each new value of a topic; gives what ends that. */
      subscribe: (topic, listen) => {
        const id = next((value, error) => (error ? console.warn(`${topic}: ${error}`) : listen(value)));
        tell({ id, do: "subscribe", topic: String(topic) });
        return () => {
          waiting.delete(id);
          tell({ id, do: "unsubscribe" });
        };
      },
      /** Calls `task` again and again; gives what ends that. */
      every: (text, task) => {
        const [, count, unit] = /^([1-9][0-9]{0,4})([smh])$/.exec(text) ?? [];
        const wanted = count ? count * UNITS[unit] : 0;
        if (!wanted || interval == null || wanted < interval) throw new RangeError(`every ${text} was not granted`);
        const timer = setInterval(task, wanted);
        return () => clearInterval(timer);
      },
    });
  }

  function wear(look) {
    for (const [name, value] of look) documentElement.style.setProperty(name, value);
  }

  /** Tells the page how high this is, ten times a second at most. */
  function measured(root, tell) {
    let told = 0;
    let timer = 0;
    const measure = () => {
      timer = 0;
      const height = Math.ceil(root.getBoundingClientRect().height);
      if (height != told) tell({ do: "size", height: (told = height) });
    };
    new ResizeObserver(() => (timer ||= setTimeout(measure, 100))).observe(root);
  }
})();
