package search

import (
	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/token/edgengram"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/mapping"
)

// mappingVersion changes whenever the mapping or an entry does: a generation of
// another version is still read, but the next update builds it anew.
const mappingVersion = 2

// Analyzers of the mapping, beside Bleve's keyword, which keeps a text whole.
const (
	wordsAnalyzer = "words" // lower-case words
	edgeAnalyzer  = "edge"  // their first 2 to 12 letters
	proseAnalyzer = "prose" // words without English stop words
)

// Fields of the index. The first group is stored, the second is searched.
const (
	lineField       = "line"
	versionField    = "version"
	deprecatedField = "deprecated"
	yankedField     = "yanked"

	shownField       = "shown" // on every Kube that is not gone
	nameField        = "name"
	partsField       = "parts"
	edgeField        = "edge"
	keywordField     = "keyword"  // each keyword whole
	keywordsField    = "keywords" // the words in them
	descriptionField = "description"
	detailsField     = "details"
	kindField        = "kind"
	imageField       = "image"
	licenseField     = "license"
	testedField      = "tested"
)

// newMapping is the mapping of the index. It is static, and keeps neither term
// vectors nor doc values, which nothing here asks for.
func newMapping() (*mapping.IndexMappingImpl, error) {
	m := bleve.NewIndexMapping()
	m.IndexDynamic, m.StoreDynamic, m.DocValuesDynamic = false, false, false
	if err := addAnalyzers(m); err != nil {
		return nil, err
	}
	doc := bleve.NewDocumentStaticMapping()
	doc.AddSubDocumentMapping("_all", bleve.NewDocumentDisabledMapping())
	for _, name := range []string{lineField, versionField, deprecatedField, yankedField} {
		doc.AddFieldMappingsAt(name, stored())
	}
	for _, name := range []string{shownField, keywordField, kindField, imageField, licenseField, testedField} {
		f := searched(name, keyword.Name)
		f.SkipFreqNorm = true // it does not rank
		doc.AddFieldMappingsAt(name, f)
	}
	doc.AddFieldMappingsAt(nameField,
		searched(nameField, keyword.Name),
		searched(partsField, wordsAnalyzer),
		searched(edgeField, edgeAnalyzer))
	doc.AddFieldMappingsAt(keywordsField, searched(keywordsField, wordsAnalyzer))
	description := searched(descriptionField, proseAnalyzer)
	description.Store = true
	doc.AddFieldMappingsAt(descriptionField, description)
	doc.AddFieldMappingsAt(detailsField, searched(detailsField, proseAnalyzer))
	m.DefaultMapping = doc
	return m, nil
}

func addAnalyzers(m *mapping.IndexMappingImpl) error {
	const prefixes = "prefixes"
	err := m.AddCustomTokenFilter(prefixes, map[string]any{"type": edgengram.Name, "min": 2.0, "max": 12.0})
	if err != nil {
		return err
	}
	for name, last := range map[string][]string{
		wordsAnalyzer: nil,
		edgeAnalyzer:  {prefixes},
		proseAnalyzer: {en.StopName},
	} {
		err := m.AddCustomAnalyzer(name, map[string]any{
			"type":          custom.Name,
			"tokenizer":     unicode.Name,
			"token_filters": append([]string{lowercase.Name}, last...),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func stored() *mapping.FieldMapping {
	f := searched("", keyword.Name)
	f.Index, f.Store = false, true
	return f
}

func searched(name, analyzer string) *mapping.FieldMapping {
	return &mapping.FieldMapping{Name: name, Type: "text", Analyzer: analyzer, Index: true}
}
