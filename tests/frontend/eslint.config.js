import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  { ignores: ["**/node_modules/"] },
  {
    languageOptions: { ecmaVersion: "latest", sourceType: "module" },
    rules: {
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-eval": "error",
      "no-shadow": "error",
    },
  },
  { files: ["custom_components/hausstrom/frontend/*.js"], languageOptions: { globals: globals.browser } },
  { files: ["tests/frontend/*"], languageOptions: { globals: globals.node } },
];
