// Before the first paint, so that a dark page never flashes white. A file of its own: the content
// security policy allows no inline script.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("tidegate.theme");
  } catch {
    // Storage can be switched off; the system's choice is taken then.
  }
  const isDark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("awsui-dark-mode", isDark);
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
})();
