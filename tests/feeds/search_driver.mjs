// Answers searches with the page's own script, from files: node search_driver.mjs SCRIPT FOLDER < addresses
// Each line of the answer tells what was found, and which files were read for it by somebody who had none.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [script, folder] = process.argv.slice(2), kept = new Map();
let asked = [];
globalThis.fetch = async (address) => {
  const path = String(address).replace("base:", "").split("?")[0];
  asked.push(path);
  if (!kept.has(path)) kept.set(path, readFileSync(folder + "/" + path));
  const data = kept.get(path);
  return { ok: true, json: async () => JSON.parse(data), arrayBuffer: async () => new Uint8Array(data).buffer };
};
const { Index, parse } = await import(pathToFileURL(script));
for (const line of readFileSync(0, "utf-8").split("\n").filter(Boolean)) {
  asked = [];
  try {
    const { total, cards, whole } = await new Index("base:").find(parse(new URLSearchParams(line)));
    console.log(JSON.stringify({ total, whole: Boolean(whole), shown: cards.map((one) => one[3]), files: asked }));
  } catch (error) {
    if (!Array.isArray(error)) throw error;
    console.log(JSON.stringify({ refused: error, total: -1, whole: false, shown: [], files: asked }));
  }
}
