// Requests as they come. While they are held, new ones are counted and wait.
(() => {
  "use strict";
  const { one, all, tick, follow } = window.gb;
  const list = one("#listing");
  const body = () => one("tbody", list);
  const button = one("#hold");
  const held = one("#held");
  /** More rows than these are let go at the end. */
  const MOST = 300;
  let after = Number(list.dataset.after);
  let waiting = [];
  const isHeld = () => button.getAttribute("aria-pressed") === "true";
  const show = () => {
    held.hidden = waiting.length === 0;
    held.textContent = held.dataset.held.replace("{}", waiting.length);
  };
  const put = (rows) => {
    const known = new Set(all("[data-row]", list).map((row) => row.dataset.row));
    for (const html of rows) {
      const part = document.createElement("template");
      part.innerHTML = html;
      const row = part.content.firstElementChild;
      if (row && !known.has(row.dataset.row)) body().prepend(row);
    }
    for (const old of all("[data-row]", list).slice(MOST)) old.remove();
    tick();
  };
  follow("requests", () => ({ requests: list.dataset.requests, after }), (rows, id) => {
    after = Number(id) || after;
    if (isHeld()) waiting.push(...rows);
    else put(rows);
    show();
  });
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(!isHeld()));
    if (!isHeld()) {
      put(waiting);
      waiting = [];
    }
    show();
  });
})();
