// The pages in Chromium: over http, below a sub-path and from file://, at three
// widths, in light and dark. Usage: node test.mjs SITE KPM PACKAGES SHOTS
// SITE is a drawn site, KPM the program with the same repository in KPM_HOME,
// PACKAGES the folder that was published, SHOTS where screenshots go.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import axe from "axe-core";
import { numbers } from "./random.mjs";

const [site, kpm, packages, shots] = process.argv.slice(2);
const seed = Number(process.env.SEED ?? 1);
const queries = Number(process.env.QUERIES ?? 270);
let faults = 0;
function fault(text) { faults++; console.log("FAIL " + text); }
function check(ok, text) { if (!ok) { fault(text); } }

// A web server of the site, at the root and below /sub/; below /slow/ a page arrives in pieces.
const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".json": "application/json", ".xml": "application/atom+xml" };
const server = http.createServer(async (request, response) => {
  const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
  const file = path.join(site, name.replace(/^\/(sub|slow)\//, "/"));
  if (!file.startsWith(path.resolve(site)) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) {
    response.writeHead(404).end();
    return;
  }
  const data = fs.readFileSync(file);
  response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" });
  if (name.startsWith("/slow/") && file.endsWith(".html")) {
    for (let at = 0, end; at < data.length; at = end) { // lines, as templates write a row in one
      end = data.indexOf("\n", at + data.length / 8) + 1 || data.length;
      response.write(data.subarray(at, end));
      await new Promise((done) => setTimeout(done, 40));
    }
    response.end();
    return;
  }
  response.end(data);
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
async function open(base, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  if (base.startsWith("http")) { await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(base).origin }); }
  const page = await context.newPage();
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") { fault(`${page.url()}: console: ${m.text()}`); } });
  page.on("pageerror", (e) => fault(`${page.url()}: ${e.message}`));
  page.on("requestfailed", (r) => r.failure()?.errorText === "net::ERR_ABORTED" || fault(`${page.url()}: ${r.url()} failed`));
  page.on("response", (r) => { if (r.status() >= 400) { fault(`${page.url()}: ${r.url()} answered ${r.status()}`); } });
  page.on("request", (r) => { if (!r.url().startsWith(base)) { fault(`${page.url()}: asks another origin: ${r.url()}`); } });
  await page.addInitScript(() => {
    window.shift = 0;
    new PerformanceObserver((list) => { for (const e of list.getEntries()) { window.shift += e.value; } }).observe({ type: "layout-shift", buffered: true });
  });
  return page;
}

// Every page of the site, and how large it may be; a page of files is as large as they are.
const all = fs.readdirSync(site, { recursive: true }).map((f) => f.replaceAll(path.sep, "/")).filter((f) => f.endsWith(".html"));
for (const f of all) {
  const size = fs.statSync(path.join(site, f)).size;
  check(size <= 100e3 || /^pages\/[^/]+\/files\//.test(f), `${f} has ${size} bytes`);
}
console.log(`${all.length} pages`);

const kube = ["nginx-standard", "postgres"].find((name) => fs.existsSync(path.join(site, "pages", name))) ?? fs.readdirSync(path.join(site, "pages"))[0];
const release = fs.readdirSync(path.join(site, "pages", kube)).find((f) => f.endsWith(".html") && f !== "index.html");
const pages = ["index.html", "list/index.html", "search/index.html", `search/index.html?q=${kube}`, `pages/${kube}/index.html`, `pages/${kube}/${release}`,
  `pages/${kube}/files/${release}`, "keywords/index.html", "status/index.html", "docs/index.html", "docs/install.html", "docs/values.html", "404.html"];
// One keyword, one of each kind of long list, and of a small site every Kube and every guide.
const kinds = new Map();
for (const f of all) {
  const kind = f.startsWith("keywords/") && f !== "keywords/index.html" ? "keyword" : f.match(/^pages\/[^/]+\/(\w+)\//)?.[1] ?? "";
  if (kind && kind !== "files" && !kinds.has(kind)) { kinds.set(kind, f); }
}
pages.push(...kinds.values());
// Releases that were taken back, and Kubes that stand out, if there are any.
pages.push(...["pages/nginx-standard/1.10.0.html", "pages/nginx-standard/1.11.0.html", "pages/arabic/index.html", "pages/bare/index.html", "pages/minio/index.html", ...all.filter((f) => /^pages\/[^/]{63}\/index/.test(f))].filter((f) => all.includes(f)));
const kubes = fs.readdirSync(path.join(site, "pages"));
const many = kubes.length <= 100 ? [...kubes.map((k) => `pages/${k}/index.html`), ...all.filter((f) => f.startsWith("docs/"))].filter((f) => !pages.includes(f)) : [];

// Every page type, at every width, in light and dark.
const bases = { http: origin, sub: origin + "sub/", file: "file://" + path.resolve(site) + "/" };
const looks = { http: [[320, "light"], [320, "dark"], [1280, "light"], [1280, "dark"], [2560, "light"], [2560, "dark"]], slow: [[320, "light"], [1280, "light"]] };
for (const [where, base] of Object.entries({ ...bases, slow: origin + "slow/" })) {
  for (const [width, colorScheme] of looks[where] ?? [[1280, "light"]]) {
    const page = await open(base, { viewport: { width, height: 900 }, colorScheme, bypassCSP: where === "http" });
    const seen = where === "http" && colorScheme === "light" && width <= 1280 ? [...pages, ...many] : pages;
    for (const at of seen) {
      if (at === "404.html" && where !== "http") { continue; } // it names the root from the top, as it is shown at any address
      await page.goto(base + at);
      await page.waitForLoadState("load");
      if (at.includes("?q=")) { await page.waitForSelector("#results li time"); }
      const [over, shift] = await page.evaluate(() => [document.documentElement.scrollWidth - document.documentElement.clientWidth, window.shift]);
      check(over <= 0, `${where} ${width} ${at}: ${over} px wider than the window`);
      check(shift === 0, `${where} ${width} ${at}: its layout shifts by ${shift}`);
      if (where !== "http") { continue; }
      if (shots && pages.includes(at)) { await page.screenshot({ path: path.join(shots, `${width}-${colorScheme}-${at.replace(/[^a-z0-9]+/gi, "-")}.png`), fullPage: width !== 2560 }); }
      await page.evaluate(axe.source);
      const found = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
      for (const v of found.violations) { fault(`${width} ${colorScheme} ${at}: axe ${v.id}: ${v.help}: ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 120)).join(" | ")}`); }
    }
    await page.context().close();
  }
}

// Without scripts, at twice the size, with larger text, on paper, and with the keyboard alone.
{
  const plain = await open(origin, { javaScriptEnabled: false });
  for (const at of pages) {
    await plain.goto(origin + at);
    check(await plain.isVisible("main h1") || at.startsWith("search/"), `without scripts ${at} has no heading`);
    check(await plain.locator("button:visible").count() === 0, `without scripts ${at} shows a button that does nothing`);
    check((await plain.innerText("main")).trim().length > 20, `without scripts ${at} says nothing`);
  }
  await plain.goto(origin + "index.html");
  await plain.fill("#q", kube);
  await plain.press("#q", "Enter");
  check(await plain.isVisible("noscript a"), "without scripts the search leads to no list");
  await plain.context().close();

  const twice = await open(origin, { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
  const large = await open(origin, { bypassCSP: true });
  const paper = await open(origin, { viewport: { width: 794, height: 1123 } }); // A4
  await paper.emulateMedia({ media: "print" });
  const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  for (const at of pages) {
    for (const [name, page] of [["at 200 %", twice], ["with large text", large], ["on paper", paper]]) {
      await page.goto(origin + at);
      if (page === large) { await page.addStyleTag({ content: "html { font-size: 32px !important; }" }); }
      if (at.includes("?q=")) { await page.waitForSelector("#results li time"); }
      check(await page.evaluate(wide) <= 0, `${at} ${name} is too wide`);
    }
    check(await large.evaluate(() => { // what is beside each other in the header does not overlap
      const boxes = [...document.querySelectorAll("header .brand, header form, header nav a, header button")].map((e) => e.getBoundingClientRect());
      return boxes.every((a, i) => boxes.every((b, j) => i === j || a.right <= b.left + 1 || b.right <= a.left + 1 || a.bottom <= b.top + 1 || b.bottom <= a.top + 1));
    }), `${at} with large text: the header overlaps`);
    const printed = await paper.evaluate(() => ({
      shown: [...document.querySelectorAll("header form, nav, button, footer")].filter((e) => e.checkVisibility()).map((e) => e.outerHTML.slice(0, 60)),
      cut: [...document.querySelectorAll("main pre, main table")].filter((e) => e.scrollWidth > e.clientWidth + 1 || e.parentElement.scrollWidth > e.parentElement.clientWidth + 1).map((e) => e.outerHTML.slice(0, 60)),
      closed: [...document.querySelectorAll("details > :not(summary)")].filter((e) => !e.checkVisibility({ contentVisibilityAuto: true })).length,
    }));
    check(!printed.shown.length, `${at} on paper shows ${printed.shown[0]}`);
    check(!printed.cut.length, `${at} on paper cuts ${printed.cut[0]}`);
    check(!printed.closed, `${at} on paper hides ${printed.closed} parts`);
    if (shots) { fs.writeFileSync(path.join(shots, `print-${at.replace(/[^a-z0-9]+/gi, "-")}.pdf`), await paper.pdf({ format: "A4" })); }
  }
  for (const page of [twice, large, paper]) { await page.context().close(); }

  const keys = await open(origin, { reducedMotion: "reduce" });
  for (const at of pages) {
    await keys.goto(origin + at);
    if (at.includes("?q=")) { await keys.waitForSelector("#facets a"); }
    if (at.startsWith("search/")) { await keys.evaluate(() => { document.activeElement.blur(); window.drawn = document.querySelector("#results li"); }); }
    await keys.keyboard.press("Tab");
    check(await keys.evaluate(() => document.activeElement.matches("a.skip") && document.activeElement.getBoundingClientRect().left >= 0), `${at}: the first key does not show the way past the header`);
    await keys.keyboard.press("Enter");
    await keys.keyboard.press("Tab");
    check(await keys.evaluate(() => document.activeElement === document.body || document.querySelector("main, footer").contains(document.activeElement) || !!document.activeElement.closest("footer")), `${at}: the way past the header leads elsewhere`);
    await keys.evaluate(() => { window.seen = new Set(); document.activeElement.blur(); });
    for (let i = 0; i < 40; i++) {
      const where = await keys.evaluate(() => {
        const e = document.activeElement;
        if (e === document.body) { return "end"; }
        if (window.seen.has(e)) { return e === window.seen.values().next().value ? "end" : "again: " + e.outerHTML.slice(0, 80); }
        window.seen.add(e);
        const box = e.getBoundingClientRect(), style = getComputedStyle(e);
        return box.width > 0 && box.bottom > 0 && box.top < innerHeight && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 ? "" : "unseen: " + e.outerHTML.slice(0, 80);
      });
      if (i > 0 && where === "end") { break; }
      check(i === 0 || !where, `${at}: key ${i} of the keyboard: ${where}`);
      await keys.keyboard.press("Tab");
    }
    check(await keys.evaluate(() => !window.drawn || window.drawn.isConnected), `${at}: the results were drawn anew, although nobody searched`);
  }
  await keys.context().close();
}

// Every link leads to a page or file that is there, and to a place in it that is there.
{
  const ids = new Map(), whole = all.length <= 3000 ? all : all.filter((_, i) => i % Math.ceil(all.length / 3000) === 0);
  const places = (f) => {
    if (!ids.has(f)) { ids.set(f, new Set([...fs.readFileSync(path.join(site, f), "utf8").matchAll(/ id="([^"]+)"/g)].map((m) => m[1]))); }
    return ids.get(f);
  };
  let links = 0;
  for (const f of whole) {
    if (f === "404.html") { continue; } // it names the root from the top
    for (const [, link] of fs.readFileSync(path.join(site, f), "utf8").matchAll(/<(?:a|link|script|form)\b[^>]*? (?:href|src|action)="([^"]*)"/g)) {
      const href = link.replaceAll("&amp;", "&");
      if (/^[a-z]+:/.test(href)) { continue; }
      links++;
      const url = new URL(href, "http://x/" + f), to = decodeURIComponent(url.pathname).slice(1);
      if (!fs.existsSync(path.join(site, to))) { fault(`${f}: ${href} leads nowhere`); continue; }
      const place = decodeURIComponent(url.hash.slice(1));
      if (place && !places(to).has(place)) { fault(`${f}: there is no place ${href}`); }
    }
  }
  console.log(`${links} links of ${whole.length} pages`);
  check(links > whole.length, "pages have no links");
}

// The feed is Atom (RFC 4287, sections 4.1.1 and 4.1.2).
{
  const page = await open(origin);
  await page.goto(origin + "index.html");
  const wrong = await page.evaluate((text) => {
    const doc = new DOMParser().parseFromString(text, "application/xml"), bad = [], seen = new Set();
    if (doc.querySelector("parsererror")) { return [doc.querySelector("parsererror").textContent]; }
    if (doc.documentElement.namespaceURI !== "http://www.w3.org/2005/Atom" || doc.documentElement.localName !== "feed") { bad.push("no feed"); }
    for (const node of [doc.documentElement, ...doc.querySelectorAll("entry")]) {
      const of = (name) => [...node.children].filter((e) => e.localName === name);
      for (const name of ["id", "title", "updated"]) { if (of(name).length !== 1 || !of(name)[0].textContent) { bad.push(`${node.localName} with ${of(name).length} ${name}`); } }
      if (isNaN(Date.parse(of("updated")[0]?.textContent))) { bad.push("updated " + of("updated")[0]?.textContent); }
      try { new URL(of("id")[0]?.textContent); } catch { bad.push("id " + of("id")[0]?.textContent); }
      if (seen.has(of("id")[0]?.textContent)) { bad.push("twice " + of("id")[0].textContent); }
      seen.add(of("id")[0]?.textContent);
      if (node.localName === "entry" && !of("link").length && !of("content").length) { bad.push("an entry without a link"); }
      if (node.localName === "entry" && ![...of("author"), ...[...doc.documentElement.children].filter((e) => e.localName === "author")].some((a) => a.textContent.trim())) { bad.push("nobody is the author"); }
    }
    if (!doc.querySelector("entry")) { bad.push("no entries"); }
    return bad;
  }, fs.readFileSync(path.join(site, "feed.xml"), "utf8"));
  check(!wrong.length, `feed.xml: ${wrong.slice(0, 3)}`);
  await page.context().close();
}

// The search, as somebody at a keyboard uses it.
for (const [where, base] of Object.entries(bases)) {
  const page = await open(base);
  await page.goto(base + "index.html");
  await page.keyboard.press("/");
  check(await page.evaluate(() => document.activeElement.id === "q"), `${where}: / does not go to the search`);
  await page.keyboard.type(kube);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#results li a");
  check(page.url().includes("search/index.html?q=" + kube), `${where}: the address is ${page.url()}`);
  check(await page.textContent("#results li a") === kube, `${where}: ${kube} is not first, but ${await page.textContent("#results li a")}`);
  await page.focus("#q");
  await page.keyboard.press("ArrowDown");
  check(await page.evaluate(() => document.activeElement.matches("#results li a.name")), `${where}: the arrow does not go to the first result`);
  await page.keyboard.press("Enter");
  await page.waitForURL((u) => u.pathname.endsWith(`pages/${kube}/index.html`));
  await page.goBack();
  await page.waitForSelector("#results li a");
  check(await page.inputValue("#q") === kube, `${where}: going back forgets the search`);
  await page.focus("#q");
  await page.keyboard.press("Escape");
  check(await page.inputValue("#q") === "" && await page.isHidden("#search"), `${where}: Escape does not clear the search`);
  await page.fill("#q", "kind:configmap");
  await page.waitForSelector("#facets a[aria-current]");
  await page.fill("#q", "nosuchthingatall");
  await page.waitForFunction(() => /Nothing was found/.test(document.getElementById("found").textContent));
  await page.context().close();
}

// Copy, theme, and print.
{
  const page = await open(origin);
  await page.goto(origin + `pages/${kube}/index.html`);
  await page.click("button.copy");
  await page.waitForFunction(() => document.querySelector("button.copy").textContent === "copied");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  check(copied === `kpm install ${kube}`, `copy gives ${JSON.stringify(copied)}`);
  await page.click("button.theme");
  await page.reload();
  check(await page.evaluate(() => document.documentElement.dataset.theme) === "dark", "the theme is not remembered");
  await page.goto(origin + "index.html");
  check((await page.textContent("#add")).includes(origin.replace(/\/$/, "")), "the command does not say the address of the page");
  await page.emulateMedia({ media: "print" });
  check(await page.isHidden("nav.main"), "the navigation is printed");
  await page.context().close();
}

// What is transferred before the first results: all that was asked for until they were
// drawn, whenever it arrived. What a hit shows beside its name comes after.
{
  const page = await open(origin);
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (document.querySelector("#results li a")) { window.drawn = performance.now(); observer.disconnect(); }
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(origin + "search/index.html");
  await page.keyboard.press("/");
  await page.keyboard.type(kube[0]);
  await page.waitForSelector("#results li a");
  const asked = await page.evaluate(() => ["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type)).filter((e) => e.startTime <= window.drawn).map((e) => e.name));
  const files = asked.map((url) => fs.readFileSync(path.join(site, new URL(url).pathname)));
  const raw = files.reduce((n, data) => n + data.length, 0), zipped = files.reduce((n, data) => n + gzipSync(data).length, 0);
  console.log(`before the first results: ${files.length} files, ${zipped} bytes with gzip, ${raw} without`);
  check(files.length >= 5 && zipped <= 250e3 && raw <= 400e3, "too much is transferred before the first results");
  await page.context().close();
}

// The ranking is that of the program.
{
  const random = numbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const names = kubes.filter((n) => fs.existsSync(path.join(packages, n, "K3.yaml")));
  const page = await open(origin);
  await page.goto(origin + "search/index.html");
  await page.evaluate(() => kpm.open());
  const asked = [];
  while (asked.length < queries) {
    const name = pick(names), i = 1 + Math.floor(random() * Math.max(1, name.length - 2));
    const text = fs.readFileSync(path.join(packages, name, "K3.yaml"), "utf8").match(/[A-Za-z]{4,}/g);
    asked.push(["exact", name], ["words", name.replaceAll("-", " ")], ["typed", name.slice(0, 2 + Math.floor(random() * Math.max(1, name.length - 2)))],
      ["swapped", name.slice(0, i) + (name[i + 1] ?? "") + name[i] + name.slice(i + 2)], ["dropped", name.slice(0, i) + name.slice(i + 1)],
      ["words of text", pick(text) + " " + pick(text)], ["mixed", name.split("-")[0] + " " + pick(text)],
      ["beginning", name.slice(0, 1 + Math.floor(random() * name.length)) + "*"], ["beginning of text", pick(text).slice(0, 3) + "* " + pick(text)]);
  }
  const wrong = await page.evaluate(async (all) => {
    const bad = [];
    for (const name of all) { await kpm.needs(name); const h = kpm.find(name).hits; if (!h.length || kpm.hit(h[0]).name !== name) { bad.push(name); } }
    return bad;
  }, names);
  if (names.length <= 500) {
    for (const name of names) {
      const theirs = JSON.parse(execFileSync(kpm, ["search", "-q", "-o", "json", name], { stdio: ["ignore", "pipe", "ignore"] }).toString());
      check(theirs[0]?.name === name, `kpm has ${theirs[0]?.name} first for ${name}`);
    }
  }
  check(!wrong.length, `the exact name is not first for ${wrong.length} of ${names.length}: ${wrong.slice(0, 5)}`);
  let first = 0, two = 0;
  for (const [kind, query] of asked) {
    const theirs = JSON.parse(execFileSync(kpm, ["search", "-q", "-o", "json", query], { stdio: ["ignore", "pipe", "ignore"] }).toString() || "[]").map((h) => h.name).slice(0, 3);
    const ours = await page.evaluate(async (q) => { await kpm.needs(q); return kpm.find(q).hits.slice(0, 3).map((i) => kpm.hit(i).name); }, query);
    if ((theirs[0] ?? "") === (ours[0] ?? "")) { first++; } else { console.log(`seed ${seed}: ${kind}: ${query}: kpm says ${theirs}, the page ${ours}`); }
    if (kind === "exact") { check(ours[0] === query, `${query} is not first, but ${ours[0]}`); }
    if (theirs.filter((n) => ours.includes(n)).length >= Math.min(2, theirs.length)) { two++; }
  }
  console.log(`${asked.length} queries, seed ${seed}: the first hit is the same for ${first}, two of the first three for ${two}`);
  check(first >= 0.98 * asked.length && two >= 0.95 * asked.length, "the ranking differs from that of the program");
  await page.context().close();
}

await browser.close();
server.close();
console.log(faults ? `${faults} faults` : "ok");
process.exit(faults ? 1 : 0);
