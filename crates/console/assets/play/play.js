// The playground: what is wanted is gathered from the form, sent, and shown while it is answered.
(() => {
  "use strict";
  const { one, all } = window.gb;
  const form = one("#play");
  if (!form) return;
  const { answer, make, fill, time } = window.gb.play;
  const wire = window.gb.play;
  const words = form.dataset;
  const kind = words.kind;
  let turns = [];
  let files = [];
  let running = null;

  // -- the form ------------------------------------------------------------------
  const text = (name) => form.elements[name]?.value ?? "";
  const number = (name) => (text(name).trim() === "" ? undefined : Number(text(name)));
  const schema = () => {
    if (!text("schema").trim()) return undefined;
    try {
      return JSON.parse(text("schema"));
    } catch {
      throw new Error(words.unreadable);
    }
  };
  const gather = {
    chat: (said) => ({
      dialect: text("dialect"),
      system: text("system"),
      turns: said.map(({ role, text, files }) => ({ role, text, files })),
      temperature: number("temperature"),
      max_tokens: number("max_tokens"),
      effort: text("effort"),
      thinking_budget: number("thinking_budget"),
      tools: all("[name=tools]:checked", form).map((box) => box.value),
      schema: schema(),
      stream: form.elements.stream.checked,
    }),
    image: () => ({ prompt: text("prompt"), size: text("size"), n: number("n"), files }),
    speech: () => ({ input: text("input"), voice: text("voice"), format: text("format"), instructions: text("instructions") }),
    embedding: () => ({ texts: [text("first"), text("second")], dimensions: number("dimensions") }),
    transcription: () => ({ file: files[0] ?? { name: "", mime: "", data: "" }, language: text("language"), prompt: text("subject") }),
  };
  const wanted = (said) => ({ kind, model: text("model"), key: text("key"), tag: text("tag"), ...gather[kind](said) });
  const newest = () => ({ role: "user", text: text("message"), files });

  // -- files ---------------------------------------------------------------------
  const showFiles = () => {
    const list = one("#attached");
    if (!list) return;
    list.hidden = files.length === 0;
    list.replaceChildren(...files.map((file, index) => {
      const remove = make("button", { type: "button", textContent: "×" });
      remove.setAttribute("aria-label", fill(words.remove, file.name));
      remove.addEventListener("click", () => {
        files = files.filter((_, other) => other !== index);
        showFiles();
      });
      return make("li", {}, file.name, remove);
    }));
  };
  const read = (file) => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve({ name: file.name, mime: file.type || "application/octet-stream", data: reader.result.split(",")[1] ?? "" }));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
  const attach = async (list) => {
    const more = await Promise.all([...list].map(read));
    files = kind === "transcription" ? more : [...files, ...more];
    showFiles();
  };
  const picker = one("#files");
  picker?.addEventListener("change", async () => {
    await attach(picker.files);
    picker.value = "";
  });
  const over = (event, is) => {
    if (!picker || picker.matches(":disabled") || !event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    form.classList.toggle("gb-over", is);
    return true;
  };
  form.addEventListener("dragover", (event) => over(event, true));
  form.addEventListener("dragleave", (event) => over(event, false));
  form.addEventListener("drop", (event) => over(event, false) && attach(event.dataTransfer.files));

  // -- the conversation ------------------------------------------------------------
  const turn = (role, text = "") => {
    const item = make("li", { className: "gb-turn" }, make("header", {}, make("span", { textContent: role === "user" ? words.you : words.assistant })));
    item.dataset.role = role;
    if (text) item.append(make("div", { className: "gb-text", textContent: text }));
    one("#turns").append(item);
    return item;
  };
  const markLast = () => {
    if (kind !== "chat") return;
    one("#nothing").hidden = turns.length > 0;
    for (const button of all("[data-edit-last]")) button.remove();
    const last = turns.findLast((one) => one.role === "user");
    if (!last || running) return;
    const button = make("button", { className: "btn", type: "button", textContent: words.edit });
    Object.assign(button.dataset, { variant: "ghost", size: "sm", editLast: "" });
    button.addEventListener("click", editLast);
    one("header", last.item).append(button);
  };
  const editLast = () => {
    const at = turns.findLastIndex((one) => one.role === "user");
    if (at < 0 || running) return;
    const [last, ...after] = turns.splice(at);
    for (const gone of [last, ...after]) gone.item.remove();
    one("#message").value = last.text;
    files = last.files;
    showFiles();
    markLast();
    one("#message").focus();
  };
  one("#clear")?.addEventListener("click", () => {
    running?.abort();
    for (const gone of turns.splice(0)) gone.item.remove();
    markLast();
    one("#message").focus();
  });

  // -- sending ---------------------------------------------------------------------
  const say = (text) => { one("#says").textContent = text; };
  const complain = (text) => {
    one("#wrong").hidden = !text;
    one("#wrong").textContent = text;
  };
  const ask = async (path, body, signal) => {
    const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal });
    if (!response.ok) throw new Error((await response.json()).error.message);
    return response;
  };
  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const pieces = (rest + value).split("\n\n");
      rest = pieces.pop();
      for (const piece of pieces) if (piece.startsWith("data:")) yield JSON.parse(piece.slice(5));
    }
  }
  const follow = async (response, place) => {
    const shown = answer(place);
    let ended = null;
    try {
      for await (const told of events(response.body)) {
        wire[told.event]?.(told);
        shown[told.event]?.(told);
        if (told.event === "error") complain(told.message);
        if (told.event === "end") ended = told;
      }
    } finally {
      if (kind === "chat" && shown.said) turns.push({ role: "assistant", text: shown.said, files: [], item: place });
      else if (kind === "chat" && !one("img", place)) place.remove();
    }
    const failed = !ended || !one("#wrong").hidden;
    say(failed ? words.failed : fill(words.done, time(ended.total_ms)));
  };
  // Where the answer is shown; what was asked becomes a part of the conversation.
  const place = (asked) => {
    if (kind !== "chat") {
      one("#result").hidden = false;
      one("#shown").replaceChildren();
      return one("#shown").appendChild(make("div", { className: "gb-more" }));
    }
    if (asked) {
      const names = asked.files.map((file) => file.name).join(", ");
      turns.push({ ...asked, item: turn("user", [names, asked.text].filter(Boolean).join("\n")) });
      one("#message").value = "";
      files = [];
      showFiles();
    }
    return turn("assistant");
  };
  const busy = (is) => {
    one("#send").hidden = is;
    one("#stop").hidden = !is;
  };
  const send = async () => {
    if (running || one("#send").matches(":disabled")) return;
    complain("");
    const asked = kind === "chat" && (text("message").trim() || files.length) ? newest() : null;
    if (kind === "chat" && !asked) return;
    running = new AbortController();
    const { signal } = running;
    try {
      const body = wanted([...turns, asked]);
      busy(true);
      say(words.waiting);
      const response = await ask("/api/admin/play", body, signal);
      const shown = place(asked);
      markLast();
      await follow(response, shown);
    } catch (error) {
      complain(signal.aborted ? "" : error.message);
      say(signal.aborted ? words.stopped : words.failed);
    } finally {
      running = null;
      busy(false);
      markLast();
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  one("#stop").addEventListener("click", () => running?.abort());
  one("#preview").addEventListener("click", async () => {
    complain("");
    try {
      const said = kind === "chat" && text("message").trim() ? [...turns, newest()] : turns;
      wire.request(await (await ask("/api/admin/play/preview", wanted(said))).json());
    } catch (error) {
      complain(error.message);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && running) running.abort();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.contains(event.target)) send();
    else if (event.key === "ArrowUp" && event.target.id === "message" && !event.target.value) editLast();
    else return;
    event.preventDefault();
  });

  // -- the address says what is chosen ------------------------------------------------
  form.addEventListener("change", (event) => {
    if (!["dialect", "model", "key", "tag"].includes(event.target.name)) return;
    const address = new URL(location.href);
    for (const name of ["dialect", "model", "key", "tag"]) {
      if (text(name)) address.searchParams.set(name, text(name));
      else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
  });
})();
