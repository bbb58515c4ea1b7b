package admit

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// configChecks are the rules of ConfigMaps and Secrets.
var configChecks = map[string][]check{
	"core.v1.ConfigMap": {func(at *path, o object, f *faults) {
		for _, key := range sorted(o.mapping("binaryData")) {
			if _, ok := o.mapping("data")[key]; ok {
				f.add(at.field("binaryData").field(key), Duplicate, "is in data, too")
			}
		}
	}, size("data", "binaryData")},
	"core.v1.Secret": {secret, size("stringData", "data")},
}

// maxData are the bytes that the values of a ConfigMap or of a Secret may have together.
const maxData = 1 << 20

// size bounds the values of two mappings, plain ones and ones in base64. In a Secret the
// plain one takes the place of the other.
func size(plain, encoded string) check {
	return func(at *path, o object, f *faults) {
		n, texts := 0, o.mapping(plain)
		for _, v := range texts {
			s, _ := v.(string)
			n += len(s)
		}
		for key, v := range o.mapping(encoded) {
			s, _ := v.(string)
			if _, replaced := texts[key]; replaced || s == "" {
				continue
			}
			s = strings.NewReplacer("\n", "", "\r", "").Replace(s)
			n += len(s)/4*3 - strings.Count(s[max(0, len(s)-2):], "=")
		}
		if n > maxData {
			field := plain
			if len(texts) == 0 {
				field = encoded
			}
			f.add(at.field(field), Range, "is too much: the values have %d bytes together, and may have %d", n, maxData)
		}
	}
}

// secretKeys are what Secrets of a type have to hold.
var secretKeys = map[string][]string{
	"kubernetes.io/tls":              {"tls.crt", "tls.key"},
	"kubernetes.io/dockercfg":        {".dockercfg"},
	"kubernetes.io/dockerconfigjson": {".dockerconfigjson"},
	"kubernetes.io/ssh-auth":         {"ssh-privatekey"},
}

func secret(at *path, o object, f *faults) {
	kind := o.text("type")
	for _, key := range secretKeys[kind] {
		field, text, ok := secretText(o, key)
		here := at.field(field).field(key)
		switch {
		case field == "":
			f.add(at.field(written(o)).field(key), Required, "is missing, and type is %s", kind)
		case !ok:
		case kind == "kubernetes.io/ssh-auth" && text == "":
			f.add(here, Required, "is empty, and type is %s", kind)
		case strings.HasPrefix(kind, "kubernetes.io/docker") && json.Unmarshal([]byte(text), &map[string]any{}) != nil:
			f.add(here, Format, "is no mapping in JSON, and type is %s", kind)
		}
	}
	if kind == "kubernetes.io/service-account-token" && o.mapping("metadata", "annotations").text("kubernetes.io/service-account.name") == "" {
		f.add(at.field("metadata").field("annotations"), Required, "has no kubernetes.io/service-account.name, and type is %s", kind)
	}
	if kind == "kubernetes.io/basic-auth" {
		for _, key := range []string{"username", "password"} {
			if _, ok := o.mapping("data")[key]; ok {
				return
			}
			if _, ok := o.mapping("stringData")[key]; ok {
				return
			}
		}
		f.add(at.field(written(o)), Required, "has neither username nor password, and type is %s", kind)
	}
}

// secretText is the value of a key, and the field that it is in, "" for none: a plain one takes
// the place of the other. It is not ok if it is not read.
func secretText(o object, key string) (field, text string, ok bool) {
	if v, given := o.mapping("stringData")[key]; given {
		text, ok = v.(string)
		return "stringData", text, ok || v == nil
	}
	v, given := o.mapping("data")[key]
	if !given {
		return "", "", false
	}
	encoded, ok := v.(string)
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	return "data", string(decoded), (ok || v == nil) && err == nil
}

// written is the field that the author of a Secret writes its values in.
func written(o object) string {
	if o.has("stringData") && !o.has("data") {
		return "stringData"
	}
	return "data"
}
