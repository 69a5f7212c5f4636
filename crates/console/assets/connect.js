// Connecting a client: the token that was pasted stays in this page, but for links that are followed.
(() => {
  "use strict";
  const { one, all, toast } = window.gb;

  // A token that was made just now is shown once: to load the page again shows it no more.
  const fresh = one("[data-fresh]");
  if (fresh) history.replaceState(null, "", fresh.dataset.fresh);

  // All settings are here while the token is known; one client's are shown at a time.
  const show = (app) => {
    for (const section of all("[data-settings]")) section.hidden = section.dataset.settings !== app;
    for (const link of all("[data-app]")) {
      if (link.dataset.app === app) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  if (fresh) {
    show(one("[data-app]").dataset.app);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-app]");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      show(link.dataset.app);
      history.replaceState(null, "", link.href);
    });
  }

  // -- the token, filled in where it belongs -------------------------------------------
  const secret = () => (one("#secret")?.value ?? one("#new-token")?.textContent ?? "").trim();
  for (const text of all("[data-fill]")) text.gbTemplate = text.textContent;
  one("#secret")?.addEventListener("input", () => {
    for (const text of all("[data-fill]")) text.textContent = text.gbTemplate.replaceAll(text.dataset.fill, secret() || text.dataset.fill);
  });

  // -- links that tell a client everything, made when they are wanted -------------------
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-link]");
    if (!button) return;
    if (!secret()) {
      toast(button.dataset.missing, "bad");
      one("#secret")?.focus();
      return;
    }
    const body = new URLSearchParams({ app: button.dataset.link, token: secret() });
    const answer = await fetch(button.dataset.at, { method: "POST", body, headers: { accept: "application/json" } });
    const said = await answer.json();
    if (answer.ok) location.assign(said.link);
    else toast(said.error.message, "bad");
  });
})();
