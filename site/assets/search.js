// The search of the site: the ranking of `kpm search` over the files of
// assets/search. One classic script, as file:// allows no other.
"use strict";
var kpm = (function () {
  var base = document.currentScript ? document.currentScript.src.replace(/[^/]*$/, "") : "";
  var index = null, waiting = {}, shards = {}, chunks = {}, imageList = null, keywordLines = null;

  // load runs a file of assets/search once; a file that cannot be loaded is as
  // one without words.
  function load(file) {
    if (!waiting[file]) {
      waiting[file] = new Promise(function (done) {
        var s = document.createElement("script");
        s.src = base + "search/" + file;
        s.onload = s.onerror = function () { done(); };
        document.head.appendChild(s);
      });
    }
    return waiting[file];
  }

  // What the data files call.
  function names(data) { index = new Index(data); }
  function keywords(text) { keywordLines = text.split("\n"); }
  function images(data) { imageList = data; }
  function shard(key, data) { shards[key] = data; }
  function chunk(n, data) { chunks[n] = data; }

  function shardFile(key) {
    return "w-" + Array.from(key).map(function (c) {
      return /[a-z0-9]/.test(c) ? c : "_" + c.codePointAt(0).toString(16);
    }).join("") + ".js";
  }

  var wordForm = /[\p{L}\p{N}_]+(?:[.:'’][\p{L}\p{N}_]+)*/gu;
  function words(text) { return text.toLowerCase().match(wordForm) || []; }
  function firstTwo(word) { return Array.from(word).slice(0, 2).join(""); }

  // Postings are flat lists: Kube, times, Kube, times …
  function add(map, word, kube) {
    var list = map.get(word);
    if (!list) { map.set(word, list = []); }
    if (list.length && list[list.length - 2] === kube) { list[list.length - 1]++; } else { list.push(kube, 1); }
  }

  function Index(data) {
    this.data = data;
    this.total = data.total;
    this.names = data.names ? data.names.split(" ") : [];
    this.kinds = decodeLists(data.kinds, this.names.length);
    this.licenses = decodeLists(data.licenses, this.names.length);
    this.tested = decodeLists(data.tested, this.names.length);
    this.counts = data.counts.map(numbers);
    this.keywords = [];
    this.stop = new Set(data.stop.split(" "));
    this.shards = new Set(data.shards);
    this.byName = new Map();
    this.parts = new Map();
    this.words = new Map(); // of keywords
    this.partCount = []; this.edgeCount = []; this.wordCount = [];
    this.built = 0;
  }
  // numbers reads one number a character, counted from 48; numbers from 8000 on are
  // cut to that by who wrote them.
  function numbers(text) {
    var list = new Array(text.length);
    for (var i = 0; i < text.length; i++) { list[i] = text.charCodeAt(i) - 48; }
    return list;
  }
  // decodeLists gives the text of each Kube.
  function decodeLists(coded, n) {
    return coded.of ? numbers(coded.of).map(function (i) { return coded.lists[i]; }) : new Array(n).fill(coded.lists[0] || "");
  }

  // build makes the postings of names, and addKeywords those of keywords, of some
  // Kubes: a task must not keep the page from answering.
  Index.prototype.build = function (until) {
    until = Math.min(until, this.names.length);
    for (var i = this.built; i < until; i++) {
      var parts = this.names[i].split("-"), edges = 0, count = 0;
      if (this.names[i]) { this.byName.set(this.names[i], [i, 1]); } // a Kube that is gone leaves a hole
      for (var p = 0; p < parts.length; p++) {
        if (!parts[p]) { continue; }
        count++;
        add(this.parts, parts[p], i);
        edges += Math.max(0, Math.min(12, parts[p].length) - 1);
      }
      this.partCount.push(count); this.edgeCount.push(edges);
    }
    this.built = until;
    if (until === this.names.length) { this.sorted = Array.from(this.parts.keys()).sort(); }
    return until === this.names.length;
  };
  Index.prototype.addKeywords = function (until) {
    until = Math.min(until, this.names.length);
    for (var i = this.keywords.length; i < until; i++) {
      var line = keywordLines[i] || "", list = [];
      if (line[0] === "*") { list = this.names[i].split("-"); line = line.slice(1); }
      if (line) { list = list.concat(line.split(",")); }
      this.keywords[i] = list;
      var n = 0;
      for (var k = 0; k < list.length; k++) {
        var tokens = words(list[k]);
        n += tokens.length;
        for (var w = 0; w < tokens.length; w++) { add(this.words, tokens[w], i); }
      }
      this.wordCount.push(n);
    }
    return until === this.names.length;
  };
  // inSlices calls step with rising numbers, and lets the page answer in between: by a
  // message, as timers that follow each other wait 4 ms each.
  function inSlices(step) {
    return new Promise(function (done) {
      var at = 0, turn = new MessageChannel();
      function slice() {
        at += 700;
        if (step(at)) { turn.port1.close(); done(true); return; }
        turn.port2.postMessage(0);
      }
      turn.port1.onmessage = slice;
      slice();
    });
  }

  // startingWith are the words of names that begin with text.
  Index.prototype.startingWith = function (text) {
    var lo = 0, hi = this.sorted.length;
    while (lo < hi) { var mid = (lo + hi) >> 1; if (this.sorted[mid] < text) { lo = mid + 1; } else { hi = mid; } }
    var found = [];
    for (; lo < this.sorted.length && this.sorted[lo].startsWith(text); lo++) { found.push(this.sorted[lo]); }
    return found;
  };
  Index.prototype.edge = function (text) {
    if (text.length < 2 || text.length > 12) { return null; }
    var times = new Map();
    this.startingWith(text).forEach(function (word) {
      var list = this.parts.get(word);
      for (var i = 0; i < list.length; i += 2) { times.set(list[i], (times.get(list[i]) || 0) + list[i + 1]); }
    }, this);
    if (!times.size) { return null; }
    var flat = [];
    times.forEach(function (n, kube) { flat.push(kube, n); });
    return flat;
  };

  function decode(text) {
    var list = [], at = 0;
    if (text) {
      text.split(" ").forEach(function (item) {
        var pair = item.split(":");
        at += parseInt(pair[0], 36);
        list.push(at, pair[1] ? +pair[1] : 1);
      });
    }
    return list.length ? list : null;
  }
  function inShard(word, field) {
    var s = shards[firstTwo(word)];
    return s && Object.prototype.hasOwnProperty.call(s, word) ? decode(s[word].split("|")[field]) : null;
  }
  function shardWords(prefix) {
    var found = [];
    Object.keys(shards).forEach(function (key) {
      if (!key.startsWith(firstTwo(prefix)) && !prefix.startsWith(key)) { return; }
      Object.keys(shards[key]).forEach(function (w) { if (w.startsWith(prefix)) { found.push(w); } });
    });
    return found;
  }

  // withLetter are the words that begin as another does: all that a typo is looked for
  // among. No list of all words is made for it, as that would be a long task.
  function withLetter(list, letter) {
    var found = [];
    list.forEach(function (w) { if (w && w[0] === letter) { found.push(w); } });
    return found;
  }
  // edgesWith are the beginnings of the words of names that begin with a letter.
  function edgesWith(x, letter) {
    var set = new Set();
    x.startingWith(letter).forEach(function (w) { for (var n = 2; n <= Math.min(12, w.length); n++) { set.add(w.slice(0, n)); } });
    return Array.from(set);
  }
  // fields say where a word is looked for, how long each text is, and which
  // words there are that begin with a letter of it.
  function fields(x) {
    return {
      name: { get: function (w) { return x.byName.get(w); }, length: function () { return 1; }, all: function (w) { return withLetter(x.names, w[0]); } },
      parts: { get: function (w) { return x.parts.get(w); }, length: function (i) { return x.partCount[i]; }, all: function (w) { return w ? x.startingWith(w[0]) : []; } },
      keywords: { get: function (w) { return x.words.get(w); }, length: function (i) { return x.wordCount[i]; }, all: function (w) { return withLetter(Array.from(x.words.keys()), w[0]); } },
      edge: { get: function (w) { return x.edge(w); }, length: function (i) { return x.edgeCount[i]; }, all: function (w) { return w ? edgesWith(x, w[0]) : []; } },
      description: { get: function (w) { return inShard(w, 0); }, length: function (i) { return x.counts[0][i]; }, all: shardWords },
      details: { get: function (w) { return inShard(w, 1); }, length: function (i) { return x.counts[1][i]; }, all: shardWords }
    };
  }

  // term scores one word in one field: tf–idf as Bleve has it.
  function term(x, field, word, weight) {
    var list = field.get(word), scores = new Map();
    if (!list) { return scores; }
    var idf = 1 + Math.log(x.total / (list.length / 2 + 1));
    for (var i = 0; i < list.length; i += 2) {
      scores.set(list[i], weight * idf * idf * Math.sqrt(list[i + 1]) / Math.sqrt(field.length(list[i])));
    }
    return scores;
  }
  // any adds what matches, times the share of the clauses that do.
  function any(clauses) {
    var sum = new Map(), matched = new Map(), out = new Map();
    clauses.forEach(function (scores) {
      scores.forEach(function (s, i) { sum.set(i, (sum.get(i) || 0) + s); matched.set(i, (matched.get(i) || 0) + 1); });
    });
    sum.forEach(function (s, i) { out.set(i, s * matched.get(i) / clauses.length); });
    return out;
  }
  function all(clauses) {
    if (!clauses.length) { return new Map(); }
    clauses = clauses.slice().sort(function (a, b) { return a.size - b.size; });
    var out = new Map();
    clauses[0].forEach(function (s, i) {
      for (var c = 1; c < clauses.length; c++) {
        if (!clauses[c].has(i)) { return; }
        s += clauses[c].get(i);
      }
      out.set(i, s);
    });
    return out;
  }
  function beginning(x, field, prefix, weight) {
    return any(field.all(prefix).filter(function (w) { return w.startsWith(prefix); }).map(function (w) { return term(x, field, w, weight); }));
  }
  function leaf(x, field, t, weight) { return t.prefix ? beginning(x, field, t.text, weight) : term(x, field, t.text, weight); }
  function tokens(x, field, list, prefix, weight) {
    return all(list.map(function (w, i) { return leaf(x, field, { text: w, prefix: prefix && i === list.length - 1 }, weight); }));
  }

  function exact(x, f, t) {
    if (t.prefix && !t.text) { return new Map(x.names.map(function (name, i) { return [name ? i : -1, 1]; }).filter(function (pair) { return pair[0] >= 0; })); }
    var plain = words(t.text), prose = plain.filter(function (w) { return !x.stop.has(w); });
    var clauses = [
      leaf(x, f.name, t, 40),
      tokens(x, f.parts, plain, t.prefix, 8),
      tokens(x, f.keywords, plain, t.prefix, 3),
      tokens(x, f.description, prose, t.prefix, 1.5),
      tokens(x, f.details, prose, t.prefix, 0.3)
    ];
    if (!t.prefix) { clauses.push(leaf(x, f.edge, t, 4)); }
    return any(clauses);
  }
  // off matches words one letter away, two where a word is longer than six; the
  // first letter must be right, and a swap is one letter.
  function off(x, field, word, weight) {
    var letters = Array.from(word), most = letters.length > 6 ? 2 : 1;
    var near = [];
    field.all(letters[0] || "").forEach(function (w) {
      if (w[0] !== word[0] || Math.abs(w.length - word.length) > most) { return; }
      var d = distance(word, w, most);
      if (d <= most) { near.push(term(x, field, w, weight / (d + 1))); }
    });
    return any(near);
  }
  function similar(x, f, t) {
    var base = exact(x, f, t);
    if (t.prefix) { return base; }
    var plain = words(t.text);
    function near(field, weight) { return all(plain.map(function (w) { return off(x, field, w, weight); })); }
    return any([base, off(x, f.name, t.text, 9), near(f.parts, 3), near(f.keywords, 1), near(f.edge, 1)]);
  }
  function distance(a, b, most) {
    var before = [], row = [], next;
    for (var j = 0; j <= b.length; j++) { row[j] = j; }
    for (var i = 1; i <= a.length; i++) {
      next = [i];
      var least = i;
      for (j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) { next[j] = Math.min(next[j], before[j - 2] + 1); }
        least = Math.min(least, next[j]);
      }
      if (least > most) { return most + 1; }
      before = row; row = next;
    }
    return row[b.length];
  }

  // parse reads what somebody typed, as `kpm search` does.
  var facetNames = ["image", "keyword", "kind", "license", "tested"];
  function parse(text) {
    var q = { words: [], facets: [], unknown: "" };
    text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 32).forEach(function (field) {
      var at = field.indexOf(":");
      if (at < 0) { q.words.push(parseTerm(field)); return; }
      var name = field.slice(0, at);
      if (facetNames.indexOf(name) < 0 || at === field.length - 1) { q.unknown = field; return; }
      q.facets.push({ name: name, term: parseTerm(field.slice(at + 1)) });
    });
    return q;
  }
  function parseTerm(text) {
    return text.endsWith("*") ? { text: text.slice(0, -1), prefix: true } : { text: text, prefix: false };
  }
  function imageTerms(text) {
    var set = new Set();
    text.split(" ").forEach(function (ref) {
      if (!ref) { return; }
      var colon = ref.lastIndexOf(":"), path = ref, tag = "";
      if (colon > ref.lastIndexOf("/")) { path = ref.slice(0, colon); tag = ref.slice(colon); }
      var parts = path.split("/").slice(-8);
      for (var i = 0; i < parts.length; i++) {
        for (var j = i + 1; j <= parts.length; j++) { set.add(parts.slice(i, j).join("/")); }
        set.add(parts.slice(i).join("/") + tag);
      }
    });
    return set;
  }
  function minor(version) { return version.replace(/^([^.]*\.[^.]*)\..*$/, "$1"); }
  function facetWords(x, name, i) {
    switch (name) {
      case "kind": return x.kinds[i].split(" ");
      case "tested":
        var versions = x.tested[i] ? x.tested[i].split(" ") : [];
        return versions.concat(versions.map(minor).filter(function (m, at) { return m !== versions[at]; }));
      case "keyword": return x.keywords[i] || [];
      case "license":
        var whole = x.licenses[i].toLowerCase();
        return [whole].concat(whole.split(/[ ()]+/).filter(function (w) { return w && w !== "and" && w !== "or" && w !== "with"; }));
      default: return imageList ? Array.from(imageTerms(imageList[i] || "")) : [];
    }
  }
  function fits(x, facets, i) {
    return facets.every(function (f) {
      return facetWords(x, f.name, i).some(function (w) { w = w.toLowerCase();
        return f.term.prefix ? w.startsWith(f.term.text) : w === f.term.text; });
    });
  }

  // find ranks with what is loaded; without typos where somebody types on.
  function find(text, exactly) {
    var x = index, q = parse(text), f = fields(x);
    if (!q.words.length) {
      var every = [];
      x.names.forEach(function (name, i) { if (name && fits(x, q.facets, i)) { every.push([i, 0]); } });
      return { hits: order(x, every), similar: false, unknown: q.unknown };
    }
    var hits = rank(x, q, function (t) { return exact(x, f, t); });
    if (hits.length || exactly) { return { hits: hits, similar: false, unknown: q.unknown }; }
    hits = rank(x, q, function (t) { return similar(x, f, t); });
    return { hits: hits, similar: hits.length > 0, unknown: q.unknown };
  }
  function carries(x, t) { return t.prefix || words(t.text).some(function (w) { return !x.stop.has(w); }); }
  function rank(x, q, match) {
    var some = q.words.some(function (t) { return carries(x, t); });
    var must = [], should = [];
    q.words.forEach(function (t) { (!some || carries(x, t) ? must : should).push(match(t)); });
    if (q.words.length > 1) {
      should.push(term(x, fields(x).name, q.words.map(function (t) { return t.text; }).join("-"), 40));
    }
    var needed = all(must), bonus = any(should), hits = [];
    needed.forEach(function (s, i) {
      if (!q.facets.length || fits(x, q.facets, i)) { hits.push([i, s + (bonus.get(i) || 0)]); }
    });
    return order(x, hits);
  }
  function order(x, hits) {
    return hits.sort(function (a, b) {
      var d = Math.fround(b[1]) - Math.fround(a[1]);
      return d || (x.names[a[0]] < x.names[b[0]] ? -1 : 1);
    }).map(function (h) { return h[0]; });
  }

  // needs loads what a query wants beside the names.
  function needs(text) {
    var q = parse(text), files = new Set();
    q.words.forEach(function (t) {
      words(t.text).forEach(function (w) {
        if (index.stop.has(w)) { return; }
        var key = firstTwo(w);
        if (index.shards.has(key)) { files.add(shardFile(key)); return; }
        if (t.prefix) { index.shards.forEach(function (k) { if (k.startsWith(key)) { files.add(shardFile(k)); } }); }
      });
    });
    if (q.facets.some(function (f) { return f.name === "image"; })) { files.add("images.js"); }
    return Promise.all(Array.from(files).map(load).concat([withKeywords()]));
  }
  var keywordsAdded = null;
  function withKeywords() {
    keywordsAdded = keywordsAdded || load("keywords.js").then(function () {
      keywordLines = keywordLines || [];
      return inSlices(function (until) { return index.addKeywords(until); });
    });
    return keywordsAdded;
  }
  // open loads the names and makes them ready, once.
  var opening = null;
  function open() {
    opening = opening || load("names.js").then(function () {
      return index ? inSlices(function (until) { return index.build(until); }) : false;
    });
    opening.then(function (ok) { if (ok) { withKeywords(); } });
    return opening;
  }
  // hit is what is shown of a Kube; its chunk is loaded by details.
  function hit(i) {
    var c = chunks[Math.floor(i / index.data.chunk)], row = c ? c[i % index.data.chunk] : null;
    return {
      name: index.names[i], version: row ? row[0] : "", description: row ? row[1] : "", day: row ? row[2] : "", warning: row ? row[3] : "",
      license: index.licenses[i], tested: row ? row[4] : ""
    };
  }
  function details(hits) {
    var files = new Set(hits.map(function (i) { return "c-" + Math.floor(i / index.data.chunk) + ".js"; }));
    return Promise.all(Array.from(files).map(load));
  }
  // facets counts the most frequent words of a facet among hits.
  function facets(hits, name, most) {
    var counts = new Map();
    hits.forEach(function (i) {
      var list = name === "license" ? [index.licenses[i]] : facetWords(index, name, i);
      if (name === "tested") { list = list.map(minor); }
      new Set(list).forEach(function (w) { if (w) { counts.set(w, (counts.get(w) || 0) + 1); } });
    });
    return Array.from(counts).sort(function (a, b) { return b[1] - a[1] || (a[0] < b[0] ? -1 : 1); }).slice(0, most);
  }
  return {
    names: names, keywords: keywords, images: images, shard: shard, chunk: chunk,
    open: open, find: find, needs: needs,
    hit: hit, details: details, facets: facets, parse: parse
  };
})();
