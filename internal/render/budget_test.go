package render_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// templates are a Kube with n templates of the same text.
func templates(n int, text string) *kube.Kube {
	k := &kube.Kube{}
	for i := range n {
		k.Files = append(k.Files, kube.File{Path: fmt.Sprintf("manifests/%03d.yaml.tmpl", i), Data: []byte(text)})
	}
	return k
}

func printing(bytes int) string { return fmt.Sprintf("{{ 'x' * %d }}", bytes) }

// What templates give is bounded as manifests are, at the byte.
func TestOutputIsBoundedAsManifestsAre(t *testing.T) {
	const files = kube.MaxTotal / kube.MaxManifest
	full := templates(files, printing(kube.MaxManifest))
	more := templates(files, printing(kube.MaxManifest))
	more.Files = append(more.Files, kube.File{Path: "manifests/z.yaml", Data: []byte("#")})
	for name, c := range map[string]struct {
		kube *kube.Kube
		want string // problems
	}{
		"a whole file":  {templates(1, printing(kube.MaxManifest)), ""},
		"a byte more":   {templates(1, printing(kube.MaxManifest)+"x"), "manifests/000.yaml.tmpl: it gives more than 4194304 bytes"},
		"all that fits": {full, ""},
		"one byte more": {more, "manifests: all manifests together have more than 67108864 bytes"},
	} {
		files, err := render.Render(t.Context(), c.kube, nil, render.Options{})
		if got := fmt.Sprint(err); got != c.want && (err != nil || c.want != "") {
			t.Errorf("%s: got %d files, %s", name, len(files), got)
		}
	}
}

// Steps and printed bytes are one budget of a Kube, and of what is rendered together.
func TestBudgetIsShared(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"steps": {"{% for x in range(90000) %}{{ x }}{% endfor %}", "takes more than 2000000 steps"},
		"bytes": {"{% set s %}" + printing(15<<20) + "{% endset %}a", "print more than 134217728 bytes together"},
	} {
		one := templates(1, c.text)
		if _, err := render.Render(t.Context(), one, nil, render.Options{}); err != nil {
			t.Errorf("%s: one template alone: %v", name, err)
		}
		_, err := render.Render(t.Context(), templates(40, c.text), nil, render.Options{})
		if lines := strings.Split(fmt.Sprint(err), "\n"); len(lines) != 1 || !strings.Contains(lines[0], c.want) {
			t.Errorf("%s: 40 templates: got %v", name, err)
		}
		if err := rendered(t.Context(), one, 40); err != nil {
			t.Errorf("%s: one after the other: %v", name, err)
		}
		ctx, cancel := render.WithBudget(t.Context())
		if err := rendered(ctx, one, 40); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: together: %v", name, err)
		}
		cancel()
	}
}

// rendered renders a Kube a number of times.
func rendered(ctx context.Context, k *kube.Kube, times int) error {
	for range times {
		if _, err := render.Render(ctx, k, nil, render.Options{}); err != nil {
			return err
		}
	}
	return nil
}
