// Times in Chromium: node bench.mjs SITE RECORDS RUNS prints one line of JSON. SITE is a
// drawn site, served here without gzip; RECORDS are its Kubes as JSON, for MiniSearch,
// which searches the same in the same browser. Times are ms, medians of RUNS fresh pages.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { chromium } from "playwright-core";
import MiniSearch from "minisearch";

const [site, recordsFile, runs] = [process.argv[2], process.argv[3], Number(process.argv[4])];
const records = JSON.parse(fs.readFileSync(recordsFile, "utf8"));
const fields = ["name", "keywords", "description", "details"];
const options = { fields, idField: "name", storeFields: ["name"] };
const peer = new MiniSearch(options);
peer.addAll(records);
const library = fs.readFileSync(path.join(import.meta.dirname, "node_modules/minisearch/dist/umd/index.js"));
const peerPage = `<!doctype html><meta charset="utf-8"><title>peer</title><input id="q"><ul id="results"></ul><script src="/peer.js"></script><script>
var ready = null;
document.getElementById("q").addEventListener("input", function (e) {
  ready = ready || fetch("/peer.json").then(function (r) { return r.text(); }).then(function (text) { return MiniSearch.loadJSON(text, ${JSON.stringify(options)}); });
  ready.then(function (index) {
    var hits = index.search(e.target.value, { combineWith: "AND", prefix: true, fuzzy: 0.2, boost: { name: 40, keywords: 3, description: 1.5, details: 0.3 } });
    document.getElementById("results").replaceChildren.apply(document.getElementById("results"), hits.slice(0, 50).map(function (h) { var li = document.createElement("li"); li.textContent = h.name; return li; }));
  });
});</script>`;
const made = { "/peer.html": [peerPage, "text/html"], "/peer.js": [library, "text/javascript"], "/peer.json": [JSON.stringify(peer), "application/json"] };
const types = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };
const server = http.createServer((request, response) => {
  const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
  const own = made[name], file = path.join(site, name);
  if (own) { response.writeHead(200, { "content-type": own[1] }).end(own[0]); return; }
  if (!file.startsWith(path.resolve(site)) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) { response.writeHead(404).end(); return; }
  response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" }).end(fs.readFileSync(file));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}/`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];

async function fresh(at) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.longest = 0;
    window.painted = 0;
    window.key = 0;
    new PerformanceObserver((list) => { for (const e of list.getEntries()) { if (window.key && e.startTime + e.duration > window.key) { window.longest = Math.max(window.longest, e.duration); } } }).observe({ type: "longtask" });
    new PerformanceObserver((list) => { for (const e of list.getEntries()) { window.painted = e.startTime; } }).observe({ type: "largest-contentful-paint", buffered: true });
    addEventListener("keydown", (e) => { window.key = window.key || e.timeStamp; }, true);
    new MutationObserver(() => { if (!window.drawn && document.querySelector("#results li")) { window.drawn = performance.now(); } }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(base + at);
  await page.waitForLoadState("load");
  return page;
}

// typed gives the time from the first key to the first results, and the longest task from
// there to the end of a word; 0 where none was above 50 ms, which is what browsers tell of.
async function typed(at) {
  const first = [], tasks = [];
  for (let i = 0; i < runs; i++) {
    const page = await fresh(at), name = records[(i * 7919) % records.length].name;
    await page.focus("#q");
    await page.keyboard.type(name[0]);
    await page.waitForSelector("#results li");
    await page.keyboard.type(name.slice(1), { delay: 30 });
    await page.waitForTimeout(300);
    const [key, drawn, longest] = await page.evaluate(() => [window.key, window.drawn, window.longest]);
    first.push(drawn - key);
    tasks.push(longest);
    await page.context().close();
  }
  return { first: median(first), longest: median(tasks), worst: Math.max(...tasks) };
}

async function painted(at) {
  const all = [];
  for (let i = 0; i < runs; i++) {
    const page = await fresh(at);
    await page.waitForTimeout(200);
    all.push(await page.evaluate(() => window.painted));
    await page.context().close();
  }
  return median(all);
}

const kube = records[0].name;
const out = { ours: await typed("search/index.html"), peer: await typed("peer.html"), home: await painted("index.html"), page: await painted(`pages/${kube}/index.html`), list: await painted("list/index.html") };
await browser.close();
server.close();
console.log(JSON.stringify(out));
