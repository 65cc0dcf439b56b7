package templates

import (
	"context"
	"io"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/eucalyptus/hackfest/internal/chart"
	"github.com/eucalyptus/hackfest/internal/recipe"
	"github.com/eucalyptus/hackfest/templates/ui"
)

// RecipeURL is the path of a recipe's page.
func RecipeURL(slug string) string { return "/recipes/" + url.PathEscape(slug) }

// ImageURL is the path of an image on the page of all.
func ImageURL(slug string) string { return "/images#i-" + url.PathEscape(slug) }

// RecipeRow is a recipe in a list.
type RecipeRow struct {
	Slug, Href string
	Summary    string
	Kind       string
	For        string // "fedora 16"; "any" for all
	Target     *LogLink
	Last       *ResultMark // nil: nobody has said what came of it
}

// ResultMark is what came of running a recipe, in one cell.
type ResultMark struct {
	Outcome chart.Outcome
	Word    string // "works", "notes" or "fails"
	Day     ui.Moment
	Href    string // the session, or the recipe's list of results
	Label   string // all of it, for who does not see the cell's place
}

// RecipesPage lists recipes.
type RecipesPage struct {
	Frame
	Count   string // "31 recipes."; "" when there are none at all
	Filters []ui.FacetGroup
	Rows    []RecipeRow
	Edit    bool // the reader may add one
}

// RecipePage shows one recipe.
type RecipePage struct {
	Frame
	Slug     string
	Path     string // of the page
	Summary  string // may be empty
	Target   *LogLink
	Last     *ResultMark
	Retired  bool
	Edit     string // "" for those who may not
	Kind     string // "shell, as user-data"
	Tool     string // what it installs to go on with; may be empty
	For      string // "fedora 16"
	Suits    []ImageLink
	Smallest string // may be empty
	Ports    string // may be empty

	Repository string // name; "" when it was written here
	SourceHref string // of the repository; "" when its name is no address
	Fork       string // where one forks it; "" when that is not known
	Commit     string // short; "" when none is known
	CommitHref string
	Version    int
	Versions   int // how many there are; Version is not the last when it is less
	Imported   ui.Moment

	File   string // name of the source
	Where  string // path of the source
	Source []recipe.Span
	Files  []RecipeFile
	Readme string

	Use     *RecipeUse // nil: no instance takes it as user-data
	Results []ResultRow
	Mine    bool   // the reader may take some of them back
	Add     string // where a result is added
}

// ImageLink is an image that a recipe is meant for.
type ImageLink struct {
	Name, Href string
	IDs        string // "emi-27f73c1a"; several with commas; may be empty
}

// RecipeFile is a file beside the source.
type RecipeFile struct {
	Name  string
	Spans []recipe.Span
}

// RecipeUse is the form that makes a recipe one's own, and what came of it.
type RecipeUse struct {
	Form     ui.Form
	Path     string
	Fields   []RecipeField
	Images   []ui.Choice
	Image    string
	Type     string
	Key      string
	Group    string
	Rendered []recipe.Span // with the reader's values; nil before they sent any
	Notes    []string      // what is to know about the file
	Unset    bool          // the start commands lack an image
	Starts   []RecipeStart
}

// RecipeField is a variable in the form.
type RecipeField struct {
	ui.Field
	Lines bool // it has several lines
}

// RecipeStart is how an instance is started with one tool.
type RecipeStart struct {
	Tool string
	Open string // opens the ports, once; may be empty
	Run  string
}

// ResultRow is what came of running a recipe once.
type ResultRow struct {
	ResultMark
	Image   string
	Cloud   string // may be empty
	Who     *ui.Who
	Minutes string // "34"; "–" when not known
	Note    string // may be empty
	Version string // "version 1", where that is not the one in use; else ""
	Remove  string // path of the form that removes it; "" for those who may not
	Once    string
}

// RecipeEditPage is the form about a recipe.
type RecipeEditPage struct {
	Frame
	New           bool
	Slug          string // "" for a new one
	Path, Back    string
	Form          ui.Form
	Revision      string
	Summary       string
	Kind, Tool    string
	Distribution  string
	Release       string
	Target        string
	Smallest      string
	Ports         string
	Retired       bool
	Written       bool // its source is written here
	Source        string
	Kinds, Tools  []ui.Choice
	Targets       []ui.Choice
	Distributions []ui.Choice
}

// ResultPage is the form for a result.
type ResultPage struct {
	Frame
	Slug, Path, Back string
	Form             ui.Form
	Images           []ui.Choice
	Image            string
	Outcomes         []ui.Choice
	Sessions         []ui.Choice
	Session          string
	Cloud            string
	Who              string // whose name stands beside it; "" when none does
}

// ImageRow is a base image in the list.
type ImageRow struct {
	Slug, Name   string
	Distribution string // "fedora 16"; may be empty
	Architecture string
	Login        string // may be empty
	IDs          []CloudID
	Recipes      int    // that are meant for it
	Edit         string // "" for those who may not
	Retired      bool
}

// CloudID is what an image is called in a cloud.
type CloudID struct{ Cloud, ID string }

// ImagesPage lists base images.
type ImagesPage struct {
	Frame
	Rows []ImageRow
	Edit bool // the reader may add one
}

// ImageEditPage is the form about a base image.
type ImageEditPage struct {
	Frame
	New           bool
	Path          string
	Form          ui.Form
	Revision      string
	Name          string
	Distribution  string
	Release       string
	Architecture  string
	Login         string
	IDs           string
	Retired       bool
	Distributions []ui.Choice
}

// MatrixBox is which recipe runs on which base image.
type MatrixBox struct {
	Images []ImageLink
	Rows   []MatrixRow
}

// MatrixRow is one recipe.
type MatrixRow struct {
	Slug, Href string
	Cells      []MatrixCell
}

// MatrixCell is one recipe on one image: a result, an invitation, or neither.
type MatrixCell struct {
	Last *ResultMark
	Try  string // where one begins; "" when it is not meant for that image
	Note string // what is said to who does not see the cell's place
}

// TargetRecipe is a recipe of a target on one image.
type TargetRecipe struct {
	Slug, Href string
	Image      string
	Last       *ResultMark // nil: untested
	Try        string      // where one begins
	Minutes    string
	Who        *ui.Who
}

// ChangedCell is what a session changed in the matrix.
type ChangedCell struct {
	Recipe, Href string
	Image        string
	Outcome      chart.Outcome
	Word         string // "works with notes"
	Before       string // "did not work", "untested"
}

// codeSpans are the pieces of a source without anything between them.
func codeSpans(spans []recipe.Span) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for _, s := range spans {
			if s.Class == "" {
				b.WriteString(templ.EscapeString(s.Text))
				continue
			}
			b.WriteString(`<span class="` + templ.EscapeString(s.Class) + `">` + templ.EscapeString(s.Text) + "</span>")
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}
