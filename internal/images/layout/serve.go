package layout

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/images"
	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// route is what a runtime asks a registry for: OCI distribution-spec 1.1, the pull half.
var route = lazyregexp.New(`^/v2/(.+)/(manifests|blobs|tags|referrers)/([^/]+)$`)

// Handler answers below /v2/ from the layout in root, read-only. A repository is found
// by its name at the origin, HOST/PATH, after any prefix, or as PATH?ns=HOST, which is
// how containerd asks a mirror. Bytes are sent as they are: who fetches by digest checks
// them.
func Handler(root *os.Root) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Docker-Distribution-API-Version", "registry/2.0")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuse(w, http.StatusMethodNotAllowed, "UNSUPPORTED", "this registry is read-only")
			return
		}
		if r.URL.Path == "/v2/" || r.URL.Path == "/v2" {
			h.Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{}") //nolint:errcheck // the client hung up
			return
		}
		at := route().FindStringSubmatch(r.URL.Path)
		if at == nil {
			refuse(w, http.StatusNotFound, "NAME_UNKNOWN", "there is nothing here")
			return
		}
		s := serving{root, w, r, at[1]}
		if ns := r.URL.Query().Get("ns"); ns != "" {
			s.name = ns + "/" + s.name
		}
		s.answer(at[2], at[3])
	})
}

type serving struct {
	root *os.Root
	w    http.ResponseWriter
	r    *http.Request
	name string
}

func (s serving) answer(what, reference string) {
	digest := images.ValidDigest(reference)
	switch {
	case what == "blobs" && digest:
		s.bytes(reference, "application/octet-stream")
	case what == "manifests" && digest:
		s.manifest(reference)
	case what == "manifests":
		for _, e := range s.entries() {
			if e.Ref.Tag == reference && s.named(e) {
				s.manifest(e.Digest)
				return
			}
		}
		refuse(s.w, http.StatusNotFound, "MANIFEST_UNKNOWN", "no such tag")
	case what == "tags" && reference == "list":
		s.tags()
	case what == "referrers" && digest:
		s.referrers(reference)
	default:
		refuse(s.w, http.StatusNotFound, "UNSUPPORTED", "there is nothing here")
	}
}

// named reports whether an entry is of the repository that is asked for.
func (s serving) named(e Entry) bool {
	name := e.Ref.Name()
	for _, n := range []string{name, images.Below(name)} {
		if s.name == n || strings.HasSuffix(s.name, "/"+n) {
			return true
		}
	}
	return false
}

func (s serving) entries() []Entry {
	f, err := s.root.Open(IndexName)
	if err != nil {
		return nil
	}
	defer f.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(f, maxIndex))
	if err != nil {
		return nil
	}
	entries, err := decode(data)
	if err != nil {
		return nil
	}
	return entries
}

func (s serving) manifest(digest string) {
	f, err := s.root.Open(fileOf(digest))
	if err != nil {
		refuse(s.w, http.StatusNotFound, "MANIFEST_UNKNOWN", "no such manifest")
		return
	}
	body, err := io.ReadAll(io.LimitReader(f, images.MaxManifest))
	_ = f.Close() //nolint:errcheck // read only
	var m *images.Manifest
	if err == nil {
		m, err = images.ParseManifest(body)
	}
	if err != nil {
		refuse(s.w, http.StatusNotFound, "MANIFEST_UNKNOWN", "it is no manifest")
		return
	}
	s.bytes(digest, m.MediaType)
}

// bytes sends a file of the layout, or the part of it that is asked for.
func (s serving) bytes(digest, mediaType string) {
	info, err := s.root.Stat(fileOf(digest))
	if err != nil || !info.Mode().IsRegular() {
		refuse(s.w, http.StatusNotFound, "BLOB_UNKNOWN", "no such blob")
		return
	}
	f, err := s.root.Open(fileOf(digest))
	if err != nil {
		refuse(s.w, http.StatusNotFound, "BLOB_UNKNOWN", "no such blob")
		return
	}
	defer f.Close() //nolint:errcheck // read only
	h := s.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Docker-Content-Digest", digest)
	h.Set("ETag", `"`+digest+`"`)
	http.ServeContent(s.w, s.r, "", time.Time{}, f)
}

func (s serving) tags() {
	tags, known := []string{}, false
	for _, e := range s.entries() {
		if s.named(e) {
			known = true
			if e.Ref.Tag != "" {
				tags = append(tags, e.Ref.Tag)
			}
		}
	}
	if !known {
		refuse(s.w, http.StatusNotFound, "NAME_UNKNOWN", "no such repository")
		return
	}
	slices.Sort(tags)
	page, rest, err := pageOf(slices.Compact(tags), s.r.URL.Query())
	if err != nil {
		refuse(s.w, http.StatusBadRequest, "PAGINATION_NUMBER_INVALID", err.Error())
		return
	}
	if rest {
		query := s.r.URL.Query()
		query.Set("last", page[len(page)-1])
		next := url.URL{Path: s.r.URL.Path, RawQuery: query.Encode()}
		s.w.Header().Set("Link", "<"+next.String()+`>; rel="next"`)
	}
	s.json("application/json", map[string]any{"name": s.name, "tags": page})
}

// pageOf are the tags after `last`, at most `n`, and whether one may ask for more.
func pageOf(tags []string, query url.Values) (page []string, rest bool, err error) {
	if last := query.Get("last"); last != "" {
		i, found := slices.BinarySearch(tags, last)
		if found {
			i++
		}
		tags = tags[i:]
	}
	if !query.Has("n") {
		return tags, false, nil
	}
	n, err := strconv.ParseUint(query.Get("n"), 10, 31)
	if err != nil {
		return nil, false, errors.New("n is no number of tags")
	}
	page = tags[:min(int(n), len(tags))]
	return page, 0 < len(page) && len(page) < len(tags), nil
}

func (s serving) referrers(digest string) {
	list := stored{SchemaVersion: 2, MediaType: "application/vnd.oci.image.index.v1+json", Manifests: []images.Descriptor{}}
	for _, e := range s.entries() {
		if e.Subject == digest && e.Ref.Tag == "" && s.named(e) {
			d := e.Descriptor
			d.Annotations = nil
			list.Manifests = append(list.Manifests, d)
		}
	}
	s.json(list.MediaType, list)
}

func (s serving) json(mediaType string, v any) {
	s.w.Header().Set("Content-Type", mediaType)
	_ = json.NewEncoder(s.w).Encode(v) //nolint:errcheck // the client hung up
}

// refuse answers with an error as registries do.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]string{"code": code, "message": message}}}) //nolint:errcheck // the client hung up
}
