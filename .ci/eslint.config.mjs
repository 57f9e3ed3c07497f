import graphql from "@graphql-eslint/eslint-plugin";

export default [
  {
    files: ["**/*.graphql"],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema: "./schema.graphql" } } },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // Value types, connections and payloads have no identity, and the rule tells them by name only.
      "@graphql-eslint/strict-id-in-types": "off",
      // Payloads list errors, and a connection its nodes beside its edges. A resource whose ids don't say whose they are
      // (`int64`, `uuid`, chosen by the client) can't be found by `node`.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // The names of fields are the author's: a message may have a `message`.
      "@graphql-eslint/no-typename-prefix": "off",
    },
  },
];
