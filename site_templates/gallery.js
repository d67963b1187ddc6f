// The drawer, the copy buttons and the exact counts. Every page says all that it has to say without this.
(() => {
  const root = new URL(".", document.currentScript.src).href;
  const drawer = document.createElement("dialog");
  drawer.className = "drawer";
  drawer.setAttribute("aria-labelledby", "title");

  // The artifact's page that the address asks for, as in #/skills/ann/pdf/
  const wanted = () => /^#\/([\w-][\w.-]*\/){3}$/.test(location.hash) && root + location.hash.slice(2);

  const element = (name, text, more) => Object.assign(document.createElement(name), { textContent: text }, more);

  async function show(url) {
    const close = element("button", "Close", { type: "button", className: "close", onclick: () => drawer.close() });
    const bar = element("p", "", { className: "bar" });
    bar.append(element("a", "Open its page", { href: url }), close);
    const waiting = element("p", "Loading…", { id: "title" });
    drawer.replaceChildren(bar, waiting);
    if (!drawer.open) document.body.append(drawer), drawer.showModal();
    close.focus();
    try {
      const answer = await fetch(url);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("article.item");
      for (const link of found.querySelectorAll("[href]")) {
        const href = link.getAttribute("href");
        if (href[0] != "#") link.href = new URL(href, url).href;
      }
      if (wanted() == url && drawer.open) waiting.replaceWith(found), ready(found);
    } catch {
      location.replace(url);
    }
  }

  const follow = () => (wanted() ? show(wanted()) : drawer.close());

  drawer.addEventListener("close", () => {
    if (wanted()) history.state == "drawer" ? history.back() : history.replaceState(null, "", location.pathname + location.search);
  });

  async function copy(button) {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.firstChild.data = "Copied";
  }

  async function count(one) {
    const name = one.dataset.installs;
    const told = (await (await fetch(root + "counts/" + name.slice(1, 3) + ".json")).json())[name];
    if (told?.total) one.textContent = told.total.toLocaleString("en") + (told.total == 1 ? " install" : " installs");
  }

  function ready(part) {
    if (navigator.clipboard) for (const one of part.querySelectorAll(".copy")) (one.hidden = false), (one.ariaLive = "polite");
    for (const one of part.querySelectorAll("[data-installs]")) count(one).catch(() => {});
  }

  addEventListener("click", (event) => {
    const on = event.target, button = on.closest(".copy"), link = on.closest(".card h3 a"), inside = on.closest(".drawer a[href^='#']");
    if (button) copy(button);
    if (on == drawer) drawer.close();
    if (inside) {
      event.preventDefault();
      drawer.querySelector("[id='" + inside.hash.slice(1) + "']")?.scrollIntoView();
    }
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !link.href.startsWith(root)) return;
    event.preventDefault();
    history.pushState("drawer", "", "#/" + link.href.slice(root.length));
    follow();
  });
  addEventListener("popstate", follow);
  ready(document);
  if (wanted()) follow();
})();
