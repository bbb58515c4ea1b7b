package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
)

// review is what kube-apiserver sends to a conversion webhook, and wants back.
type review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *request  `json:"request,omitempty"`
	Response   *response `json:"response,omitempty"`
}

type request struct {
	UID     string           `json:"uid"`
	Version string           `json:"desiredAPIVersion"`
	Objects []map[string]any `json:"objects"`
}

type response struct {
	UID     string           `json:"uid"`
	Result  map[string]any   `json:"result"`
	Objects []map[string]any `json:"convertedObjects"`
}

// convert gives objects another version, and changes nothing else of them.
func convert(args []string) {
	if len(args) != 1 {
		fail("say where the certificate lies")
	}
	http.HandleFunc("/convert", func(w http.ResponseWriter, r *http.Request) {
		var asked review
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked.Request == nil {
			fmt.Println("got no ConversionReview:", err)
			http.Error(w, "this is no ConversionReview", http.StatusBadRequest)
			return
		}
		for _, o := range asked.Request.Objects {
			o["apiVersion"] = asked.Request.Version
		}
		fmt.Printf("converted %d to %s\n", len(asked.Request.Objects), asked.Request.Version)
		asked.Response = &response{UID: asked.Request.UID, Result: map[string]any{"status": "Success"}, Objects: asked.Request.Objects}
		asked.Request = nil
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(asked)
	})
	http.HandleFunc("/ready", func(http.ResponseWriter, *http.Request) {})
	endAtOnce()
	fail(http.ListenAndServeTLS(":8443", filepath.Join(args[0], "tls.crt"), filepath.Join(args[0], "tls.key"), nil).Error())
}
