package mirror

import (
	"slices"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/images/layout"
)

// images checks the image layout, where there is one, and where mirror.json says that
// it has the images of the releases, that it lists each of them.
func (v *verifier) images() {
	l := layout.Layout{Dir: v.at(imagesFolder)}
	entries, err := l.Entries()
	if err != nil {
		v.finding("%v", err)
		return
	}
	v.out.Images = l.Verify(entries, v.out.Note.Platforms, v.finding)
	if !v.out.Note.Images {
		return
	}
	listed, tags := map[string]bool{}, map[string]string{}
	for _, e := range entries {
		listed[e.Ref.Name()+"@"+e.Digest] = true
		if e.Ref.Tag != "" {
			tags[e.Ref.Name()+":"+e.Ref.Tag] = e.Digest
		}
	}
	mirrored := func(name, version string) bool { return !v.out.Note.Lacked(name, version) }
	all := wantedImages(v.docs, mirrored, func(string) {})
	for i, ref := range all {
		if slices.Contains(v.out.Note.Missing, ref.String()) {
			continue
		}
		last := i+1 == len(all) || all[i+1].Name() != ref.Name() || all[i+1].Tag != ref.Tag
		v.listed(ref, last, listed, tags)
	}
}

// listed checks that an image is listed: by the digest that was published, and by its
// tag, which is the last's of those that have it.
func (v *verifier) listed(ref images.Ref, last bool, listed map[string]bool, tags map[string]string) {
	digest, tagged := tags[ref.Name()+":"+ref.Tag]
	switch {
	case ref.Digest != "" && !listed[ref.Name()+"@"+ref.Digest], ref.Tag != "" && !tagged:
		v.finding("image %s is not listed in %s/%s", ref, imagesFolder, layout.IndexName)
	case last && ref.Tag != "" && ref.Digest != "" && digest != ref.Digest:
		v.finding("image %s is listed with %s in %s/%s", ref, digest, imagesFolder, layout.IndexName)
	}
}
