// Reads charts as a JSON list from standard input and prints for each what mermaid's own parser says of it:
// {"nodes": {id: label}, "edges": [[from, to]]}, or {"error": "…"}.

import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = window;
globalThis.document = window.document;

const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

async function read(chart) {
  try {
    await mermaid.parse(chart);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(chart);
    const nodes = Object.fromEntries([...db.getVertices()].map(([id, vertex]) => [id, vertex.text]));
    return { nodes, edges: db.getEdges().map((edge) => [edge.start, edge.end]) };
  } catch (error) {
    return { error: String(error) };
  }
}

const answers = [];
for (const chart of JSON.parse(readFileSync(0, "utf8"))) {
  answers.push(await read(chart));
}
process.stdout.write(JSON.stringify(answers));
