// Holds the JSON Schema of specs, read from stdin, to what an editor needs of it: it accepts every spec of this
// repository, and rejects the wrong specs of `apigen explain` as far as a schema can see that they are wrong.
import { readFileSync, readdirSync } from "node:fs";
import Ajv from "ajv";
import addFormats from "ajv-formats";
import { parse } from "yaml";

const schema = JSON.parse(readFileSync(0, "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(schema);
let failures = 0;
const fail = (text) => (console.error(text), failures++);

let specs = 0;
for (const folder of ["specs", "tests/specs", "examples/build-rs/specs"]) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
        specs++;
        if (!validate(parse(readFileSync(`${folder}/${file}`, "utf8")))) {
            fail(`${folder}/${file}: ${ajv.errorsText(validate.errors, { separator: "\n  " })}`);
        }
    }
}

// Spelling, shapes and single values; names, references and cycles are beyond a schema.
const visible = "E0004 E0006 E0007 E0008 E0010 E0011 E0014 E0020 E0027 E0031 E0034 E0038".split(" ");
for (const code of visible) {
    const text = readFileSync(`src/diagnostic/explain/${code}.md`, "utf8");
    const block = text.split("```yaml\n")[1].split("```")[0];
    const head = block.includes("apigen:") ? "" : "apigen: 1\napi: { name: shop, version: v1 }\n";
    if (validate(parse(head + block))) fail(`${code}: its wrong spec is accepted`);
}
if (specs === 0) fail("no specs were found");
console.log(`${specs} specs accepted, ${visible.length} rejected`);
process.exit(failures ? 1 : 0);
