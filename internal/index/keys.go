package index

import "strings"

// keys are all keys of the signed files, records and documents, trust
// documents included, that a reader could mistake for one another.
const keys = `payload signatures schema repository root trust epoch seq issued expires prev kubes sum segments extensions
from to parts sha256 size raw first name rev gone version description details keywords home license maintainers dependencies
built provides kinds images kubernetes kpm needs hook tested deprecated yanked doc readme releases tar commit urls ref
digest platforms reason revoked withdrawn attestations type path signers roles sigstore key pem keyless issuer san
sourceRepository threshold trustedRoot profile maxGraceDays pages drawn server nodes result simulated`

var known, knownFold = func() (exact, fold map[string]bool) {
	exact, fold = map[string]bool{}, map[string]bool{}
	for k := range strings.FieldsSeq(keys) {
		exact[k], fold[strings.ToLower(k)] = true, true
	}
	return exact, fold
}()
