// Uses an html report as a reader would, in Chromium without a network: filters, searches, groups, follows a deep link,
// prints. Fails on anything that the console complains of, on a wrong count, and on a step that takes over 200 ms,
// measured in the page from the click to the finished layout.
//
//   node .ci/browser.mjs REPORT.html [LEAST_FINDINGS]
//
// playwright-core comes from $AA_TOOL_CACHE/html, where the judge of html installs it.
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const MOST_MS = 200;
const MOST_ROWS = 500;
const [file, least = "1"] = process.argv.slice(2);
const need = createRequire(join(process.env.AA_TOOL_CACHE, "html", "package.json"));
const { chromium } = need("playwright-core");
const wrong = [];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
page.on("request", (request) => { if (!/^(file|data|blob|about):/.test(request.url())) wrong.push(`asks for ${request.url()}`); });
page.on("console", (message) => { if (message.type() === "error") wrong.push(`console: ${message.text()}`); });
page.on("pageerror", (error) => wrong.push(`script error: ${error.message}`));
page.on("dialog", async (dialog) => { wrong.push(`dialog: ${dialog.message()}`); await dialog.dismiss(); });
const address = `file://${resolve(file)}`;
await page.goto(address, { waitUntil: "load" });
const loaded = await page.evaluate(() => {
  const [entry] = performance.getEntriesByType("navigation");
  return { ready: Math.round(entry.domContentLoadedEventEnd), nodes: document.querySelectorAll("*").length };
});

// The facts by which each step is judged come from the data in the page, counted anew here.
const facts = await page.evaluate(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const open = data.findings.filter(([, , , , , , , waiver]) => waiver === null || data.waivers[waiver].expired);
  const tally = (key) => {
    const counts = new Map();
    for (const finding of open) counts.set(key(finding), (counts.get(key(finding)) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
  };
  return {
    findings: data.findings.length,
    bySeverity: data.severities.map((_, at) => data.findings.filter(([[, severity]]) => severity === at).length),
    rule: tally(([[rule]]) => rule)[0],
    project: tally(([[, , project]]) => project).filter(([project]) => project !== null).map(([project, count]) => [data.projects[project][1], count])[0],
    unknown: data.unknowns.length,
    last: data.findings.at(-1)?.[8],
  };
}).catch((error) => { wrong.push(`the data cannot be read: ${error.message}`); return null; });

const times = [];
// One action, and the time until what it changes has been laid out.
const step = async (name, selector, kind, value, expected) => {
  const { ms, said, rows } = await page.evaluate(async ([selector, kind, value]) => {
    const list = document.getElementById("list");
    const changed = new Promise((done) => new MutationObserver((_, observer) => { observer.disconnect(); done(); }).observe(list, { childList: true }));
    const element = [...document.querySelectorAll(selector)][0];
    const start = performance.now();
    if (kind === "click") element.click();
    else { element.value = value; element.dispatchEvent(new Event(kind, { bubbles: true })); }
    await changed;
    void document.body.offsetHeight;
    const ms = performance.now() - start;
    return { ms, said: document.querySelector("#findings [role=status]").textContent, rows: list.querySelectorAll("li[id], .rows > li").length };
  }, [selector, kind, value]);
  times.push([name, ms]);
  if (ms > MOST_MS) wrong.push(`${name}: ${ms.toFixed(0)} ms, more than ${MOST_MS}`);
  if (rows > MOST_ROWS) wrong.push(`${name}: ${rows} rows at once, more than ${MOST_ROWS}`);
  const shown = Number(said.match(/^[\d,]+/)?.[0].replace(/,/g, ""));
  if (expected !== undefined && shown !== expected) wrong.push(`${name}: shows ${shown}, not ${expected} ("${said}")`);
  return shown;
};

if (facts) {
  if (facts.findings < Number(least)) wrong.push(`only ${facts.findings} findings, not ${least}`);
  const clear = ".said button:nth-of-type(1)";
  const severity = (at) => `.toggles:nth-of-type(1) .toggle:nth-of-type(${at + 1})`;
  const [search, project] = ["input[type=search]", "input[list=projects]"];
  const [rule, group] = [".fields label:nth-of-type(4) select", ".said select"];
  await step("all", clear, "click", "", facts.findings);
  for (const at of facts.bySeverity.keys()) {
    await step(`severity ${at} on`, severity(at), "click", "", facts.bySeverity[at]);
    await step(`severity ${at} off`, severity(at), "click", "", facts.findings);
  }
  await step("unknown too", ".toggles:nth-of-type(2) .toggle:nth-of-type(3)", "click", "", facts.findings + facts.unknown);
  await step("unknown not", ".toggles:nth-of-type(2) .toggle:nth-of-type(3)", "click", "", facts.findings);
  await step("search, first time", search, "input", "internet");
  await step("search for nothing", search, "input", "no such thing anywhere", 0);
  await step("search a fingerprint", search, "input", facts.last);
  await step("search cleared", search, "input", "", facts.findings);
  for (const by of ["resource", "project", "rule"]) await step(`group by ${by}`, group, "change", by, facts.findings);
  await step("one rule", rule, "change", String(facts.rule[0]));
  await step("clear", clear, "click", "", facts.findings);
  if (facts.project) await step("one project", project, "input", facts.project[0]);
  await step("clear", clear, "click", "", facts.findings);
  const control = await page.evaluate(() => document.querySelector(".fields label:nth-of-type(5) optgroup option")?.value);
  if (control) await step("one control", ".fields label:nth-of-type(5) select", "change", control);
  await step("clear", clear, "click", "", facts.findings);
  // Rows open with a real click, and hold evidence and a fingerprint.
  const first = page.locator("#list .rows > li").first();
  await first.locator("summary").click();
  // What is in a row is made when it opens, which the browser tells a moment later.
  const told = first.getByText("Fingerprint").first().waitFor({ timeout: 5000 });
  await told.catch(() => wrong.push("an opened finding shows no fingerprint"));
  // A deep link leads to its finding, however far down it stands.
  await page.evaluate((hash) => { location.hash = hash; }, facts.last);
  await page.waitForFunction((id) => document.getElementById(id)?.firstElementChild.open, facts.last, { timeout: 2000 }).catch(() => wrong.push(`the deep link #${facts.last} opens nothing`));
  await step("clear", clear, "click", "", facts.findings);
  // Paper: what is folded opens, and closes again.
  const printed = await page.evaluate(() => {
    const start = performance.now();
    dispatchEvent(new Event("beforeprint"));
    const open = document.querySelectorAll("#list .rows > li > details[open]").length;
    const ms = performance.now() - start;
    dispatchEvent(new Event("afterprint"));
    return { open, ms, left: document.querySelectorAll("#list .rows > li > details[open]").length };
  });
  if (printed.open === 0) wrong.push("nothing is opened for print");
  times.push([`open ${printed.open} for print`, printed.ms]);
}
if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
await browser.close();

const slowest = times.toSorted((a, b) => b[1] - a[1]).slice(0, 4).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
console.log(`browser: ${facts?.findings} findings, ready after ${loaded.ready} ms, ${loaded.nodes} elements; ${times.length} steps, slowest: ${slowest.join(", ")}`);
for (const one of [...new Set(wrong)].slice(0, 30)) console.log(`browser: ${one}`);
process.exit(wrong.length > 0 ? 1 : 0);
