// Shows the OpenAPI document with Swagger UI.
const place = document.getElementById("openapi");
window.SwaggerUIBundle({ url: place.dataset.url, domNode: place, deepLinking: true });
