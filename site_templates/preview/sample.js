// A piece of a dashboard in the colours of a theme, and all that the theme sets. It runs in a frame of its own.
(() => {
  "use strict";
  if (self.origin !== "null" || parent === self) return;
  const make = (name, className, text) => Object.assign(document.createElement(name), { className, textContent: text ?? "" });

  // What themes call a thing: the first of these that is set is used.
  const ROLES = {
    page: ["color-page", "color-background", "color-bg", "background", "background-color", "paper", "page", "bg", "base"],
    raised: ["color-raised", "color-surface", "color-card", "surface", "card", "panel", "base-2", "bg-alt"],
    text: ["color-text", "color-foreground", "color-fg", "foreground", "text", "ink", "fg", "color"],
    muted: ["color-muted", "color-text-muted", "muted", "muted-foreground", "soft", "subtle", "text-muted"],
    line: ["color-line", "color-border", "border", "line", "border-color"],
    accent: ["color-accent", "color-primary", "accent", "primary", "link", "brand"],
    "on-accent": ["color-on-accent", "color-on-primary", "on-accent", "primary-foreground", "accent-foreground"],
    good: ["color-good", "color-success", "success", "good", "green"],
    warning: ["color-warning", "warning", "warn", "yellow"],
    bad: ["color-bad", "color-danger", "color-error", "danger", "error", "bad", "red", "destructive"],
    radius: ["radius", "border-radius", "radius-md"],
    space: ["space", "spacing", "space-md"],
    shadow: ["shadow", "shadow-md", "elevation"],
    font: ["font-text", "font-sans", "font", "font-body", "font-family"],
    code: ["font-code", "font-mono", "mono"],
  };

  addEventListener("message", ({ source, data }) => {
    if (source !== parent) return;
    document.documentElement.lang = data.lang;
    document.querySelector("#theme").textContent = data.css;
    document.documentElement.style.colorScheme = data.scheme;
    const style = getComputedStyle(document.documentElement);
    const value = (name) => style.getPropertyValue(`--${name}`).trim();
    for (const [role, names] of Object.entries(ROLES)) {
      const found = names.find(value);
      document.body.style.setProperty(`--sample-${role}`, found ? `var(--${found})` : "");
    }
    const rows = data.names.slice(0, 200).map((name) => {
      const row = make("li", "property");
      const said = style.getPropertyValue(name).trim();
      const swatch = make("span", "swatch");
      swatch.setAttribute("aria-hidden", "true");
      if (CSS.supports("color", said)) swatch.style.background = said;
      else swatch.classList.add("none");
      row.append(swatch, make("code", "", name), make("span", "value", said.slice(0, 120)));
      return row;
    });
    document.querySelector("#properties").replaceChildren(...rows);
    parent.postMessage({ height: Math.ceil(document.body.scrollHeight) }, "*");
  });
})();
