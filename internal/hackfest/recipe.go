package hackfest

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eucalyptus/hackfest/internal/fault"
	"github.com/eucalyptus/hackfest/internal/person"
)

// RecipeID identifies a Recipe; people see its slug.
type RecipeID int64

// RecipeKind is what runs a recipe.
type RecipeKind string

const (
	RecipeBash      RecipeKind = "bash"
	RecipeCloudInit RecipeKind = "cloud-init"
	RecipePuppet    RecipeKind = "puppet"
	RecipeChef      RecipeKind = "chef"
	RecipeAnsible   RecipeKind = "ansible"
)

// RecipeKinds are all kinds, in the order of the filter.
var RecipeKinds = []RecipeKind{RecipeBash, RecipeCloudInit, RecipePuppet, RecipeChef, RecipeAnsible}

// Label is the kind as people read it.
func (k RecipeKind) Label() string {
	switch k {
	case RecipeBash:
		return "shell"
	case RecipeCloudInit:
		return "cloud-init"
	case RecipePuppet:
		return "Puppet"
	case RecipeChef:
		return "Chef"
	case RecipeAnsible:
		return "Ansible"
	}
	return string(k)
}

// UserData reports whether an instance takes a recipe of this kind as it is, as
// user-data. The others are carried to a machine and run there.
func (k RecipeKind) UserData() bool { return k == RecipeBash || k == RecipeCloudInit }

// The longest parts of a recipe.
const (
	MaxRecipeSummary = 300     // characters
	MaxRecipeSource  = 1 << 18 // bytes
	MaxRecipePorts   = 20      // entries
	maxPortsText     = 200     // characters of them all
	MaxUserData      = 16384   // bytes that EC2 takes
)

// Recipe is a boot script that turns a base image into an appliance.
type Recipe struct {
	ID           RecipeID
	Slug         string
	Summary      string // what it turns an image into, in a sentence; may be empty
	Kind         RecipeKind
	Tool         RecipeKind // what it installs to go on with; "" is none
	Distribution string     // that it is for, as in "fedora"; "" is any
	Release      string     // as in "16"; "" is any
	TargetSlug   string     // "" when it is for none
	TargetName   string
	Smallest     string    // instance type, as in "m1.xlarge"; "" is not known
	Ports        string    // "22, 53/udp"; "" is none
	Repository   string    // address or name of what it comes from; "" when it was written here
	Path         string    // in the repository
	RetiredAt    time.Time // since when it is not offered any more; zero is offered
	Revision     int
	CreatedAt    time.Time
	ChangedAt    time.Time
}

// RecipeVersion is what a recipe says, or said.
type RecipeVersion struct {
	ID         int64
	Number     int
	Commit     string // in which it stands so; "" in none that is known
	Source     string
	Readme     string // may be empty
	Files      []RecipeFile
	ImportedAt time.Time
}

// RecipeFile is a file that belongs to a recipe besides its source.
type RecipeFile struct{ Path, Text string }

// FoundRecipe is a recipe as it was found in a repository.
type FoundRecipe struct {
	Recipe
	RecipeVersion
	Slugs []string // to be called by, the best first
}

// ImportedRecipe says what became of a FoundRecipe.
type ImportedRecipe struct {
	Slug    string
	New     bool
	Changed bool // it says something else than before
}

var (
	distributionShape = regexp.MustCompile(`^[a-z0-9-]{0,40}$`)
	releaseShape      = regexp.MustCompile(`^[a-z0-9.]{0,20}$`)
	typeShape         = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)
	portShape         = regexp.MustCompile(`^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(tcp|udp))?$`)
)

// Tidy returns r as it is kept, and what is wrong with it: fault.Invalid on the
// fields.
func (r Recipe) Tidy() (Recipe, error) {
	var wrong []error
	r.Summary = strings.Join(strings.Fields(r.Summary), " ")
	if utf8.RuneCountInString(r.Summary) > MaxRecipeSummary {
		wrong = append(wrong, fault.On("summary", "Say in at most %d characters what it does.", MaxRecipeSummary))
	}
	if !slices.Contains(RecipeKinds, r.Kind) {
		wrong = append(wrong, fault.On("kind", "Choose what runs it."))
	}
	if r.Tool != "" && (r.Tool.UserData() || !slices.Contains(RecipeKinds, r.Tool)) {
		wrong = append(wrong, fault.On("tool", "Choose what it installs."))
	}
	r.Distribution, r.Release, wrong = tidyRelease(r.Distribution, r.Release, wrong)
	if r.Smallest = strings.ToLower(strings.TrimSpace(r.Smallest)); r.Smallest != "" && (len(r.Smallest) > 40 || !typeShape.MatchString(r.Smallest)) {
		wrong = append(wrong, fault.On("smallest", "Write an instance type as in m1.xlarge."))
	}
	ports, err := ParsePorts(r.Ports)
	if err != nil {
		wrong = append(wrong, err)
	} else {
		r.Ports = ports.String()
	}
	return r, errors.Join(wrong...)
}

// tidyRelease tidies what a recipe or an image says of a distribution.
func tidyRelease(distribution, release string, wrong []error) (string, string, []error) {
	distribution, release = strings.ToLower(strings.TrimSpace(distribution)), strings.ToLower(strings.TrimSpace(release))
	if !distributionShape.MatchString(distribution) {
		wrong = append(wrong, fault.On("distribution", "Write the distribution in lower case, as in fedora."))
	}
	if !releaseShape.MatchString(release) {
		wrong = append(wrong, fault.On("release", "Write the release in digits, as in 16 or 12.04."))
	}
	return distribution, release, wrong
}

// Port is a port, or a range of them, that a recipe's instance is reached by.
type Port struct {
	From, To int
	Protocol string // tcp or udp
}

// Ports are the ports of a recipe.
type Ports []Port

// ParsePorts reads ports as people list them: "22, 80, 53/udp, 8000-8010".
// What it cannot read is fault.Invalid on "ports".
func ParsePorts(text string) (Ports, error) {
	var list Ports
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' || r == '\r' }) {
		m := portShape.FindStringSubmatch(word)
		if m == nil {
			return nil, fault.On("ports", "Write ports as in 22, 80, 53/udp, 8000-8010.")
		}
		p := Port{Protocol: m[3]}
		p.From, _ = strconv.Atoi(m[1])
		if p.To = p.From; m[2] != "" {
			p.To, _ = strconv.Atoi(m[2])
		}
		if p.Protocol == "" {
			p.Protocol = "tcp"
		}
		if p.From < 1 || p.To < p.From || p.To > 65535 {
			return nil, fault.On("ports", "Ports go from 1 to 65535, and a range from the lower to the higher.")
		}
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	if len(list) > MaxRecipePorts || len(list.String()) > maxPortsText {
		return nil, fault.On("ports", "At most %d ports, please; write neighbours as a range.", MaxRecipePorts)
	}
	return list, nil
}

// Span is the port or the range: "22" or "8000-8010".
func (p Port) Span() string {
	if p.From == p.To {
		return strconv.Itoa(p.From)
	}
	return strconv.Itoa(p.From) + "-" + strconv.Itoa(p.To)
}

// String lists the ports as ParsePorts reads them.
func (p Ports) String() string {
	words := make([]string, len(p))
	for i, x := range p {
		if words[i] = x.Span(); x.Protocol != "tcp" {
			words[i] += "/" + x.Protocol
		}
	}
	return strings.Join(words, ", ")
}

// Suits reports whether r is meant to run on image i.
func (r Recipe) Suits(i Image) bool {
	return (r.Distribution == "" || r.Distribution == i.Distribution) &&
		(r.Release == "" || r.Release == i.Release || strings.HasPrefix(i.Release, r.Release+"."))
}

// ResultOutcome is what came of running a recipe.
type ResultOutcome string

const (
	ResultWorks ResultOutcome = "works"
	ResultNotes ResultOutcome = "notes" // it works, with notes
	ResultFails ResultOutcome = "fails"
)

// ResultOutcomes are all of them, the best first.
var ResultOutcomes = []ResultOutcome{ResultWorks, ResultNotes, ResultFails}

// ResultID identifies a RecipeResult.
type ResultID int64

// RecipeResult is what came of running a recipe on an image.
type RecipeResult struct {
	ID          ResultID
	RecipeSlug  string
	ImageSlug   string
	ImageName   string
	Version     int    // number of the version that was run; zero is not known
	Cloud       string // as in "sandbox, 3.1.0"; may be empty
	Outcome     ResultOutcome
	Minutes     int // until it was ready; -1 is not known
	Note        string
	At          time.Time
	PersonID    person.ID // who tried it; zero is not known
	Who         string    // their name; "" for who is not to be named
	Listed      bool      // Who has a page
	SessionSlug string    // in which it was tried; "" for none
	SessionAt   time.Time
	SessionZone string
	Key         string // by which its sender named it; "" is not at all
	RemovedAt   time.Time
}

// The longest parts of a result, in characters, and the longest wait.
const (
	MaxResultCloud   = 80
	MaxResultNote    = 1000
	MaxResultMinutes = 7 * 24 * 60
)

// Tidy returns x as it is kept, and what is wrong with it: fault.Invalid on the
// fields.
func (x RecipeResult) Tidy() (RecipeResult, error) {
	var wrong []error
	x.Cloud, x.Note = strings.Join(strings.Fields(x.Cloud), " "), strings.TrimSpace(strings.ReplaceAll(x.Note, "\r\n", "\n"))
	if !slices.Contains(ResultOutcomes, x.Outcome) {
		wrong = append(wrong, fault.On("outcome", "Choose what came of it."))
	}
	if utf8.RuneCountInString(x.Cloud) > MaxResultCloud {
		wrong = append(wrong, fault.On("cloud", "The name of a cloud has at most %d characters.", MaxResultCloud))
	}
	if utf8.RuneCountInString(x.Note) > MaxResultNote {
		wrong = append(wrong, fault.On("note", "A note has at most %d characters.", MaxResultNote))
	}
	if x.Minutes < -1 || x.Minutes > MaxResultMinutes {
		wrong = append(wrong, fault.On("minutes", "Write the minutes until it was ready, at most %d.", MaxResultMinutes))
	}
	return x, errors.Join(wrong...)
}

// MatrixChange is what a session changed in the matrix: the last result there
// for a recipe on an image, and what stood there before.
type MatrixChange struct {
	RecipeResult
	Before ResultOutcome // "" when nobody had tried it
}
