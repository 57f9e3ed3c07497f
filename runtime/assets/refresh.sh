#!/bin/sh
# Fetches the libraries behind /graphql and /docs and packs them. The same versions give the same bytes.
set -eu

graphiql=3.9.0
react=18.3.1
swagger_ui=5.35.0

assets=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-save --legacy-peer-deps \
    "graphiql@$graphiql" "react@$react" "react-dom@$react" "swagger-ui-dist@$swagger_ui"
cd node_modules

# The map that the last line points to isn't served.
pack() {
    sed -e '/^\/\/# sourceMappingURL=/d' -e 's|/\*# sourceMappingURL=[^*]*\*/||' "$1" | gzip -n -9 >"$assets/$2.gz"
}

pack react/umd/react.production.min.js react.js
pack react-dom/umd/react-dom.production.min.js react-dom.js
pack graphiql/graphiql.min.js graphiql.js
pack swagger-ui-dist/swagger-ui-bundle.js swagger-ui.js
pack swagger-ui-dist/swagger-ui.css swagger-ui.css

# Fonts embedded in the style sheet would be more than half of all bytes; the system's do as well.
sed 's/@font-face{[^}]*}//g' graphiql/graphiql.min.css >graphiql.css
pack graphiql.css graphiql.css

for file in graphiql/LICENSE react/LICENSE react-dom/LICENSE swagger-ui-dist/LICENSE swagger-ui-dist/NOTICE \
    swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt; do
    printf '======== %s\n\n' "$file"
    cat "$file"
    printf '\n'
done >"$assets/LICENSES.txt"
