package lint

// rule is one thing that is judged.
type rule struct {
	Name    string
	Warning bool   // it keeps no Kube from being published, and can be waived
	Says    string // what it wants
	Example string // what it finds
}

// rules are all that judge manifests, by name. docs/checks.md lists them.
var rules = []rule{
	{"unknown-field", false, "A field that servers do not know, or in the wrong place.", "`spec.replica`; the nearest is `replicas`"},
	{"type", false, "A value of another type than the server wants: a number for a text, `null` for an object.", "`replicas: \"3\"`"},
	{"required", false, "A field that has to be there, or an entry.", "a Deployment without a selector"},
	{"enum", false, "A word that is none of those allowed.", "`restartPolicy: always`"},
	{"range", false, "A number outside of its bounds.", "`replicas: -1`"},
	{"format", false, "A text that is no name, label, quantity, port, address, schedule or the like, or in `images` of K3.yaml no image.", "`memory: 1GB`"},
	{"duplicate", false, "Two items that server-side apply cannot tell apart, or two objects of one name.", "two `env` of one name"},
	{"meaning", false, "Fields that do not go together.", "a selector that the template's labels do not match"},
	{"unknown-kind", false, "A kind that the API of Kubernetes does not have, or that its definition in the Kube does not serve in this version.", "`Service` in `apps/v1`"},
	{"removed-kind", false, "A kind that no server has any more which the Kube is for.", "`Ingress` in `extensions/v1beta1`"},
	{"not-kept", false, "A kind that servers answer and do not keep: it cannot be applied.", "a `TokenReview`, a `Binding`"},

	{"dependency", false, "A dependency that the repository does not have, or not in a version that is wanted.", "`etcd >=4`, and there is 3.6.1"},
	{"hook-syntax", false, "A hook that Python does not parse.", "`def (:`"},
	{"other-jinja", false, "A template that Python's own Jinja2 renders to other objects.", "a filter that works otherwise there"},
	{"server", false, "What the server's own code refuses, and nothing else found.", "a CEL rule of a definition"},

	{"unjudged", true, "A custom resource whose definition is not in the Kube: nothing is known of its fields.", "a `Certificate` of cert-manager"},
	{"some-servers", true, "A kind, a field or a word that not all servers have which the Kube is for.", "a field of Kubernetes 1.34 without `kubernetes: \">=1.34\"`"},
	{"removal-announced", true, "A kind that a coming version of Kubernetes removes, where another has taken its place.", "`ResourceClaim` in `resource.k8s.io/v1beta1`"},
	{"selects-nothing", true, "A Service that selects no pods of the Kube, or a port that its pods do not name.", "`targetPort: http` where no container has a port `http`"},
	{"image-tag", true, "An image without a tag, or with one that moves.", "`image: nginx:latest`"},
	{"image-reference", true, "An image whose reference is not read: no mirror can have it, and with an image mirror the Kube cannot be installed.", "`image: nginx@sha512:…`"},
	{"unnamed-image", true, "A text that looks like an image, and that `images` of K3.yaml does not name: mirrors lack it.", "`args: [--image=example.org/a:1]`"},
	{"no-probe", true, "A container that runs for ever without a readinessProbe or livenessProbe.", "a Deployment without probes"},
	{"no-requests", true, "A container that asks for neither cpu nor memory.", "a container without `resources.requests`"},
	{"privileged", true, "A container that is the administrator of its node.", "`privileged: true`"},
	{"host-path", true, "A folder of the node, or its network, processes or memory.", "a volume with `hostPath`"},
	{"namespace", true, "A namespace that is written down: the user chooses it.", "`metadata.namespace: prod`"},
	{"secret-values", true, "A Secret with values in a manifest: everybody who reads the Kube knows them.", "`stringData: {password: admin}`"},
	{"scaled-replicas", true, "`replicas` beside a HorizontalPodAutoscaler that sets them.", "`replicas: 2`"},
	{"owner-references", true, "`ownerReferences`: they name objects of one cluster.", "an object that was exported from a cluster"},
	{"exported", true, "What only a server writes: `uid`, `resourceVersion`, `managedFields`. kpm leaves it out, other tools are refused.", "the output of `kubectl get -o yaml`"},
	{"claim-secret", true, "A Secret that goes at uninstall beside a claim that stays: no pod that mounts the claim reads it.", "a database whose password only another pod reads"},
	{"value-word", true, "A word in values that prints otherwise than it is written.", "`version: 1.10`"},
	{"test-file", true, "A file in `tests` or `tests/values` that nothing takes, a value there that no template reads, or a Pod there that never ends.", "`tests/a.yml`; `restartPolicy: Always`"},
	{"unused-waiver", true, "A comment that waives a rule which warns of nothing there.", "`# kpm:allow image-tag: …` above `image: a:1`"},
	{"license", true, "A licence that is no SPDX expression.", "`license: GPL`; `GPL-3.0-only`"},
	{"template-alone", true, "A template without a plain file beside it, which shows what it gives.", "`web.yaml.tmpl` without `web.yaml`"},
	{"template-imports", true, "A template that imports another.", "`{% import 'a.tmpl' as a %}`"},
	{"hook-name", true, "A script that is called as hooks are elsewhere, and that nothing runs.", "`scripts/pre_install.py`; `scripts/pre-install.py`"},
	{"hook-downloads", true, "A hook that downloads code, or runs what it downloads.", "`urllib.request.urlopen`"},
}

// find gives a rule by its name.
func find(name string) (rule, bool) {
	for _, r := range rules {
		if r.Name == name {
			return r, true
		}
	}
	return rule{}, false
}
