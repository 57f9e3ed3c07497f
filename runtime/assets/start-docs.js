"use strict";
SwaggerUIBundle({
  url: "openapi.yaml",
  dom_id: "#docs",
  deepLinking: true,
  displayRequestDuration: true,
  // The badge would send the contract's address to a public service.
  validatorUrl: null,
});
