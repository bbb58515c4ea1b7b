package site

import "strings"

// link is a text and where it leads, "" for nowhere.
type link struct{ Text, Href string }

func (l link) size() int { return 40 + weigh(l.Text, l.Href) }

// maintainers are names, with an address where they gave one: "A <a@b.org>".
func maintainers(texts []string) []link {
	var out []link
	for _, text := range texts {
		name, rest, ok := strings.Cut(text, "<")
		address, _, closed := strings.Cut(rest, ">")
		switch {
		case ok && closed && strings.Contains(address, "@"):
			out = append(out, link{strings.TrimSpace(name), webAddress("mailto:" + address)})
		case ok && closed:
			out = append(out, link{strings.TrimSpace(name), webAddress(address)})
		default:
			out = append(out, link{text, webAddress(text)})
		}
	}
	return out
}

func keywordLinks(k *entry) []link {
	var out []link
	for _, word := range k.Keywords {
		out = append(out, link{word, keywordFolder(word) + "/index.html"})
	}
	return out
}

// dependency is one row of what a Kube needs.
type dependency struct {
	link
	Version string
}

func (d dependency) size() int { return d.link.size() + 60 + weigh(d.Version) }

func dependencyLinks(c *catalog, k *entry) []dependency {
	var out []dependency
	for _, d := range k.Dependencies {
		href := ""
		if c.byName[d.Name] != nil {
			href = kubePath(d.Name)
		}
		out = append(out, dependency{link{d.Name, href}, d.Version})
	}
	return out
}

// dependentLinks are the Kubes that need a Kube.
func dependentLinks(k *entry) []link {
	var out []link
	for _, name := range k.dependents {
		out = append(out, link{name, kubePath(name)})
	}
	return out
}

// editAddress is where a Kube's folder can be changed.
func editAddress(from, name string) string {
	source := webAddress(from)
	if source == "" {
		return ""
	}
	return strings.TrimSuffix(source, "/") + "/tree/HEAD/packages/" + name
}

// reportAddress is where a fault of a Kube is told.
func reportAddress(from string) string {
	source := webAddress(from)
	if source == "" {
		return ""
	}
	return strings.TrimSuffix(source, "/") + "/issues/new"
}
