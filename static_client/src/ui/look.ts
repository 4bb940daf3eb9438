/** Dark, light, or as the system has it. `public/theme.js` reads the same key before the first paint. */

export type Look = "system" | "light" | "dark";

const KEY = "homeroom.look";

export function storedLook(): Look {
  const look = document.documentElement.dataset["look"];
  return look === "light" || look === "dark" ? look : "system";
}

export function applyLook(look: Look): void {
  if (look === "system") delete document.documentElement.dataset["look"];
  else document.documentElement.dataset["look"] = look;
  try {
    if (look === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, look);
  } catch {
    return;
  }
}
