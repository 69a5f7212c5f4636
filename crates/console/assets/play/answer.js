// What a model says, shown as it comes. Texts are texts; only what the server has rendered at the end,
// without anything that could hurt, is taken as HTML.
(() => {
  "use strict";
  const { one } = window.gb;
  const form = one("#play");
  if (!form) return;
  const { fill, number } = window.gb.play;
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const bytes = (data) => Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const address = (told) => URL.createObjectURL(new Blob([bytes(told.data)], { type: told.mime }));
  const ending = (mime) => mime.split(/[/;]/)[1]?.replace("mpeg", "mp3").replace("jpeg", "jpg") ?? "bin";
  const download = (told, name) => {
    const link = make("a", { className: "btn", href: address(told), download: `${name}.${ending(told.mime)}`, textContent: form.dataset.download });
    link.dataset.variant = "outline";
    return link;
  };

  // A place that answers are shown in.
  const answer = (place) => {
    const thoughts = make("div", { className: "gb-text gb-muted" });
    const thinking = make("details", { hidden: true }, make("summary", { textContent: form.dataset.thoughts }), thoughts);
    const text = make("div", { className: "gb-text" });
    const shown = make("div", { className: "gb-shown" });
    place.append(thinking, text, shown);
    let pictures = 0;
    return {
      said: "",
      text(told) {
        this.said += told.text;
        text.append(told.text);
      },
      thought(told) {
        thinking.hidden = false;
        thoughts.append(told.text);
      },
      picture(told) {
        pictures += 1;
        const name = fill(form.dataset.picture, pictures);
        const image = make("img", { src: `data:${told.mime};base64,${told.data}`, alt: name });
        shown.append(make("figure", {}, image, download(told, `picture-${pictures}`)));
      },
      sound(told) {
        const audio = make("audio", { controls: true, src: address(told) });
        audio.setAttribute("aria-label", form.dataset.kind);
        shown.append(audio, make("p", {}, download(told, "speech")));
      },
      vectors(told) {
        const list = make("dl", { className: "gb-facts" });
        const add = (name, value) => list.append(make("dt", { textContent: name }), make("dd", { className: "gb-mono", textContent: value }));
        add(form.dataset.dimensions, number(told.dimensions));
        if (told.similarity !== null) add(form.dataset.similarity, told.similarity.toFixed(4));
        told.heads.forEach((head, index) => add(fill(form.dataset.head, index + 1), `${head.map((one) => one.toFixed(4)).join(", ")}…`));
        shown.append(list);
      },
      end(told) {
        if (!told.html) return;
        const prose = make("div", { className: "gb-prose" });
        prose.innerHTML = told.html;
        for (const link of prose.querySelectorAll("a")) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
        for (const block of prose.querySelectorAll("pre, table")) block.tabIndex = 0;
        text.replaceWith(prose);
      },
    };
  };
  Object.assign(window.gb.play, { answer, make });
})();
