// Prints, for the schema in the folder it runs in, a Relay fragment that pages through each connection of `Query`, and a
// query that spreads them all. relay-compiler then says whether the schema keeps Relay's rules.
import { readFileSync } from "node:fs";
import { buildSchema, isObjectType, getNamedType, isRequiredArgument } from "graphql";

const schema = buildSchema(readFileSync("schema.graphql", "utf8"));
const fields = Object.values(schema.getQueryType().getFields());
const connections = fields.filter(
    (field) => getNamedType(field.type).name.endsWith("Connection") && !field.args.some(isRequiredArgument),
);
const name = (field) => field.name[0].toUpperCase() + field.name.slice(1);
const fragments = connections.map((field) => {
    const node = getNamedType(getNamedType(field.type).getFields().nodes.type);
    const id = isObjectType(node) && node.getFields().id ? "id" : "__typename";
    return `graphql\`
  fragment App_${name(field)} on Query
  @refetchable(queryName: "App${name(field)}Query")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    ${field.name}(first: $count, after: $cursor) @connection(key: "App_${field.name}") {
      edges { node { ${id} } }
    }
  }\`;`;
});
const spreads = connections.map((field) => `...App_${name(field)}`).join(" ");
const query = spreads ? `graphql\`query AppQuery { ${spreads} }\`;` : "";
console.log(`import { graphql } from "relay-runtime";\n${fragments.join("\n")}\n${query}`);
