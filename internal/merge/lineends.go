package merge

import "bytes"

// endsInCR tells whether all lines of a text end in CR LF, and there is no other CR.
func endsInCR(data []byte) bool {
	ends := bytes.Count(data, []byte("\r\n"))
	return ends > 0 && ends == bytes.Count(data, []byte("\n")) && ends == bytes.Count(data, []byte("\r"))
}

func withoutCR(data []byte) []byte {
	if !endsInCR(data) {
		return data
	}
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
}
