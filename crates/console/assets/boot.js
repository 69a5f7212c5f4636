// Before anything is painted: the light that was chosen, and the one policy by which htmx may put
// parts of our own pages into the page.
if (window.trustedTypes) trustedTypes.createPolicy("default", { createHTML: (html) => html });
(() => {
  const chosen = /(?:^|; )gb_theme=(light|dark)/.exec(document.cookie);
  const dark = chosen ? chosen[1] === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.classList.toggle("dark", dark);
})();
