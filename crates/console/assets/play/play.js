// The playground: what is wanted is gathered from the form, sent, and shown while it is answered.
(() => {
  "use strict";
  const { one, all } = window.gb;
  const form = one("#play");
  if (!form) return;
  const { answer, make, fill, time, number: shownNumber, talk } = window.gb.play;
  const wire = window.gb.play;
  const words = form.dataset;
  const kind = words.kind;
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
    chat: (said, lane) => ({
      dialect: text("dialect"),
      system: text("system"),
      turns: said.map(({ role, text, answers, files }) => ({ role, text: text ?? (answers[lane] || answers.find(Boolean)), files })),
      temperature: number("temperature"),
      max_tokens: number("max_tokens"),
      effort: text("effort"),
      thinking_budget: number("thinking_budget"),
      tools: all("[name=tools]:checked", form).map((box) => box.value),
      safety: text("safety") || undefined,
      schema: schema(),
      stream: form.elements.stream.checked,
    }),
    image: () => ({ prompt: text("prompt"), size: text("size"), n: number("n"), files }),
    speech: () => ({ input: text("input"), voice: text("voice"), format: text("format"), instructions: text("instructions") }),
    embedding: () => ({ texts: [text("first"), text("second")], dimensions: number("dimensions") }),
    transcription: () => ({ file: files[0] ?? { name: "", mime: "", data: "" }, language: text("language"), prompt: text("subject") }),
  };
  // The models that are asked: one, or two side by side. Each hears its own answers.
  const models = () => [text("model"), text("second").trim()].filter((model, lane) => lane === 0 || model);
  const wanted = (said, model = text("model"), lane = 0) => ({ kind, model, key: text("key"), tag: text("tag"), proxy: text("proxy"), ...gather[kind](said, lane) });
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
  if (talk) {
    talk.isBusy = () => running !== null;
    talk.edited = (question) => {
      one("#message").value = question.text;
      files = question.files;
      showFiles();
      one("#message").focus();
    };
    one("#clear").addEventListener("click", () => {
      running?.abort();
      talk.clear();
      one("#message").focus();
    });
  }

  // -- sending ---------------------------------------------------------------------
  const say = (text) => { one("#says").textContent = text; };
  const complain = (said, lane = 0) => {
    one("#wrong").hidden = !said;
    one("#wrong").textContent = said && models().length > 1 ? `${models()[lane]}: ${said}` : said;
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
  // Shows an answer as it comes; what was said is in `answers` even if it ends early.
  const follow = async (response, shown, lane, answers) => {
    let ended = null;
    let isWell = true;
    try {
      for await (const told of events(response.body)) {
        wire.tell(lane, told);
        shown[told.event]?.(told);
        if (told.event === "error") complain(told.message, lane);
        if (told.event === "error") isWell = false;
        if (told.event === "end") ended = told;
      }
    } finally {
      answers[lane] = shown.said;
    }
    return isWell ? ended : null;
  };
  // Where answers are shown; what was asked becomes a part of the conversation.
  const place = (asked) => {
    if (!talk) {
      one("#result").hidden = false;
      one("#shown").replaceChildren();
      return one("#shown").appendChild(make("div", { className: "gb-more" }));
    }
    const names = asked.files.map((file) => file.name).join(", ");
    talk.keep({ ...asked, item: talk.place("user", [names, asked.text].filter(Boolean).join("\n")) });
    one("#message").value = "";
    files = [];
    showFiles();
    return talk.place("assistant");
  };
  // A place for each model within that.
  const places = (item, names) => {
    if (names.length === 1) return [item];
    const both = names.map((name) => make("div", { className: "gb-lane", role: "group" }, make("h3", { className: "gb-mono", textContent: name })));
    for (const one of both) one.setAttribute("aria-label", one.firstChild.textContent);
    item.append(make("div", { className: "gb-lanes" }, ...both));
    return both;
  };
  // How an answer did, below it, where there are two.
  const compared = (place, { first_byte_ms, total_ms, facts }) => {
    const pace = facts?.tokens_per_second ?? null;
    const parts = [first_byte_ms === null ? "" : fill(words.firstByte, time(first_byte_ms)), time(total_ms), pace === null ? "" : fill(words.pace, shownNumber(pace)), facts ? `$${facts.value}` : ""];
    place.append(make("p", { className: "gb-muted gb-number", textContent: parts.filter(Boolean).join(" · ") }));
  };
  const busy = (is) => {
    one("#send").hidden = is;
    one("#stop").hidden = !is;
  };
  const send = async () => {
    if (running || one("#send").matches(":disabled")) return;
    complain("");
    const asked = talk && (text("message").trim() || files.length) ? newest() : null;
    if (talk && !asked) return;
    running = new AbortController();
    const { signal } = running;
    const names = models();
    const answers = [];
    let item = null;
    try {
      const bodies = names.map((model, lane) => wanted([...(talk?.said() ?? []), asked], model, lane));
      busy(true);
      say(words.waiting);
      wire.compare(names);
      const responses = await Promise.all(bodies.map((body) => ask("/api/admin/play", body, signal)));
      item = place(asked);
      talk?.mark(true);
      const lanes = places(item, names);
      const ends = await Promise.all(responses.map(async (response, lane) => {
        const end = await follow(response, answer(lanes[lane]), lane, answers);
        if (end && names.length > 1) compared(lanes[lane], end);
        return end;
      }));
      say(ends.every(Boolean) ? fill(words.done, time(Math.max(...ends.map((end) => end.total_ms)))) : words.failed);
    } catch (error) {
      complain(signal.aborted ? "" : error.message);
      say(signal.aborted ? words.stopped : words.failed);
      running.abort();
    } finally {
      running = null;
      busy(false);
      // It may be gone: then the conversation was begun anew.
      if (item?.isConnected && answers.some(Boolean)) talk?.keep({ role: "assistant", answers, files: [], item });
      else if (talk && item && !one("img", item)) item.remove();
      talk?.mark();
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
      const before = talk?.said() ?? [];
      const said = talk && text("message").trim() ? [...before, newest()] : before;
      wire.request(await (await ask("/api/admin/play/preview", wanted(said))).json());
    } catch (error) {
      complain(error.message);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && running) running.abort();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.contains(event.target)) send();
    else if (event.key === "ArrowUp" && event.target.id === "message" && !event.target.value) talk?.editLast();
    else return;
    event.preventDefault();
  });

  // -- the address says what is chosen ------------------------------------------------
  form.addEventListener("change", (event) => {
    if (!["dialect", "model", "second", "key", "tag", "proxy"].includes(event.target.name)) return;
    const address = new URL(location.href);
    for (const name of ["dialect", "model", "second", "key", "tag", "proxy"]) {
      if (text(name)) address.searchParams.set(name, text(name));
      else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
  });
})();
