// Before the first paint: the look that was chosen by hand, if one was. Otherwise the system decides.
try {
  const look = localStorage.getItem("homeroom.look");
  if (look === "dark" || look === "light") document.documentElement.dataset.look = look;
} catch {
  // Storage is forbidden: the system decides.
}
