// Kubes with the names and descriptions that others wrote: node describe.mjs FILE DIR.
// FILE is a JSON list of {name, description, details}.
import fs from "node:fs";
import path from "node:path";

const [file, dir] = process.argv.slice(2);
for (const { name, description, details } of JSON.parse(fs.readFileSync(file, "utf8"))) {
  const folder = path.join(dir, name, "manifests");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(dir, name, "K3.yaml"), `name: ${name}\nversion: 1.0.0\ndescription: ${JSON.stringify(description)}\n` + (details ? `details: ${JSON.stringify(details)}\n` : ""));
  fs.writeFileSync(path.join(folder, "it.yaml"), `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`);
}
