// From one key to the next, in the order of the list that one came from: `j` and `k`, and two links.
(() => {
  "use strict";
  const { all } = window.gb;
  const name = "gb-keys-listed";
  const note = () => sessionStorage.setItem(name, JSON.stringify(all("#listing [data-row]").map((row) => row.dataset.row)));
  if (document.querySelector("#listing")) {
    note();
    document.addEventListener("htmx:after:swap", note);
    return;
  }
  const listed = JSON.parse(sessionStorage.getItem(name) ?? "[]");
  const at = listed.indexOf(location.pathname.split("/").pop());
  for (const link of all("[data-neighbour]")) {
    const there = at < 0 ? undefined : listed[at + Number(link.dataset.neighbour)];
    if (!there) continue;
    link.href = `/admin/keys/${encodeURIComponent(there)}`;
    link.hidden = false;
  }
})();
