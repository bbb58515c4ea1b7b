package lint

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/yamlnode"
)

// imageTags warns of images that are not the same tomorrow: of containers and of image
// volumes.
func imageTags(s *scene, o manifest.Object) kube.Problems {
	var ps kube.Problems
	warn := func(ref any, at []any) {
		if text, _ := ref.(string); moves(text) != "" {
			ps = append(ps, s.at(o, "image-tag", at, "image %s %s", text, moves(text)))
		}
	}
	pods := manifest.PodsOf(o)
	for _, c := range pods.Containers() {
		warn(c.Value["image"], join(c.At, "image"))
	}
	volumes, _ := pods.Spec["volumes"].([]any)
	for i, v := range volumes {
		m, _ := v.(map[string]any)
		warn(manifest.Mapping(m, "image")["reference"], join(pods.At, "volumes", i, "image", "reference"))
	}
	return ps
}

// moves says why an image may be another one tomorrow; "" if it may not.
func moves(ref string) string {
	if ref == "" || strings.Contains(ref, "@sha256:") {
		return ""
	}
	tag := ""
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		tag = ref[i+1:]
	}
	switch tag {
	case "":
		return "has no tag, and is what latest is on that day"
	case "latest", "main", "master", "edge", "nightly", "stable", "dev":
		return "has a tag that moves: name a version"
	}
	return ""
}

// namedImages judges images of K3.yaml: a text that is no reference is in no registry,
// and no mirror can have it.
func namedImages(k *kube.Kube) kube.Problems {
	var ps kube.Problems
	data, _ := k.File(kube.MetaPath)
	lines := yamlnode.Items(data, "images")
	for i, ref := range k.Images {
		p := kube.Problem{Path: kube.MetaPath}
		if i < len(lines) {
			p.Line = lines[i]
		}
		switch _, err := images.Parse(ref); {
		case ref == "":
			continue // which was said
		case err != nil:
			p.Rule, p.Message = "format", fmt.Sprintf("images[%d]: %v", i, err)
		case moves(ref) != "":
			p.Rule, p.Message, p.Warning = "image-tag", fmt.Sprintf("image %s %s", ref, moves(ref)), true
		default:
			continue
		}
		ps = append(ps, p)
	}
	return ps
}
