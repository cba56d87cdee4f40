// vscode.js URL FOLDER FILE OUT: one session in VS Code (code-server) in a headless browser; prints one line.
// PLAYWRIGHT names playwright-core, CHROMIUM the browser. Leaves pictures in OUT.
const { chromium } = require(process.env.PLAYWRIGHT);
const fs = require("fs");
const [base, folder, file, out] = process.argv.slice(2);
const want = process.env.EXPECT_DIAGNOSTIC || "";
const host = new URL(base).host;
const open = encodeURIComponent(JSON.stringify([["openFile", `vscode-remote://${host}${file}`]]));
const group = ".editor-group-container";

async function session(page, said) {
  await page.goto(`${base}/?folder=${encodeURIComponent(folder)}&payload=${open}`, { waitUntil: "domcontentloaded" });
  await page.waitForSelector(`${group} .monaco-editor .view-line`, { timeout: 90000 });
  const squiggle = () => page.waitForSelector(`${group} .squiggly-error`, { timeout: 60000 });
  const run = async (command) => {
    await page.keyboard.press("F1");
    await page.waitForSelector(".quick-input-widget input", { state: "visible" });
    await page.keyboard.type(command);
    await page.waitForTimeout(500);
    await page.keyboard.press("Enter");
  };
  if (want !== "") {
    await squiggle();
    await page.keyboard.press("Control+Shift+m");
    await page.waitForSelector(`.markers-panel :text("${want}")`, { timeout: 20000 });
    said.push("diagnostic");
    await page.screenshot({ path: `${out}/diagnostic.png` });
    await page.locator(`${group} .view-lines`).first().click({ position: { x: 300, y: 5 } });
    await run("Den: Restart Server");
    await page.waitForSelector(`${group} .squiggly-error`, { state: "detached", timeout: 20000 });
    await squiggle();
    said.push("diagnostic after a restart");
  }
  await run("Den: Show Log");
  await page.waitForSelector(`:text("starting ")`, { timeout: 20000 });
  said.push("log");
  await page.screenshot({ path: `${out}/log.png` });
}

(async () => {
  fs.mkdirSync(out, { recursive: true });
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args });
  const page = await browser.newPage({ viewport: { width: 1200, height: 720 } });
  const said = [];
  let problem;
  try {
    await session(page, said);
  } catch (error) {
    problem = String(error).split("\n")[0];
    await page.screenshot({ path: `${out}/error.png` }).catch(() => {});
  }
  await browser.close();
  console.log(`VS Code: ${said.join(", ")}${problem ? `; ${problem}` : ""}`);
  process.exit(problem ? 1 : 0);
})();
