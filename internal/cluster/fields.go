package cluster

// dig is the mapping at path below m, or nil.
func dig(m map[string]any, path ...string) map[string]any {
	for _, key := range path {
		m, _ = m[key].(map[string]any)
	}
	return m
}

// text is the text at path below m, or "".
func text(m map[string]any, path ...string) string {
	s, _ := dig(m, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return s
}

// number is the whole number at path below m, or 0.
func number(m map[string]any, path ...string) int64 {
	n, _ := dig(m, path[:len(path)-1]...)[path[len(path)-1]].(int64)
	return n
}

// list are the mappings in the list at path below m.
func list(m map[string]any, path ...string) []map[string]any {
	items, _ := dig(m, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	var found []map[string]any
	for _, item := range items {
		if entry, ok := item.(map[string]any); ok {
			found = append(found, entry)
		}
	}
	return found
}

// texts are the texts in the list at path below m.
func texts(m map[string]any, path ...string) []string {
	items, _ := dig(m, path[:len(path)-1]...)[path[len(path)-1]].([]any)
	var found []string
	for _, item := range items {
		if s, ok := item.(string); ok {
			found = append(found, s)
		}
	}
	return found
}

// ensure is the mapping at key of m, made when it is missing.
func ensure(m map[string]any, key string) map[string]any {
	below, ok := m[key].(map[string]any)
	if !ok {
		below = map[string]any{}
		m[key] = below
	}
	return below
}
