// Conversations: what was said so far, taken up again at any question, and branched off at any answer.
(() => {
  "use strict";
  const { one, all } = window.gb;
  const form = one("#play");
  if (!form || !one("#turns")) return;
  const { make, fill, number } = window.gb.play;
  const words = form.dataset;
  let branches = [[]];
  let current = 0;

  const item = (role, text = "") => {
    const item = make("li", { className: "gb-turn" }, make("header", {}, make("span", { textContent: role === "user" ? words.you : words.assistant })));
    item.dataset.role = role;
    if (text) item.append(make("div", { className: "gb-text", textContent: text }));
    return item;
  };
  // A turn's place on the page.
  const place = (role, text) => one("#turns").appendChild(item(role, text));
  const act = (turn, name, label, then) => {
    const button = make("button", { className: "btn", type: "button", textContent: label });
    Object.assign(button.dataset, { variant: "ghost", size: "sm", turn: name });
    button.addEventListener("click", then);
    one("header", turn.item).append(button);
  };
  // What can be done at each turn, unless an answer is under way.
  const mark = (isBusy = false) => {
    one("#nothing").hidden = branches[current].length > 0;
    for (const button of all("[data-turn]")) button.remove();
    if (isBusy) return;
    branches[current].forEach((turn, at) => {
      if (turn.role === "user") act(turn, "edit", words.edit, () => talk.edited(take(at)));
      else act(turn, "branch", words.branch, () => branch(at));
    });
  };
  // Takes a question away, with all that came after it.
  const take = (at) => {
    const gone = branches[current].splice(at);
    for (const turn of gone) turn.item.remove();
    mark();
    return gone[0];
  };
  const branch = (at) => {
    const copy = branches[current].slice(0, at + 1).map((turn) => ({ ...turn, item: turn.item.cloneNode(true) }));
    branches.push(copy);
    show(branches.length - 1);
    one("#message").focus();
  };
  const show = (which) => {
    current = which;
    one("#turns").replaceChildren(...branches[current].map((turn) => turn.item));
    const list = one("#branches");
    list.hidden = branches.length < 2;
    list.replaceChildren(...branches.map((_, at) => {
      const button = make("button", { type: "button", textContent: number(at + 1) });
      button.setAttribute("aria-label", fill(words.branchNumber, at + 1));
      button.setAttribute("aria-pressed", String(at === current));
      button.addEventListener("click", () => talk.isBusy() || show(at));
      return button;
    }));
    mark();
  };
  const clear = () => {
    branches = [[]];
    show(0);
  };

  // All that was said, to be kept; and that again, as it was kept.
  const whole = () => ({ current, branches: branches.map((branch) => branch.map(({ role, text, answers, files }) => ({ role, text: text ?? "", answers: answers?.map((answer) => answer ?? "") ?? [], files: files ?? [] }))) });
  const taken_up = ({ role, text, answers, files, html }) => {
    if (role === "user") return { role, text, files, item: item(role, [files.map((file) => file.name).join(", "), text].filter(Boolean).join("\n")) };
    const place = item(role);
    for (const prose of html) place.append(Object.assign(make("div", { className: "gb-prose" }), { innerHTML: prose }));
    return { role, answers, files, item: place };
  };
  const restore = (kept) => {
    branches = kept.branches.map((branch) => branch.map(taken_up));
    show(Math.min(kept.current, branches.length - 1));
  };

  const talk = {
    whole, restore,
    place, mark, clear,
    said: () => branches[current],
    keep: (turn) => branches[current].push(turn),
    editLast: () => {
      const at = branches[current].findLastIndex((turn) => turn.role === "user");
      if (at >= 0 && !talk.isBusy()) talk.edited(take(at));
    },
    // What the page does with a question that is taken up again, and whether it has time for that.
    edited: () => {},
    isBusy: () => false,
  };
  Object.assign(window.gb.play, { talk });
})();
