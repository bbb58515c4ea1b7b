package signing_test

import (
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

func ExampleOpen() {
	key, err := signer.GenerateKey()
	if err != nil {
		fmt.Println(err)
		return
	}
	bundle, err := key.Sign([]byte("a head"))
	if err != nil {
		fmt.Println(err)
		return
	}

	verifier, err := signing.KeyVerifier(key.Public())
	if err != nil {
		fmt.Println(err)
		return
	}
	policy := signing.Policy{Verifiers: []signing.Verifier{verifier}, Threshold: 1}
	head, err := signing.Open([]byte("a head"), [][]byte{bundle}, policy)
	fmt.Println(string(head.Bytes()), err)

	_, err = signing.Open([]byte("another head"), [][]byte{bundle}, policy)
	fmt.Println(errors.Is(err, signing.ErrSignature))
	// Output:
	// a head <nil>
	// true
}
