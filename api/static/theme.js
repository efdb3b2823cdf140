// Light or dark: what the person chose here, else what the system says.
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme");
  const apply = () => {
    const theme = chosen() || (system.matches ? "dark" : "light");
    document.documentElement.dataset.bsTheme = theme;
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-switch-theme]");
    if (!button) return;
    const now = document.documentElement.dataset.bsTheme;
    localStorage.setItem("theme", now === "dark" ? "light" : "dark");
    apply();
  });
})();
