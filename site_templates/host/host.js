// Widgets and gadgets of a registry on a page of yours, each in a frame that reaches what was granted and no more.
//
//   import { mountWidgets } from "./host.js";
//   await mountWidgets(document.querySelector("#widgets"), {
//     index: "index.json",                                   // what `registry install` writes: widgets/index.json
//     read: async (topic) => (await fetch(`/api/${topic}`)).json(),
//   });
//
// mountWidgets(element, options)       every widget of the index, each in a section with its title
// mountWidget(element, row, options)   one row of the index; a promise of {iframe, refused, stop}
// loadGadget(element, row, options)    one row of app.gadgets in ggui.json; besides, {exports}: names of its exports
// fromObject(values)                   a `read` that looks topics up in an object
// confine(permissions), serves(confined, topic)            what permissions allow; throws for one that is unknown
//
// options:
//   read        (topic) => value or promise: what the widget is given; asked for granted topics only
//   subscribe   (topic, tell) => stop: optional; without it `read` is asked at the granted interval
//   index       address of index.json                     base     where a row's paths begin; the index's folder
//   at          (path) => address of a module, where it does not lie at its path below `base`
//   frame       address of frame.html (gadget.html), where it does not lie beside this file
//   properties  names of custom properties that the frame gets from `element`, as "--color-accent"
//   frames      other origins that this page shows in frames, as "https://player.example"
//   imports     for gadgets: {"react": {url, sri}, …}, the modules that the app brings along
//
// How often: a topic is fresh once per granted interval (`refresh:30s`); who asks more often gets the value of
// before. Without such a permission each topic is read once for as long as the page is open.
// What a frame may do stands in frame.html. This page is told `frame-src 'self'`, so that a frame cannot leave.

export const LIMITS = Object.freeze({
  message: 2_000, // characters that a frame may send at once
  burst: 200, // messages that it may send at once, and
  perSecond: 100, // how many are forgiven each second; beyond that it is closed
  value: 1_000_000, // characters of a value, as JSON
  topics: 200, // different topics of one widget
  subscriptions: 100,
  modules: 200,
  module: 5 * 1024 * 1024, // characters
  height: 4_000, // pixels
  start: 15_000, // milliseconds until it must have started
  early: 0.1, // of an interval: timers are not exact; in the long run there are no more
});

const PART = "[a-z0-9][a-z0-9_-]{0,62}";
const TOPIC = new RegExp(`^${PART}(?:[.]${PART}){0,7}$`);
const READS = new RegExp(`^data:read[.]((?:${PART}(?:[.]${PART}){0,7}(?:[.][*])?)|[*])$`);
const REFRESH = /^refresh:([1-9][0-9]{0,4})([smh])$/;
const UNITS = new Map([["s", 1_000], ["m", 60_000], ["h", 3_600_000]]);
const SLOWEST = 24 * 3_600_000;
const SRI = /^sha384-[A-Za-z0-9+/]{64}$/;
const RETRY = 10_000; // milliseconds
const ORIGIN = /^https:\/\/[a-z0-9-]+(?:[.][a-z0-9-]+)*(?::[1-9][0-9]{0,4})?$/;

/** What a widget's permissions allow: {topics, intervals}, sorted; throws for what is unknown or there twice. */
export function confine(permissions) {
  if (!Array.isArray(permissions)) throw new TypeError("permissions are a list");
  const topics = new Set();
  const intervals = new Set();
  for (const one of permissions) {
    const reads = typeof one == "string" && READS.exec(one);
    const refresh = typeof one == "string" && REFRESH.exec(one);
    const interval = refresh ? Number(refresh[1]) * UNITS.get(refresh[2]) : 0;
    if (permissions.indexOf(one) != permissions.lastIndexOf(one)) throw new RangeError("a permission is there twice");
    if (reads) topics.add(reads[1]);
    else if (interval && interval <= SLOWEST) intervals.add(interval);
    else throw new RangeError(`not a permission of a widget: ${JSON.stringify(one)}`);
  }
  return { topics: [...topics].sort(), intervals: [...intervals].sort((a, b) => a - b) };
}

/** Whether what is confined so may read `topic`, the name of one topic. */
export function serves(confined, topic) {
  if (typeof topic != "string" || !TOPIC.test(topic)) return false;
  const grants = (one) => one == "*" || one == topic || (one.endsWith(".*") && topic.startsWith(one.slice(0, -1)));
  return confined.topics.some(grants);
}

/** A `read` that knows what `values` itself has; null for anything else. */
export function fromObject(values) {
  return (topic) => (Object.hasOwn(values, topic) ? values[topic] : null);
}

/** Every widget of an index, in its order; a promise of what `mountWidget` gives for each that could be mounted. */
export async function mountWidgets(element, options) {
  const index = new URL(options.index ?? "index.json", document.baseURI);
  const answer = await fetch(index, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${index} cannot be read: ${answer.status}`);
  const { widgets } = await answer.json();
  const mounted = [];
  for (const [slug, row] of Object.entries(widgets)) {
    const section = document.createElement("section");
    const heading = document.createElement("h2");
    heading.id = `widget-${slug}`;
    heading.textContent = String(row?.title ?? slug);
    section.setAttribute("aria-labelledby", heading.id);
    const place = document.createElement("div");
    section.append(heading, place);
    element.append(section);
    mounted.push(mountWidget(place, row, { base: new URL(".", index), ...options }).catch(() => null));
  }
  return (await Promise.all(mounted)).filter(Boolean);
}

/** Mounts one widget in `element`; where that fails `element` says so, and the promise is rejected. */
export function mountWidget(element, row, options) {
  return shown(element, String(row?.title ?? row?.id ?? "widget"), async (frame) => {
    const confined = confine(row.permissions);
    const base = new URL(options.base ?? ".", document.baseURI);
    const at = options.at ?? ((path) => inside(path, base));
    const modules = await Promise.all(listed(row).map(([path, sri]) => fetched(path, at(path), sri)));
    const port = await frame.open(options.frame ?? new URL("frame.html", import.meta.url), options, {
      modules,
      entry: row.entry,
      interval: confined.intervals[0] ?? null,
    });
    return broker(port, confined, options, frame);
  });
}

/** Loads one gadget in a frame that may talk to what it was granted; mounts it where it exports `mount`. */
export function loadGadget(element, row, options = {}) {
  return shown(element, String(row?.package ?? "gadget"), async (frame) => {
    const connect = (row.connect ?? []).map((address) => String(address).replace(/^wss:/, "https:"));
    const origins = connect.map((address) => new URL(address).origin);
    if (!origins.every((origin) => ORIGIN.test(origin))) throw new RangeError("it asks for an address that none can have");
    const wanted = [["main.js", row.bundleUrl, row.bundleSri]];
    for (const [name, { url, sri }] of Object.entries(options.imports ?? {})) wanted.push([name, url, sri]);
    const modules = await Promise.all(
      wanted.map(([name, url, sri]) => fetched(name, new URL(url, document.baseURI), sri)),
    );
    const port = await frame.open(options.frame ?? new URL("gadget.html", import.meta.url), options, {
      modules,
      entry: "main.js",
      interval: null,
      origins,
      loads: true,
    });
    return broker(port, { topics: [], intervals: [] }, { read: () => null }, frame);
  });
}

/** The modules of a row, with their hashes; throws where the row is none that an install wrote. */
function listed(row) {
  const modules = Object.entries(row.sri);
  if (!modules.length || modules.length > LIMITS.modules) throw new RangeError("a widget has 1 to 200 modules");
  if (!Object.hasOwn(row.sri, row.entry)) throw new RangeError("its module has no hash");
  return modules;
}

/** The address of a row's path, which leads nowhere but below `base`. */
function inside(path, base) {
  const parts = path.split("/");
  if (parts.some((part) => part == "" || part == "." || part == ".." || part.includes("\\"))) {
    throw new RangeError(`not a path of a widget: ${path}`);
  }
  return new URL(parts.map(encodeURIComponent).join("/"), base);
}

/** A module whose bytes are those that were verified at the install: the browser compares them. */
async function fetched(path, url, sri) {
  if (!SRI.test(sri)) throw new RangeError(`no hash of ${path} that counts`); // a hash of unknown form is not compared
  let answer;
  try {
    answer = await fetch(url, { integrity: sri, cache: "no-cache" });
  } catch {
    throw new Error(`${path} cannot be read, or is not what was installed`);
  }
  if (!answer.ok) throw new Error(`${path} cannot be read: ${answer.status}`);
  const text = await answer.text();
  if (text.length > LIMITS.module) throw new RangeError(`${path} is too large`);
  return [path, text];
}

let guarded = false;

/** Tells this page once which frames it may have: without that a frame could carry data away in its address. */
function guard(frames) {
  if (guarded) return;
  guarded = true;
  const meta = document.createElement("meta");
  meta.httpEquiv = "Content-Security-Policy";
  meta.content = ["frame-src 'self'", ...frames.filter((one) => ORIGIN.test(one))].join(" ");
  document.head.append(meta);
}

/** A frame in `element` that `start` opens and serves; text in its place where anything goes wrong. */
async function shown(element, title, start) {
  const iframe = document.createElement("iframe");
  const ends = [];
  let over = false;
  const close = () => {
    over = true;
    for (const end of ends.splice(0)) end();
    iframe.remove();
  };
  const fail = (why) => {
    if (over) return;
    close();
    const text = document.createElement("p");
    text.className = "registry-failed";
    text.setAttribute("role", "status");
    text.textContent = `${title} is not shown: ${why}`;
    element.replaceChildren(text);
  };
  const mounted = { iframe, refused: 0, exports: [], stop: close };
  const frame = { mounted, fail, ends, open: (...wanted) => open(element, iframe, title, frame, ...wanted) };
  try {
    await start(frame);
    return mounted;
  } catch (error) {
    fail(error.message);
    throw error;
  }
}

/** The port to a frame that was opened and told what to run. */
async function open(element, iframe, title, frame, address, options, init) {
  const url = new URL(address, document.baseURI);
  if (url.origin != location.origin) throw new RangeError("frame.html lies on the page's own host");
  guard(options.frames ?? []);
  iframe.setAttribute("sandbox", "allow-scripts");
  iframe.title = title;
  iframe.referrerPolicy = "no-referrer";
  iframe.className = "registry-frame";
  Object.assign(iframe.style, { border: "0", display: "block", width: "100%", colorScheme: "inherit" });
  await new Promise((loaded) => {
    iframe.addEventListener("load", loaded, { once: true });
    iframe.src = url;
    element.replaceChildren(iframe);
  });
  iframe.addEventListener("load", () => frame.fail("it tried to go elsewhere"));
  const { port1, port2 } = new MessageChannel();
  frame.ends.push(() => port1.close());
  const look = () => ({ look: lookOf(element, options.properties ?? []) });
  const again = () => port1.postMessage(JSON.stringify(look()));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", again);
  frame.ends.push(() => dark.removeEventListener("change", again));
  const lang = document.documentElement.lang;
  iframe.contentWindow.postMessage({ ...init, ...look(), title, lang }, "*", [port2]); // an opaque origin has no name
  return port1;
}

/** What a frame takes over of how the page looks: four properties and the custom ones that were named. */
function lookOf(element, properties) {
  const style = getComputedStyle(element);
  const own = ["color", "color-scheme", "font-family", "font-size", "line-height"];
  const named = properties.filter((name) => /^--[A-Za-z0-9_-]{1,64}$/.test(name));
  return [...own, ...named].map((name) => [name, style.getPropertyValue(name).slice(0, 500)]);
}

/** Answers a frame's messages until it is stopped; a promise that it has started. */
function broker(port, confined, options, frame) {
  const { mounted, fail, ends } = frame;
  const data = source(confined, options);
  const subscriptions = new Map();
  let left = LIMITS.burst;
  let counted = performance.now();

  const send = (id, text) => port.postMessage(`{"id":${id},${text}}`);
  const refuse = (id, why) => {
    mounted.refused += 1;
    if (id) send(id, `"error":${JSON.stringify(why)}`);
  };
  const unsubscribe = (id) => {
    subscriptions.get(id)?.();
    subscriptions.delete(id);
  };
  ends.push(() => [...subscriptions.keys()].forEach(unsubscribe));

  const asks = {
    read(id, topic) {
      const none = () => send(id, `"error":${JSON.stringify(`there is no ${topic} now`)}`);
      data.current(topic).then((text) => send(id, `"value":${text}`), none);
    },
    subscribe(id, topic) {
      if (subscriptions.has(id) || subscriptions.size >= LIMITS.subscriptions) refuse(id, "too many subscriptions");
      else subscriptions.set(id, data.follow(topic, (text) => send(id, `"value":${text}`)));
    },
  };

  return new Promise((started, failed) => {
    const late = setTimeout(() => failed(new Error("it did not start in time")), LIMITS.start);
    ends.push(() => clearTimeout(late), () => failed(new Error("it was stopped")));
    const tells = {
      size({ height }) {
        if (Number.isFinite(height)) mounted.iframe.style.height = `${Math.min(Math.max(height, 16), LIMITS.height)}px`;
      },
      ready({ exports }) {
        const names = Array.isArray(exports) ? exports.slice(0, 100) : [];
        mounted.exports = names.filter((name) => typeof name == "string");
        clearTimeout(late);
        started();
      },
      failed: () => failed(new Error("its code does not start")),
      unsubscribe: ({ id }) => unsubscribe(id),
    };
    port.onmessage = (event) => {
      const now = performance.now();
      left = Math.min(LIMITS.burst, left + ((now - counted) / 1_000) * LIMITS.perSecond) - 1;
      counted = now;
      if (left < 0) {
        mounted.refused += 1;
        fail("it sent more than a page can take");
        return;
      }
      const message = parsed(event.data);
      const id = Number.isSafeInteger(message.id) && message.id > 0 ? message.id : 0;
      const wanted = typeof message.do == "string" ? message.do : "";
      if (Object.hasOwn(tells, wanted)) tells[wanted](message);
      else if (!id || !Object.hasOwn(asks, wanted)) refuse(id, "there is no such request");
      else if (!serves(confined, message.topic)) refuse(id, "that topic was not granted");
      else asks[wanted](id, message.topic);
    };
  });
}

/** The page's data as JSON, no fresher than was granted: `current` value of a topic, and `follow` its changes. */
function source(confined, { read, subscribe }) {
  const interval = confined.intervals[0] ?? Infinity;
  const early = interval < Infinity ? interval * LIMITS.early : 0;
  const topics = new Map();

  async function current(topic) {
    const now = performance.now();
    if (!topics.has(topic) && topics.size >= LIMITS.topics) throw new RangeError("too many topics");
    const held = topics.get(topic) ?? { due: -Infinity };
    topics.set(topic, held);
    if (now >= held.due - early) {
      held.due = Math.max(held.due, now) + interval;
      held.text = Promise.resolve(topic).then(read).then(plain);
      held.text.catch(() => (held.due = now + Math.min(interval, RETRY))); // what failed may be asked for again
    }
    return held.text;
  }

  function follow(topic, give) {
    let last = null;
    let next = null;
    let waits = 0;
    const changed = () => {
      waits = 0;
      if (next == null || next == last) return;
      give((last = next));
      waits = interval < Infinity ? setTimeout(changed, interval) : -1; // without an interval the first is the last
    };
    const tell = (text) => {
      next = text;
      if (!waits) changed();
    };
    const poll = () => current(topic).then(tell, () => {});
    const stop = subscribe ? subscribe(topic, (value) => tell(plain(value))) : poll();
    const polling = subscribe || interval == Infinity ? 0 : setInterval(poll, interval);
    return () => {
      clearInterval(polling);
      clearTimeout(waits);
      if (subscribe) stop?.();
    };
  }

  return { current, follow };
}

/** What a frame sent; of anything but a small object nothing. */
function parsed(data) {
  if (typeof data != "string" || data.length > LIMITS.message) return {};
  try {
    return Object(JSON.parse(data));
  } catch {
    return {};
  }
}

/** A value as JSON: nothing of the page goes along with it. */
function plain(value) {
  const text = JSON.stringify(value) ?? "null";
  if (text.length > LIMITS.value) throw new RangeError("a value is at most a million characters");
  return text;
}
