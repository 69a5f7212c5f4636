// Conversations that somebody keeps: saved, and taken up again.
(() => {
  "use strict";
  const { one, all, toast } = window.gb;
  const [form, kept] = [one("#play"), one("#kept")];
  if (!form || !kept) return;
  const { talk } = window.gb.play;
  const path = "/api/admin/play/conversations";
  // What else was chosen; the key, its label and its proxy are not the conversation's.
  const options = ["temperature", "max_tokens", "effort", "thinking_budget", "safety", "schema"];
  let id = kept.dataset.id;

  const chosen = () => ({
    dialect: form.elements.dialect.value,
    model: form.elements.model.value,
    second: form.elements.second.value,
    system: form.elements.system.value,
    options: {
      ...Object.fromEntries(options.map((name) => [name, form.elements[name].value]).filter(([, value]) => value)),
      tools: all("[name=tools]:checked", form).map((box) => box.value),
      stream: form.elements.stream.checked,
    },
  });
  const choose = ({ dialect, model, second, system, options }) => {
    form.elements.dialect.value = dialect;
    Object.assign(form.elements.model, { value: model });
    Object.assign(form.elements.second, { value: second });
    Object.assign(form.elements.system, { value: system });
    for (const [name, value] of Object.entries(options)) {
      if (name === "tools") for (const box of all("[name=tools]", form)) box.checked = value.includes(box.value);
      else if (name === "stream") form.elements.stream.checked = value;
      else if (form.elements[name]) form.elements[name].value = value;
    }
  };
  const ask = async (method, address, body) => {
    const answer = await fetch(address, { method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body) });
    if (answer.ok) return answer;
    const { error } = await answer.json();
    throw new Error(error.message);
  };
  const first = () => talk.whole().branches.flat().find((turn) => turn.role === "user")?.text.trim().split("\n")[0].slice(0, 80);
  const here = (kept) => {
    id = kept;
    const address = new URL(location.href);
    if (id) address.searchParams.set("id", id);
    else address.searchParams.delete("id");
    history.replaceState(null, "", address);
  };

  one("#keep")?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const title = one("#kept-title");
    title.value = title.value.trim() || first() || "–";
    const body = { title: title.value, ...chosen(), ...talk.whole() };
    try {
      if (id) await ask("PUT", `${path}/${encodeURIComponent(id)}`, body);
      else here((await (await ask("POST", path, body)).json()).id);
      toast(kept.dataset.kept);
      kept.dispatchEvent(new CustomEvent("gb:kept"));
    } catch (error) {
      toast(error.message, "bad");
    }
  });
  // A conversation that is begun anew is another one.
  one("#clear").addEventListener("click", () => {
    if (one("#kept-title")) one("#kept-title").value = "";
    here("");
  });
  const open = async () => {
    try {
      const found = await (await ask("GET", `${path}/${encodeURIComponent(id)}`)).json();
      choose(found);
      talk.restore(found);
      if (one("#kept-title")) one("#kept-title").value = found.title;
    } catch {
      toast(kept.dataset.gone, "bad");
      here("");
    }
  };
  if (id) open();
})();
