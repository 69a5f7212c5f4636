// Single keys. They can be switched off, and do nothing where somebody types.
(() => {
  "use strict";
  const { one, all } = window.gb;
  const places = { o: "/admin", k: "/admin/keys", t: "/admin/tokens", l: "/admin/logs", f: "/admin/files", m: "/admin/models", x: "/admin/proxies", p: "/admin/play", s: "/admin/settings", j: "/admin/jobs", a: "/admin/audit" };
  let going = 0;
  let current = null;

  const rows = () => all("#listing [data-row]");
  const place = (row) => {
    for (const other of rows()) other.toggleAttribute("data-current", other === row);
    current = row?.dataset.row ?? null;
    row?.querySelector("[data-open]")?.focus();
    row?.scrollIntoView({ block: "nearest" });
  };
  const here = () => rows().find((row) => row.dataset.row === current);
  const step = (by) => {
    const list = rows();
    if (!list.length) return press(one(`[data-neighbour="${by}"]:not([hidden])`));
    const at = list.indexOf(here());
    place(list[at < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(at + by, 0), list.length - 1)]);
  };
  const box = (row) => row?.querySelector("input[name=id]");
  const press = (element) => {
    element?.click();
    return Boolean(element);
  };
  // With nothing chosen, an action is for the row that one is at.
  const act = (name) => {
    const button = one(`#act button[value=${name}]`);
    if (!button) return false;
    if (window.gb.choose?.count() === 0) press(box(here()));
    return window.gb.choose?.count() > 0 && press(button);
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    x: () => press(box(here())),
    X: () => box(here()) && (window.gb.choose?.until(box(here())), true),
    a: () => press(one("#choose-page")),
    A: () => window.gb.choose?.everything(),
    v: () => act("verify"),
    r: () => act("reset"),
    e: () => act("disable"),
    n: () => press(one("[data-key=n]")),
    t: () => window.gb.switchTheme(),
    ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [number, () => press(all("[data-ranges] a")[number - 1])])),
    "?": () => one("#keyboard")?.showModal(),
    "/": () => one("[data-slash]")?.focus(),
    Enter: () => document.activeElement === document.body && press(here()?.querySelector("[data-open]")),
    Escape: () => window.gb.choose?.nothing(),
    " ": () => press(one('[data-key=" "]')),
    "[": () => press(one('[data-key="["]')),
    "]": () => press(one('[data-key="]"]')),
  };

  // Where an order can be changed by buttons, Alt and an arrow press them.
  document.addEventListener("keydown", (event) => {
    const by = { ArrowUp: "raise", ArrowDown: "lower" }[event.key];
    const item = by && event.altKey && event.target.closest("[data-order] > li");
    if (!item) return;
    event.preventDefault();
    press(item.querySelector(`button[value=${by}]`));
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    if (document.body.dataset.singleKeys === "off") return;
    // Buttons and boxes have keys of their own.
    if ((event.key === " " || event.key === "Enter") && event.target.closest("a, button, input, summary")) return;
    if (Date.now() - going < 1500 && places[event.key]) {
      going = 0;
      location.assign(places[event.key]);
      return;
    }
    if (event.key === "g") {
      going = Date.now();
      return;
    }
    const done = keys[event.key];
    if (!done) return;
    // What was done may have moved the focus into a field, which would take the character, too.
    if (done() !== false && event.key.length === 1) event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => here()?.toggleAttribute("data-current", true));
})();
