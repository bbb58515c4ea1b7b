package render

import (
	"strings"

	"github.com/kpm-sh/kpm/internal/python"
)

// output takes what is printed.
type output struct {
	strings.Builder
	page *page // whose own output it is
}

// print adds text to out.
func (m *meter) print(out *output, text string) error {
	if m.written += len(text); m.written > MaxOutput {
		return faultf("it prints more than %d bytes", MaxOutput)
	}
	if err := m.budget.print(len(text)); err != nil {
		return err
	}
	out.WriteString(text)
	return nil
}

// silent reports whether texts and values are not printed: what stands after an
// extends is for its parent to print.
func (out *output) silent() bool { return out.page != nil && out.page.parent != nil }

// safely is what a body printed, as a value.
func safely(f *frame, text string) any {
	if f.escape {
		return python.Markup(text)
	}
	return text
}
