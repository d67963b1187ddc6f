// Search in the page. feeds/search_index.py tells what the files of the index hold, core/query.py the language.
const KEYS = ["kind", "tag", "hook", "author", "permission", "verified"], PAGE = 20, SHARDS = 8;
const TERM = /[\u3040-\u30ff\u3400-\u9fff\u{20000}-\u{3ffff}]|[0-9a-z\u00c0-\u02c1\u0370-\u060b\u060d-\u061a\u061c-\u061e\u0620-\u06d3\u06d5-\u0963\u0966-\u1fff\u2c00-\u2dff\u3100-\u33ff\ua000-\ud7ff\uf900-\ufdff\u{10000}-\u{1efff}]+/gu;

const fold = (text) => text.normalize("NFKD").toLowerCase().replace(/[\u0300-\u036f\u3099\u309a]/g, "").replace(/\u03c2/g, "\u03c3");
const digits = (number, size) => number.toString(36).padStart(size, "0");
const safe = (text) => text.replace(/[^0-9a-z-]/gu, (one) => "_" + digits(one.codePointAt(), 4));

function hash(text) {
  let a = 0x811c9dc5, b = 0x1b873593;
  for (const one of text) {
    a = Math.imul(a ^ one.codePointAt(), 0x01000193);
    b = Math.imul(b ^ one.codePointAt(), 0x85ebca6b);
  }
  return "-" + digits(a >>> 0, 7) + digits(b >>> 0, 7);
}

function each(text, use) {
  let id = 0;
  for (const one of text.split(" ")) {
    const value = parseInt(one, 36);
    id += (value / 3) | 0;
    use(id, value % 3);
  }
}

// What an address asks for; throws the name of a sentence on the page, and what it is about.
export function parse(params) {
  const words = [], want = [], without = [];
  const add = (key, value) => {
    value = fold(value);
    if (!value.trim() || (key == "verified" && value != "yes")) throw ["value", key];
    if (key == "without") without.push("permission:" + value);
    else want.push(key + ":" + (key == "kind" ? value.replace(/s$/, "") : value));
  };
  for (const part of (params.get("q") ?? "").split(/[ \t\r\n\u00a0\u3000]+/)) {
    const [, minus, name = "", value] = /^(-?)([a-z]+):(.*)/is.exec(part) ?? [], key = name.toLowerCase();
    if (key && !KEYS.includes(key)) throw ["key", part];
    if (key ? minus && key != "permission" : /^-[^-]/.test(part)) throw ["minus", part];
    if (key) add(minus ? "without" : key, value);
    else words.push(...(fold(part).match(TERM) ?? []).map((one) => [...one].slice(0, 32).join("")));
  }
  for (const key of [...KEYS, "without"]) for (const value of params.getAll(key)) value.trim() && add(key, value);
  if (words.length > 20 || want.length + without.length > 20) throw ["much"];
  const sort = ["popular", "recent", "rating"].find((one) => one == params.get("sort")) ?? (words.length ? "relevance" : "popular");
  return { words, want, without, sort, page: Math.max(1, params.get("page") | 0) };
}

export class Index {
  constructor(base) {
    this.base = base;
    this.files = {};
  }

  get(path, type = "json") {
    const { about } = this;
    return (this.files[path] ??= fetch(this.base + path + (about ? "?" + about.g : ""), about ? {} : { cache: "no-cache" }).then((answer) => {
      if (!answer.ok) throw answer;
      return answer[type]();
    }));
  }

  // Names that have a word, or one that begins with it, each with how well it fits.
  async postings(word, begins) {
    const { shards } = this, found = new Map();
    let names = shards.filter((one) => begins && one.startsWith(word));
    if (names.length > SHARDS) begins = !(found.whole = word);
    if (!begins || !names.length) {
      let start = word;
      while (start && !shards.includes(start)) start = start.slice(0, -1);
      names = shards.filter((one) => one == start);
    }
    for (const shard of await Promise.all(names.map((one) => this.get(`t/s-${safe(one)}.json`))))
      for (const term in shard)
        if (term == word || (begins && term.startsWith(word)))
          each(shard[term], (id, place) => {
            const score = place * 2 + (term != word);
            if (!(found.get(id) <= score)) found.set(id, score);
          });
    return found;
  }

  async order(name) {
    const bytes = new Uint8Array(await this.get(`o/${name}.bin`, "arrayBuffer")), count = bytes.length / this.about.w, rank = [];
    for (let at = 0; at < count; at++) {
      let id = 0;
      for (let plane = at; plane < bytes.length; plane += count) id = id * 256 + bytes[plane];
      rank[id] = at;
    }
    return (a, b) => (rank[a] ?? 1e9) - (rank[b] ?? 1e9) || a - b;
  }

  // How many there are, the cards of one page, and the last word where only that whole word was looked for.
  async find({ words, want, without, sort, page }) {
    this.about ??= await this.get("m.json");
    this.shards ??= this.about.s.split(" ");
    const some = (filters) => filters.map((one) => this.postings(hash(one)));
    const all = await Promise.all([...words.map((one, at) => this.postings(one, at == words.length - 1)), ...some(want)]);
    const whole = all.map((one) => one.whole).join("");
    const [first, ...rest] = all.sort((a, b) => a.size - b.size), hits = new Map(first);
    if (!first) {
      for (let id = 0; id < this.about.n; id++) hits.set(id, 0);
      this.about.x && each(this.about.x, (id) => hits.delete(id));
    }
    for (const gone of await Promise.all(some(without))) for (const id of gone.keys()) hits.delete(id);
    for (const [id, score] of hits) {
      const sum = rest.reduce((total, one) => total + one.get(id), score);
      sum >= 0 ? hits.set(id, sum) : hits.delete(id);
    }
    const by = sort == "relevance" ? (a, b) => hits.get(a) - hits.get(b) || a - b : sort == "popular" ? (a, b) => a - b : await this.order(sort);
    const ids = [...hits.keys()].sort(by);
    const cards = ids.slice((page - 1) * PAGE, page * PAGE).map(async (id) => (await this.get(`d/${(id / PAGE) | 0}.json`))[id % PAGE]);
    return { total: ids.length, cards: (await Promise.all(cards)).filter(Boolean), whole };
  }
}

function ready(form) {
  const index = new Index(new URL("find/data/", import.meta.url));
  const [said, list, previous, next, empty] = document.querySelectorAll("#said, #results, #previous, #next, #card");
  let turn = 0, shown, waiting;

  const say = (name, ...about) => said.dataset[name].replace(/\$/g, () => about.shift());
  function card([href, stars, ...texts]) {
    const made = empty.content.cloneNode(true), one = (name) => made.querySelector(name);
    made.querySelectorAll("[data-t]").forEach((part, at) => (texts[at] ? (part.textContent = texts[at]) : part.remove()));
    one("a").href = href;
    stars ? one(".stars").classList.add(stars) : one(".rating").remove();
    return made;
  }

  async function run() {
    const mine = ++turn, params = new URLSearchParams((shown = location.search));
    let found = { cards: [] }, words, page;
    try {
      const asked = parse(params);
      found = await index.find(asked);
      ({ page } = asked);
      words = found.total ? say("found", found.total, page, Math.ceil(found.total / PAGE)) : say("none");
      if (found.whole) words += say("whole", found.whole);
    } catch (error) {
      words = say(...(error[0] ? error : ["failed"]));
      index.files = {};
    }
    if (mine != turn) return;
    said.textContent = words;
    list.replaceChildren(...found.cards.map(card));
    for (const [link, to] of [[previous, page - 1], [next, page + 1]]) {
      params.set("page", to);
      link.href = "?" + params;
      link.hidden = !(to > 0 && (to - 1) * PAGE < found.total);
    }
  }

  function fill() {
    const params = new URLSearchParams(location.search);
    // Filters that are said are seen: what they are folded into opens.
    for (const field of form.elements) if ((field.value = params.get(field.name) ?? "")) field.closest("form, details").open = true;
    run();
  }

  function go(how) {
    clearTimeout(waiting);
    const address = "?" + new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    if (address != (location.search || "?")) history[how](null, "", address);
    run();
  }

  form.oninput = () => {
    clearTimeout(waiting);
    waiting = setTimeout(go, 200, "replaceState");
  };
  form.onchange = () => go("pushState");
  form.onsubmit = () => {
    go("pushState");
    return false;
  };
  addEventListener("popstate", () => location.search != shown && fill());
  said.textContent = "…";
  form.hidden = false;
  fill();
}

globalThis.document && ready(document.getElementById("find"));
