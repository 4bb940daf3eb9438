import { defineConfig } from "vite";

/** Builds the harness alone; the test names the folder with `--outDir`. */
export default defineConfig({
  publicDir: false,
  build: {
    target: "es2022",
    emptyOutDir: true,
    lib: { entry: new URL("harness.ts", import.meta.url).pathname, formats: ["es"], fileName: "harness" },
  },
});
