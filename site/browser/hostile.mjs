// A Kube that means harm in every field: node hostile.mjs DIR. What of it ran, or was
// loaded, would be an error in the console or a request to another origin.
import fs from "node:fs";
import path from "node:path";

const dir = path.join(process.argv[2], "evil");
const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'</title></textarea>{{ 7 * 7 }}\u0060`;
const text = JSON.stringify(evil);
const files = {
  "K3.yaml": `name: evil\nversion: 1.0.0\ndescription: ${text}\ndetails: ${text}\nhome: 'javascript:alert(1)'\nmaintainers: ['A <javascript:alert(1)>', 'B <b@example.org?body=x" onclick=alert(1)>', 'javascript:alert(1)']\n` +
    `license: '<b>'\ndeprecated: ${text}\nkeywords: [${text}, '../../x', 'index', 'https://a.example', '__proto__', 'constructor']\ndependencies: [{name: javascript}]\n`,
  "README.md": `# <script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](data:text/html,x) [c](  JaVaScRiPt:alert(1)) ![d](https://evil.example/track.png) <a href="javascript:alert(1)" onclick="alert(1)" style="x" id="q">e</a>\n\n` +
    `<iframe src="https://evil.example"></iframe><style>*{display:none}</style><form action="https://evil.example"><input id=q></form><svg onload=alert(1)></svg><base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example">\n\n` +
    "```yaml\na: </code></pre><script>alert(1)</script>\n```\n\n```\"><script>alert(1)</script>\nx\n```\n\n## q\n\n## main\n\n## results\n",
  "manifests/a'&amp;(1) x.yaml": `apiVersion: evil.example/v1\nkind: Evil\nmetadata: {name: "</code><script>alert(1)</script>"}\ndata: {a: '</pre><script>alert(1)</script>'}\n`,
  "manifests/b.yaml.tmpl": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {a: {{ a | to_json }}}\n",
  "manifests/c.yaml": `apiVersion: v1\nkind: Pod\nmetadata: {name: c}\nspec: {containers: [{name: c, image: 'a"><script>alert(1)</script>'}]}\n`,
  "../javascript/K3.yaml": "name: javascript\nversion: 1.0.0\ndescription: What evil needs\n",
  "../javascript/manifests/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: javascript}\n",
  "values.yaml": `a: ${text}\n'</td><script>': 1\n`,
  "values.schema.json": `{"properties":{"a":{"description":"</td><script>alert(1)</script>","type":["string","null"]},"b":{"enum":["</td><script>alert(1)</script>"]},"c":{"$ref":"#/properties/c"}}}`,
};
for (const [name, content] of Object.entries(files)) {
  fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  fs.writeFileSync(path.join(dir, name), content);
}
