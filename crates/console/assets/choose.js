// Choosing many rows: it survives pages and filters, for as long as the tab lives.
(() => {
  "use strict";
  const { one, all, language } = window.gb;
  const form = one("#act");
  if (!form) return;
  const chosen = new Set();
  let everything = false;
  const boxes = () => all("#listing input[name=id]");
  const listing = () => one("#listing");
  const matching = () => Number(listing().dataset.matching);
  const count = () => (everything ? matching() : chosen.size);
  const said = (text) => text.replace("{}", count().toLocaleString(language));
  const show = () => {
    form.hidden = count() === 0;
    one("[data-testid=chosen]", form).textContent = said(form.dataset.chosen);
    const more = one("[data-choose-all]", form);
    more.textContent = form.dataset.all.replace("{}", matching().toLocaleString(language));
    more.hidden = everything || chosen.size >= matching();
    for (const box of boxes()) box.checked = everything || chosen.has(box.value);
    const page = one("#choose-page");
    if (page) page.checked = boxes().length > 0 && boxes().every((box) => box.checked);
  };
  const all_matching = () => { everything = true; show(); };
  const nothing = () => { everything = false; chosen.clear(); show(); };
  let last = null;
  const until = (box) => {
    const list = boxes();
    const [from, to] = [list.indexOf(last ?? box), list.indexOf(box)].sort((a, b) => a - b);
    everything = false;
    for (const between of list.slice(Math.max(from, 0), to + 1)) chosen.add(between.value);
    last = box;
    show();
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest("#listing input[name=id]");
    if (!box) return;
    if (event.shiftKey && last && box.checked) until(box);
    last = box;
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches("#listing input[name=id]")) {
      everything = false;
      if (box.checked) chosen.add(box.value);
      else chosen.delete(box.value);
      show();
    } else if (box.id === "choose-page") {
      everything = false;
      for (const one of boxes()) if (box.checked) chosen.add(one.value); else chosen.delete(one.value);
      show();
    }
  });
  one("[data-choose-all]", form).addEventListener("click", all_matching);
  one("[data-choose-none]", form).addEventListener("click", nothing);

  // -- how many are meant is said before it is done --------------------------------------
  const number = one("#confirm");
  const asks = one("[data-above]");
  const say = (dialog) => {
    for (const place of all("[data-count]", dialog)) place.textContent = said(place.dataset.count);
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-dialog=remove-keys]")) return;
    say(one("#remove-keys"));
    asks.hidden = count() <= Number(asks.dataset.above);
    number.required = !asks.hidden;
    number.pattern = `\\s*${count()}\\s*`;
    number.value = "";
  });
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!everything || !button || button.closest("dialog")) return;
    event.preventDefault();
    const dialog = one("#confirm-all");
    const go = one("button[name=action]", dialog);
    go.value = button.value;
    go.textContent = button.textContent;
    one("h2", dialog).textContent = button.textContent;
    say(dialog);
    dialog.showModal();
    go.focus();
  });
  form.addEventListener("formdata", (event) => {
    event.formData.delete("id");
    event.formData.set("filter", listing().dataset.filter);
    if (everything) event.formData.set("all", "1");
    else for (const id of chosen) event.formData.append("id", id);
  });
  // What would go with the chosen, or with one row's key, is told before it goes.
  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && one(`#${opener.dataset.dialog}`);
    const place = dialog && one("[data-losses]", dialog);
    if (!place) return;
    place.hidden = true;
    const meant = new FormData(one("button[name=action]", dialog).form);
    const answer = await fetch(place.dataset.losses, { method: "POST", body: new URLSearchParams(meant) });
    place.textContent = answer.ok ? await answer.text() : "";
    place.hidden = place.textContent === "";
  });
  document.addEventListener("htmx:after:swap", show);
  addEventListener("pageshow", show);
  window.gb.choose = { count, until, nothing, everything: all_matching };
})();
