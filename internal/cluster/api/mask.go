package api

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// Mask hides values. Two masks of one value are the same within a run (they have
// its salt) and tell nothing about it in another.
type Mask struct {
	Salt []byte // random bytes of a run; without them a mask shows no digest

	mu     sync.Mutex
	values []string // hidden wherever they occur, longest first
	shown  []string // hidden nowhere
}

// shortest is from which length on a value is hidden in any text. A shorter one,
// say "1", is hidden where it stands in quotes.
const shortest = 6

// Hide adds values to hide in texts, as they are and in base64.
func (m *Mask) Hide(values ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range values {
		if v == "" {
			continue
		}
		quoted := strconv.Quote(v)
		m.values = append(m.values, v, base64.StdEncoding.EncodeToString([]byte(v)), quoted[1:len(quoted)-1])
		if raw, err := base64.StdEncoding.DecodeString(v); err == nil && len(raw) > 0 {
			m.values = append(m.values, string(raw))
		}
	}
	slices.SortFunc(m.values, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }) // equal ones side by side
	m.values = slices.Compact(m.values)
	m.unhide()
}

// Show keeps texts from being hidden as they are: everybody reads them elsewhere, as the
// names of finalizers.
func (m *Mask) Show(texts ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shown = append(m.shown, texts...)
	m.unhide()
}

func (m *Mask) unhide() {
	m.values = slices.DeleteFunc(m.values, func(v string) bool { return slices.Contains(m.shown, v) })
}

// HideSecret adds the values of a Secret.
func (m *Mask) HideSecret(secret map[string]any) {
	for _, field := range []string{"data", "stringData"} {
		for _, v := range object.Map(secret, field) {
			if s, ok := v.(string); ok {
				m.Hide(s)
			}
		}
	}
}

// Value is what to show instead of v.
func (m *Mask) Value(v string) string {
	if len(m.Salt) == 0 {
		return "(hidden)"
	}
	h := hmac.New(sha256.New, m.Salt)
	h.Write([]byte(v))
	return "(hidden " + hex.EncodeToString(h.Sum(nil)[:4]) + ")"
}

// Scrub returns text without the hidden values.
func (m *Mask) Scrub(text string) string {
	if m == nil {
		return text
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.values {
		switch {
		case len(v) >= shortest:
			text = strings.ReplaceAll(text, v, "(hidden)")
		case v != "":
			text = strings.ReplaceAll(text, `"`+v+`"`, `"(hidden)"`)
		}
	}
	return text
}
