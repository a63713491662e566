// Swagger UI on this service's own description. Nothing is sent anywhere else, and no token is kept.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});

// Swagger UI has colours for the dark, and leaves it to the page to ask for them.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
follow();
dark.addEventListener("change", follow);
// Names for what it shows without one, levels of headings, and a place among what the keyboard reaches for text that scrolls.
function name() {
  const each = (selector, change) => document.querySelectorAll(`#swagger-ui ${selector}`).forEach(change);
  const label = (selector, text) =>
    each(`${selector}:not([aria-label])`, (element) => {
      const row = element.closest("[data-param-name]");
      element.setAttribute("aria-label", row ? row.dataset.paramName : text);
    });
  label(".servers select", "Server");
  label(".examples-select select", "Example");
  label("select", "Media type");
  label("textarea", "Body");
  label(".copy-to-clipboard button", "Copy");
  label(".close-modal", "Close");
  each("[id$=_responses][role=region]", (region) => region.setAttribute("aria-label", region.id));
  each(".auth-btn-wrapper [aria-label]", (button) => button.removeAttribute("aria-label"));
  each(".opblock-tag:not([aria-level])", (heading) => heading.setAttribute("aria-level", 2));
  each(".modal-ux-header h3:not([aria-level])", (heading) => heading.setAttribute("aria-level", 2));
  each(".microlight:not([tabindex])", (text) => { text.tabIndex = 0; });
}
new MutationObserver(name).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
name();
