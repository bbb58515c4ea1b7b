// What the pages do beyond what HTML does: copy, theme, search, and the address
// of the page in the place of the one that the repository was published for.
"use strict";
(function () {
  var page = document.documentElement, root = document.body.dataset.root;

  page.classList.add("scripts"); // the buttons, which do nothing without, are seen from here on

  // The theme that somebody chose is remembered, where that is allowed.
  function remembered() { try { return localStorage.getItem("theme"); } catch (e) { return null; } }
  function remember(theme) { try { localStorage.setItem("theme", theme); } catch (e) { /* the choice lasts as long as the page */ } }
  function dark() { return page.dataset.theme ? page.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches; }
  if (remembered()) { page.dataset.theme = remembered(); }
  var themeButton = document.querySelector("button.theme");
  if (themeButton) {
    themeButton.addEventListener("click", function () {
      page.dataset.theme = dark() ? "light" : "dark";
      remember(page.dataset.theme);
    });
  }

  // Commands show where the repository was meant to be; a copy elsewhere says
  // its own address. Pages from file:// keep what is written.
  document.querySelectorAll("[data-url]").forEach(function (element) {
    if (!/^https?:$/.test(location.protocol)) { return; }
    var here = new URL(root || ".", location.href).href.replace(/\/$/, ""), was = element.dataset.url.replace(/\/$/, "");
    if (was !== here) { element.textContent = element.textContent.split(was || "URL").join(here); }
  });

  document.querySelectorAll("button.copy").forEach(function (button) {
    button.addEventListener("click", function () {
      var from = document.getElementById(button.dataset.from);
      var text = button.dataset.text || from.textContent.replace(/^\$ /gm, "").trim();
      var say = function (word) {
        button.textContent = word;
        setTimeout(function () { button.textContent = "copy"; }, 2000);
      };
      if (!navigator.clipboard) { select(from); say("press Ctrl+C"); return; }
      navigator.clipboard.writeText(text).then(function () { say("copied"); }, function () { select(from); say("press Ctrl+C"); });
    });
  });
  function select(element) {
    if (!element) { return; }
    var range = document.createRange(), selection = getSelection();
    range.selectNodeContents(element);
    selection.removeAllRanges();
    selection.addRange(range);
  }

  // Times are relative, with the exact one beside them. Those of tables stay as they are,
  // to be compared.
  document.querySelectorAll("time[datetime]").forEach(function (t) {
    var seconds = (Date.now() - new Date(t.dateTime)) / 1000;
    if (!(seconds >= 0)) { return; }
    t.title = t.dateTime.replace("T", " ").replace("Z", " UTC");
    if (t.className === "ago") { t.textContent = ago(seconds); } else { t.title = ago(seconds) + ", " + t.title; }
  });
  function ago(seconds) {
    var steps = [[60, "second"], [60, "minute"], [24, "hour"], [30.44, "day"], [12, "month"], [Infinity, "year"]], n = seconds;
    for (var i = 0; i < steps.length; i++) {
      if (n < steps[i][0]) { n = Math.floor(n); return n + " " + steps[i][1] + (n === 1 ? "" : "s") + " ago"; }
      n /= steps[i][0];
    }
    return "";
  }

  // The page of what is not there looks for the last part of its address.
  var lost = document.getElementById("lost"), wanted = decodeURIComponentOr(location.pathname).replace(/(\/index)?\.html$|\/$/, "").replace(/^.*\//, "");
  if (lost && wanted) {
    var link = lost.querySelector("a");
    link.href += "?q=" + encodeURIComponent(wanted);
    link.textContent = wanted;
    lost.hidden = false;
  }
  function decodeURIComponentOr(text) { try { return decodeURIComponent(text); } catch (e) { return text; } }

  var box = document.getElementById("q"), results = document.getElementById("results");
  document.addEventListener("keydown", function (e) {
    if (e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      e.preventDefault();
      box.focus();
      box.select();
    }
  });
  if (!results) { return; }

  var search = document.getElementById("search"), hint = document.getElementById("hint"), status = document.getElementById("found"), aside = document.getElementById("facets");
  var turn = 0, shown = 50, typing = null, opened = null, facetNames = ["kind", "keyword", "license", "tested"];

  function query() { return box.value.trim(); }
  function make(tag, text, className) {
    var e = document.createElement(tag);
    if (text !== undefined) { e.textContent = text; }
    if (className) { e.className = className; }
    return e;
  }
  // marked shows a name with the letters that were typed marked.
  function marked(name, words) {
    var span = make("span"), at = -1, length = 0;
    words.forEach(function (w) {
      var i = w.text ? name.indexOf(w.text) : -1;
      if (i >= 0 && w.text.length > length) { at = i; length = w.text.length; }
    });
    if (at < 0) { span.textContent = name; return span; }
    span.append(name.slice(0, at));
    span.append(make("mark", name.slice(at, at + length)));
    span.append(name.slice(at + length));
    return span;
  }
  function resultRow(i, words) {
    var h = kpm.hit(i), li = make("li"), a = make("a", undefined, "name"), text = make("div"), facts = make("p", undefined, "facts");
    a.href = root + "pages/" + h.name + "/index.html";
    a.append(marked(h.name, words));
    text.append(a, " ", make("span", h.version, "version"));
    if (h.warning) { text.append(" ", make("span", h.warning, h.warning === "yanked" ? "tag danger" : "tag caution")); }
    text.append(make("p", h.description));
    if (h.day) { // else what is shown beside the name is on its way
      var day = make("time", ago(Math.max(0, Date.now() - new Date(h.day)) / 1000));
      day.dateTime = h.day;
      day.title = h.day.replace("T", " ").replace("Z", " UTC");
      facts.append(make("span", h.tested), " ", make("span", h.license || "no licence named"), " ", day);
    }
    li.append(text, facts);
    return li;
  }
  function draw(found, rows) {
    hint.hidden = true;
    search.hidden = false;
    var q = kpm.parse(query()), n = found.hits.length;
    results.replaceChildren.apply(results, found.hits.slice(0, rows).map(function (i) { return resultRow(i, q.words); }));
    var text = n === 1 ? "1 Kube" : n + " Kubes";
    if (found.similar) { text = "Nothing has these words. Did you mean:"; }
    if (!n) { text = "Nothing was found for " + query() + ". In a terminal: kpm search '" + query() + "'"; }
    if (found.unknown) { text += " “" + found.unknown + "” is no filter: image:, keyword:, kind:, license: and tested: are."; }
    status.textContent = text;
    more.hidden = n <= shown;
    var mine = turn, counted = {};
    // Counting what many Kubes have is a task for each filter.
    facetNames.reduce(function (before, name) {
      return before.then(nextTask).then(function () { if (mine === turn) { counted[name] = kpm.facets(found.hits, name, 8); } });
    }, Promise.resolve()).then(function () { if (mine === turn) { drawFacets(counted); } });
  }
  function drawFacets(counted) {
    aside.replaceChildren();
    facetNames.forEach(function (name) {
      var counts = counted[name];
      if (!counts.length) { return; }
      aside.append(make("h2", { kind: "Kind", keyword: "Keyword", license: "Licence", tested: "Tested on" }[name]));
      var ul = make("ul");
      counts.forEach(function (c) {
        if (/\s/.test(c[0])) { return; }
        var li = make("li"), a = make("a", c[0]), word = name + ":" + c[0].toLowerCase();
        var on = query().toLowerCase().split(/\s+/).indexOf(word) >= 0;
        a.href = address(on ? query().split(/\s+/).filter(function (w) { return w.toLowerCase() !== word; }).join(" ") : (query() + " " + word).trim());
        if (on) { a.setAttribute("aria-current", "true"); }
        li.append(a, make("span", " " + c[1]));
        ul.append(li);
      });
      aside.append(ul);
    });
  }
  function address(text) { return location.pathname.replace(/[^/]*$/, "index.html") + (text ? "?q=" + encodeURIComponent(text) : ""); }
  var more = make("button", "Show more", "more");
  more.hidden = true;
  more.addEventListener("click", function () { shown += 50; run(false); });
  results.after(more);

  // run shows what is known at once, and again when the rest has come. A turn
  // that is over draws nothing.
  function run(fresh) {
    var mine = ++turn, text = query();
    if (fresh) { shown = 50; }
    document.body.classList.toggle("searching", !!text);
    if (!text) { hint.hidden = false; search.hidden = true; return; }
    opened = opened || kpm.open();
    opened.then(function (ok) {
      if (mine !== turn) { return; }
      if (!ok) { status.textContent = "The names could not be loaded; the list of all Kubes has them."; search.hidden = hint.hidden = false; return; }
      var needed = kpm.needs(text), early = typing ? kpm.find(text, true) : null;
      if (early && early.hits.length) { draw(early, 20); }
      return needed.then(nextTask).then(function () {
        if (mine !== turn) { return; }
        var found = kpm.find(text);
        if (typing) { return show(found); }
        // Who comes to an address sees the whole at once: nothing moves.
        return kpm.details(found.hits.slice(0, shown)).then(function () { if (mine === turn) { draw(found, shown); } });
      });
    });
    function show(found) {
      draw(found, 20);
      // Names are seen first; what else a row shows is asked for when nobody types on.
      return nextTask().then(function () {
        if (mine === turn) { return kpm.details(found.hits.slice(0, shown)).then(function () { if (mine === turn) { draw(found, shown); } }); }
      });
    }
  }
  // nextTask lets the page answer, and draw, before what follows: no task is long.
  function nextTask() { return new Promise(function (done) { setTimeout(done, 0); }); }
  function asked() { return new URLSearchParams(location.search).get("q") || ""; }
  function fromAddress() {
    typing = null;
    box.value = asked();
    run(true);
  }
  box.addEventListener("input", function () {
    clearTimeout(typing);
    run(true);
    typing = setTimeout(function () { history.replaceState(null, "", address(query())); }, 300);
  });
  box.form.addEventListener("submit", function (e) {
    e.preventDefault();
    var firstHit = results.querySelector("a");
    if (firstHit && !search.hidden) { location.href = firstHit.href; return; }
    history.pushState(null, "", address(query()));
    run(true);
  });
  addEventListener("popstate", function () {
    if (asked().trim() !== query()) { fromAddress(); } // else it is a place on this page, and nothing is drawn anew below the reader's hands
  });
  document.addEventListener("keydown", function (e) {
    var links = Array.from(document.querySelectorAll("#results a.name"));
    if (e.key === "Escape" && document.activeElement === box) { box.value = ""; history.replaceState(null, "", address("")); run(true); return; }
    if ((e.key !== "ArrowDown" && e.key !== "ArrowUp") || !links.length || search.hidden) { return; }
    var at = links.indexOf(document.activeElement);
    if (at < 0 && document.activeElement !== box) { return; }
    e.preventDefault();
    var next = at + (e.key === "ArrowDown" ? 1 : -1);
    if (next < 0) { box.focus(); } else if (links[next]) { links[next].focus(); }
  });
  opened = kpm.open(); // the names are there before the first letter is typed
  fromAddress();
})();
