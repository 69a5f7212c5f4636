// Choosing many rows: it survives pages and filters, for as long as the tab lives.
(() => {
  "use strict";
  const { one, all } = window.gb;
  const form = one("#act");
  if (!form) return;
  const chosen = new Set();
  let everything = false;
  const boxes = () => all("#listing input[name=id]");
  const matching = () => Number(one("#listing").dataset.matching);
  const show = () => {
    const count = everything ? matching() : chosen.size;
    form.hidden = count === 0;
    one("[data-testid=chosen]", form).textContent = form.dataset.chosen.replace("{}", count.toLocaleString());
    const more = one("[data-choose-all]", form);
    more.textContent = form.dataset.all.replace("{}", matching().toLocaleString());
    more.hidden = everything || chosen.size >= matching();
    for (const box of boxes()) box.checked = everything || chosen.has(box.value);
    const page = one("#choose-page");
    if (page) page.checked = boxes().length > 0 && boxes().every((box) => box.checked);
  };
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest("#listing input[name=id]");
    if (box && event.shiftKey && last) {
      const list = boxes();
      const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
      for (const between of list.slice(Math.max(from, 0), to + 1)) if (box.checked) chosen.add(between.value);
    }
    if (box) last = box;
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
  one("[data-choose-all]", form).addEventListener("click", () => { everything = true; show(); });
  one("[data-choose-none]", form).addEventListener("click", () => { everything = false; chosen.clear(); show(); });
  form.addEventListener("formdata", (event) => {
    event.formData.delete("id");
    if (everything) {
      event.formData.set("all", "1");
      event.formData.set("filter", one("#listing").dataset.filter);
    } else {
      for (const id of chosen) event.formData.append("id", id);
    }
  });
  // What would go with the chosen is told before it goes.
  document.addEventListener("click", async (event) => {
    const dialog = event.target.closest("[data-dialog]")?.dataset.dialog;
    const place = dialog && one(`#${dialog} [data-losses]`);
    if (!place) return;
    place.hidden = true;
    const answer = await fetch(place.dataset.losses, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    place.textContent = answer.ok ? await answer.text() : "";
    place.hidden = place.textContent === "";
  });
  document.addEventListener("htmx:after:swap", show);
  window.gb.choose = { boxes, chosen, show, everything: () => { everything = true; show(); } };
})();
