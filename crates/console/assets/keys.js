// The table of keys: rows stay where they are, and tell anew how they stand.
(() => {
  "use strict";
  const { one, all, tick, follow, listen } = window.gb;
  const listing = () => one("#listing");
  const rows = () => all("#listing [data-row]");

  // -- rows in view ----------------------------------------------------------------------
  const put = (cell, value, isHtml) => {
    if (!cell || cell.dataset.told === value || cell.contains(document.activeElement)) return;
    cell.dataset.told = value;
    if (isHtml) cell.innerHTML = value;
    else cell.textContent = value;
  };
  const hear = (told) => {
    for (const key of told) {
      const row = document.getElementById(`key-${key.id}`);
      if (!row) continue;
      row.dataset.state = key.state;
      const cell = (name) => one(`[data-live=${name}]`, row);
      put(cell("status"), key.status, true);
      put(cell("requests"), key.requests, false);
      put(cell("success"), key.success, false);
      put(cell("in_flight"), String(key.in_flight), false);
      if (key.used) put(cell("used"), key.used, true);
    }
    tick();
    misplaced();
  };
  follow("keys", () => rows().length ? { keys: rows().map((row) => row.dataset.row).join(",") } : null, hear);

  // Rows that the filter or the order would put elsewhere: they are moved when somebody wants it.
  const misplaced = () => {
    const chip = one(".gb-chip");
    if (!chip) return;
    const { status, sort } = listing().dataset;
    const gone = status ? rows().filter((row) => row.dataset.state !== status).length : 0;
    const column = { requests: "requests", success: "success" }[sort.replace("-", "")];
    let moved = 0;
    if (column) {
      const value = (row) => Number.parseFloat(one(`[data-live=${column}]`, row)?.textContent.replace(/[^\d.]/g, "") || "-1");
      const values = rows().map(value);
      const wrong = sort.startsWith("-") ? (a, b) => a < b : (a, b) => a > b;
      moved = values.filter((each, at) => at > 0 && wrong(values[at - 1], each)).length;
    }
    const count = gone + moved;
    chip.hidden = count === 0;
    one("a", chip).textContent = chip.dataset.changed.replace("{}", count);
  };

  // -- what belongs to the filter as it is now -------------------------------------------------
  const shown = () => rows().map((row) => row.dataset.row).join();
  let before = shown();
  document.addEventListener("htmx:after:swap", () => {
    if (!listing()) return;
    const filter = listing().dataset.filter;
    for (const field of all("[data-filter-value]")) field.value = filter;
    for (const link of all("[data-with-filter]")) link.href = `${link.dataset.withFilter}&${filter}`;
    for (const [name, value] of Object.entries({ status: listing().dataset.status, sort: listing().dataset.sort })) {
      const field = one(`#filter [name=${name}]`);
      if (field) field.value = value;
    }
    for (const cell of all("#listing [data-told]")) delete cell.dataset.told;
    if (before !== shown()) listen();
    before = shown();
  });

  // -- what can be done to one row ---------------------------------------------------------
  const menu = one("#row-menu");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-row-menu]");
    if (!button || !menu) return;
    const row = button.closest("[data-row]");
    one("#row-title").textContent = one("[data-open]", row).textContent;
    one("[name=id]", menu).value = row.dataset.row;
    one("[name=filter]", menu).value = listing().dataset.filter;
    one("[data-details]", menu).href = one("[data-open]", row).href;
    menu.showModal();
  });

  // -- keys from a file ----------------------------------------------------------------------
  document.addEventListener("change", async (event) => {
    const field = event.target.closest("[data-into]");
    if (!field?.files?.length) return;
    const texts = await Promise.all([...field.files].map((file) => file.text()));
    const into = one(field.dataset.into);
    into.value = [into.value, ...texts].filter(Boolean).join("\n");
    into.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
