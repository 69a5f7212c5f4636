// What every page does in the browser. Pages work without it; it adds what is live and quick.
(() => {
  "use strict";
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const language = document.documentElement.lang;

  // -- light and dark ----------------------------------------------------------
  const switchTheme = () => {
    const dark = document.documentElement.classList.toggle("dark");
    document.documentElement.classList.toggle("light", !dark);
    document.cookie = `gb_theme=${dark ? "dark" : "light"}; Path=/admin; Max-Age=31536000; SameSite=Strict`;
    document.dispatchEvent(new CustomEvent("gb:theme"));
  };
  one("#theme")?.addEventListener("click", switchTheme);

  // -- the navigation on phones ------------------------------------------------
  const rail = one("#rail");
  const menu = one("#menu");
  const narrow = matchMedia("(max-width: 56rem)");
  const showRail = (open) => {
    if (!rail || !menu) return;
    rail.classList.toggle("gb-open", open);
    menu.setAttribute("aria-expanded", String(open));
    rail.inert = narrow.matches && !open;
  };
  menu?.addEventListener("click", () => showRail(!rail.classList.contains("gb-open")));
  narrow.addEventListener("change", () => showRail(false));
  showRail(false);
  document.addEventListener("click", (event) => {
    if (narrow.matches && rail?.classList.contains("gb-open") && !event.target.closest("#rail, #menu")) showRail(false);
  });

  // -- times -------------------------------------------------------------------
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const absolute = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const ago = (seconds) => {
    const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units[3];
    return relative.format(Math.round(seconds / size), unit);
  };
  const countdown = (seconds) => {
    const left = Math.max(0, Math.ceil(seconds));
    const pad = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(left / 3600);
    return hours ? `${hours}:${pad(Math.floor(left / 60) % 60)}:${pad(left % 60)}` : `${Math.floor(left / 60)}:${pad(left % 60)}`;
  };
  const tick = () => {
    const now = Date.now();
    for (const time of all("time[data-at]")) {
      const at = Number(time.dataset.at);
      const text = time.dataset.kind === "clock" ? new Date(at).toLocaleTimeString(language, { hour12: false }) : ago((at - now) / 1000);
      if (time.textContent !== text) time.textContent = text;
      if (!time.title) time.title = absolute.format(at);
    }
    for (const place of all("[data-until]")) {
      const text = countdown((Number(place.dataset.until) - now) / 1000);
      if (place.textContent !== text) place.textContent = text;
    }
  };
  tick();
  setInterval(tick, 1000);

  // -- what happens by itself ----------------------------------------------------
  // One stream a page: `follow` lets a page hear of more. A page that nobody sees hears nothing.
  const live = one("#live");
  const followed = [];
  let source = null;
  let failures = 0;
  const say = (state, text) => {
    live.dataset.state = state;
    one("span", live).textContent = text;
  };
  const pulsed = (pulse) => {
    failures = 0;
    say("live", `${live.dataset.live} · ${live.dataset.rpm.replace("{}", pulse.requests_per_minute)}`);
    showJobs(pulse.jobs);
    for (const place of all("[data-pulse]")) {
      const value = place.dataset.pulse.split(".").reduce((part, name) => part?.[name], pulse);
      if (value !== undefined) place.textContent = value.toLocaleString(language);
    }
  };
  // -- the dock: work that goes on at the server ---------------------------------------
  const dock = one("#dock");
  const dismissed = new Set();
  const docked = (job) => {
    const item = document.createElement("li");
    item.dataset.testid = "docked";
    const link = document.createElement("a");
    link.href = `/admin/jobs/${encodeURIComponent(job.id)}`;
    link.textContent = job.says;
    const says = document.createElement("span");
    says.className = "gb-number";
    const number = (value) => value.toLocaleString(language);
    says.textContent = [
      `${number(job.done)} / ${number(job.total)}`,
      job.failed ? `✗ ${number(job.failed)}` : "",
      job.pace ? dock.dataset.pace.replace("{}", number(job.pace)) : "",
      job.left === null ? "" : countdown(job.left),
    ].filter(Boolean).join(" · ");
    const bar = document.createElement("progress");
    Object.assign(bar, { max: Math.max(job.total, 1), value: job.done });
    bar.setAttribute("aria-label", job.says);
    item.append(link, says, bar);
    const foot = document.createElement("p");
    foot.className = "gb-row";
    item.append(foot);
    const results = document.createElement("a");
    Object.assign(results, { href: link.href, textContent: dock.dataset.results });
    foot.append(results);
    if (job.can_be_cancelled) {
      const cancel = document.createElement("button");
      Object.assign(cancel, { type: "button", textContent: dock.dataset.cancel });
      cancel.dataset.testid = "dock-cancel";
      cancel.setAttribute("aria-label", `${dock.dataset.cancel}: ${job.says}`);
      cancel.addEventListener("click", () => {
        cancel.disabled = true;
        fetch(`${link.pathname}/cancel`, { method: "POST" });
      });
      foot.append(cancel);
    }
    if (!job.is_finished) return item;
    const close = document.createElement("button");
    Object.assign(close, { type: "button", textContent: "×" });
    close.setAttribute("aria-label", dock.dataset.close);
    close.addEventListener("click", () => {
      dismissed.add(job.id);
      item.remove();
      dock.hidden = one("li", dock) === null;
    });
    item.append(close);
    return item;
  };
  const showJobs = (jobs) => {
    const shown = jobs.filter((job) => !dismissed.has(job.id) && !location.pathname.endsWith(`/${job.id}`));
    dock.hidden = shown.length === 0;
    one("ul", dock).replaceChildren(...shown.map(docked));
  };
  const listen = () => {
    source?.close();
    source = null;
    if (!live || !window.EventSource || document.hidden) return;
    const wanted = new URLSearchParams();
    for (const { ask } of followed) for (const [name, value] of Object.entries(ask() ?? {})) wanted.set(name, value);
    const stream = new EventSource(`/admin/live${wanted.size ? `?${wanted}` : ""}`);
    source = stream;
    stream.addEventListener("pulse", (event) => pulsed(JSON.parse(event.data)));
    for (const { name, hear } of followed) {
      stream.addEventListener(name, (event) => hear(JSON.parse(event.data), event.lastEventId));
    }
    stream.addEventListener("error", () => {
      failures += 1;
      say(failures < 5 ? "reconnecting" : "offline", failures < 5 ? live.dataset.reconnecting : live.dataset.offline);
      if (stream.readyState === EventSource.CLOSED && stream === source) setTimeout(listen, 3000);
    });
  };
  const follow = (name, ask, hear) => followed.push({ name, ask, hear });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => event.persisted && listen());
  document.addEventListener("visibilitychange", listen);
  document.addEventListener("DOMContentLoaded", listen);

  // -- toasts --------------------------------------------------------------------
  const toast = (text, kind = "good") => {
    const box = one("#toasts");
    if (!box || !text) return;
    const item = document.createElement("div");
    item.className = "gb-toast";
    item.dataset.kind = kind;
    item.textContent = text;
    box.append(item);
    setTimeout(() => item.remove(), kind === "bad" ? 12000 : 5000);
  };
  document.addEventListener("gb:toast", (event) => toast(event.detail.text ?? event.detail, event.detail.kind));
  setInterval(() => {
    for (const gone of all("[data-until-gone]")) if (Date.now() > Number(gone.dataset.untilGone)) gone.remove();
  }, 500);
  window.gb = { toast, all, one, countdown, ago, tick, follow, listen, language, switchTheme };

  // -- dialogs and copying ---------------------------------------------------------
  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      one(`#${opener.dataset.dialog}`)?.showModal();
      return;
    }
    if (event.target.closest("[data-close]")) {
      event.target.closest("dialog")?.close();
      return;
    }
    const copier = event.target.closest("[data-copy]");
    if (copier) {
      const from = copier.dataset.copy ? one(copier.dataset.copy) : copier;
      await navigator.clipboard?.writeText(from.value ?? from.textContent).catch(() => {});
      if (copier.dataset.done) toast(copier.dataset.done);
    }
  });

  // -- what was typed and not sent ---------------------------------------------------
  for (const form of all("form[data-guard]")) {
    let isChanged = false;
    const guard = (event) => isChanged && event.preventDefault();
    form.addEventListener("input", () => { isChanged = true; });
    form.addEventListener("submit", () => { isChanged = false; });
    addEventListener("beforeunload", guard);
  }

  // -- the palette -----------------------------------------------------------------
  const palette = one("#palette");
  if (palette) {
    const input = one("input", palette);
    const options = all("[role=option]", palette);
    const shown = () => options.filter((option) => !option.hidden);
    const select = (chosen) => {
      for (const option of options) option.setAttribute("aria-selected", String(option === chosen));
      chosen?.scrollIntoView({ block: "nearest" });
    };
    const filter = () => {
      const wanted = input.value.trim().toLowerCase();
      for (const option of options) {
        if (option.dataset.find) {
          // What looks for the text itself; ids have hyphens, the ends of keys do not.
          option.hidden = wanted.length < 3 || Boolean(option.dataset.like) !== /^[0-9a-f]+-[0-9a-f-]+$/.test(wanted);
          one("span", option).textContent = option.dataset.says.replace("{}", input.value.trim());
          continue;
        }
        option.hidden = !`${option.textContent} ${option.dataset.words}`.toLowerCase().includes(wanted);
      }
      one(".gb-none", palette).hidden = shown().length > 0;
      select(shown()[0]);
    };
    const open = () => {
      input.value = "";
      filter();
      palette.showModal();
      input.focus();
    };
    const go = (option) => {
      if (!option) return;
      const { href, find } = option.dataset;
      if (find) return location.assign(find + encodeURIComponent(input.value.trim()));
      if (!href.startsWith("!")) return location.assign(href);
      palette.close();
      one(href.slice(1))?.click();
    };
    one("#palette-open")?.addEventListener("click", open);
    input.addEventListener("input", filter);
    palette.addEventListener("click", (event) => {
      if (event.target === palette) palette.close();
      go(event.target.closest("[role=option]"));
    });
    palette.addEventListener("keydown", (event) => {
      const list = shown();
      const at = list.findIndex((option) => option.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown") select(list[(at + 1) % list.length]);
      else if (event.key === "ArrowUp") select(list[(at + list.length - 1) % list.length]);
      else if (event.key === "Enter") go(list[at]);
      else return;
      event.preventDefault();
    });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open();
      }
    });
  }

  // -- the setup code that the printed link carries, unseen by any server ------------
  const code = /^#code=(\w+)$/.exec(location.hash);
  if (code && one("#claim #code")) {
    one("#claim #code").value = code[1];
    one("#claim button").focus();
    history.replaceState(null, "", location.pathname);
  }
  const zone = one("#claim #timezone");
  if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

  // -- htmx ------------------------------------------------------------------------
  document.addEventListener("htmx:config:request", (event) => {
    const body = event.detail?.ctx?.request?.body;
    const method = event.detail?.ctx?.request?.method;
    if (method === "GET" && body instanceof FormData) {
      for (const [name, value] of [...body.entries()]) if (value === "") body.delete(name);
    }
  });
  document.addEventListener("htmx:after:swap", tick);
  document.addEventListener("htmx:response:error", async (event) => {
    toast(event.detail?.ctx?.text?.slice(0, 300) ?? "", "bad");
  });
})();
