// Whether events arrive when they are sent: two are, some time apart.
(() => {
  "use strict";
  const { one, all } = window.gb;
  const row = one("#stream");
  const says = one("[aria-live] span", row);
  /** Sent 150 ms apart; what arrives closer together was held back somewhere. */
  const APART = 75;
  const PATIENCE = 5000;
  const tell = (state, text, fix = "") => {
    for (const mark of all("[data-state]", row)) mark.hidden = mark.dataset.state !== state;
    row.dataset.verdict = { good: "ok", warn: "warn", bad: "fail" }[state];
    says.textContent = fix ? `${text} → ${fix}` : text;
    const bundle = one("#bundle");
    bundle.textContent += `${row.dataset.verdict}: live updates: ${state === "good" ? "events arrive as they are sent" : "events are held back"}\n`;
  };
  const source = new EventSource("/admin/system/diagnostics/stream");
  let first = 0;
  const end = (...told) => {
    clearTimeout(limit);
    source.close();
    tell(...told);
  };
  const limit = setTimeout(() => end("bad", row.dataset.broken, row.dataset.fix), PATIENCE);
  source.addEventListener("first", () => { first = performance.now(); });
  source.addEventListener("second", () => {
    if (performance.now() - first >= APART) end("good", row.dataset.well);
    else end("warn", row.dataset.held, row.dataset.fix);
  });
  source.addEventListener("error", () => end("bad", row.dataset.broken, row.dataset.fix));
})();
