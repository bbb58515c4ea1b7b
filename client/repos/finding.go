package repos

// Finding is one thing that was looked at: by the doctor, or of what answers for a release.
type Finding struct {
	Subject string `json:"subject"`
	OK      bool   `json:"ok"`
	Text    string `json:"text"`
	Err     error  `json:"-"` // what is wrong: its kind says what to do
}

func fault(subject string, err error) Finding {
	return Finding{Subject: subject, Text: err.Error(), Err: err}
}
