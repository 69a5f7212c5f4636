// What goes over the wire: the request, the frames of its answer, and how it went.
(() => {
  "use strict";
  const { one, all, toast } = window.gb;
  const wire = one("#wire");
  if (!wire) return;
  const language = document.documentElement.lang;
  const MOST = 400;
  let snippets = {};
  let count = 0;
  const number = (value) => value.toLocaleString(language, { maximumFractionDigits: 6 });
  const time = (millis) => (millis < 1000 ? `${millis} ms` : `${number(Math.round(millis / 100) / 10)} s`);
  const lines = (first, headers) => [first, ...headers.map(([name, value]) => `${name}: ${value}`)].join("\n");
  const fact = (name, text) => {
    const place = one(`[data-fact=${name}]`, wire);
    place.textContent = text;
    return place;
  };
  const fill = (text, ...values) => values.reduce((text, value) => text.replace("{}", value), text);

  const begin = () => {
    count = 0;
    one("#no-wire").hidden = true;
    one("#frames").replaceChildren();
    for (const part of ["#facts", "#response", "#more-frames"]) one(part).hidden = true;
    for (const place of all("[data-fact]", wire)) if (place.dataset.fact !== "why") place.textContent = "";
  };

  const request = (told) => {
    begin();
    snippets = told.snippets;
    one("#request").hidden = false;
    one("#request-head").textContent = lines(`${told.method} ${told.path}`, told.headers);
    one("#request-body").textContent = told.body;
  };

  const response = (told) => {
    one("#facts").hidden = one("#response").hidden = false;
    const status = fact("status", "");
    const pill = document.createElement("span");
    pill.className = "gb-state";
    pill.dataset.state = told.status < 400 ? "good" : "bad";
    pill.textContent = `${told.status} ${told.reason}`;
    status.append(pill);
    one("#response-head").textContent = lines(`${told.status} ${told.reason}`, told.headers);
  };

  const frame = (told) => {
    count += 1;
    if (count > MOST) {
      const more = one("#more-frames");
      more.hidden = false;
      more.textContent = fill(wire.dataset.more, number(count - MOST));
      return;
    }
    const item = document.createElement("li");
    const when = document.createElement("small");
    when.textContent = `+${time(told.after_ms)} · ${number(told.bytes)} B`;
    const text = document.createElement("pre");
    text.textContent = told.text.trimEnd();
    item.append(when, text);
    one("#frames").append(item);
  };

  const end = (told) => {
    one("#facts").hidden = false;
    if (told.first_byte_ms !== null) fact("first", time(told.first_byte_ms));
    fact("total", time(told.total_ms));
    const facts = told.facts;
    const why = one("[data-fact=why]", wire);
    why.hidden = !facts?.is_logged;
    if (!facts) return;
    const usage = facts.usage;
    fact("tokens", fill(wire.dataset.tokens, number(usage.prompt + usage.tool_prompt), number(usage.completion), number(usage.thoughts)));
    fact("pace", facts.tokens_per_second === null ? "–" : number(facts.tokens_per_second));
    fact("value", `$${facts.value}`);
    fact("attempts", number(facts.attempts));
    const key = fact("key", facts.key ?? "–");
    if (facts.key_id) key.href = `/admin/keys/${encodeURIComponent(facts.key_id)}`;
    why.href = `/admin/logs/${encodeURIComponent(facts.id)}`;
  };

  // Where two models are asked, both are remembered, and one of them is shown.
  const tellers = { request, response, frame, end };
  let told = [];
  let shown = 0;
  const tell = (lane, event) => {
    told[lane]?.push(event);
    if (lane === shown) tellers[event.event]?.(event);
  };
  const show = (lane) => {
    shown = lane;
    begin();
    for (const event of told[lane]) tellers[event.event]?.(event);
    for (const button of all("#lanes button")) button.setAttribute("aria-pressed", String(Number(button.value) === lane));
  };
  const compare = (names) => {
    const isOne = names.length < 2;
    told = isOne ? [] : names.map(() => []);
    shown = 0;
    const lanes = one("#lanes");
    if (!lanes) return;
    lanes.hidden = isOne;
    lanes.replaceChildren(...(isOne ? [] : names).map((name, lane) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", value: lane, textContent: name });
      button.setAttribute("aria-pressed", String(lane === 0));
      button.addEventListener("click", () => show(lane));
      return button;
    }));
  };

  for (const button of all("[data-snippet]", wire)) {
    button.addEventListener("click", async () => {
      const copied = navigator.clipboard?.writeText(snippets[button.dataset.snippet]);
      await copied?.then(() => toast(button.dataset.done), () => {});
    });
  }
  window.gb.play = { request, tell, compare, time, fill, number };
})();
