package mirror

// Progress is how far a run is.
type Progress struct {
	Files, Total     int64
	Bytes, OfBytes   int64
	Images, OfImages int64
}
