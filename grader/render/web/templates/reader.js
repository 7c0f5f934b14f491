"use strict";
// A search of the headings and the text below them. Without this script the page lacks nothing else.
(() => {
  const MOST = 20, AROUND = 70; // hits; letters on each side of a word
  const entries = JSON.parse(document.getElementById("search-data").textContent);
  const here = location.pathname.split("/").pop();
  const box = document.getElementById("words"), found = document.getElementById("found");
  const hits = document.getElementById("hits");
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const pages = entries.map(([page, id, title, text]) => ({ page, id, title, text, inTitle: plain(title), inText: plain(text) }));
  const single = new Set(pages.map((one) => one.page)).size === 1;

  const excerpt = ({ text, inText }, word) => {
    const at = Math.max(0, inText.indexOf(word)), from = Math.max(0, at - AROUND), to = at + word.length + AROUND;
    return (from > 0 ? "… " : "") + text.slice(from, to) + (to < text.length ? " …" : "");
  };

  const hit = (one, word) => {
    const item = document.createElement("li"), link = document.createElement("a"), words = document.createElement("p");
    link.href = single || one.page === here ? `#${one.id}` : `${one.page}#${one.id}`;
    link.textContent = one.title;
    words.textContent = excerpt(one, word);
    item.append(link, words);
    return item;
  };

  const search = () => {
    const wanted = plain(box.value).split(/\s+/).filter(Boolean);
    const all = wanted.length ? pages.filter((one) => wanted.every((word) => one.inTitle.includes(word) || one.inText.includes(word))) : [];
    const isTitle = (one) => wanted.every((word) => one.inTitle.includes(word));
    all.sort((one, other) => isTitle(other) - isTitle(one));
    hits.replaceChildren(...all.slice(0, MOST).map((one) => hit(one, wanted[0])));
    const more = all.length > MOST ? `, the first ${MOST} of them below` : "";
    found.textContent = wanted.length ? `${all.length} ${all.length === 1 ? "place" : "places"}${more}` : "";
  };

  box.addEventListener("input", search);
  document.getElementById("search").hidden = false;
  search(); // a browser that comes back may have kept the words

  // What is wider than the screen scrolls by keyboard, too.
  const reachable = () => {
    for (const wide of document.querySelectorAll(".scrolled:not([tabindex])")) {
      if (wide.scrollWidth > wide.clientWidth) wide.tabIndex = 0;
    }
  };
  addEventListener("resize", reachable);
  addEventListener("toggle", reachable, true);
  reachable();
})();
