// Reads the diagram of a model.md as GitHub would. Mermaid expects a browser.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

globalThis.window = new JSDOM("").window;
globalThis.document = globalThis.window.document;
const { default: mermaid } = await import("mermaid");
const [, diagram] = readFileSync(process.argv[2], "utf8").match(/```mermaid\n([\s\S]*?)\n```/);
await mermaid.parse(diagram);
