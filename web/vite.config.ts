/** The web page and the page of the HTTP interface -> static files in web/dist, for a Content-Security-Policy of 'self'. */
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** While the page is worked on: `npx vite web` beside a server. */
const SERVER = process.env.VIKHR_SERVER ?? "http://127.0.0.1:8000";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: resolve(import.meta.dirname, "dist"),
    emptyOutDir: true,
    // Browsers that know light-dark().
    target: ["chrome123", "firefox120", "safari17.5"],
    sourcemap: false,
    // A data: address is not 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input: {
        index: resolve(import.meta.dirname, "index.html"),
        docs: resolve(import.meta.dirname, "docs.html"),
      },
    },
  },
  server: {
    proxy: Object.fromEntries(["/v1", "/health", "/openapi.json"].map((path) => [path, SERVER])),
  },
});
