// The live preview of an artifact: it begins when somebody asks for it, in a frame of its own.
const section = document.querySelector("[data-preview]");
const told = JSON.parse(section.dataset.preview);
const start = section.querySelector(".start");
const place = document.createElement("div");
place.className = "stage";

const element = (name, text, more) => Object.assign(document.createElement(name), { textContent: text }, more);

/** A made-up number for a topic: its own height, and a slow wave. */
function number(topic) {
  let seed = 0;
  for (const letter of topic) seed = (seed * 31 + letter.codePointAt(0)) % 9973;
  const height = 1 + (seed % 8);
  if (/(cores|count|total|number)$/.test(topic)) return height;
  return Math.round(height * (50 + 30 * Math.sin(seed + Date.now() / 20_000))) / 100;
}

async function widget() {
  const { mountWidget } = await import("./host.js");
  const at = (path) => new URL(`preview/${path.split("/").map(encodeURIComponent).join("/")}.txt`, location.href);
  await mountWidget(place, told.widget, { at, read: number }).catch(() => {});
}

async function theme() {
  const css = await (await fetch(told.theme)).text();
  const names = [...new Set(css.match(/--[A-Za-z0-9_-]+(?=\s*:)/g) ?? [])];
  const iframe = element("iframe", "", { title: "A sample in these colours", className: "sample" });
  iframe.setAttribute("sandbox", "allow-scripts");
  addEventListener("message", ({ source, data }) => {
    if (source == iframe.contentWindow && data?.height > 0) iframe.style.height = `${Math.min(data.height, 6_000)}px`;
  });
  const wear = (scheme) => {
    // A page cannot tell a frame what its reader prefers, so the questions about that are answered here.
    const asked = /\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)/gi;
    const sheet = css.replace(asked, (_, one) => (one.toLowerCase() == scheme ? "(min-width: 0)" : "not all"));
    iframe.contentWindow.postMessage({ css: sheet, names, scheme, lang: document.documentElement.lang }, "*");
  };
  const now = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const choices = element("div", "", { className: "choices", role: "group" });
  choices.setAttribute("aria-label", "Which side of it");
  for (const scheme of told.schemes) {
    const button = element("button", scheme == "dark" ? "Dark" : "Light", { type: "button" });
    button.setAttribute("aria-pressed", scheme == now);
    button.onclick = () => {
      for (const one of choices.children) one.setAttribute("aria-pressed", one == button);
      wear(scheme);
    };
    choices.append(button);
  }
  await new Promise((done) => {
    iframe.onload = done;
    iframe.src = new URL("sample.html", import.meta.url);
    place.append(...(told.schemes.length > 1 ? [choices] : []), iframe);
  });
  wear(now);
}

const button = element("button", "Start the live preview", { type: "button" });
button.onclick = async () => {
  start.replaceWith(place);
  try {
    await (told.widget ? widget() : theme());
  } catch (error) {
    place.textContent = `It cannot be shown: ${error.message}`;
  }
};
start.replaceChildren(button);
