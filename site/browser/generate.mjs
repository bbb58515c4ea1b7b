// Kubes to search among: node generate.mjs N DIR. The same N gives the same
// Kubes. Words are drawn so that a few are frequent and most are rare.
import fs from "node:fs";
import path from "node:path";
import { numbers } from "./random.mjs";

const [count, dir] = [Number(process.argv[2]), process.argv[3]];
const random = numbers(20261128);
const syllables = "ba be bi bo da de do ka ke ki ko la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve vo za zo".split(" ");
const known = "postgres redis kafka nginx vault etcd grafana prometheus loki minio harbor argo istio linkerd cilium rook ceph velero keycloak gitea".split(" ");
const roles = "operator proxy cluster exporter gateway agent server cache backup dashboard".split(" ");
const word = () => Array.from({ length: 2 + Math.floor(random() * 3) }, () => syllables[Math.floor(random() * syllables.length)]).join("");
const vocabulary = Array.from({ length: 6000 }, word);
const frequent = (list) => list[Math.floor(list.length * random() ** 3)];
const text = (n) => Array.from({ length: n }, () => frequent(vocabulary)).join(" ");
const licences = ["Apache-2.0", "MIT", "BSD-3-Clause", "AGPL-3.0-only"], kinds = ["ConfigMap", "Secret", "ServiceAccount"];
const names = new Set();
while (names.size < count) {
  const first = random() < 0.2 ? frequent(known) : frequent(vocabulary);
  names.add(random() < 0.4 ? first + "-" + frequent(roles) : random() < 0.5 ? first + "-" + word() : first + word());
}
let i = 0;
for (const name of names) {
  const folder = path.join(dir, name, "manifests");
  fs.mkdirSync(folder, { recursive: true });
  const keywords = [...new Set([...name.split("-"), ...text(Math.floor(random() * 4)).split(" ")])].filter(Boolean);
  fs.writeFileSync(path.join(dir, name, "K3.yaml"),
    `name: ${name}\nversion: 1.${i % 10}.0\ndescription: ${name} is ${text(9)}\ndetails: ${text(50)}\nlicense: ${licences[i % 4]}\nkeywords: [${keywords.join(", ")}]\n`);
  fs.writeFileSync(path.join(folder, "it.yaml"), `apiVersion: v1\nkind: ${kinds[i % 3]}\nmetadata:\n  name: ${name}\n`);
  i++;
}
